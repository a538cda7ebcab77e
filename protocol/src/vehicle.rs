//! Vehicles: cars and trucks by VIN and plate, bicycles and equipment by serial number.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    field::{Conflict, Register, Side, Writer},
    ids::{CustomerId, PointKey, VehicleId},
    merge::{self, Fields},
    units::Quantity,
    vin::Vin,
};

/// What sort of thing is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VehicleKind {
    /// Car or light truck.
    #[default]
    Car,
    /// Truck, bus or trailer.
    Truck,
    /// Bicycle.
    Bicycle,
    /// Anything else with a serial number.
    Equipment,
}

impl VehicleKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Car, Self::Truck, Self::Bicycle, Self::Equipment];

    /// The kind as it is typed and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Truck => "truck",
            Self::Bicycle => "bicycle",
            Self::Equipment => "equipment",
        }
    }
}

impl fmt::Display for VehicleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no kind of vehicle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such kind of vehicle; use car, truck, bicycle or equipment")]
pub struct VehicleKindError;

impl FromStr for VehicleKind {
    type Err = VehicleKindError;

    fn from_str(text: &str) -> Result<Self, VehicleKindError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(VehicleKindError)
    }
}

/// A vehicle, bicycle or piece of equipment. VIN, plate and serial are never unique in a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Vehicle {
    /// Its id.
    pub id: VehicleId,
    /// What sort of thing it is; fixed when it is created.
    #[serde(default)]
    pub kind: VehicleKind,
    /// Vehicle identification number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<Register<Option<Vin>>>,
    /// Licence plate as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<Register<Option<String>>>,
    /// Serial number of a bicycle or of equipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Register<Option<String>>>,
    /// Model year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<Register<Option<u16>>>,
    /// Maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub make: Option<Register<Option<String>>>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Register<Option<String>>>,
    /// Last known odometer reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odometer: Option<Register<Option<Quantity>>>,
    /// Whose it is: true while the customer belongs to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub customers: BTreeMap<CustomerId, Register<bool>>,
    /// Placard, stamped and rated values by point, proposed at the next visit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<PointKey, Register<Option<Quantity>>>,
    /// On a duplicate, the vehicle that it was merged into: edits of this one go there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Register<VehicleId>>,
    /// Duplicates that were merged into this one, all of them, and by whom.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<VehicleId, Writer>,
    /// Who wanted it gone, while it stays because of an edit that they had not seen; in a tombstone,
    /// who deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Writer>,
    /// Open conflicts by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conflicts: BTreeMap<String, Conflict<VehicleWrite>>,
    /// Fields that a newer program wrote.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// A value for one field of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VehicleWrite {
    /// Vehicle identification number.
    Vin {
        /// None clears it.
        vin: Option<Vin>,
    },
    /// Licence plate.
    Plate {
        /// None clears it.
        plate: Option<String>,
    },
    /// Serial number.
    Serial {
        /// None clears it.
        serial: Option<String>,
    },
    /// Model year.
    Year {
        /// None clears it.
        year: Option<u16>,
    },
    /// Maker.
    Make {
        /// None clears it.
        make: Option<String>,
    },
    /// Model.
    Model {
        /// None clears it.
        model: Option<String>,
    },
    /// Odometer.
    Odometer {
        /// A length; none clears it.
        odometer: Option<Quantity>,
    },
    /// Whether a customer belongs to the vehicle.
    Customer {
        /// The customer.
        customer: CustomerId,
        /// Belongs, or no longer.
        linked: bool,
    },
    /// The placard, stamped or rated value of a point.
    Reference {
        /// The point.
        point: PointKey,
        /// None clears it.
        reference: Option<Quantity>,
    },
}

impl merge::Write for VehicleWrite {
    fn field(&self) -> String {
        match self {
            Self::Vin { .. } => "vin".to_owned(),
            Self::Plate { .. } => "plate".to_owned(),
            Self::Serial { .. } => "serial".to_owned(),
            Self::Year { .. } => "year".to_owned(),
            Self::Make { .. } => "make".to_owned(),
            Self::Model { .. } => "model".to_owned(),
            Self::Odometer { .. } => "odometer".to_owned(),
            Self::Customer { customer, .. } => format!("customer:{customer}"),
            Self::Reference { point, .. } => format!("reference:{point}"),
        }
    }

    fn emptied(&self) -> Self {
        match self {
            Self::Vin { .. } => Self::Vin { vin: None },
            Self::Plate { .. } => Self::Plate { plate: None },
            Self::Serial { .. } => Self::Serial { serial: None },
            Self::Year { .. } => Self::Year { year: None },
            Self::Make { .. } => Self::Make { make: None },
            Self::Model { .. } => Self::Model { model: None },
            Self::Odometer { .. } => Self::Odometer { odometer: None },
            Self::Customer { customer, .. } => Self::Customer {
                customer: *customer,
                linked: false,
            },
            Self::Reference { point, .. } => Self::Reference {
                point: point.clone(),
                reference: None,
            },
        }
    }
}

/// The value of a register that may never have been written.
fn set<T>(register: Option<&Register<Option<T>>>) -> Option<&T> {
    register.and_then(|register| register.value.as_ref())
}

impl Vehicle {
    /// A vehicle with nothing known of it.
    pub fn new(id: VehicleId, kind: VehicleKind) -> Self {
        Self {
            id,
            kind,
            vin: None,
            plate: None,
            serial: None,
            year: None,
            make: None,
            model: None,
            odometer: None,
            customers: BTreeMap::new(),
            references: BTreeMap::new(),
            merged: None,
            aliases: BTreeMap::new(),
            deletion: None,
            conflicts: BTreeMap::new(),
            unknown: Map::new(),
        }
    }

