//! `GET /v1/shops/{shop}/changes?cursor=…`: everything whose last change is after the cursor, in
//! order, one JSON object a line, closed by the next cursor.
//!
//! Without a cursor it begins with a copy of the shop as it was at one sequence: first what every
//! bench needs, then open inspections with what they name, then the rest, then the timelines of open
//! inspections. Within the copy the order is that of ids, the newest first, and a document may come
//! twice. The copy's last cursor is a plain one at that sequence; from there on the stream brings
//! what has changed since.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{audit::Sum, event::Link, stamp::Seq};

mod cursor;
mod unread;

pub use cursor::{Copying, Cursor, CursorError, Mark};
pub use unread::UnreadDocument;

/// One line of the stream.
#[derive(Debug, Clone)]
pub enum Line {
    /// A document as it stands.
    Document(Document),
    /// A document that was deleted.
    Gone(Gone),
    /// An event of the timeline.
    Event(Link),
    /// The cursor is too old or from another life of the database: forget the confirmed documents
    /// and begin anew without a cursor. The outbox is not touched.
    Reset,
    /// The end of the page.
    End(End),
}

/// A document on the wire. The kind is a text, so that documents of newer kinds can be kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Document {
    /// [`crate::entity::Kind`] as text.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The place of its last change.
    pub version: Seq,
    /// The body, byte for byte as stored.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub body: Box<RawValue>,
}

/// A tombstone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gone {
    /// Kind of the deleted document.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The place of its deletion.
    pub version: Seq,
    /// Whether it was erased, a person's right: nothing of it may be kept, and no edit brings it
    /// back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub erased: bool,
}

/// The closing line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct End {
    /// Where to go on.
    pub cursor: String,
    /// Whether there is more now.
    pub more: bool,
    /// How many documents the shop has now: how far a copy is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// The sum over all documents ([`crate::audit::Tally`]) at exactly the cursor's place; only
    /// where that is the shop's newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Sum>,
    /// Whether the copy that began without a cursor is not over yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub filling: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_false(it: &bool) -> bool {
    !it
}

#[derive(Deserialize)]
struct Parts {
    kind: Option<String>,
    id: Option<String>,
    version: Option<Seq>,
    /// A `null` is a body, and a wrong one: only where none is said is a document gone.
    #[serde(default, deserialize_with = "said")]
    body: Option<Box<RawValue>>,
    event: Option<Link>,
    #[serde(default)]
    reset: bool,
    cursor: Option<String>,
    more: Option<bool>,
    #[serde(default)]
    erased: bool,
    documents: Option<u64>,
    sum: Option<Sum>,
    #[serde(default)]
    filling: bool,
}

fn said<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Deserialize::deserialize(from).map(Some)
}

/// A line that is none of the known ones.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not JSON, or a field of the wrong type.
    #[error("a line of the change stream cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, but nothing that this program knows.
    #[error("a line of the change stream is neither document, tombstone, event nor end")]
    Shape,
}

impl Line {
    /// Reads one line, without its line end.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let parts: Parts = serde_json::from_slice(line)?;
        Ok(match parts {
            Parts {
                event: Some(event), ..
            } => Self::Event(event),
            Parts {
                kind: Some(kind),
                id: Some(id),
                version: Some(version),
                body,
                erased,
                ..
            } => match body {
                Some(body) => Self::Document(Document {
                    kind,
                    id,
                    version,
                    body,
                }),
                None => Self::Gone(Gone {
                    kind,
                    id,
                    version,
                    erased,
                }),
            },
            Parts {
                cursor: Some(cursor),
                more: Some(more),
                documents,
                sum,
                filling,
                ..
            } => Self::End(End {
                cursor,
                more,
                documents,
                sum,
                filling,
            }),
            Parts { reset: true, .. } => Self::Reset,
            _ => return Err(LineError::Shape),
        })
    }

    /// Writes the line with its line end.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        #[derive(Serialize)]
        struct EventLine<'a> {
            event: &'a Link,
        }
        #[derive(Serialize)]
        struct ResetLine {
            reset: bool,
        }
        match self {
            Self::Document(it) => serde_json::to_writer(&mut *out, it)?,
            Self::Gone(it) => serde_json::to_writer(&mut *out, it)?,
            Self::Event(event) => serde_json::to_writer(&mut *out, &EventLine { event })?,
            Self::Reset => serde_json::to_writer(&mut *out, &ResetLine { reset: true })?,
            Self::End(it) => serde_json::to_writer(&mut *out, it)?,
        }
        out.push(b'\n');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
