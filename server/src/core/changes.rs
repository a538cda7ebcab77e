//! What a bench does not know yet: the change stream, as bytes of newline-delimited JSON.
//!
//! A bench that has a cursor gets everything that has changed since, in the shop's order. One that
//! has none is given a copy of the shop as it was at one sequence, in an order that lets it work
//! early: what every bench needs, open inspections with what they name, the rest, and the timelines
//! of open inspections; within each part the newest first. What changes meanwhile gets a later
//! sequence and is left out of the copy, and is met by going on from its last cursor, which is a
//! plain one. So a copy is of no moment in particular while it lasts, and is exact once it is over.
//!
//! It reads in keyset pages, each a snapshot of its own, and never one long transaction. Stored
//! bytes go out as they are. One page is read while the one before it is sent, and no more.

mod lines;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, stream};
use redtag_protocol::{
    api::changes::{Copying, Cursor, End, Mark},
    audit::Tally,
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::ShopId,
    stamp::Seq,
};
use tokio::sync::mpsc;

use self::lines::Lines;
use super::news::News;
use crate::storage::{Head, Page, PageLimit, Part, Row, Storage, StorageError, Tip};

/// Sequences, or rows of a copy, in one answer where the client names no limit.
pub const LIMIT: u32 = 5_000;

/// The most that a client may ask for.
pub const MAX_LIMIT: u32 = 50_000;

/// Read at once: enough to keep the line busy, little enough to hold in memory for every bench.
const PAGE: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 256 * 1024,
};

/// No further page is begun in an answer that has so many bytes: a bench takes an answer in one
/// transaction. The first one of a copy is small, so that there is something to see at once.
const ANSWER: usize = 8 << 20;
const FIRST: usize = 1 << 20;

/// A copy's parts in their order. A cursor names one by its place here, so a new one may only come
/// last; one of another order makes a bench begin anew.
const PARTS: &[Part] = &[
    Part::Kind(Kind::Shop),
    Part::Kind(Kind::Member),
    Part::Kind(Kind::Template),
    Part::Open,
    Part::Kind(Kind::Vehicle),
    Part::Kind(Kind::Customer),
    Part::Kind(Kind::Inspection),
    Part::History,
];

/// A reader somewhere in the stream.
pub struct Reader {
    storage: Arc<dyn Storage>,
    shop: ShopId,
    epoch: u64,
    /// Rows and bytes that this answer may still have.
    left: u32,
    room: usize,
    step: Step,
    /// The first piece, where it needed no reading.
    ready: Option<Bytes>,
}

enum Step {
    /// The cursor cannot be gone on from.
    Reset,
    /// In a copy.
    Copy(Place),
    /// After a sequence.
    Pages(Seq),
    Done,
}

/// Where a copy stands.
#[derive(Clone, Copy)]
struct Place {
    seq: Seq,
    hash: [u8; 8],
    part: usize,
    after: Option<Mark>,
}

/// Begins after a cursor, or at the beginning; at most `limit` sequences or rows ([`LIMIT`] where
/// none is named).
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
    let tip = storage.tip(shop).await?;
    begin_at(storage, &News::default(), shop, tip, cursor, limit).await
}

