//! The effects of a bench's machine, performed as the daemon's own hands perform them, over a
//! network that does what the weather says.

use std::{collections::VecDeque, mem};

use redtag_protocol::{
    api::{changes::Line, ops},
    ids::{DeviceId, SessionId},
    stamp::{Seq, Stamp},
};
use redtagd::{
    cache::{Page, Store},
    core::{Effect, Input, LaneName, Moment, Session, Trouble},
};

use super::{
    api::{Access, Fail},
    bench::Ground,
    checks::{self, Violation},
    poison,
    world::{Channel, Event, World, say},
};

/// A call on its way.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) bench: usize,
    pub(crate) life: u64,
    pub(crate) lane: LaneName,
    /// The token's generation.
    pub(crate) token: u64,
    pub(crate) what: What,
    /// A second copy, whose answer nobody waits for.
    pub(crate) copy: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Refresh(SessionId),
    /// With the furthest place that was acknowledged and not told of when it was asked.
    Pull(Access, Option<String>, Seq),
    Push(Access, DeviceId, Vec<u8>),
    Register(Access, DeviceId, Vec<DeviceId>),
    Live(Access),
    /// How far the shop is, once it is past a place; asked since.
    Poll(Access, Seq, u64),
}

/// What came back.
#[derive(Clone)]
pub(crate) enum Answer {
    Token(Access),
    Page(Vec<u8>),
    Outcomes(ops::Answer),
    Registered(u64, Vec<u64>),
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
            Self::Registered(last, former) => {
                write!(
                    f,
                    "registered, last number {last}, of former ones {former:?}"
                )
            }
            Self::Live(_, seq) => write!(f, "live at {seq}"),
            Self::Polled(seq) => write!(f, "polled {seq}"),
            Self::Failed(fail) => write!(f, "{fail:?}"),
        }
    }
}

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
            Effect::Pull { token } => {
                let Some(access) = self.benches[b].access else {
                    return Some(failed(LaneName::Pull, token, Fail::Unauthorized));
                };
                let cursor = self.benches[b].store()?.meta().cursor.clone();
                let acked = self.benches[b].store()?.newest_acked();
                self.send(b, LaneName::Pull, token, What::Pull(access, cursor, acked));
            }
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
                let device = store.meta().device;
                let former = store.former_devices().unwrap_or_default();
                let what = What::Register(access, device, former);
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
            // The purge of a home is the actor's; here the home stays as it is.
            Effect::Seal => {}
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

    fn send(&mut self, b: usize, lane: LaneName, token: u64, what: What) {
        let bench = &self.benches[b];
        let call = Call {
            bench: b,
            life: bench.life,
            lane,
            token,
            what,
            copy: false,
        };
        if bench.offline {
            return self.reply(call, Answer::Failed(Fail::Broken("no network")), (5, 200));
        }
        let slowest = self.weather.slowest();
        if self.weather.loses(&mut self.rng) {
            let lost = Answer::Failed(Fail::Broken("no answer in time"));
            return self.reply(call, lost, (1_000, 20_000));
        }
        if self.weather.doubles(&mut self.rng) {
            let call = Box::new(Call {
                copy: true,
                ..call.clone()
            });
            self.after(1, slowest * 2, Event::Arrive { call });
        }
        let call = Box::new(call);
        self.after(1, slowest, Event::Arrive { call });
    }

    fn reply(&mut self, call: Call, answer: Answer, (from, to): (u64, u64)) {
        if call.copy {
            return;
        }
        let (call, answer) = (Box::new(call), Box::new(answer));
        let date = self.now / 1000 * 1000;
        self.after(from, to, Event::Reply { call, answer, date });
    }

    /// The API's answer sets out.
    fn answer(&mut self, call: Call, answer: Answer) {
        if self.weather.loses(&mut self.rng) {
            say!(
                self,
                "an answer to {} is lost",
                self.benches[call.bench].name
            );
            let lost = Answer::Failed(Fail::Broken("no answer in time"));
            return self.reply(call, lost, (1_000, 20_000));
        }
        let slowest = self.weather.slowest();
        self.reply(call, answer, (1, slowest));
    }

    /// A request reaches the API.
    pub(crate) fn arrive(&mut self, call: Call) {
        let now = self.now;
        if self.api.process.is_none() {
            return self.answer(call, Answer::Failed(Fail::Dead));
        }
        if self.weather.is_busy(&mut self.rng) {
            let fail = match self.rng.below(2) {
                0 => Fail::Later(1 + self.rng.below(9)),
                _ => Fail::Broken("503"),
            };
            return self.answer(call, Answer::Failed(fail));
        }
        let answer = match &call.what {
            What::Refresh(id) => self.api.refresh(*id, now).map(Answer::Token),
            What::Register(access, device, former) => {
                let done = self.api.register(*access, *device, former, now);
                done.map(|(last, former)| Answer::Registered(last, former))
            }
            What::Push(access, _, body) => self.api.push(*access, body, now).map(|done| {
                if done.1.is_some() {
                    self.announce(self.benches[call.bench].shop);
                }
                Answer::Outcomes(done.0)
            }),
            What::Live(access) => self.open_live(&call, *access),
            What::Poll(access, after, since) => match self.api.live(*access, now) {
                Ok(seq) if seq > *after || now > since + 25_000 => Ok(Answer::Polled(seq)),
                Ok(_) => {
                    let call = Box::new(call);
                    return self.after(500, 1_500, Event::Arrive { call });
                }
                Err(fail) => Err(fail),
            },
            What::Pull(access, cursor, _) => {
                let limit = self.weather.limit(&mut self.rng);
                match self.api.pull(*access, cursor.as_deref(), (limit, now)) {
                    Ok(page) => {
                        self.serial += 1;
                        let reader = self.serial;
                        self.api.readers.insert(reader, page);
                        let (call, sent) = (Box::new(call), Vec::new());
                        return self.after(0, 3, Event::Piece { call, reader, sent });
                    }
                    Err(fail) => Err(fail),
                }
            }
        };
        self.after_api_call();
        say!(self, "API to {}: {answer:?}", self.benches[call.bench].name);
        self.answer(call, answer.unwrap_or_else(Answer::Failed));
    }

    fn open_live(&mut self, call: &Call, access: Access) -> Result<Answer, Fail> {
        let seq = self.api.live(access, self.now)?;
        if call.copy {
            return Ok(Answer::Failed(Fail::Dead));
        }
        self.serial += 1;
        let live = self.serial;
        self.channels.push(Channel {
            bench: call.bench,
            live,
            shop: access.shop,
        });
        let over = Event::LiveOver {
            bench: call.bench,
            live,
            well: true,
        };
        // It ends when the token does.
        let tie = self.rng.next();
        self.queue.put(access.until, tie, over);
        Ok(Answer::Live(live, seq))
    }

    /// The next piece of a page sets out, and perhaps does not arrive whole.
    pub(crate) fn piece(&mut self, call: Call, reader: u64, mut sent: Vec<u8>) {
        let piece = self.api.piece(reader);
        self.after_api_call();
        match piece {
            Ok(Some(piece)) => {
                sent.extend(piece);
                let call = Box::new(call);
                self.after(0, 20, Event::Piece { call, reader, sent });
            }
            // What came before the fault is sent.
            Err(_) => self.answer(call, Answer::Page(sent)),
            Ok(None) => {
                if self.weather.cuts(&mut self.rng) {
                    let cut = self.rng.index(sent.len());
                    sent.truncate(cut);
                }
                self.answer(call, Answer::Page(sent));
            }
        }
    }

    /// An answer reaches the bench.
    pub(crate) fn came(&mut self, call: &Call, answer: Answer, date: u64) {
        let b = call.bench;
        if call.life != self.benches[b].life || self.benches[b].store().is_none() {
            return;
        }
        say!(self, "{} hears: {answer:?}", self.benches[b].name);
        let (lane, token, wall) = (call.lane, call.token, self.wall(b));
        if !matches!(answer, Answer::Failed(_)) {
            if let Some(store) = self.benches[b].store_mut() {
                store.correct_clock(Stamp(date), wall);
            }
        }
        let input = match (answer, &call.what) {
            (Answer::Token(access), What::Refresh(used)) => self.refreshed(b, access, used),
            (Answer::Page(bytes), What::Pull(_, cursor, acked)) => {
                self.page(b, &bytes, (cursor.as_deref(), *acked))
            }
            (Answer::Outcomes(answer), What::Push(_, device, _)) => {
                self.outcomes(b, *device, &answer)
            }
            (Answer::Registered(last, lasts), What::Register(_, _, former)) => self
                .with_store(b, "registered", |store| {
                    let former: Vec<_> = former.iter().copied().zip(lasts).collect();
                    let found = store.reopen_above(last, &former)?;
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

    fn page(
        &mut self,
        b: usize,
        bytes: &[u8],
        (cursor, acked): (Option<&str>, Seq),
    ) -> Option<Result<Input, Fail>> {
        let mut page = Page::default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else {
                break;
            };
            let line = Line::parse(line).expect("the API writes lines that can be read");
            if page.push(line) {
                break;
            }
        }
        if !page.whole() {
            return Some(Err(Fail::Broken("the API's answer broke off")));
        }
        if page.stands_still(cursor) {
            return Some(Err(Fail::Broken("the API gives nothing further")));
        }
        let now = self.wall(b);
        let asked = self.benches[b].doubted;
        let mut doubted = asked;
        let pulled = self.with_store(b, "take", |store| {
            let page = page.prepare(store.board().forms().clone());
            let missed = store.missed(&page, acked);
            // What the API says that it has is not asked for without end.
            doubted = missed.unwrap_or(asked);
            let restored = page.restored(store.meta().cursor.as_deref()) || doubted != asked;
            if restored {
                store.doubt()?;
            }
            let pulled = store.lazily(|store| store.take(page, now))?;
            Ok::<_, redtagd::cache::CacheError>((pulled, restored))
        })?;
        self.benches[b].doubted = doubted;
        let (pulled, restored) = match pulled {
            Ok(pulled) => pulled,
            Err(error) => {
                self.violate("no page is too much", format!("{error}"));
                return Some(Err(Fail::Broken("the cache failed")));
            }
        };
        self.look_at_pulled(b);
        Some(Ok(Input::Pulled {
            seq: pulled.seq,
            more: pulled.more,
            reset: pulled.reset,
            restored,
            goes_on: false,
        }))
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

    /// Does something to a bench's cache, unless its process dies before, in or after it.
    pub(crate) fn with_store<T>(
        &mut self,
        b: usize,
        what: &str,
        work: impl FnOnce(&mut Store) -> T,
    ) -> Option<T> {
        let dies = self.rng.chance(self.weather.dies);
        let after = dies && self.rng.chance(400);
        if dies && !after {
            let commits = 1 + self.rng.below(3);
            let bench = &mut self.benches[b];
            bench.before = (what == "take").then(|| bench.mark());
            bench.fuse.arm(i64::try_from(commits).unwrap_or(1));
        }
        let bench = &mut self.benches[b];
        let done = bench.store_mut().map(work)?;
        if bench.fuse.burnt() || after {
            if after {
                bench.before = None;
            }
            say!(self, "{}: dies in “{what}”", self.benches[b].name);
            self.stop_bench(b, (50, 30_000));
            return None;
        }
        bench.fuse.arm(0);
        bench.before = None;
        Some(done)
    }

    /// A bench is switched off, for a while.
    pub(crate) fn stop_bench(&mut self, b: usize, (from, to): (u64, u64)) {
        self.benches[b].stop();
        self.channels.retain(|it| it.bench != b);
        self.after(from, to, Event::Start { bench: b });
    }

    /// A bench is switched on.
    pub(crate) fn start_bench(&mut self, b: usize) {
        if !matches!(self.benches[b].ground, Ground::Down(_)) {
            return;
        }
        let now = self.now;
        if let Err(words) = self.benches[b].start(now) {
            return self.violate("a cache always opens", words);
        }
        if let Some(before) = mem::take(&mut self.benches[b].before) {
            let after = self.benches[b].mark();
            if let Err(violation) = checks::atomic::check(&before, &after) {
                self.violations.push(violation);
            }
        }
        self.look_at_durable(b);
        say!(self, "{}: starts", self.benches[b].name);
        self.step(b, Input::Begin);
    }

    pub(crate) fn violate(&mut self, invariant: &'static str, words: String) {
        self.violations.push(Violation { invariant, words });
    }

    /// A hint reaches a bench, over a channel that may be closed by now.
    pub(crate) fn hint(&mut self, b: usize, live: u64, seq: Seq) {
        if self.benches[b].live == Some(live) && !self.benches[b].offline {
            self.step(b, Input::Hint(seq));
        }
    }

    /// A live channel ends.
    pub(crate) fn live_over(&mut self, b: usize, live: u64, well: bool) {
        self.channels.retain(|it| it.live != live);
        if self.benches[b].live != Some(live) {
            return;
        }
        self.benches[b].live = None;
        let token = 0;
        self.step(
            b,
            if well {
                Input::LiveEnded
            } else {
                failed(LaneName::Live, token, Fail::Dead)
            },
        );
    }
}

fn failed(lane: LaneName, token: u64, fail: Fail) -> Input {
    Input::Failed {
        lane,
        token,
        trouble: Trouble::from(fail),
    }
}
