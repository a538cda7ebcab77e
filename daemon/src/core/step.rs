//! The step from one state to the next.

use redtag_protocol::{api::ops::Ending, ids::DeviceId, op::MAX_BATCH, stamp::Seq};

use super::{Effect, Input, LaneName, Line, Moment, Session, State, Trouble, lane::Lane};

/// An access token is not used in its last 20 s: a batch on its way must not outlive it.
const MARGIN: u64 = 20_000;
/// How often to pull at least while the live channel is closed.
const BLIND: u64 = 30_000;
/// A live channel that ended sooner than this counts as a failure.
const LIVE_SOON: u64 = 5_000;

impl State {
    /// Takes one input in and says what to do.
    pub fn step(&mut self, input: Input, moment: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Begin => {}
            Input::Pace(pace) => self.pace = pace,
            Input::Timer => self.wake_at = None,
            Input::SignedIn {
                lifetime,
                registered,
            } => {
                self.session = Session::In;
                self.registered = registered;
                self.on_probation = false;
                self.hurry();
                self.pull.wanted = true;
                self.have_token(lifetime, moment.now);
            }
            Input::Edited { waiting } => {
                self.waiting = waiting;
                self.hurry();
            }
            Input::SyncWanted => {
                self.hurry();
                self.pull.wanted = true;
            }
            Input::Refreshed { lifetime } => {
                self.line = Line::Online;
                self.have_token(lifetime, moment.now);
            }
            Input::Pulled { seq, more, reset } => self.pulled(seq, more, reset, moment),
            Input::Pushed {
                outcomes,
                waiting,
                seq,
                ending,
            } => {
                self.waiting = waiting;
                self.pushed(outcomes, seq, ending.as_ref(), moment, &mut effects);
            }
            Input::Forked { waiting } => {
                self.forking = false;
                self.registered = false;
                self.waiting = waiting;
            }
            Input::Registered => {
                self.succeeded();
                self.register.done();
                self.registered = true;
                // The access token still names the old device.
                self.access_until = None;
            }
            Input::LiveOpened => {
                self.succeeded();
                self.live_since = moment.now;
                self.pull.wanted = true;
                self.pull.hurry();
            }
            Input::Hint(seq) => {
                self.newest = self.newest.max(seq);
                if self.newest > self.seq {
                    self.pull.wanted = true;
                    self.hurry();
                }
            }
            Input::LiveEnded => {
                if moment.now.saturating_sub(self.live_since) < LIVE_SOON {
                    self.live.failed(moment, self.pace);
                } else {
                    self.live.again();
                }
            }
            Input::Failed {
                lane,
                token,
                trouble,
            } => self.failed(lane, token, trouble, moment),
        }
        self.go(moment, &mut effects);
        effects
    }

    fn have_token(&mut self, lifetime: u64, now: u64) {
        // Whatever wanted one meanwhile has it now.
        self.refresh = Lane::default();
        self.token += 1;
        let lifetime = lifetime.saturating_mul(1000);
        // A server that gives very short tokens still gets half of their life used.
        let usable = lifetime.saturating_sub(MARGIN).max(lifetime / 2).max(1_000);
        self.access_until = Some(now.saturating_add(usable));
    }

    fn succeeded(&mut self) {
        self.line = Line::Online;
        self.on_probation = false;
    }

    fn pulled(&mut self, seq: Seq, more: bool, reset: bool, moment: Moment) {
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

    fn pushed(
        &mut self,
        outcomes: usize,
        seq: Option<Seq>,
        ending: Option<&Ending>,
        moment: Moment,
        effects: &mut Vec<Effect>,
    ) {
        self.succeeded();
        if outcomes > 0 {
            self.fruitless = 0;
            self.most = (self.most * 2).min(MAX_BATCH);
        } else if self.waiting > 0 {
            self.fruitless += 1;
        }
        if seq.is_some_and(|seq| seq > self.seq) {
            self.pull.wanted = true;
        }
        match ending {
            Some(Ending::DeviceForked { .. }) => {
                if self.fruitless > 1 {
                    // An API that calls every new device a fork must not be asked without end.
                    self.failures += 1;
                    self.line = Line::Offline("the API decides nothing of what is sent".to_owned());
                    self.push.failed(moment, self.pace);
                } else {
                    self.push.done();
                }
                self.forking = true;
                let mut random = [0; 10];
                random.copy_from_slice(&moment.random[6..]);
                let device = DeviceId::from_parts(moment.wall.0, random);
                effects.push(Effect::Fork { device });
            }
            Some(Ending::RetryAfter { seconds }) => {
                self.push
                    .hold(moment.now.saturating_add(u64::from(*seconds) * 1000));
            }
            Some(Ending::UpgradeRequired { .. }) => {
                self.failures += 1;
                self.line = Line::Offline(
                    "the API takes no edits from this version; what is unsent is safe. Install a \
                     newer redtag"
                        .to_owned(),
                );
                self.push.failed(moment, self.pace);
            }
            // A gap is filled from what is kept, at once; but an answer that never decides
            // anything must not be asked for without end.
            Some(Ending::Gap { .. }) | None if self.fruitless > 1 => {
                self.failures += 1;
                self.line = Line::Offline("the API decides nothing of what is sent".to_owned());
                self.push.failed(moment, self.pace);
            }
            Some(Ending::Gap { .. }) | None => self.push.done(),
        }
    }

    fn failed(&mut self, name: LaneName, token: u64, trouble: Trouble, moment: Moment) {
        let (now, pace) = (moment.now, self.pace);
        let stale = token != self.token && name != LaneName::Refresh;
        if name == LaneName::Refresh && !self.refresh.running {
            // A sign-in has overtaken it, and what it says is of the old one.
            return;
        }
        if name == LaneName::Push {
            // While a new device id is being taken nothing else can fail here. It is not durable,
            // so the API is asked again with the old one, and will call it a fork again.
            self.forking = false;
        }
        match trouble {
            Trouble::Unauthorized if stale => self.lane(name).again(),
            Trouble::Unauthorized if self.on_probation || name == LaneName::Refresh => {
                self.lane(name).again();
                self.failures += 1;
                self.access_until = None;
                self.session = Session::Out(
                    "the API does not take this sign-in; what is unsent is safe here and goes out \
                     after you sign in again"
                        .to_owned(),
                );
            }
            Trouble::Unauthorized => {
                self.lane(name).again();
                self.access_until = None;
                self.on_probation = true;
            }
            Trouble::SignedOut(words) => {
                self.lane(name).again();
                self.failures += 1;
                self.access_until = None;
                self.session = Session::Out(words);
            }
            Trouble::Left(words) => {
                self.lane(name).again();
                self.failures += 1;
                self.access_until = None;
                self.session = Session::Left(words);
            }
            Trouble::RetryAfter(seconds) => {
                self.failures += 1;
                self.line = Line::Offline(format!("the API asks to come back in {seconds} s"));
                self.lane(name)
                    .hold(now.saturating_add(seconds.saturating_mul(1000)));
            }
            // Telling the API of our device again is enough, unless two homes do nothing but that.
            Trouble::OtherDevice if self.fruitless < 2 => {
                self.fruitless += 1;
                self.registered = false;
                self.lane(name).again();
            }
            Trouble::OtherDevice => {
                self.fruitless = 0;
                self.failures += 1;
                self.line = Line::Offline(
                    "another home uses the same sign-in; sign in again on one of them".to_owned(),
                );
                self.lane(name).failed(moment, pace);
            }
            Trouble::TooLarge if name == LaneName::Push && self.most > 1 => {
                self.most /= 2;
                self.push.again();
            }
            Trouble::TooLarge => {
                self.failures += 1;
                self.line = Line::Offline("the API refuses a message as too large".to_owned());
                self.lane(name).failed(moment, pace);
            }
            // Losing the live channel costs delay, no more; the pull that follows tells whether
            // the API is there.
            Trouble::Passing(_) if name == LaneName::Live => {
                self.pull.wanted = true;
                self.live.failed(moment, pace);
            }
            Trouble::Passing(words) => {
                self.failures += 1;
                self.line = Line::Offline(words);
                self.lane(name).failed(moment, pace);
            }
        }
    }

    fn lane(&mut self, name: LaneName) -> &mut Lane {
        match name {
            LaneName::Refresh => &mut self.refresh,
            LaneName::Pull => &mut self.pull,
            LaneName::Push => &mut self.push,
            LaneName::Register => &mut self.register,
            LaneName::Live => &mut self.live,
        }
    }

    /// There is reason to believe that the next try succeeds, or a person waits for it.
    fn hurry(&mut self) {
        for lane in [
            &mut self.refresh,
            &mut self.pull,
            &mut self.push,
            &mut self.register,
            &mut self.live,
        ] {
            lane.hurry();
        }
    }

    /// Begins whatever is wanted and may begin.
    fn go(&mut self, moment: Moment, effects: &mut Vec<Effect>) {
        let now = moment.now;
        if self.session != Session::In {
            if self.live.running {
                self.live.again();
                effects.push(Effect::CloseLive);
            }
            return;
        }
        if now >= self.poll_at {
            self.poll_at = u64::MAX;
            self.pull.wanted = true;
        }
        let token = self.token;
        if self.access_until.is_some_and(|until| now < until) {
            self.push.wanted = self.waiting > 0 && self.registered && !self.forking;
            self.register.wanted = !self.registered && !self.forking;
            if self.register.due(now) {
                self.register.begin();
                effects.push(Effect::Register { token });
            }
            if self.push.due(now) {
                self.push.begin();
                let most = self.most;
                effects.push(Effect::Push { token, most });
            }
            if self.pull.due(now) {
                self.pull.begin();
                effects.push(Effect::Pull { token });
            }
            if self.live.due(now) {
                self.live.begin();
                effects.push(Effect::OpenLive { token });
            }
        } else {
            self.refresh.wanted = true;
            if self.refresh.due(now) {
                self.refresh.begin();
                effects.push(Effect::Refresh);
            }
        }
        self.set_timer(now, effects);
    }

    fn set_timer(&mut self, now: u64, effects: &mut Vec<Effect>) {
        let lanes = match self.access_until {
            Some(until) if now < until => {
                let lanes = [self.pull, self.push, self.register, self.live];
                let first = lanes.iter().filter_map(Lane::later).min();
                Some(first.map_or(until, |first| first.min(until)))
            }
            _ => self.refresh.later(),
        };
        let poll = (self.poll_at != u64::MAX).then_some(self.poll_at);
        // Without a token nothing but the refresh can begin.
        let poll = poll.filter(|_| !self.refresh.wanted || self.refresh.running);
        let Some(at) = [lanes, poll]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
        else {
            return;
        };
        if self.wake_at != Some(at) {
            self.wake_at = Some(at);
            effects.push(Effect::Wake { at });
        }
    }
}
