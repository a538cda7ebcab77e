//! What a card says as edits, and what is in the way of it.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::EntityRef,
    ids::{CustomerId, VehicleId},
    ipc::Likeness,
    op::Edit,
    units::Quantity,
    vehicle::{VehicleKind, VehicleWrite},
    vin::{CheckDigit, Vin},
};

use super::{Card, Item, Of, WELCOME, customer_fields, vehicle_fields};
use crate::app::Moment;

type Wrong = (Item, String);

impl Card {
    /// What the VIN's check says, in words; `true` where it stands in the way.
    pub(crate) fn vin_words(&self) -> Option<(bool, String)> {
        let typed = self.text(Item::Vin);
        if typed.is_empty() {
            return None;
        }
        Some(match typed.parse::<Vin>() {
            Err(error) => (true, error.to_string()),
            Ok(vin) => match vin.check() {
                CheckDigit::Valid => {
                    let maker = vin.maker().unwrap_or("unknown maker");
                    (false, format!("check digit right; {maker}"))
                }
                CheckDigit::Mismatch {
                    expected,
                    found,
                    binding,
                } => {
                    let binds = if binding {
                        "it binds where this vehicle was made: look again"
                    } else {
                        "it does not bind where this vehicle was made"
                    };
                    let words = format!(
                        "the check digit (character 9) is {found}, the others make {expected}; {binds}"
                    );
                    (binding, words)
                }
            },
        })
    }

    /// Fills in what the VIN tells and nobody has typed.
    pub(crate) fn propose(&mut self) {
        let Ok(vin) = self.text(Item::Vin).parse::<Vin>() else {
            return;
        };
        if self.text(Item::Make).is_empty()
            && let Some(maker) = vin.maker()
        {
            self.set(Item::Make, maker);
        }
        if self.text(Item::Year).is_empty()
            && let Some(year) = vin.model_year()
        {
            self.set(Item::Year, &year.to_string());
        }
    }

    /// What it is known by, for finding others that may be the same.
    pub(crate) fn likeness(&self) -> Likeness {
        let typed = |item| Some(self.text(item).to_owned()).filter(|it| !it.is_empty());
        let marks = [Item::Plate, Item::Vin, Item::Serial];
        Likeness {
            marks: marks.into_iter().filter_map(typed).collect(),
            name: typed(Item::Name),
            contacts: [Item::Phones, Item::Emails]
                .into_iter()
                .flat_map(|item| list(self.text(item)))
                .collect(),
            but: match &self.of {
                Of::Vehicle(it) => Some(EntityRef::Vehicle(it.id)),
                Of::Customer(it) => Some(EntityRef::Customer(it.id)),
                Of::NewVehicle(_) | Of::NewCustomer(_) => None,
            },
        }
    }

    /// The edits that make it so and the document that they are of, or the field that is in the way
    /// and why. No edits: nothing was changed.
    pub(crate) fn edits(&self, moment: &Moment) -> Result<(EntityRef, Vec<Edit>), Wrong> {
        let now = moment.now.0;
        match &self.of {
            Of::NewVehicle(owner) => {
                let id = VehicleId::from_parts(now, moment.ten(0));
                let read = self.vehicle_writes()?;
                let mut edits = vec![Edit::CreateVehicle {
                    id,
                    kind: self.kind(),
                    vin: read.vin,
                    plate: read.plate,
                    serial: read.serial,
                    year: read.year,
                    make: read.make,
                    model: read.model,
                    customer: *owner,
                }];
                edits.extend(read.odometer.map(|odometer| Edit::Vehicle {
                    id,
                    write: VehicleWrite::Odometer {
                        odometer: Some(odometer),
                    },
                }));
                Ok((EntityRef::Vehicle(id), edits))
            }
            Of::Vehicle(was) => {
                let read = self.vehicle_writes()?;
                let before = vehicle_fields(Some(was));
                let changed = |item| self.changed(&before, item);
                let id = was.id;
                let writes = [
                    (Item::Vin, VehicleWrite::Vin { vin: read.vin }),
                    (Item::Plate, VehicleWrite::Plate { plate: read.plate }),
                    (
                        Item::Serial,
                        VehicleWrite::Serial {
                            serial: read.serial,
                        },
                    ),
                    (Item::Year, VehicleWrite::Year { year: read.year }),
                    (Item::Make, VehicleWrite::Make { make: read.make }),
                    (Item::Model, VehicleWrite::Model { model: read.model }),
                    (
                        Item::Odometer,
                        VehicleWrite::Odometer {
                            odometer: read.odometer,
                        },
                    ),
                ];
                let edits = writes
                    .into_iter()
                    .filter(|(item, _)| changed(*item))
                    .map(|(_, write)| Edit::Vehicle { id, write });
                Ok((EntityRef::Vehicle(id), edits.collect()))
            }
            Of::NewCustomer(vehicle) => {
                let id = CustomerId::from_parts(now, moment.ten(0));
                let (name, phones, emails, consent) = self.customer_values()?;
                let mut edits = vec![Edit::CreateCustomer {
                    id,
                    name,
                    phones,
                    emails,
                    consent,
                }];
                edits.extend(vehicle.map(|vehicle| Edit::Vehicle {
                    id: vehicle,
                    write: VehicleWrite::Customer {
                        customer: id,
                        linked: true,
                    },
                }));
                Ok((EntityRef::Customer(id), edits))
            }
            Of::Customer(was) => {
                let (name, phones, emails, consent) = self.customer_values()?;
                let before = customer_fields(Some(was));
                let id = was.id;
                let writes = [
                    (Item::Name, CustomerWrite::Name { name }),
                    (Item::Phones, CustomerWrite::Phones { phones }),
                    (Item::Emails, CustomerWrite::Emails { emails }),
                    (Item::Consent, CustomerWrite::Consent { consent }),
                ];
                let edits = writes
                    .into_iter()
                    .filter(|(item, _)| self.changed(&before, *item))
                    .map(|(_, write)| Edit::Customer { id, write });
                Ok((EntityRef::Customer(id), edits.collect()))
            }
        }
    }

