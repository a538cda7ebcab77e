//! What pgbench runs. Its variables are written as our texts write parameters, `:name`, so the
//! texts go in as they are, but for names that mean different things in two of them.

use std::fmt::Write as _;

use redtag_server::storage::sql::{
    hosted::{BEGIN_WRITE, COMMIT, HEAD_LOCK, SETTINGS},
    shop as sql,
};

use crate::{now, perf::accept::scene::Sample};

/// What a client does.
pub(super) struct Shape<'a> {
    /// Whose rows it finds.
    pub(super) scene: &'a str,
    /// Operations in a push.
    pub(super) batch: u32,
    /// Whether it is the only one that writes to its shop: then it knows the head without being
    /// told.
    pub(super) alone: bool,
}

impl Shape<'_> {
    pub(super) fn text(&self) -> String {
        let mut all = String::new();
        let mut line = |text: &str| {
            all.push_str(text);
            all.push('\n');
        };
        line("\\if :ready");
        line("\\else");
        line(&format!(
            "SELECT * FROM perf.bench WHERE scene = '{}' AND client = :client_id \\gset",
            self.scene
        ));
        // Nothing to say for the settings that do not apply, as the engine does it.
        line("SELECT '' AS person, '' AS session, '' AS every \\gset");
        line(&statement(BEGIN_WRITE));
        line(&statement(SETTINGS));
        line("SELECT seq, ticket, floor FROM head WHERE shop = :shop \\gset");
        line(
            "SELECT coalesce(max(last), 0) AS number FROM counted \
             WHERE shop = :shop AND device = :device \\gset",
        );
        line(&statement(COMMIT));
        line("\\set ready 1");
        line("\\endif");
        line("\\startpipeline");
        line(&statement(BEGIN_WRITE));
        line(&statement(SETTINGS));
        if self.alone {
            line(&statement(HEAD_LOCK));
            line(&statement(sql::COUNTED));
            line("\\endpipeline");
            line("\\startpipeline");
        } else {
            // Several write to the shop: the head must be read, which pgbench cannot do within a
            // flight. What went before waits for nobody, and the next goes with the writes.
            line("\\endpipeline");
            line(&format!("{HEAD_LOCK} \\gset"));
            line("\\startpipeline");
            line(&statement(sql::COUNTED));
        }
        line(&format!("\\set version :seq + {}", self.batch));
        let document = sql::DOCUMENT_PUT
            .replace(":open", "1")
            // Any will do; the customer is none's.
            .replace(":vehicle", ":id")
            .replace(":customer", "NULL");
        line(&statement(&document));
        let payload = sql::PAYLOAD_ADD
            .replace(":body", ":payload")
            .replace(":digest", "NULL");
        for _ in 0..self.batch {
            line("\\set seq :seq + 1");
            line(&statement(sql::EVENT_ADD));
            line(&statement(&payload));
        }
        let outcome = sql::OUTCOME_ADD
            .replace(":body", ":outcome")
            // It has no variables that are NULL.
            .replace(":refused_kind", "NULL")
            .replace(":refused_id", "NULL");
        for _ in 0..self.batch {
            line("\\set number :number + 1");
            line(&statement(&outcome));
        }
        line(&statement(&sql::COUNTED_SET.replace(":last", ":number")));
        // A sum is as long as a salt.
        let head = sql::HEAD_SET
            .replace(":summed", ":seq")
            .replace(":documents", "1")
            .replace(":sum", ":salt");
        line(&statement(&head));
        line(&statement(COMMIT));
        line("\\endpipeline");
        all
    }
}

fn statement(text: &str) -> String {
    format!("{text};")
}

/// Where the clients find what they write, behind no wall: it is of no shop.
pub(super) fn table(role: &str) -> String {
    format!(
        "CREATE SCHEMA IF NOT EXISTS perf; GRANT USAGE ON SCHEMA perf TO \"{role}\";\n\
         CREATE TABLE IF NOT EXISTS perf.bench (\
             scene text, client integer, shop uuid, device uuid, kind text, id uuid, \
             body text, payload text, outcome text, salt bytea, hash bytea, digest bytea, \
             at bigint, PRIMARY KEY (scene, client));\n\
         GRANT SELECT ON perf.bench TO \"{role}\";\n"
    )
}

/// What one client writes.
pub(super) fn row(scene: &str, client: usize, sample: &Sample) -> String {
    let Sample {
        sender,
        inspection,
        body,
        payload,
        outcome,
        salt,
        hash,
        digest,
    } = sample;
    format!(
        "INSERT INTO perf.bench VALUES ('{scene}', {client}, '{}', '{}', 'inspection', \
         '{inspection}', {}, {}, {}, {}, {}, {}, {});\n",
        sender.shop,
        sender.device,
        quoted(body),
        quoted(payload),
        quoted(outcome),
        hex(salt),
        hex(hash),
        hex(digest),
        now(),
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("'\\x{digits}'")
}
