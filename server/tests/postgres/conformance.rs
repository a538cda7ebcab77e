//! The storage's contract, rule by rule, as the embedded engine is tested by it.

use redtag_server::storage::{
    conformance::{Place, rules},
    postgres::PostgresStorage,
};

use super::{Case, ground::Database, on_database};

impl Place for Database {
    type Engine = PostgresStorage;

    async fn open(&self) -> PostgresStorage {
        Self::open(self).await
    }
}

pub(super) fn cases() -> Vec<Case> {
    let stamp = |(name, rule)| {
        let rule: redtag_server::storage::conformance::Rule<Database> = rule;
        on_database(name, async move |database| rule(&database).await)
    };
    rules().into_iter().map(stamp).collect()
}
