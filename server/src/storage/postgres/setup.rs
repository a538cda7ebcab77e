//! Makes the roles and the schema from an administrator's URL.
