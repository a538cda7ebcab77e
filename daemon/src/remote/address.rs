//! The address of an API.
/// x
pub struct Address {}
