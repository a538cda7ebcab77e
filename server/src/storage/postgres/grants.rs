//! What the app role may do: one table, which `setup` grants and `guard` compares. No more than
//! the statements in `sql.rs` need; a statement that needs more is refused until it stands here.

use tokio_postgres::{Error, Transaction};

use super::statement;

/// What the app role may do with one table. Nobody is granted TRUNCATE, REFERENCES or TRIGGER.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) table: &'static str,
    pub(super) insert: bool,
    pub(super) delete: bool,
    /// The columns that may be changed.
    pub(super) update: &'static [&'static str],
}

const fn read(table: &'static str) -> Grant {
    Grant {
        table,
        insert: false,
        delete: false,
        update: &[],
    }
}

impl Grant {
    const fn insert(mut self) -> Self {
        self.insert = true;
        self
    }

    const fn delete(mut self) -> Self {
        self.delete = true;
        self
    }

    const fn update(mut self, columns: &'static [&'static str]) -> Self {
        self.update = columns;
        self
    }
}

/// Where refinery notes which migrations have run.
pub(super) const HISTORY: &str = "refinery_schema_history";

/// Every table, and what the app role may do with it; it may read them all.
///
/// Events and payloads are append-only, also in the eyes of the triggers; only erasing a customer's
/// data empties a payload and keeps its digest.
pub(super) const GRANTS: &[Grant] = &[
    read("meta").insert(),
    read("person").insert().update(&["password"]),
    read("second_factor").insert().delete().update(&[
        "version",
        "wrapped",
        "confirmed",
        "step",
        "codes",
    ]),
    read("identity").insert().delete(),
    read("secret").insert(),
    read("pairing")
        .insert()
        .delete()
        .update(&["pause", "polled", "decided", "session", "fetched"]),
    read("arrival").insert().update(&["finished"]),
    read("shop").insert().update(&["ready"]),
    read("membership").insert().delete(),
    read("device").insert().update(&["name", "destroyed"]),
    read("session")
        .insert()
        .update(&["device", "generation", "used", "ended", "revoked"]),
    read("pass").insert().update(&["used", "ended"]),
    read("key_copy")
        .insert()
        .delete()
        .update(&["device", "wrapped", "created"]),
    read("head").insert().update(&[
        "seq",
        "hash",
        "ticket",
        "floor",
        "summed",
        "documents",
        "sum",
    ]),
    read("document")
        .insert()
        .delete()
        .update(&["version", "open", "vehicle", "customer", "body"]),
    read("event").insert(),
    read("payload").insert().update(&["body", "digest"]),
    read("outcome").insert().delete(),
    read("counted").insert().update(&["last"]),
    read("tombstone")
        .insert()
        .delete()
        .update(&["version", "at", "erased", "body"]),
    read(HISTORY),
];

/// The functions that policies call, in the name of whoever asks.
pub(super) const FUNCTIONS: &[&str] = &["this_shop", "this_person", "this_session", "every_shop"];

/// Grants all of it to the app role and takes everything else away, from everybody too. Run as the
/// owner, in a transaction, so that a running server never meets a moment without its grants.
pub(super) async fn give(transaction: &Transaction<'_>, app: &str) -> Result<(), Error> {
    let everything = "REVOKE ALL ON SCHEMA redtag FROM PUBLIC, %1$I; \
        REVOKE ALL ON ALL TABLES IN SCHEMA redtag FROM PUBLIC, %1$I; \
        REVOKE ALL ON ALL SEQUENCES IN SCHEMA redtag FROM PUBLIC, %1$I; \
        REVOKE ALL ON ALL ROUTINES IN SCHEMA redtag FROM PUBLIC, %1$I; \
        GRANT USAGE ON SCHEMA redtag TO %1$I";
    statement::run(transaction, everything, &[app]).await?;
    for grant in GRANTS {
        let table = "GRANT SELECT ON redtag.%1$I TO %2$I";
        statement::run(transaction, table, &[grant.table, app]).await?;
        if grant.insert {
            let table = "GRANT INSERT ON redtag.%1$I TO %2$I";
            statement::run(transaction, table, &[grant.table, app]).await?;
        }
        if grant.delete {
            let table = "GRANT DELETE ON redtag.%1$I TO %2$I";
            statement::run(transaction, table, &[grant.table, app]).await?;
        }
        for column in grant.update {
            let column_of = "GRANT UPDATE (%1$I) ON redtag.%2$I TO %3$I";
            statement::run(transaction, column_of, &[column, grant.table, app]).await?;
        }
    }
    for function in FUNCTIONS {
        let call = "GRANT EXECUTE ON FUNCTION redtag.%1$I() TO %2$I";
        statement::run(transaction, call, &[function, app]).await?;
    }
    Ok(())
}
