//! The handlers, one file per endpoint. Each file declares its route beside its handler.

pub(crate) mod changes;
pub(crate) mod destroyed;
pub(crate) mod device_authorization;
pub(crate) mod devices;
pub(crate) mod enrol;
pub(crate) mod health;
pub(crate) mod key_forgotten;
pub(crate) mod key_found;
pub(crate) mod key_kept;
pub(crate) mod live;
pub(crate) mod oauth_token;
pub(crate) mod openapi;
pub(crate) mod ops;
pub(crate) mod own_second_factor;
pub(crate) mod password;
pub(crate) mod revoke;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod timeline;
pub(crate) mod token;
pub(crate) mod token_ended;
pub(crate) mod token_made;
pub(crate) mod tokens;
pub(crate) mod version;
