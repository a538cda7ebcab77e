//! The effects of a bench's machine, performed as the daemon's own hands perform them, over a
//! network that does what the weather says.

use std::collections::VecDeque;

use redtag_protocol::{
    api::ops,
    ids::{DeviceId, SessionId},
    stamp::Stamp,
};
use redtagd::core::{Effect, Input, LaneName, Moment, Session, Trouble};

use super::{
    api::{Access, Fail},
    call::{Answer, Call, What},
    poison,
    world::{Event, World, say},
};

impl World {
    fn moment(&mut self, b: usize) -> Moment {
        let bench = &self.benches[b];
        Moment {
            // Nought means “at once” in the machine.
            now: self.now - bench.begun + 1,
            wall: self.wall(b),
            random: self.rng.bytes(),
        }
    }

    /// A bench's clock.
    pub(crate) fn wall(&self, b: usize) -> Stamp {
        Stamp(self.now.saturating_add_signed(self.benches[b].ahead))
    }

    /// Gives the machine an input and does what it says.
    pub(crate) fn step(&mut self, b: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            if self.benches[b].store().is_none() {
                return;
            }
            say!(self, "{}: {input:?}", self.benches[b].name);
            let moment = self.moment(b);
            let machine = &mut self.benches[b].machine;
            let was_in = *machine.session() == Session::In;
            let effects = machine.step(input, moment);
            let online = *machine.line() == redtagd::core::Line::Online && was_in;
            if let Some(store) = self.benches[b].store_mut() {
                store.set_online(online);
            }
            for effect in effects {
                inputs.extend(self.perform(b, effect));
            }
        }
        self.look_at(b);
    }

    fn perform(&mut self, b: usize, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Refresh => {
                let session = self.benches[b].store()?.meta().refresh.clone();
                match session.and_then(|it| it.parse().ok()) {
                    Some(id) => self.send(b, LaneName::Refresh, 0, What::Refresh(id)),
                    None => return Some(failed(LaneName::Refresh, 0, Fail::SignedOut)),
                }
            }
            Effect::Pull { token } => return self.pull(b, token),
            Effect::Push { token, most } => {
                let Some(access) = self.benches[b].access else {
                    return Some(failed(LaneName::Push, token, Fail::Unauthorized));
                };
                let batch = self.with_store(b, "batch", |store| store.batch(most))?;
                match batch.expect("a database in memory can be read") {
                    None => {
                        return Some(Input::Pushed {
                            outcomes: 0,
                            waiting: 0,
                            seq: None,
                            ending: None,
                        });
                    }
                    Some(batch) => {
                        let bench = &self.benches[b];
                        let body = poison::spoil(batch.body, bench);
                        let what = What::Push(access, batch.device, body);
                        self.send(b, LaneName::Push, token, what);
                    }
                }
            }
            Effect::Fork { device } => {
                let waiting = self.with_store(b, "fork", |store| store.fork(device))?;
                let waiting = waiting.expect("the fuse has ended the process");
                self.renumber(b);
                return Some(Input::Forked { waiting });
            }
            Effect::Register { token } => {
                let Some(access) = self.benches[b].access else {
                    return Some(failed(LaneName::Register, token, Fail::Unauthorized));
                };
                let store = self.benches[b].store()?;
                let asked = store.asks().expect("a database in memory can be read");
                let what = What::Register(access, asked);
                self.send(b, LaneName::Register, token, what);
            }
            Effect::OpenLive { token } => {
                let Some(access) = self.benches[b].access else {
                    return Some(failed(LaneName::Live, token, Fail::Unauthorized));
                };
                self.send(b, LaneName::Live, token, What::Live(access));
            }
            Effect::Poll { token, after } => {
                let Some(access) = self.benches[b].access else {
                    return Some(failed(LaneName::Live, token, Fail::Unauthorized));
                };
                let what = What::Poll(access, after, self.now);
                self.send(b, LaneName::Live, token, what);
            }
            Effect::CloseLive => {
                self.channels.retain(|it| it.bench != b);
                self.benches[b].live = None;
            }
            Effect::GiveUp => {
                let now = self.wall(b);
                let given = self.with_store(b, "give up", |store| {
                    let done = store.give_up(now).map(drop);
                    done.map(|()| store.pending().unsettled().0)
                })?;
                let waiting = given.expect("the fuse has ended the process");
                return Some(Input::GaveUp { waiting });
            }
            Effect::Seal => self.leave(b),
            Effect::Wake { at } => {
                let bench = &mut self.benches[b];
                bench.wake += 1;
                let (life, serial) = (bench.life, bench.wake);
                let at = (bench.begun + at - 1).max(self.now);
                let tie = self.rng.next();
                self.queue.put(
                    at,
                    tie,
                    Event::Wake {
                        bench: b,
                        life,
                        serial,
                    },
                );
            }
        }
        None
    }

    /// The numbers of a bench changed.
    pub(crate) fn renumber(&mut self, b: usize) {
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let now: Vec<_> = store
            .kept()
            .expect("a database in memory can be read")
            .into_iter()
            .map(|it| (it.place, it.device, it.number))
            .collect();
        self.witness.renumber(b, &now);
    }

    /// An answer reaches the bench.
    pub(crate) fn came(&mut self, call: &Call, answer: Answer, date: u64) {
        let b = call.bench;
        if call.life != self.benches[b].life || self.benches[b].store().is_none() {
            return;
        }
        // The page before it was not taken.
        if matches!(&call.what, What::Pull(pull) if pull.serial != self.benches[b].pulls) {
            return;
        }
        say!(self, "{} hears: {answer:?}", self.benches[b].name);
        let (lane, token, wall) = (call.lane, call.token, self.wall(b));
        if !matches!(answer, Answer::Failed(_))
            && let Some(store) = self.benches[b].store_mut()
        {
            store.correct_clock(Stamp(date), wall);
        }
        let input = match (answer, &call.what) {
            (Answer::Token(access), What::Refresh(used)) => self.refreshed(b, access, used),
            (Answer::Page(bytes), What::Pull(pull)) => self.page(b, token, &bytes, pull),
            (Answer::Outcomes(answer), What::Push(_, device, _)) => {
                self.outcomes(b, *device, &answer)
            }
            (Answer::Registered(held), What::Register(_, asked)) => self
                .with_store(b, "registered", |store| {
                    let mut asked = asked.clone();
                    for (asked, held) in asked.iter_mut().zip(held) {
                        asked.told(held.last, &held.digests.0);
                    }
                    let found = store.reopen(&asked)?;
                    Ok::<_, redtagd::cache::CacheError>((
                        store.pending().unsettled().0,
                        found.renumber,
                    ))
                })
                .map(|found| {
                    let (waiting, renumber) = found.expect("the fuse has ended the process");
                    Ok(Input::Registered { waiting, renumber })
                }),
            (Answer::Polled(seq), What::Poll(..)) => Some(Ok(Input::Polled(seq))),
            (Answer::Live(live, seq), What::Live(_)) => {
                self.benches[b].live = Some(live);
                self.after(
                    1,
                    20,
                    Event::Hint {
                        bench: b,
                        live,
                        seq,
                    },
                );
                Some(Ok(Input::LiveOpened))
            }
            (Answer::Failed(fail), What::Push(..)) => {
                if let Some(store) = self.benches[b].store_mut() {
                    store.unsend();
                }
                Some(Err(fail))
            }
            (Answer::Failed(fail), _) => Some(Err(fail)),
            (other, what) => unreachable!("{other:?} to {what:?}"),
        };
        match input {
            Some(Ok(input)) => self.step(b, input),
            Some(Err(fail)) => self.step(b, failed(lane, token, fail)),
            // The process died of it.
            None => {}
        }
    }

    fn refreshed(
        &mut self,
        b: usize,
        access: Access,
        used: &SessionId,
    ) -> Option<Result<Input, Fail>> {
        let (used, next) = (used.to_string(), access.session.to_string());
        let kept = self.with_store(b, "keep refresh", |store| {
            let present = store.meta().refresh.as_deref() == Some(used.as_str());
            if present {
                store.keep_refresh(Some(next)).is_ok()
            } else {
                false
            }
        })?;
        if !kept {
            return Some(Err(Fail::Broken("a newer sign-in has taken its place")));
        }
        self.benches[b].access = Some(access);
        let lifetime = self.weather.token_life / 1000;
        Some(Ok(Input::Refreshed { lifetime }))
    }

    fn outcomes(
        &mut self,
        b: usize,
        device: DeviceId,
        answer: &ops::Answer,
    ) -> Option<Result<Input, Fail>> {
        let now = self.wall(b);
        let decided = self.with_store(b, "answered", |store| {
            store.lazily(|store| store.answered(device, answer, now))
        })?;
        let decided = decided.expect("the fuse has ended the process");
        for numbered in &answer.outcomes {
            self.witness.decided(b, device, numbered.number);
        }
        Some(Ok(Input::Pushed {
            outcomes: decided.outcomes,
            waiting: decided.waiting,
            seq: decided.seq,
            ending: decided.ending,
        }))
    }
}

pub(crate) fn failed(lane: LaneName, token: u64, fail: Fail) -> Input {
    Input::Failed {
        lane,
        token,
        trouble: Trouble::from(fail),
    }
}
