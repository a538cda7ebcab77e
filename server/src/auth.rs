//! Who calls: passwords, access tokens, refresh tokens, proofs of the device key, and the limits
//! on guessing. Nothing here knows HTTP or the database, but [`person`], which puts the parts together.

pub mod access;
pub mod breached;
pub mod dpop;
pub mod former;
pub mod limit;
pub mod link;
pub mod pairing;
pub mod pass;
pub mod password;
pub mod person;
pub mod recovery;
pub mod refresh;
pub mod signing;
pub mod totp;
