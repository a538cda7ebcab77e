//! What the machine remembers.

use redtag_protocol::stamp::Seq;

use super::{Pace, lane::Lane};
use redtag_protocol::op::MAX_BATCH;

/// Whether the account may talk to the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// It may, with or without a valid access token at the moment.
    In,
    /// The sign-in has ended; edits queue until a person signs in again.
    Out(String),
    /// The membership has ended, or the sign-in was taken from this machine; what is unsent stays.
    Left(String),
}

/// How the line to the API stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The first call is on its way.
    Connecting,
    /// The last call succeeded.
    Online,
    /// The last call failed; why.
    Offline(String),
}

/// What the API is known to know of this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Its id; edits may go out.
    Whole,
    /// Nothing: it is told first.
    Nothing,
    /// It was put back to an older state, or may have been: it is asked how far it knows this device's
    /// edits, and nothing but its answer to that ends the doubt.
    PutBack,
}

/// The state of one account's synchronisation.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) pace: Pace,
    pub(super) session: Session,
    /// Whether it ended because somebody took the sign-in from this machine.
    pub(super) revoked: bool,
    pub(super) line: Line,
    /// Counts access tokens, so that a late 401 of an old one is known as such.
    pub(super) token: u64,
    /// When the access token stops being used; none where there is none.
    pub(super) access_until: Option<u64>,
    /// Whether the present token replaced one that was not taken and has not proved itself yet.
    pub(super) on_probation: bool,
    pub(super) refresh: Lane,
    pub(super) pull: Lane,
    pub(super) push: Lane,
    pub(super) register: Lane,
    pub(super) live: Lane,
    /// When the live channel was last opened.
    pub(super) live_since: u64,
    /// When an open live channel must have said something; none once it has.
    pub(super) live_due: Option<u64>,
    /// When the live channel is tried again; until then questions stand in for it.
    pub(super) stream_at: Option<u64>,
    /// Why the last push decided nothing.
    pub(super) held: Option<String>,
    pub(super) forking: bool,
    pub(super) known: Known,
    pub(super) waiting: u64,
    /// How far the cache is.
    pub(super) seq: Seq,
    /// How far the shop is, as far as was heard.
    pub(super) newest: Seq,
    pub(super) resets: u32,
    pub(super) fruitless: u32,
    pub(super) most: usize,
    pub(super) poll_at: u64,
    /// When to pull what is, as far as we know, only our own.
    pub(super) own_at: Option<u64>,
    pub(super) wake_at: Option<u64>,
    pub(super) pulls: u64,
    pub(super) failures: u64,
}

impl Known {
    /// Of a device whose registration is known to stand, or not to.
    pub(super) fn of(registered: bool) -> Self {
        if registered {
            Self::Whole
        } else {
            Self::Nothing
        }
    }

    /// What is left of it when its id is no longer the one that the API was told.
    pub(super) fn lost(self) -> Self {
        if self == Self::PutBack {
            self
        } else {
            Self::Nothing
        }
    }
}

impl State {
    /// A machine that has not begun. `signed_in`: whether there is a refresh token; `registered`:
    /// whether the API knows the device id; `waiting`: operations without an outcome; `seq`: how
    /// far the cache is.
    pub fn new(signed_in: bool, registered: bool, waiting: u64, seq: Seq) -> Self {
        let session = if signed_in {
            Session::In
        } else {
            Session::Out("nobody is signed in to this account; sign in again".to_owned())
        };
        Self {
            pace: Pace::default(),
            session,
            revoked: false,
            line: Line::Connecting,
            token: 0,
            access_until: None,
            on_probation: false,
            refresh: Lane::default(),
            pull: Lane::wanted(),
            push: Lane::default(),
            register: Lane::default(),
            live: Lane::wanted(),
            live_since: 0,
            live_due: None,
            stream_at: None,
            held: None,
            forking: false,
            known: Known::of(registered),
            waiting,
            seq,
            newest: Seq(0),
            resets: 0,
            fruitless: 0,
            most: MAX_BATCH,
            poll_at: u64::MAX,
            own_at: None,
            wake_at: None,
            pulls: 0,
            failures: 0,
        }
    }

    /// Whether the account may talk to the API.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether somebody took the sign-in from this machine.
    pub fn revoked(&self) -> bool {
        self.revoked
    }

    /// How the line stands.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// When the next try is, where one waits; in milliseconds of [`super::Moment::now`].
    pub fn next_try(&self) -> Option<u64> {
        [self.refresh, self.pull, self.push, self.register]
            .iter()
            .filter_map(Lane::later)
            // Nought is not a time: it begins as soon as there is a token.
            .filter(|at| *at > 0)
            .min()
    }

    /// Why what waits is not sent, in words; none where nothing waits or it is on its way.
    pub fn held(&self) -> Option<&str> {
        if self.waiting == 0 {
            return None;
        }
        if let Session::Out(why) | Session::Left(why) = &self.session {
            return Some(why);
        }
        if self.held.is_some() {
            return self.held.as_deref();
        }
        match &self.line {
            Line::Offline(why) => Some(why),
            Line::Connecting => Some("the API has not answered yet"),
            Line::Online if self.forking || self.known != Known::Whole => {
                Some("the API is told of this device first")
            }
            Line::Online => None,
        }
    }

    /// Whether something that failed is to be tried again later.
    pub fn waits(&self) -> bool {
        self.session == Session::In
            && matches!(self.line, Line::Offline(_))
            && self.next_try().is_some()
    }

    /// Whether the live channel opens and says nothing, so that questions stand in for it.
    pub fn silenced(&self) -> bool {
        self.stream_at.is_some()
    }

    /// Whether nothing waits and nothing is on its way.
    pub fn settled(&self) -> bool {
        self.waiting == 0
            && !self.forking
            && self.own_at.is_none()
            && [self.pull, self.push, self.register]
                .iter()
                .all(|lane| !lane.running && !lane.wanted)
    }

    /// How many pages were pulled.
    pub fn pulls(&self) -> u64 {
        self.pulls
    }

    /// How many calls failed for a reason that passes or needs a person.
    pub fn failures(&self) -> u64 {
        self.failures
    }
}
