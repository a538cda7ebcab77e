//! The bodies of the HTTP API, one file per endpoint. Requests refuse unknown fields, but those
//! of `/oauth/`; documents and events keep them.

pub mod changes;
pub mod device;
pub mod devices;
pub mod enrol;
pub mod error;
pub mod key_copies;
pub mod live;
pub mod ops;
pub mod password;
pub mod second_factor;
pub mod sessions;
pub mod sign_in;
pub mod token;
pub mod tokens;
pub mod version;

/// The media type of [`changes`] pages.
pub const NDJSON: &str = "application/x-ndjson";