    fn changed(&self, before: &[(Item, String)], item: Item) -> bool {
        let was = before.iter().find(|(known, _)| *known == item);
        was.is_some_and(|(_, text)| text.trim() != self.text(item))
    }

    fn vehicle_writes(&self) -> Result<VehicleValues, Wrong> {
        let text = |item| Some(self.text(item).to_owned()).filter(|it| !it.is_empty());
        let vin = match text(Item::Vin) {
            None => None,
            Some(typed) => match typed.parse::<Vin>() {
                Ok(vin) => Some(vin),
                Err(error) => return Err((Item::Vin, error.to_string())),
            },
        };
        let year = match text(Item::Year) {
            None => None,
            Some(typed) => match typed.parse::<u16>() {
                Ok(year) if (1885..=2100).contains(&year) => Some(year),
                _ => {
                    let words = "a model year is four digits between 1885 and 2100";
                    return Err((Item::Year, words.to_owned()));
                }
            },
        };
        let odometer = match text(Item::Odometer) {
            None => None,
            Some(typed) => Some(odometer(&typed).map_err(|words| (Item::Odometer, words))?),
        };
        let values = VehicleValues {
            vin,
            plate: text(Item::Plate),
            serial: text(Item::Serial),
            year,
            make: text(Item::Make),
            model: text(Item::Model),
            odometer,
        };
        if values.vin.is_none() && values.plate.is_none() && values.serial.is_none() {
            let item = match self.kind() {
                VehicleKind::Bicycle | VehicleKind::Equipment => Item::Serial,
                VehicleKind::Car | VehicleKind::Truck => Item::Plate,
            };
            let words = "it needs a plate, a VIN or a serial number to be told from others";
            return Err((item, words.to_owned()));
        }
        Ok(values)
    }

    fn customer_values(&self) -> Result<(String, Vec<String>, Vec<String>, bool), Wrong> {
        let name = self.text(Item::Name).to_owned();
        if name.is_empty() {
            return Err((Item::Name, "a customer needs a name".to_owned()));
        }
        let emails = list(self.text(Item::Emails));
        if let Some(wrong) = emails.iter().find(|it| !is_email(it)) {
            return Err((Item::Emails, format!("“{wrong}” is not an e-mail address")));
        }
        let consent = self.text(Item::Consent) == WELCOME.0;
        Ok((name, list(self.text(Item::Phones)), emails, consent))
    }
}

/// A vehicle's values as they were typed.
struct VehicleValues {
    vin: Option<Vin>,
    plate: Option<String>,
    serial: Option<String>,
    year: Option<u16>,
    make: Option<String>,
    model: Option<String>,
    odometer: Option<Quantity>,
}

fn odometer(typed: &str) -> Result<Quantity, String> {
    let wrong = || "an odometer reads miles or kilometres, such as 61200 mi".to_owned();
    let quantity: Quantity = typed.parse().map_err(|_| wrong())?;
    if matches!(quantity.unit.token(), "mi" | "km") {
        Ok(quantity)
    } else {
        Err(wrong())
    }
}

/// What stands between commas.
fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect()
}

/// As the protocol asks for it, which refuses the whole stroke and cannot say in which field.
fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(' '))
}
