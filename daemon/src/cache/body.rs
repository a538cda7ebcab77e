//! Bodies as they are stored: packed with zstd against a dictionary that ships with the program.
//!
//! The first byte says how. JSON begins with a character of text, so bodies that an earlier
//! program stored as they came stay readable beside packed ones:
//!
//! | first byte | what follows |
//! |---|---|
//! | 0 | the text |
//! | 1 | a zstd frame |
//! | 2 | a zstd frame against dictionary 1 |
//! | 9 and above | this byte is the text's own first |
//!
//! Measured on inspections as they were first written (now they take about half as many bytes, see
//! `redtag_protocol::inspection`): of 14,077 bytes, smaller ones of 5,528, and vehicles and customers of
//! 671, in release: level 1 makes 2,338, 1,195 and 218 bytes of them, with the dictionary 1,986,
//! 908 and 155; packing a small document takes 1.2 µs in the place of 5.2, unpacking 0.4 in the
//! place of 1.4, large ones take the same time (27 µs and 8 µs). Level 3 saves 1 % more for 1.3
//! times the time. One that is trained on each shop's own first documents saves another 7 % but
//! takes 0.2 s to train, as long as some 1,500 documents take to store.

use std::{borrow::Cow, cell::RefCell, io, sync::LazyLock};

use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
    zstd_safe::CParameter,
};

/// Made by `cache::body::tests::make_the_dictionary`. Never changed: stored bodies need it. Another
/// one is another first byte.
const DICTIONARY: &[u8] = include_bytes!("body/dictionary-1");

const LEVEL: i32 = 1;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const ZSTD_1: u8 = 2;
/// The lowest byte that a JSON text begins with: a tab.
const TEXT: u8 = 9;

/// The longest body, in bytes: a damaged length must not take the memory. The API takes operations
/// of at most 1 MiB, and no document of a shop comes near this.
const MOST: usize = 32 << 20;

static PACKING: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static UNPACKING: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// What a thread keeps between calls.
struct Tools {
    pack: Compressor<'static>,
    unpack: Decompressor<'static>,
    unpack_1: Decompressor<'static>,
    scratch: Vec<u8>,
}

impl Tools {
    fn new() -> io::Result<Self> {
        let mut pack = Compressor::with_prepared_dictionary(&PACKING)?;
        // The first byte tells the dictionary, and the database has its own checksums.
        pack.set_parameter(CParameter::DictIdFlag(false))?;
        Ok(Self {
            pack,
            unpack: Decompressor::new()?,
            unpack_1: Decompressor::with_prepared_dictionary(&UNPACKING)?,
            scratch: Vec::new(),
        })
    }
}

thread_local! {
    // None only where there was no memory for them.
    static TOOLS: RefCell<Option<Tools>> = RefCell::new(Tools::new().ok());
}

/// Packs a body. `_kind` is what it is of; one dictionary serves all kinds.
pub(super) fn pack(_kind: &str, body: &str) -> Vec<u8> {
    packed(body).unwrap_or_else(|| plain(body))
}

fn packed(body: &str) -> Option<Vec<u8>> {
    if body.len() > MOST {
        return None;
    }
    TOOLS.with_borrow_mut(|tools| {
        let Tools { pack, scratch, .. } = tools.as_mut()?;
        scratch.clear();
        scratch.reserve(zstd::zstd_safe::compress_bound(body.len()));
        let length = pack.compress_to_buffer(body.as_bytes(), scratch).ok()?;
        let packed = scratch.get(..length)?;
        // What does not get smaller, such as an emptied payload, is kept as it is.
        if length >= body.len() {
            return None;
        }
        let mut out = Vec::with_capacity(1 + length);
        out.push(ZSTD_1);
        out.extend_from_slice(packed);
        if scratch.capacity() > 1 << 20 {
            *scratch = Vec::new();
        }
        Some(out)
    })
}

fn plain(body: &str) -> Vec<u8> {
    let own = body.as_bytes().first().is_some_and(|first| *first >= TEXT);
    let mut out = Vec::with_capacity(body.len() + 1);
    if !own {
        out.push(PLAIN);
    }
    out.extend_from_slice(body.as_bytes());
    out
}

/// Unpacks a body; none where the stored bytes are damaged or of a newer program.
pub(super) fn unpack(stored: &[u8]) -> Option<Cow<'_, str>> {
    let text = |bytes| std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    match stored.split_first()? {
        (&PLAIN, rest) => text(rest),
        (&(ZSTD | ZSTD_1), frame) if !frame.is_empty() => {
            let body = TOOLS.with_borrow_mut(|tools| {
                let tools = tools.as_mut()?;
                let with = match stored.first() {
                    Some(&ZSTD_1) => &mut tools.unpack_1,
                    _ => &mut tools.unpack,
                };
                with.decompress(frame, MOST).ok()
            })?;
            String::from_utf8(body).ok().map(Cow::Owned)
        }
        (&first, _) if first >= TEXT => text(stored),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