/// [`begin`] in a shop that was just seen at this tip. What happened since the cursor comes from the
/// news, where they have it.
pub async fn begin_at(
    storage: Arc<dyn Storage>,
    news: &News,
    shop: ShopId,
    tip: Tip,
    cursor: Option<Cursor>,
    limit: Option<u32>,
) -> Result<Reader, StorageError> {
    let mut reader = Reader {
        epoch: storage.epoch(),
        storage,
        shop,
        left: limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT),
        room: if cursor.is_some() { ANSWER } else { FIRST },
        step: Step::Reset,
        ready: None,
    };
    let Some(cursor) = cursor else {
        reader.step = Step::Copy(Place {
            seq: tip.head.seq,
            hash: short(&tip.head.hash),
            part: 0,
            after: None,
        });
        return Ok(reader);
    };
    if cursor.epoch == reader.epoch && cursor.copying.is_none() && cursor.seq >= tip.head.floor {
        // No more than a piece: whoever reads slowly holds that much.
        let limit = reader.page_limit();
        let page = news.page(shop, &tip, (cursor.seq, cursor.hash), limit);
        if let Some(page) = page {
            reader.ready = Some(reader.page(cursor.seq, &page)?);
            return Ok(reader);
        }
    }
    if is_ours(reader.storage.as_ref(), shop, &tip.head, &cursor).await? {
        reader.step = match cursor.copying {
            None => Step::Pages(cursor.seq),
            Some(Copying { part, after }) => Step::Copy(Place {
                seq: cursor.seq,
                hash: cursor.hash,
                part: usize::from(part),
                after,
            }),
        };
    }
    Ok(reader)
}

/// Whether the stream can go on after this cursor.
async fn is_ours(
    storage: &dyn Storage,
    shop: ShopId,
    head: &Head,
    cursor: &Cursor,
) -> Result<bool, StorageError> {
    let hash = if cursor.seq == head.seq {
        Some(head.hash)
    } else {
        storage.hash_at(shop, cursor.seq).await?
    };
    let begins = cursor.seq == Seq(0);
    let part = cursor.copying.map(|it| usize::from(it.part));
    Ok(cursor.epoch == storage.epoch()
        && hash.is_some_and(|hash| short(&hash) == cursor.hash)
        && (begins || cursor.seq >= head.floor)
        && part.is_none_or(|part| part < PARTS.len()))
}

impl Reader {
    /// The whole answer, where it is here already.
    pub fn whole(&mut self) -> Option<Bytes> {
        match self.step {
            Step::Done => self.ready.take(),
            _ => None,
        }
    }

