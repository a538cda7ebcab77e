//! Refresh tokens: session ‖ generation ‖ HMAC-SHA256, in unpadded base64url. The database holds
//! only the session's generation, so a stolen database makes no token, and a token that was lost
//! on the way can be computed again.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::ids::SessionId;

const SESSION: usize = 16;
const GENERATION: usize = 8;
const MAC: usize = 32;

/// A session that is not used for so long has ended, in seconds: 30 days.
pub const IDLE: u64 = 30 * 24 * 3600;

/// The longest life of a session, in seconds: 180 days.
pub const LIFE: u64 = 180 * 24 * 3600;

/// What an authentic token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented {
    /// The sign-in.
    pub session: SessionId,
    /// How many times it had been renewed.
    pub generation: u64,
}

/// What follows from the generation that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The session moves to this generation, which is then handed out.
    Advance(u64),
    /// The reply to the last renewal was lost: the present generation is handed out again.
    Repeat(u64),
    /// An older token than the parent: somebody else has used the session. It ends.
    End,
}

/// The token of a session's generation.
pub fn mint(key: &hmac::Key, session: SessionId, generation: u64) -> String {
    let mut bytes = Vec::with_capacity(SESSION + GENERATION + MAC);
    bytes.extend_from_slice(session.as_bytes());
    bytes.extend_from_slice(&generation.to_be_bytes());
    let tag = hmac::sign(key, &bytes);
    bytes.extend_from_slice(tag.as_ref());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token that this server has made; none for anything else.
pub fn read(key: &hmac::Key, token: &str) -> Option<Presented> {
    if token.len() > 100 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (session, rest) = bytes.split_first_chunk::<SESSION>()?;
    let (generation, tag) = rest.split_first_chunk::<GENERATION>()?;
    hmac::verify(key, &bytes[..SESSION + GENERATION], tag).ok()?;
    Some(Presented {
        session: SessionId::from_bytes(*session),
        generation: u64::from_be_bytes(*generation),
    })
}

/// The rule, for a session that has a device key and a caller who has proven it.
///
/// A generation above the stored one, which only this server can have made, means that the
/// database was restored from a backup: it is adopted.
pub fn step(stored: u64, presented: u64) -> Step {
    match presented.checked_add(1) {
        Some(next) if presented >= stored => Step::Advance(next),
        Some(next) if next == stored => Step::Repeat(stored),
        _ => Step::End,
    }
}

/// The rule for a session without a device key: whoever presents it has nothing but the token, so one
/// that was used before ends the session, whatever the reason.
pub fn strict_step(stored: u64, presented: u64) -> Step {
    match step(stored, presented) {
        Step::Repeat(_) => Step::End,
        step => step,
    }
}

/// Whether a session that began and was last renewed at these times (seconds since 1970) is over.
pub fn expired(began: u64, renewed: u64, now: u64) -> bool {
    now >= began.saturating_add(LIFE) || now >= renewed.saturating_add(IDLE)
}

#[cfg(test)]
mod tests;
