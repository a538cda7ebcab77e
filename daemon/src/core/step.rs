//! The step from one state to the next.

use super::{Effect, Input, LaneName, Line, Moment, Session, State, lane::Lane, state::Known};

/// An access token is not used in its last 20 s: a batch on its way must not outlive it.
const MARGIN: u64 = 20_000;

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
                self.revoked = false;
                // A sign-in knows the device, not what of it the API has lost.
                if self.known != Known::PutBack {
                    self.known = Known::of(registered);
                }
                self.on_probation = false;
                self.hurry();
                self.try_stream(&mut effects);
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
                if matches!(self.session, Session::Left(_)) {
                    effects.push(Effect::Seal);
                }
            }
            Input::NetworkChanged => {
                self.hurry();
                self.try_stream(&mut effects);
                self.pull.wanted = true;
            }
            Input::Refreshed { lifetime } => {
                self.line = Line::Online;
                self.have_token(lifetime, moment.now);
            }
            Input::Pulled {
                seq,
                more,
                reset,
                restored,
                goes_on,
            } => {
                if reset || restored {
                    // What the API had acknowledged may be lost to it: it says how far it is.
                    self.known = Known::PutBack;
                }
                self.pulled(seq, more, reset, goes_on, moment);
            }
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
                self.known = self.known.lost();
                self.waiting = waiting;
            }
            Input::GaveUp { waiting } => {
                self.waiting = waiting;
                self.push.done();
            }
            Input::Registered { waiting, renumber } => {
                self.succeeded();
                self.register.done();
                self.known = Known::of(!renumber);
                self.waiting = waiting;
                // The access token may still name an older device.
                self.access_until = None;
                if renumber {
                    self.fork(moment, &mut effects);
                }
            }
            Input::LiveOpened => self.live_opened(moment),
            Input::Hint(seq) => self.hint(seq, moment),
            Input::Polled(seq) => self.polled(seq, moment),
            Input::LiveEnded => self.live_ended(moment),
            Input::Failed {
                lane,
                token,
                trouble,
            } => self.failed(lane, token, trouble, moment, &mut effects),
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

    pub(super) fn succeeded(&mut self) {
        self.line = Line::Online;
        self.on_probation = false;
    }

    pub(super) fn lane(&mut self, name: LaneName) -> &mut Lane {
        match name {
            LaneName::Refresh => &mut self.refresh,
            LaneName::Pull => &mut self.pull,
            LaneName::Push => &mut self.push,
            LaneName::Register => &mut self.register,
            LaneName::Live => &mut self.live,
        }
    }

    /// There is reason to believe that the next try succeeds, or a person waits for it.
    pub(super) fn hurry(&mut self) {
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
        if self.own_at.is_some_and(|at| now >= at) {
            self.own_at = None;
            self.pull.wanted = true;
        }
        if now >= self.poll_at {
            self.poll_at = u64::MAX;
            self.pull.wanted = true;
        }
        self.watch_live(moment, effects);
        let token = self.token;
        if self.access_until.is_some_and(|until| now < until) {
            let told = self.known == Known::Whole;
            self.push.wanted = self.waiting > 0 && told && !self.forking;
            // What is on its way under the present numbers must not be numbered anew meanwhile.
            self.register.wanted = !told && !self.forking && !self.push.running;
            if self.register.due(now) {
                self.register.begin();
                effects.push(Effect::Register { token });
            }
            if self.push.due(now) {
                self.push.begin();
                self.held = None;
                let most = self.most;
                effects.push(Effect::Push { token, most });
            }
            if self.pull.due(now) {
                self.pull.begin();
                self.own_at = None;
                effects.push(Effect::Pull { token });
            }
            if self.live.due(now) {
                self.open_live(moment, effects);
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
        let silent = self.live_due.filter(|_| self.live.running);
        let Some(at) = [lanes, poll, self.own_at, silent]
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
