//! Where the database is, and how the way there is guarded.
