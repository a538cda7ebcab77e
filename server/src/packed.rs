//! Answers that are whole are compressed in one go. A stream's compressor is made anew for each
//! answer, with room for much more than comes: for the few kilobytes of a change that is dearer
//! than to compress them.

use std::cell::RefCell;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use zstd::bulk::Compressor;

/// As fast as it gets.
const LEVEL: i32 = 1;

/// A longer answer is worth a stream, and would keep others waiting.
const MOST: usize = 256 << 10;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::default();
}

/// The body as a zstd frame, for whoever accepts one; none where it goes out as it is, or as a
/// stream.
pub(crate) fn whole(asked: &HeaderMap, body: &Bytes) -> Option<Bytes> {
    if body.len() > MOST || !accepted(asked) {
        return None;
    }
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(Compressor::new(LEVEL).ok()?),
        };
        compressor.compress(body).ok().map(Bytes::from)
    })
}

/// Whether zstd is among the accepted codings, and not at weight nought (RFC 9110, section 12.5.3).
fn accepted(asked: &HeaderMap) -> bool {
    let all = asked.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = all
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let zstd = parts
            .next()
            .is_some_and(|it| it.eq_ignore_ascii_case("zstd"));
        let weight = parts.find_map(|it| it.strip_prefix("q=")?.parse::<f32>().ok());
        zstd && weight.is_none_or(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests;
