//! Who calls: passwords, access tokens, refresh tokens, proofs of the device key, and the limits
//! on guessing. Nothing here knows HTTP or the database, but [`person`], which puts the parts together.

pub mod access;
pub mod dpop;
pub mod limit;
pub mod pairing;
pub mod password;
pub mod person;
pub mod refresh;
pub mod signing;
