//! `GET /v1/shops/{shop}/changes?cursor=…`: everything whose last change is after the cursor, in
//! order, one JSON object a line, closed by the next cursor.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{event::Link, stamp::Seq};

/// A place in the change stream of one shop in one life of a server's database. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Drawn at random when the database was made or restored.
    pub epoch: u64,
    /// Everything up to here is known.
    pub seq: Seq,
    /// The first eight bytes of the shop's chain at that place, so that a database restored behind
    /// our back is noticed.
    pub hash: [u8; 8],
}

/// A text that is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that is not a cursor of this API; leave it out to begin anew")]
pub struct CursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.seq.0.to_be_bytes());
        bytes[16..].copy_from_slice(&self.hash);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let bytes: [u8; 24] = bytes.try_into().map_err(|_| CursorError)?;
        let (epoch, rest) = bytes.split_at(8);
        let (seq, hash) = rest.split_at(8);
        let number = |part: &[u8]| {
            part.try_into()
                .map(u64::from_be_bytes)
                .map_err(|_| CursorError)
        };
        Ok(Self {
            epoch: number(epoch)?,
            seq: Seq(number(seq)?),
            hash: hash.try_into().map_err(|_| CursorError)?,
        })
    }
}

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
}

/// The closing line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct End {
    /// Where to go on.
    pub cursor: String,
    /// Whether there is more now.
    pub more: bool,
}

#[derive(Deserialize)]
struct Parts {
    kind: Option<String>,
    id: Option<String>,
    version: Option<Seq>,
    body: Option<Box<RawValue>>,
    event: Option<Link>,
    #[serde(default)]
    reset: bool,
    cursor: Option<String>,
    more: Option<bool>,
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
                ..
            } => match body {
                Some(body) => Self::Document(Document {
                    kind,
                    id,
                    version,
                    body,
                }),
                None => Self::Gone(Gone { kind, id, version }),
            },
            Parts {
                cursor: Some(cursor),
                more: Some(more),
                ..
            } => Self::End(End { cursor, more }),
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
