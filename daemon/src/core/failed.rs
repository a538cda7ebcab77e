//! What did not succeed, and what follows from it.

use super::{Effect, LaneName, Line, Moment, Session, State, Trouble, state::Known};

impl State {
    pub(super) fn failed(
        &mut self,
        name: LaneName,
        token: u64,
        trouble: Trouble,
        moment: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let (now, pace) = (moment.now, self.pace);
        let stale = token != self.token && name != LaneName::Refresh;
        if name == LaneName::Refresh && !self.refresh.running {
            // A sign-in has overtaken it, and what it says is of the old one.
            return;
        }
        if name == LaneName::Push {
            // While a new device id is being taken nothing else can fail here. It is not durable,
            // so the API is asked again with the old one, and will call it a fork again.
            if std::mem::take(&mut self.forking) && self.known != Known::Whole {
                self.register.failed(moment, pace);
            }
            // Whatever was on its way waits again, also where a count came in between that held it
            // for sent: without one more try nothing would ask for it until the next edit.
            self.waiting = self.waiting.max(1);
        }
        // Why the queue does not move, whatever the pull says meanwhile.
        let holds = matches!(
            name,
            LaneName::Push | LaneName::Register | LaneName::Refresh
        );
        match trouble {
            // Over the network that is there now it may succeed.
            Trouble::Moved => self.lane(name).again(),
            // Of a sign-in, perhaps, that another one has replaced.
            Trouble::Unauthorized | Trouble::Left(_) | Trouble::Revoked(_) if stale => {
                self.lane(name).again();
            }
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
            Trouble::Left(words) => self.end(name, words, effects),
            Trouble::Revoked(words) => {
                self.revoked = true;
                self.end(name, words, effects);
            }
            Trouble::RetryAfter(seconds) => {
                self.failures += 1;
                let words = format!("the API asks to come back in {seconds} s");
                if holds {
                    self.held = Some(words.clone());
                }
                self.line = Line::Offline(words);
                self.lane(name)
                    .hold(now.saturating_add(seconds.saturating_mul(1000)));
            }
            // Telling the API of our device again is enough, unless two homes do nothing but that.
            Trouble::OtherDevice if self.fruitless < 2 => {
                self.fruitless += 1;
                self.known = self.known.lost();
                self.lane(name).again();
            }
            Trouble::OtherDevice => {
                self.fruitless = 0;
                self.failures += 1;
                let words = "another home uses the same sign-in; sign in again on one of them";
                self.held = Some(words.to_owned());
                self.lane(name).failed(moment, pace);
            }
            Trouble::TooLarge | Trouble::TooLargeOnTheWay(_)
                if name == LaneName::Push && self.most > 1 =>
            {
                self.most /= 2;
                self.push.again();
            }
            // One stroke alone: it would stand before the others for ever.
            Trouble::TooLarge if name == LaneName::Push => effects.push(Effect::GiveUp),
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
            // Only what the API itself has read and refused goes to quarantine.
            Trouble::Passing(words) | Trouble::TooLargeOnTheWay(words) => {
                self.failures += 1;
                if holds {
                    self.held = Some(words.clone());
                }
                self.line = Line::Offline(words);
                self.lane(name).failed(moment, pace);
            }
        }
    }

    /// Nothing is asked of the API any more, and what is unsent is sealed.
    fn end(&mut self, name: LaneName, words: String, effects: &mut Vec<Effect>) {
        self.lane(name).again();
        self.failures += 1;
        self.access_until = None;
        if !matches!(self.session, Session::Left(_)) {
            effects.push(Effect::Seal);
        }
        self.session = Session::Left(words);
    }
}
