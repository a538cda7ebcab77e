//! The live channel, and what stands in for it where a proxy on the way keeps its words back.

use redtag_protocol::stamp::Seq;

use super::{Effect, Line, Moment, State};

/// How long a hint that is most likely of our own push waits for that push's outcome.
const OWN: u64 = 50;
/// A live channel that ended sooner than this counts as a failure.
const SOON: u64 = 5_000;
/// The API says how far the shop is at once after opening: what has said nothing for so long is
/// held back on its way.
const SILENT: u64 = 10_000;
/// How long the opening itself may take where other calls succeed.
const OPENING: u64 = 15_000;
/// How long questions stand in before the live channel is tried again.
const STAND_IN: u64 = 600_000;

impl State {
    pub(super) fn live_opened(&mut self, moment: Moment) {
        self.succeeded();
        self.live_since = moment.now;
        self.live_due = Some(moment.now.saturating_add(SILENT));
        // Whatever happened while it was closed was not heard.
        self.pull.wanted = true;
        self.pull.hurry();
    }

    pub(super) fn hint(&mut self, seq: Seq, moment: Moment) {
        self.live_due = None;
        if seq > self.newest.max(self.seq) {
            self.newest = seq;
            self.hurry();
            if self.push.running {
                // Most likely our own, whose outcome is on its way as well.
                self.pull_own(OWN, moment);
            } else {
                self.pull.wanted = true;
            }
        } else if self.newest > self.seq && self.own_at.is_none() {
            self.pull.wanted = true;
        }
    }

    pub(super) fn polled(&mut self, seq: Seq, moment: Moment) {
        if self.stream_at.is_none() {
            return;
        }
        self.succeeded();
        let news = seq > self.seq.max(self.newest);
        if !news && moment.now.saturating_sub(self.live_since) < SOON {
            // Who answers at once that there is nothing must not be asked without end.
            self.live.failed(moment, self.pace);
            return;
        }
        self.live.done();
        self.live.wanted = true;
        self.hint(seq, moment);
    }

    pub(super) fn live_ended(&mut self, moment: Moment) {
        if self.stream_at.is_some() {
            // A last word of the channel that questions have taken the place of.
            return;
        }
        self.live_due = None;
        if moment.now.saturating_sub(self.live_since) < SOON {
            self.live.failed(moment, self.pace);
        } else {
            self.live.again();
        }
    }

    /// The network is another: what kept the channel back may be gone.
    pub(super) fn try_stream(&mut self, effects: &mut Vec<Effect>) {
        if self.stream_at.take().is_some() && self.live.running {
            self.live.again();
            effects.push(Effect::CloseLive);
        }
    }

    /// Gives a silent channel up.
    pub(super) fn watch_live(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        let due = |at: Option<u64>| at.is_some_and(|at| moment.now >= at);
        if self.live.running && due(self.live_due) {
            self.live_due = None;
            effects.push(Effect::CloseLive);
            if self.line == Line::Online {
                self.live.again();
                self.stream_at = Some(moment.now.saturating_add(STAND_IN));
            } else {
                self.live.failed(moment, self.pace);
            }
        }
        if !self.live.running && due(self.stream_at) {
            self.stream_at = None;
        }
    }

    /// Opens the channel, or asks in its place.
    pub(super) fn open_live(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        let token = self.token;
        self.live.begin();
        if self.stream_at.is_some() {
            self.live_since = moment.now;
            let after = self.seq.max(self.newest);
            effects.push(Effect::Poll { token, after });
        } else {
            self.live_due = Some(moment.now.saturating_add(OPENING));
            effects.push(Effect::OpenLive { token });
        }
    }
}
