//! The network between benches and API, and the API's side of it.

use redtag_protocol::ids::DeviceId;
use redtagd::core::LaneName;

use super::{
    api::{Access, Fail},
    call::{Answer, Call, What},
    world::{Channel, Event, World, say},
};

/// Of how many pushes in a thousand the body takes a while.
const SLOW_BODIES: u64 = 100;

impl World {
    pub(crate) fn send(&mut self, b: usize, lane: LaneName, token: u64, what: What) {
        let bench = &self.benches[b];
        let call = Call {
            bench: b,
            life: bench.life,
            lane,
            token,
            what,
            admitted: None,
            era: self.api.lives,
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

    pub(crate) fn reply(&mut self, call: Call, answer: Answer, (from, to): (u64, u64)) {
        if call.copy {
            return;
        }
        let (call, answer) = (Box::new(call), Box::new(answer));
        let date = self.now / 1000 * 1000;
        self.after(from, to, Event::Reply { call, answer, date });
    }

    /// The API's answer sets out.
    pub(crate) fn answer(&mut self, call: Call, answer: Answer) {
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
        // A line, what came over it twice, and what was let in over it end with the process.
        let on_a_line = call.copy || call.admitted.is_some();
        let lost = on_a_line && call.era != self.api.lives;
        if lost || self.api.process.is_none() {
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
            What::Register(access, asked) => {
                let done = self.api.register(*access, asked, now);
                done.map(Answer::Registered)
            }
            What::Push(access, _, body) => {
                let admitted = match call.admitted {
                    None => self.api.admit(*access, now),
                    Some(device) => Ok(device),
                };
                match admitted {
                    // Whatever happens meanwhile, the guard has let it in.
                    Ok(device) if call.admitted.is_none() && self.rng.chance(SLOW_BODIES) => {
                        let admitted = Some(device);
                        let call = Box::new(Call { admitted, ..call });
                        return self.after(1, 3_000, Event::Arrive { call });
                    }
                    Ok(device) => self.push(call.bench, *access, (device, body)),
                    Err(fail) => Err(fail),
                }
            }
            What::Live(access) => self.open_live(&call, *access),
            What::Poll(access, after, since) => match self.api.live(*access, now) {
                Ok(seq) if seq > *after || now > since + 25_000 => Ok(Answer::Polled(seq)),
                Ok(_) => {
                    let call = Box::new(call);
                    return self.after(500, 1_500, Event::Arrive { call });
                }
                Err(fail) => Err(fail),
            },
            What::Pull(pull) => {
                let limit = self.weather.limit(&mut self.rng);
                let cursor = pull.cursor.as_deref();
                match self.api.pull(pull.access, cursor, (limit, now)) {
                    Ok(page) => {
                        self.look_at_let_in(pull.access);
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

    fn push(&mut self, b: usize, access: Access, body: (DeviceId, &[u8])) -> Result<Answer, Fail> {
        let (answer, seq) = self.api.push(access, body, self.now)?;
        if seq.is_some() {
            self.announce(self.benches[b].shop);
        }
        Ok(Answer::Outcomes(answer))
    }

    fn open_live(&mut self, call: &Call, access: Access) -> Result<Answer, Fail> {
        let seq = self.api.live(access, self.now)?;
        self.look_at_let_in(access);
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
}
