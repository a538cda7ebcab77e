//! Calls on their way through the network, and what comes back.

use redtag_protocol::{
    api::ops,
    ids::{DeviceId, SessionId},
    stamp::Seq,
};
use redtag_server::core::devices;
use redtagd::{cache::Held, core::LaneName};

use super::api::{Access, Fail};

/// A call on its way.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) bench: usize,
    pub(crate) life: u64,
    pub(crate) lane: LaneName,
    /// The token's generation.
    pub(crate) token: u64,
    pub(crate) what: What,
    /// The device on which it was let in already, while its body took a while.
    pub(crate) admitted: Option<DeviceId>,
    /// In which life of the API it was sent.
    pub(crate) era: u64,
    /// A second copy, whose answer nobody waits for.
    pub(crate) copy: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Refresh(SessionId),
    Pull(Pull),
    Push(Access, DeviceId, Vec<u8>),
    /// What is asked of this device and of former ones.
    Register(Access, Vec<Held>),
    Live(Access),
    /// How far the shop is, once it is past a place; asked since.
    Poll(Access, Seq, u64),
}

/// A page that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Pull {
    pub(crate) access: Access,
    pub(crate) cursor: Option<String>,
    /// The furthest place that was acknowledged and not told of when the pull began.
    pub(crate) acked: Seq,
    /// Whether no other page came before it in this pull.
    pub(crate) first: bool,
    /// Which of its bench's pulls.
    pub(crate) serial: u64,
}

/// What came back.
#[derive(Clone)]
pub(crate) enum Answer {
    Token(Access),
    Page(Vec<u8>),
    Outcomes(ops::Answer),
    Registered(Vec<devices::Held>),
    Live(u64, Seq),
    Polled(Seq),
    Failed(Fail),
}

/// Short enough for a trace.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(_) => f.write_str("a token"),
            Self::Page(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let lines = text.lines().count();
                let end: String = text.lines().last().unwrap_or_default().chars().collect();
                write!(f, "a page of {lines} lines, the last {end:.90}")
            }
            Self::Outcomes(it) => {
                f.write_str("outcomes")?;
                for it in &it.outcomes {
                    match &it.outcome {
                        ops::Outcome::Accepted { verdict, seq } => {
                            write!(f, " {}={verdict:?}@{seq}", it.number)?;
                        }
                        ops::Outcome::Refused { refusal } => {
                            write!(f, " {}={:?}", it.number, refusal.code)?;
                        }
                    }
                    f.write_str(if it.replayed { "(again)" } else { "" })?;
                }
                write!(f, " {:?}", it.ending)
            }
            Self::Registered(held) => {
                let lasts: Vec<u64> = held.iter().map(|it| it.last).collect();
                write!(f, "registered, last numbers {lasts:?}")
            }
            Self::Live(_, seq) => write!(f, "live at {seq}"),
            Self::Polled(seq) => write!(f, "polled {seq}"),
            Self::Failed(fail) => write!(f, "{fail:?}"),
        }
    }
}
