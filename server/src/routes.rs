//! The handlers, one file per endpoint. Each file declares its route beside its handler.

pub(crate) mod changes;
pub(crate) mod device_authorization;
pub(crate) mod devices;
pub(crate) mod health;
pub(crate) mod live;
pub(crate) mod oauth_token;
pub(crate) mod openapi;
pub(crate) mod ops;
pub(crate) mod sign_in;
pub(crate) mod timeline;
pub(crate) mod token;
pub(crate) mod version;
