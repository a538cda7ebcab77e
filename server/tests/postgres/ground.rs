//! The ground under the tests: one PostgreSQL for all, and fresh databases on it.

/// Why the tests cannot run, if they cannot.
pub(crate) fn missing() -> Option<String> {
    std::env::var_os("REDTAG_TEST_POSTGRES")
        .is_none()
        .then(|| "needs a PostgreSQL".to_owned())
}

/// The PostgreSQL that all tests share; started by the first that needs it.
#[derive(Default)]
pub(crate) struct Ground {}

impl Ground {
    /// Stops it.
    pub(crate) fn end(&self) {}
}
