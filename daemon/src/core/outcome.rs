//! What the API answered, and what follows from it.

use redtag_protocol::{
    api::ops::Ending,
    ids::DeviceId,
    op::{MAX_BATCH, SCHEMA},
    stamp::Seq,
};

use super::{Effect, Line, Moment, State};

/// How often to pull at least while the live channel is closed.
const BLIND: u64 = 30_000;
/// How long what is only our own waits to be pulled.
const OWN: u64 = 25;
/// How many edits that wait are a long queue.
const LONG: u64 = 50;
/// The longest pause that is believed, in seconds.
const LONGEST_PAUSE: u32 = 600;
/// How long what is, as far as we know, only our own waits while the queue is long: the same
/// documents would come after every batch.
const BUSY: u64 = 3_000;

impl State {
    pub(super) fn pulled(
        &mut self,
        seq: Seq,
        more: bool,
        reset: bool,
        goes_on: bool,
        moment: Moment,
    ) {
        self.succeeded();
        let further = seq > self.seq;
        self.seq = seq;
        self.resets = if reset { self.resets + 1 } else { 0 };
        if self.resets > 1 {
            self.failures += 1;
            self.line = Line::Offline("the API does not give a new copy of the shop".to_owned());
            self.pull.failed(moment, self.pace);
            return;
        }
        if self.newest <= self.seq {
            self.own_at = None;
        }
        if goes_on {
            return;
        }
        self.pull.done();
        self.pulls += 1;
        if reset {
            // The new copy counts from the beginning; hints of the old one say nothing.
            self.newest = Seq(0);
        }
        if !more && !further {
            // The API itself says that there is no more. A hint that came meanwhile has asked for
            // another pull already; one that never comes true must not ask without end.
            self.newest = self.newest.min(self.seq);
        }
        if more || reset || self.newest > self.seq {
            self.pull.wanted = true;
        }
        let every = self.pace.pull_every;
        let every = if self.live.running {
            every
        } else {
            every.min(BLIND)
        };
        self.poll_at = moment.now.saturating_add(every);
    }

    pub(super) fn pushed(
        &mut self,
        outcomes: usize,
        seq: Option<Seq>,
        ending: Option<&Ending>,
        moment: Moment,
        effects: &mut Vec<Effect>,
    ) {
        self.succeeded();
        self.held = None;
        if outcomes > 0 {
            self.fruitless = 0;
            self.most = (self.most * 2).min(MAX_BATCH);
        } else if self.waiting > 0 {
            self.fruitless += 1;
        }
        self.own_news(seq, moment);
        match ending {
            Some(Ending::DeviceForked { .. }) => {
                if self.fruitless > 1 {
                    // An API that calls every new device a fork must not be asked without end.
                    self.undecided(moment);
                } else {
                    self.push.done();
                }
                self.fork(moment, effects);
            }
            Some(Ending::RetryAfter { seconds }) => {
                let seconds = (*seconds).min(LONGEST_PAUSE);
                self.held = Some(format!("the API asks to come back in {seconds} s"));
                self.push
                    .hold(moment.now.saturating_add(u64::from(seconds) * 1000));
            }
            Some(Ending::UpgradeRequired { max, .. }) => {
                self.failures += 1;
                let words = if *max < SCHEMA {
                    "the API is older than this program and does not take these edits yet; what \
                     is unsent is safe. Have the API upgraded"
                } else {
                    "the API takes no edits from this version; what is unsent is safe. Install a \
                     newer redtag"
                };
                self.held = Some(words.to_owned());
                self.push.failed(moment, self.pace);
            }
            // A gap is filled from what is kept, at once; but an answer that never decides
            // anything must not be asked for without end.
            Some(Ending::Gap { .. }) | None if self.fruitless > 1 => self.undecided(moment),
            Some(Ending::Gap { .. }) | None => self.push.done(),
        }
    }

    /// What came of our own edits is pulled as well, but nobody waits for it: others are to have
    /// the machine and the API first.
    fn own_news(&mut self, seq: Option<Seq>, moment: Moment) {
        let Some(seq) = seq.filter(|seq| *seq > self.seq) else {
            return;
        };
        if self.newest > seq {
            self.own_at = None;
            self.pull.wanted = true;
        } else {
            self.newest = seq;
            self.pull_own(OWN, moment);
        }
    }

    /// Pulls what is most likely our own after `soon`, or every now and then while the queue is
    /// long.
    pub(super) fn pull_own(&mut self, soon: u64, moment: Moment) {
        let at = |after| moment.now.saturating_add(after);
        self.own_at = if self.waiting > LONG {
            self.own_at.or(Some(at(BUSY)))
        } else {
            Some(at(soon))
        };
    }

    pub(super) fn fork(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        self.forking = true;
        let mut random = [0; 10];
        random.copy_from_slice(&moment.random[6..]);
        let device = DeviceId::from_parts(moment.wall.0, random);
        effects.push(Effect::Fork { device });
    }

    fn undecided(&mut self, moment: Moment) {
        self.failures += 1;
        self.held = Some("the API decides nothing of what is sent".to_owned());
        self.push.failed(moment, self.pace);
    }
}
