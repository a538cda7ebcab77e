//! The floor: the least that any program of this shape must do, as small as it can be written. A
//! server over one SQLCipher file and ends with one each; pages of documents in the order of their
//! last change; patches of one field with a number each; a server-sent event that says how far it
//! is. It knows no people, no rules, no conflicts and no history to speak of, so whatever does more
//! is slower than this, and by how much is what is measured.

mod bare;
mod end;
mod server;

pub(super) use self::{
    bare::{Bare, open},
    end::End,
    server::{Server, serve},
};

/// Documents in one page, and in one commit.
pub(super) const PAGE: usize = 500;

/// Patches in one push.
pub(super) const BATCH: usize = 500;

/// One field of one document.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Patch {
    number: i64,
    id: String,
    path: String,
    value: String,
}

/// What an end hands in.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Push {
    end: String,
    patches: Vec<Patch>,
}

/// What it gets for it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Pushed {
    last: i64,
    seq: i64,
}

/// What both have.
const DOCUMENTS: &str = "
    CREATE TABLE doc (id TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL);
    CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";
