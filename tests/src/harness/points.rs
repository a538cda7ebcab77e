//! The 64 points of the vehicle template as a technician strikes them.

use anyhow::Result;
use redtag_protocol::{ids::VehicleId, op::Edit, vehicle::VehicleWrite};

const KEYS: &str = include_str!("../../../assets/demo/sixty-four-points.txt");

/// Each point with the characters that are struck there; none for the signature.
pub fn struck() -> impl Iterator<Item = (&'static str, Option<String>)> {
    let lines = KEYS.lines().filter(|it| !it.starts_with('#'));
    lines.filter_map(|line| {
        let (point, keys) = line.split_once(' ')?;
        let keys = keys.trim().replace('⏎', "\r").replace('␣', " ");
        Some((point, (keys != "-").then_some(keys)))
    })
}

/// The edits that make a vehicle's references known, as the visit before left them.
pub fn references(vehicle: VehicleId) -> Result<Vec<Edit>> {
    let known = [
        ("tyres.pressure.lf", "35 psi"),
        ("tyres.pressure.rf", "35 psi"),
        ("tyres.pressure.lr", "35 psi"),
        ("tyres.pressure.rr", "35 psi"),
        ("bonnet.battery.cca", "650 CCA"),
        ("brakes.rotor.f", "24 mm"),
        ("brakes.rotor.r", "8 mm"),
    ];
    let edit = |(point, reference): (&str, &str)| {
        Ok(Edit::Vehicle {
            id: vehicle,
            write: VehicleWrite::Reference {
                point: point.parse()?,
                reference: Some(reference.parse()?),
            },
        })
    };
    known.into_iter().map(edit).collect()
}
