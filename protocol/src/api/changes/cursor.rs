//! Where a bench stands in the change stream.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::stamp::Seq;

/// A place in the change stream of one shop in one life of a server's database. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Drawn at random when the database was made or restored.
    pub epoch: u64,
    /// Everything up to here is known; of a copy that is under way, once it is over.
    pub seq: Seq,
    /// The first eight bytes of the shop's chain at that place, so that a database restored behind
    /// our back is noticed.
    pub hash: [u8; 8],
    /// How far the copy is, while it is under way.
    pub copying: Option<Copying>,
}

/// Where a copy of a whole shop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Copying {
    /// Which part of it; the API's business.
    pub part: u8,
    /// The last of it that was taken; none at its beginning.
    pub after: Option<Mark>,
}

/// A document, or an event of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The document's id.
    pub id: [u8; 16],
    /// The event's sequence; 0 where it is the document.
    pub seq: Seq,
}

impl Cursor {
    /// Up to where everything is known: nothing, while a copy is under way.
    pub fn level(&self) -> Seq {
        match self.copying {
            Some(_) => Seq(0),
            None => self.seq,
        }
    }
}

/// A text that is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("that is not a cursor of this API; leave it out to begin anew")]
pub struct CursorError;

/// Epoch, sequence and hash; a copy's part; its mark.
const PLAIN: usize = 24;
const BEGUN: usize = PLAIN + 1;
const MARKED: usize = BEGUN + 24;

impl Cursor {
    /// An epoch as a word, for answers that hold no cursor.
    pub fn epoch_word(epoch: u64) -> String {
        format!("{epoch:016x}")
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(MARKED);
        bytes.extend(self.epoch.to_be_bytes());
        bytes.extend(self.seq.0.to_be_bytes());
        bytes.extend(self.hash);
        if let Some(copying) = self.copying {
            bytes.push(copying.part);
            if let Some(mark) = copying.after {
                bytes.extend(mark.id);
                bytes.extend(mark.seq.0.to_be_bytes());
            }
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        // Longer than any of ours: not worth decoding.
        if text.len() > 2 * MARKED {
            return Err(CursorError);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let mut rest = bytes.as_slice();
        let (epoch, seq) = (number(&mut rest)?, place(&mut rest)?);
        let hash = part(&mut rest)?;
        let copying = match bytes.len() {
            PLAIN => None,
            BEGUN | MARKED => {
                let [stage] = part(&mut rest)?;
                let mark = |mut rest: &[u8]| {
                    Ok(Mark {
                        id: part(&mut rest)?,
                        seq: place(&mut rest)?,
                    })
                };
                Some(Copying {
                    part: stage,
                    after: (!rest.is_empty()).then(|| mark(rest)).transpose()?,
                })
            }
            _ => return Err(CursorError),
        };
        Ok(Self {
            epoch,
            seq,
            hash,
            copying,
        })
    }
}

fn part<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], CursorError> {
    let (first, after) = rest.split_first_chunk().ok_or(CursorError)?;
    *rest = after;
    Ok(*first)
}

/// No database counts further than 2^63, so a place past it is of nobody's making.
fn place(rest: &mut &[u8]) -> Result<Seq, CursorError> {
    let seq = number(rest)?;
    let counted = i64::try_from(seq).is_ok();
    counted.then_some(Seq(seq)).ok_or(CursorError)
}

fn number(rest: &mut &[u8]) -> Result<u64, CursorError> {
    part(rest).map(u64::from_be_bytes)
}
