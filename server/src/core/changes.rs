//! What a bench does not know yet: the change stream, as bytes of newline-delimited JSON.
//!
//! It reads in keyset pages, each a snapshot of its own, and never one long transaction: a document
//! that changes meanwhile moves to the end of the stream and is met there. Stored bytes go out as
//! they are. A bench without a cursor gets everything in the order of its last change, events of
//! closed inspections included; newest first is not built yet.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, stream};
use redtag_protocol::{
    api::changes::Cursor, entity::EntityRef, event::GENESIS, ids::ShopId, stamp::Seq,
};

use crate::storage::{Event, Page, PageLimit, Row, Storage, StorageError};

/// Sequences in one answer where the client names no limit.
pub const LIMIT: u32 = 5_000;

/// The most that a client may ask for.
pub const MAX_LIMIT: u32 = 50_000;

/// Read at once: enough to keep the line busy, little enough to hold in memory for every bench.
const PAGE: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 256 * 1024,
};

/// A reader somewhere in the stream.
pub struct Reader {
    storage: Arc<dyn Storage>,
    shop: ShopId,
    epoch: u64,
    after: Seq,
    left: u32,
    step: Step,
}

enum Step {
    /// The cursor cannot be gone on from.
    Reset,
    Pages,
    Done,
}

/// Begins after a cursor, or at the beginning; at most `limit` sequences ([`LIMIT`] where none is
/// named).
///
/// # Errors
///
/// [`StorageError::NoShop`], before the first byte; a cursor of another life of the database is no
/// error but a stream that says `reset`.
pub async fn begin(
    storage: Arc<dyn Storage>,
    shop: ShopId,
    cursor: Option<Cursor>,
    limit: Option<u32>,
) -> Result<Reader, StorageError> {
    let known = match cursor {
        None => {
            storage.head(shop).await?;
            true
        }
        Some(cursor) => is_ours(storage.as_ref(), shop, &cursor).await?,
    };
    Ok(Reader {
        epoch: storage.epoch(),
        storage,
        shop,
        after: cursor.map_or(Seq(0), |cursor| cursor.seq),
        left: limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT),
        step: if known { Step::Pages } else { Step::Reset },
    })
}

/// Whether the stream can go on after this cursor.
async fn is_ours(
    storage: &dyn Storage,
    shop: ShopId,
    cursor: &Cursor,
) -> Result<bool, StorageError> {
    let head = storage.head(shop).await?;
    let hash = storage.hash_at(shop, cursor.seq).await?;
    let begins = cursor.seq == Seq(0);
    Ok(cursor.epoch == storage.epoch()
        && hash.is_some_and(|hash| hash[..8] == cursor.hash)
        && (begins || cursor.seq >= head.floor))
}

impl Reader {
    /// The next piece: whole lines. None after the closing line.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StorageError> {
        match self.step {
            Step::Done => Ok(None),
            Step::Reset => {
                self.step = Step::Done;
                let mut out = "{\"reset\":true}\n".to_owned();
                end(&mut out, self.cursor(Seq(0), &GENESIS), true);
                Ok(Some(out.into()))
            }
            Step::Pages => {
                let limit = PageLimit {
                    seqs: PAGE.seqs.min(self.left),
                    ..PAGE
                };
                let page = self.storage.page(self.shop, self.after, limit).await?;
                Ok(Some(self.lines(&page)))
            }
        }
    }

    fn lines(&mut self, page: &Page) -> Bytes {
        let mut out = String::with_capacity(PAGE.bytes + PAGE.bytes / 4);
        for row in &page.rows {
            write_row(&mut out, row);
        }
        let taken = page.upto.0.saturating_sub(self.after.0);
        self.left = self
            .left
            .saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        self.after = page.upto;
        if !page.more || self.left == 0 {
            self.step = Step::Done;
            end(&mut out, self.cursor(page.upto, &page.hash), page.more);
        }
        out.into()
    }

    fn cursor(&self, seq: Seq, hash: &[u8; 32]) -> Cursor {
        let mut head = [0; 8];
        head.copy_from_slice(&hash[..8]);
        Cursor {
            epoch: self.epoch,
            seq,
            hash: head,
            copying: None,
        }
    }

    /// All pieces. An error ends the stream in the middle of the body, without a closing line, which
    /// the client takes as a broken transfer.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, StorageError>> + Send {
        stream::try_unfold(self, |mut reader| async move {
            let piece = reader.next().await?;
            Ok(piece.map(|piece| (piece, reader)))
        })
    }
}

/// Ids, hex and cursors need no escaping, and stored bodies are JSON already.
fn write_row(out: &mut String, row: &Row) {
    match row {
        Row::Document(it) => {
            key(out, &it.key, it.version);
            out.push_str(",\"body\":");
            out.push_str(&it.body);
            out.push_str("}\n");
        }
        Row::Gone(it) => {
            key(out, &it.key, it.version);
            out.push_str(if it.erased {
                ",\"erased\":true}\n"
            } else {
                "}\n"
            });
        }
        Row::Event(it) => event(out, it),
    }
}

fn key(out: &mut String, key: &EntityRef, version: Seq) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{\"kind\":\"{}\",\"id\":\"{}\",\"version\":{version}",
        key.kind(),
        key.id_text(),
    );
}

fn event(out: &mut String, event: &Event) {
    let _ = write!(out, "{{\"event\":{{\"seq\":{},\"salt\":\"", event.seq);
    hex(out, &event.salt);
    out.push_str("\",\"hash\":\"");
    hex(out, &event.hash);
    out.push_str("\",\"payload\":");
    out.push_str(&event.payload);
    if let Some(digest) = &event.digest {
        out.push_str(",\"digest\":\"");
        hex(out, digest);
        out.push('"');
    }
    out.push_str("}}\n");
}

fn end(out: &mut String, cursor: Cursor, more: bool) {
    let _ = writeln!(out, "{{\"cursor\":\"{cursor}\",\"more\":{more}}}");
}

fn hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
