//! The one customer or vehicle that a person names, which must be there.

use redtag_protocol::{customer::Customer, ids::VehicleId, vehicle::Vehicle};

use super::{desk::Line, fault::Fault, pick};

/// The customer of this name or id.
pub(super) async fn customer(line: &Line, text: &str) -> Result<Customer, Fault> {
    let known = line.customers(text).await?;
    let found = pick::customer(&known, text)?;
    found.cloned().ok_or_else(|| {
        Fault::error(format!(
            "no customer of this shop is called “{text}”; nothing was changed"
        ))
    })
}

/// The vehicle of this VIN, plate, serial number or id.
pub(super) async fn vehicle(line: &Line, text: &str, flag: &str) -> Result<Vehicle, Fault> {
    let id: Option<VehicleId> = text.parse().ok();
    let known = line.vehicles(text).await?;
    let is = |it: &&Vehicle| match id {
        Some(id) => it.id == id,
        None => pick::carries(it, text),
    };
    let found: Vec<&Vehicle> = known.iter().filter(is).collect();
    let one = pick::one_vehicle(&found, flag, text)?;
    one.cloned().ok_or_else(|| {
        Fault::error(format!(
            "{flag}: no vehicle of this shop has the VIN, plate, serial number or id “{text}”; \
             nothing was changed"
        ))
    })
}

/// A vehicle in a line.
pub(super) fn called(vehicle: &Vehicle) -> String {
    format!("{} {}", vehicle.title(), vehicle.mark().unwrap_or_default())
}
