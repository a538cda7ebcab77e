//! The hosted engine: PostgreSQL, one schema for all shops, behind row-level security.

pub mod guard;
pub mod hints;
pub mod setup;

mod address;
mod grants;
mod migrate;
mod statement;

pub use address::{Address, AddressError, ConnectError, Connection, TrustError};

use super::StorageError;
