//! The vehicle and the customer of a new inspection: known ones where they match, new ones else.

use redtag_protocol::{
    customer::Customer,
    ids::{CustomerId, VehicleId},
    op::Edit,
    text::bounded,
    vehicle::{Vehicle, VehicleKind, VehicleWrite},
};

use super::{Args, ids::Maker};
use crate::command::{desk::Line, fault::Fault, pick};

/// What the cache knows of what was typed.
#[derive(Debug)]
pub(super) struct Subject {
    /// The vehicle, where it is known.
    pub(super) vehicle: Option<Vehicle>,
    /// The customer, where it is known.
    pub(super) customer: Option<Customer>,
}

impl Subject {
    /// Looks both up.
    pub(super) async fn find(args: &Args, line: &Line) -> Result<Self, Fault> {
        let vehicle = vehicle(args, line).await?;
        let customer = match args.customer.as_deref() {
            None => None,
            Some(text) => pick::customer(&line.customers(text).await?, text)?.cloned(),
        };
        Ok(Self { vehicle, customer })
    }

    /// The edits that make or complete them, and their ids.
    pub(super) fn edits(
        &self,
        args: &Args,
        maker: &mut Maker,
        edits: &mut Vec<Edit>,
        remarks: &mut Vec<String>,
    ) -> Result<(VehicleId, Option<CustomerId>), Fault> {
        let customer = self.customer_edits(args, maker, edits, remarks)?;
        let Some(known) = &self.vehicle else {
            let id = maker.vehicle();
            edits.push(create(args, id, customer)?);
            return Ok((id, customer));
        };
        remarks.push(format!(
            "The vehicle is known: {}{}.",
            known.title(),
            known
                .mark()
                .map_or(String::new(), |mark| format!(", {mark}"))
        ));
        remarks.extend(differences(args, known));
        if let Some(customer) = customer.filter(|it| known.owners().all(|owner| owner != *it)) {
            let write = VehicleWrite::Customer {
                customer,
                linked: true,
            };
            edits.push(Edit::Vehicle {
                id: known.id,
                write,
            });
        }
        Ok((known.id, customer))
    }

    fn customer_edits(
        &self,
        args: &Args,
        maker: &Maker,
        edits: &mut Vec<Edit>,
        remarks: &mut Vec<String>,
    ) -> Result<Option<CustomerId>, Fault> {
        if let Some(known) = &self.customer {
            remarks.push(format!("The customer is known: {}.", known.name.value));
            remarks.extend(reach_differences(args, known));
            return Ok(Some(known.id));
        }
        let Some(name) = &args.customer else {
            let owners: Vec<CustomerId> = self.vehicle.iter().flat_map(Vehicle::owners).collect();
            return Ok(match owners.as_slice() {
                [owner] => Some(*owner),
                [] => {
                    remarks.push("It is for nobody yet; --customer names whom.".to_owned());
                    None
                }
                several => {
                    remarks.push(format!(
                        "The vehicle has {} customers, so it is for nobody yet; --customer names \
                         whom.",
                        several.len()
                    ));
                    None
                }
            });
        };
        let name = bounded(name, "--customer", 200).map_err(|it| Fault::usage(it.to_string()))?;
        let id = maker.customer();
        edits.push(Edit::CreateCustomer {
            id,
            name,
            phones: reach(&args.phone, "--phone")?,
            emails: reach(&args.email, "--email")?,
            consent: false,
        });
        Ok(Some(id))
    }
}

/// How a customer is reached, each text clean and of one line.
fn reach(typed: &[String], flag: &str) -> Result<Vec<String>, Fault> {
    let clean = |text: &String| bounded(text, flag, 200);
    let texts: Result<Vec<_>, _> = typed.iter().map(clean).collect();
    texts.map_err(|error| Fault::usage(error.to_string()))
}

