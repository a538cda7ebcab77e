//! Rows as lines of the stream. Stored bodies are JSON already and go out as they are; ids, hex and
//! kinds need no escaping.

use std::fmt::Write as _;

use bytes::Bytes;
use redtag_protocol::{api::changes::End, entity::EntityRef, stamp::Seq};

use crate::storage::{Event, Row, StorageError};

/// Bytes that suffice for these rows and a closing line.
pub(super) fn room(rows: &[Row]) -> usize {
    let text = |row: &Row| match row {
        Row::Document(it) => it.body.len(),
        Row::Gone(_) => 0,
        Row::Event(it) => it.payload.len(),
    };
    256 + rows.iter().map(|row| 320 + text(row)).sum::<usize>()
}

/// Whole lines.
pub(super) struct Lines(String);

impl Lines {
    /// None yet, with room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes a row.
    pub(super) fn row(&mut self, row: &Row) {
        match row {
            Row::Document(it) => {
                self.key(&it.key, it.version);
                self.0.push_str(",\"body\":");
                self.0.push_str(&it.body);
                self.0.push_str("}\n");
            }
            Row::Gone(it) => {
                self.key(&it.key, it.version);
                self.0.push_str(if it.erased {
                    ",\"erased\":true}\n"
                } else {
                    "}\n"
                });
            }
            Row::Event(it) => self.event(it),
        }
    }

    /// Says that the cursor leads nowhere.
    pub(super) fn reset(&mut self) {
        self.0.push_str("{\"reset\":true}\n");
    }

    /// Writes the closing line.
    pub(super) fn end(&mut self, end: &End) -> Result<(), StorageError> {
        let line =
            serde_json::to_string(end).map_err(|error| StorageError::garbled("page", error))?;
        self.0.push_str(&line);
        self.0.push('\n');
        Ok(())
    }

    fn key(&mut self, key: &EntityRef, version: Seq) {
        // Writing to a string cannot fail.
        let _ = write!(
            self.0,
            "{{\"kind\":\"{}\",\"id\":\"{}\",\"version\":{version}",
            key.kind(),
            key.id_text(),
        );
    }

    fn event(&mut self, event: &Event) {
        let _ = write!(self.0, "{{\"event\":{{\"seq\":{},\"salt\":\"", event.seq);
        self.hex(&event.salt);
        self.0.push_str("\",\"hash\":\"");
        self.hex(&event.hash);
        self.0.push_str("\",\"payload\":");
        self.0.push_str(&event.payload);
        if let Some(digest) = &event.digest {
            self.0.push_str(",\"digest\":\"");
            self.hex(digest);
            self.0.push('"');
        }
        self.0.push_str("}}\n");
    }

    fn hex(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in bytes {
            self.0.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.0.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

impl From<Lines> for Bytes {
    fn from(lines: Lines) -> Self {
        lines.0.into()
    }
}