    /// The next piece: whole lines. None after the closing line.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StorageError> {
        if let Some(ready) = self.ready.take() {
            return Ok(Some(ready));
        }
        match self.step {
            Step::Done => Ok(None),
            Step::Reset => {
                let mut lines = Lines::with_capacity(128);
                lines.reset();
                let cursor = self.plain(Seq(0), short(&GENESIS));
                self.end(&mut lines, cursor, true, None)?;
                Ok(Some(lines.into()))
            }
            Step::Copy(place) => self.copy(place).await.map(Some),
            Step::Pages(after) => {
                let page = self.storage.page(self.shop, after, self.page_limit());
                let page = page.await?;
                self.page(after, &page).map(Some)
            }
        }
    }

    /// A piece of a copy.
    async fn copy(&mut self, mut place: Place) -> Result<Bytes, StorageError> {
        let mut lines = Lines::with_capacity(PAGE.bytes + PAGE.bytes / 4);
        let mut counted = None;
        // Parts that are nearly empty go together.
        while let Some(part) = PARTS.get(place.part) {
            let limit = self.page_limit();
            let (shop, upto) = (self.shop, place.seq);
            let piece = self.storage.piece(shop, *part, place.after, upto, limit);
            let piece = piece.await?;
            self.write(&mut lines, &piece.rows);
            self.left = self.left.saturating_sub(count(piece.rows.len()));
            counted = piece.tally;
            place.after = piece.next;
            if piece.next.is_none() {
                place.part += 1;
            }
            if self.is_full() || lines.len() >= PAGE.bytes / 2 {
                break;
            }
        }
        if place.part >= PARTS.len() {
            self.level(&mut lines, place).await?;
        } else if self.is_full() {
            let cursor = Cursor {
                copying: Some(Copying {
                    part: u8::try_from(place.part).unwrap_or(u8::MAX),
                    after: place.after,
                }),
                ..self.plain(place.seq, place.hash)
            };
            self.end(&mut lines, cursor, true, counted)?;
        } else {
            self.step = Step::Copy(place);
        }
        Ok(lines.into())
    }

    /// Closes a copy that is over.
    async fn level(&mut self, lines: &mut Lines, place: Place) -> Result<(), StorageError> {
        // No more than a look at whether there is anything after it.
        let look = PageLimit { seqs: 1, bytes: 0 };
        let page = self.storage.page(self.shop, place.seq, look).await?;
        let more = page.upto > place.seq;
        let cursor = self.plain(place.seq, place.hash);
        self.end(lines, cursor, more, page.tally)
    }

    /// A page of the stream.
    fn page(&mut self, after: Seq, page: &Page) -> Result<Bytes, StorageError> {
        let mut lines = Lines::with_capacity(lines::room(&page.rows));
        self.write(&mut lines, &page.rows);
        let taken = page.upto.0.saturating_sub(after.0);
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        self.left = self.left.saturating_sub(taken);
        if !page.more || self.is_full() {
            let cursor = self.plain(page.upto, short(&page.hash));
            self.end(&mut lines, cursor, page.more, page.tally)?;
        } else {
            self.step = Step::Pages(page.upto);
        }
        Ok(lines.into())
    }

    fn write(&mut self, lines: &mut Lines, rows: &[Row]) {
        let before = lines.len();
        for row in rows {
            lines.row(row);
        }
        self.room = self.room.saturating_sub(lines.len() - before);
    }

    /// The closing line.
    fn end(
        &mut self,
        lines: &mut Lines,
        cursor: Cursor,
        more: bool,
        tally: Option<Tally>,
    ) -> Result<(), StorageError> {
        self.step = Step::Done;
        lines.end(&End {
            cursor: cursor.to_string(),
            more,
            documents: tally.map(|it| it.documents),
            sum: tally.filter(|_| !more).map(|it| it.sum),
            filling: cursor.copying.is_some(),
        })
    }

    fn is_full(&self) -> bool {
        self.left == 0 || self.room == 0
    }

    fn page_limit(&self) -> PageLimit {
        PageLimit {
            seqs: PAGE.seqs.min(self.left),
            bytes: PAGE.bytes.min(self.room),
        }
    }

    fn plain(&self, seq: Seq, hash: [u8; 8]) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq,
            hash,
            copying: None,
        }
    }

    /// All pieces. An error ends the stream in the middle of the body, without a closing line, which
    /// the client takes as a broken transfer.
    pub fn into_stream(
        mut self,
    ) -> impl Stream<Item = Result<Bytes, StorageError>> + Send + 'static {
        // One piece waits here while the next one is read and the one before is sent.
        let (pieces, mut ready) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(piece) = self.next().await.transpose() {
                let broken = piece.is_err();
                // Nobody wants more.
                if pieces.send(piece).await.is_err() || broken {
                    return;
                }
            }
        });
        stream::poll_fn(move |context| ready.poll_recv(context))
    }
}

/// Everything that happened to one document, and the closing line; its cursor is the shop's newest.
///
/// # Errors
///
/// [`StorageError::NoShop`].
pub async fn timeline(
    storage: Arc<dyn Storage>,
    shop: ShopId,
    key: EntityRef,
) -> Result<impl Stream<Item = Result<Bytes, StorageError>> + Send + 'static, StorageError> {
    let head = storage.head(shop).await?;
    let epoch = storage.epoch();
    let begin = Some(Seq(0));
    Ok(stream::try_unfold(begin, move |after| {
        let storage = Arc::clone(&storage);
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let events = storage.timeline(shop, key, after, PAGE.seqs).await?;
            let mut lines = Lines::with_capacity(512 * events.len() + 128);
            let last = events.last().map(|it| it.seq);
            let more = events.len() == PAGE.seqs as usize;
            for event in events {
                lines.row(&Row::Event(event));
            }
            if !more {
                let cursor = Cursor {
                    epoch,
                    seq: head.seq,
                    hash: short(&head.hash),
                    copying: None,
                };
                lines.end(&End {
                    cursor: cursor.to_string(),
                    ..End::default()
                })?;
            }
            Ok(Some((lines.into(), last.filter(|_| more))))
        }
    }))
}

fn short(hash: &[u8; 32]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    first
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
