//! Ids for what is created offline.

use redtag_protocol::{
    ids::{CustomerId, InspectionId, VehicleId},
    stamp::Stamp,
};

use crate::command::fault::Fault;

/// Makes ids of one moment.
#[derive(Debug)]
pub(super) struct Maker {
    millis: u64,
    random: [[u8; 10]; 3],
}

impl Maker {
    /// With fresh randomness from the system.
    pub(super) fn new(now: Stamp) -> Result<Self, Fault> {
        let mut random = [[0; 10]; 3];
        for bytes in &mut random {
            getrandom::fill(bytes).map_err(|error| {
                Fault::error(format!("the system gives no randomness: {error}"))
            })?;
        }
        Ok(Self {
            millis: now.0,
            random,
        })
    }

    /// The customer's.
    pub(super) fn customer(&self) -> CustomerId {
        CustomerId::from_parts(self.millis, self.random[0])
    }

    /// The vehicle's.
    pub(super) fn vehicle(&self) -> VehicleId {
        VehicleId::from_parts(self.millis, self.random[1])
    }

    /// The inspection's.
    pub(super) fn inspection(&self) -> InspectionId {
        InspectionId::from_parts(self.millis, self.random[2])
    }
}