    /// Year, maker and model, as far as they are known; “2003 Honda Accord”.
    pub fn title(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(set(self.year.as_ref()).map(ToString::to_string));
        words.extend(set(self.make.as_ref()).cloned());
        words.extend(set(self.model.as_ref()).cloned());
        if words.is_empty() {
            self.kind.as_str().to_owned()
        } else {
            words.join(" ")
        }
    }

    /// What a person reads off the vehicle first: plate, else VIN, else serial number.
    pub fn mark(&self) -> Option<&str> {
        set(self.plate.as_ref())
            .map(String::as_str)
            .or_else(|| set(self.vin.as_ref()).map(Vin::as_str))
            .or_else(|| set(self.serial.as_ref()).map(String::as_str))
    }

    /// The VIN, where known.
    pub fn vin(&self) -> Option<&Vin> {
        set(self.vin.as_ref())
    }

    /// The plate, where known.
    pub fn plate(&self) -> Option<&str> {
        set(self.plate.as_ref()).map(String::as_str)
    }

    /// The serial number, where known.
    pub fn serial(&self) -> Option<&str> {
        set(self.serial.as_ref()).map(String::as_str)
    }

    /// The placard, stamped or rated value of a point, where one was entered.
    pub fn reference(&self, point: &PointKey) -> Option<&Quantity> {
        self.references
            .get(point)
            .and_then(|register| register.value.as_ref())
    }

    /// The customers that belong to it.
    pub fn owners(&self) -> impl Iterator<Item = CustomerId> {
        self.customers
            .iter()
            .filter(|(_, linked)| linked.value)
            .map(|(id, _)| *id)
    }
}

fn side<T: Clone>(
    register: Option<&Register<Option<T>>>,
    write: impl FnOnce(Option<T>) -> VehicleWrite,
) -> Option<Side<VehicleWrite>> {
    register.as_ref().map(|register| Side {
        write: write(register.value.clone()),
        writer: register.writer,
    })
}

impl Fields for Vehicle {
    type Write = VehicleWrite;

    fn side(&self, field: &str) -> Option<Side<VehicleWrite>> {
        use VehicleWrite as W;
        match field.split_once(':') {
            None => match field {
                "vin" => side(self.vin.as_ref(), |vin| W::Vin { vin }),
                "plate" => side(self.plate.as_ref(), |plate| W::Plate { plate }),
                "serial" => side(self.serial.as_ref(), |serial| W::Serial { serial }),
                "year" => side(self.year.as_ref(), |year| W::Year { year }),
                "make" => side(self.make.as_ref(), |make| W::Make { make }),
                "model" => side(self.model.as_ref(), |model| W::Model { model }),
                "odometer" => side(self.odometer.as_ref(), |odometer| W::Odometer { odometer }),
                _ => None,
            },
            Some(("customer", id)) => {
                let customer = id.parse().ok()?;
                let register = self.customers.get(&customer)?;
                let write = W::Customer {
                    customer,
                    linked: register.value,
                };
                Some(Side {
                    write,
                    writer: register.writer,
                })
            }
            Some(("reference", key)) => {
                let point = key.parse().ok()?;
                let register = self.references.get(&point)?;
                let write = W::Reference {
                    point,
                    reference: register.value,
                };
                Some(Side {
                    write,
                    writer: register.writer,
                })
            }
            Some(_) => None,
        }
    }

    fn put(&mut self, side: Side<VehicleWrite>) {
        use VehicleWrite as W;
        let writer = side.writer;
        match side.write {
            W::Vin { vin: value } => self.vin = Some(Register { value, writer }),
            W::Plate { plate: value } => self.plate = Some(Register { value, writer }),
            W::Serial { serial: value } => self.serial = Some(Register { value, writer }),
            W::Year { year: value } => self.year = Some(Register { value, writer }),
            W::Make { make: value } => self.make = Some(Register { value, writer }),
            W::Model { model: value } => self.model = Some(Register { value, writer }),
            W::Odometer { odometer: value } => self.odometer = Some(Register { value, writer }),
            W::Customer {
                customer,
                linked: value,
            } => {
                self.customers.insert(customer, Register { value, writer });
            }
            W::Reference {
                point,
                reference: value,
            } => {
                self.references.insert(point, Register { value, writer });
            }
        }
    }

    fn conflicts(&self) -> &BTreeMap<String, Conflict<VehicleWrite>> {
        &self.conflicts
    }

    fn conflicts_mut(&mut self) -> &mut BTreeMap<String, Conflict<VehicleWrite>> {
        &mut self.conflicts
    }

    fn writers(&self) -> impl Iterator<Item = &Writer> {
        let plain = [
            self.vin.as_ref().map(|r| &r.writer),
            self.plate.as_ref().map(|r| &r.writer),
            self.serial.as_ref().map(|r| &r.writer),
            self.year.as_ref().map(|r| &r.writer),
            self.make.as_ref().map(|r| &r.writer),
            self.model.as_ref().map(|r| &r.writer),
            self.odometer.as_ref().map(|r| &r.writer),
        ];
        plain
            .into_iter()
            .flatten()
            .chain(self.customers.values().map(|r| &r.writer))
            .chain(self.references.values().map(|r| &r.writer))
            .chain(self.merged.as_ref().map(|it| &it.writer))
            .chain(self.aliases.values())
    }
}