/// What was typed and is not known of the customer. It is not taken over, as with a vehicle.
fn reach_differences(args: &Args, known: &Customer) -> Vec<String> {
    let phones = args.phone.iter().map(|it| (it, &known.phones.value));
    let emails = args.email.iter().map(|it| (it, &known.emails.value));
    let unknown = phones
        .chain(emails)
        .filter(|(it, known)| !known.contains(it));
    unknown
        .map(|(it, _)| format!("The customer stays as it is known; “{it}” was not taken over."))
        .collect()
}

/// The one known vehicle that was meant; none where a new one is to be made.
async fn vehicle(args: &Args, line: &Line) -> Result<Option<Vehicle>, Fault> {
    let meant = |flag, text: &str, found: &[Vehicle], is: &dyn Fn(&Vehicle) -> bool| {
        let found: Vec<&Vehicle> = found.iter().filter(|it| is(it)).collect();
        pick::one_vehicle(&found, flag, text).map(Option::<&Vehicle>::cloned)
    };
    if let Some(text) = &args.vehicle {
        let id: Option<VehicleId> = text.parse().ok();
        let known = line.vehicles(text).await?;
        let found = meant("--vehicle", text, &known, &|it| match id {
            Some(id) => it.id == id,
            None => pick::carries(it, text),
        })?;
        return found.map(Some).ok_or_else(|| {
            Fault::error(format!(
                "--vehicle: no vehicle of this shop has the VIN, plate, serial number or id \
                 “{text}”; --vin, --plate or --serial makes a new one"
            ))
        });
    }
    // The VIN tells vehicles apart best, the plate worst: it moves from one to another.
    if let Some(vin) = &args.vin {
        let known = line.vehicles(vin.as_str()).await?;
        return meant("--vin", vin.as_str(), &known, &|it| it.vin() == Some(vin));
    }
    if let Some(serial) = &args.serial {
        let known = line.vehicles(serial).await?;
        return meant("--serial", serial, &known, &|it| same(it.serial(), serial));
    }
    let Some(plate) = &args.plate else {
        return Ok(None);
    };
    let known = line.vehicles(plate).await?;
    meant("--plate", plate, &known, &|it| same(it.plate(), plate))
}

fn same(known: Option<&str>, typed: &str) -> bool {
    known.is_some_and(|known| pick::same_mark(known, typed))
}

fn create(args: &Args, id: VehicleId, customer: Option<CustomerId>) -> Result<Edit, Fault> {
    let text = |text: &Option<String>, what: &str| {
        let text = text.as_deref().map(|text| bounded(text, what, 80));
        text.transpose()
            .map_err(|error| Fault::usage(error.to_string()))
    };
    let vin = args.vin.clone();
    let maker = || vin.as_ref()?.maker().map(str::to_owned);
    let kind = match (args.kind, &vin, &args.serial) {
        (Some(kind), _, _) => kind,
        (None, None, Some(_)) => {
            return Err(Fault::usage(
                "--kind is needed with a new serial number: bicycle or equipment",
            ));
        }
        _ => VehicleKind::default(),
    };
    Ok(Edit::CreateVehicle {
        id,
        kind,
        plate: text(&args.plate, "--plate")?,
        serial: text(&args.serial, "--serial")?,
        year: args.year.or_else(|| vin.as_ref()?.model_year()),
        make: text(&args.make, "--make")?.or_else(maker),
        model: text(&args.model, "--model")?,
        vin,
        customer,
    })
}

/// What was typed and is known otherwise. It is not taken over: a known vehicle is corrected on
/// purpose and not by the way.
fn differences(args: &Args, known: &Vehicle) -> Vec<String> {
    let plate = known.plate().unwrap_or("none");
    let serial = known.serial().unwrap_or("none");
    let mut remarks = Vec::new();
    let mut compare = |what: &str, typed: Option<&String>, known: &str| {
        if let Some(typed) = typed.filter(|typed| !pick::same_mark(typed, known)) {
            remarks.push(format!(
                "Its {what} stays as it is known, {known}; “{typed}” was not taken over."
            ));
        }
    };
    compare("plate", args.plate.as_ref(), plate);
    compare("serial number", args.serial.as_ref(), serial);
    remarks
}
