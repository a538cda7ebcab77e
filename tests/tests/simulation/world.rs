//! A world: an API, shops, people at benches, and a network between them. One seed decides all.

use redtag_protocol::{
    entity::EntityRef,
    ids::{DeviceId, PersonId, ShopId},
    role::Role,
    stamp::{Seq, Stamp},
    template::Template,
};
use redtag_server::{
    core::{
        members,
        shops::{self, Templates},
        templates,
    },
    storage::Shops as _,
};
use redtagd::{cache::Meta, core::State};

use super::{
    api::{Access, Api, ready},
    bench::{self, Bench, Ground},
    call::{Answer, Call},
    checks::Violation,
    queue::Queue,
    rng::Rng,
    weather::Weather,
    witness::Witness,
};

/// The API's clock when a world begins, in milliseconds since 1970.
pub(crate) const BEGIN: u64 = 1_800_000_000_000;

/// What is to happen.
pub(crate) enum Event {
    /// Somebody does something.
    Act,
    /// Something goes wrong.
    Trouble,
    /// A bench's timer.
    Wake {
        bench: usize,
        life: u64,
        serial: u64,
    },
    /// A request reaches the API.
    Arrive {
        call: Box<Call>,
    },
    /// The next piece of a page is sent.
    Piece {
        call: Box<Call>,
        reader: u64,
        sent: Vec<u8>,
    },
    /// An answer, or the lack of one, reaches the bench.
    Reply {
        call: Box<Call>,
        answer: Box<Answer>,
        date: u64,
    },
    Hint {
        bench: usize,
        live: u64,
        seq: Seq,
    },
    LiveOver {
        bench: usize,
        live: u64,
        well: bool,
    },
    /// A bench is switched on.
    Start {
        bench: usize,
    },
    ApiStart,
    Online {
        bench: usize,
    },
    SignIn {
        bench: usize,
    },
    Heal,
}

/// A shop as the world knows it.
pub(crate) struct Place {
    pub(crate) id: ShopId,
    /// Every document that anybody made.
    pub(crate) made: Vec<EntityRef>,
    /// Versions of its template so far.
    pub(crate) versions: u32,
}

/// An open live channel.
pub(crate) struct Channel {
    pub(crate) bench: usize,
    pub(crate) live: u64,
    pub(crate) shop: ShopId,
}

pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) rng: Rng,
    pub(crate) queue: Queue<Event>,
    pub(crate) weather: Weather,
    pub(crate) api: Api,
    pub(crate) shops: Vec<Place>,
    pub(crate) people: Vec<PersonId>,
    pub(crate) benches: Vec<Bench>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) witness: Witness,
    /// Whether the API is down and will be started.
    pub(crate) api_coming: bool,
    /// Whether a backup was restored under its old epoch.
    pub(crate) unrolled: bool,
    /// Whether a page came without one of its documents.
    pub(crate) left_out: bool,
    /// Whether a home was cloned.
    pub(crate) cloned: bool,
    pub(crate) healed: Option<u64>,
    pub(crate) tokens: u64,
    pub(crate) serial: u64,
    pub(crate) violations: Vec<Violation>,
    /// What happened, in words; nothing is kept where nobody will read it.
    pub(crate) trace: Option<Vec<String>>,
}

pub(crate) const TEMPLATE: &str = r#"
key = "bike"
name = "Bike"

[[section]]
key = "all"
label = "All"

[[section.point]]
key = "all.wear"
label = "Wear"

[[section.point]]
key = "all.pads"
label = "Pads"
kind = "measurement"
unit = "mm"
case = [{ warn = { at_most = "1.0", source = "shop" }, fail = { at_most = "0.5", source = "shop" } }]

[[section.point]]
key = "all.words"
label = "Words"
kind = "text"
"#;

macro_rules! say {
    ($world:expr, $($words:tt)*) => {
        if $world.trace.is_some() {
            let words = format!($($words)*);
            $world.say(words);
        }
    };
}
pub(crate) use say;

impl World {
    /// A new world, before anything happens.
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let mut rng = Rng::new(seed);
        let weather = Weather::draw(&mut rng);
        let api = Api::new(rng.next(), weather.token_life);
        let mut world = Self {
            now: BEGIN,
            rng,
            queue: Queue::new(),
            weather,
            api,
            shops: Vec::new(),
            people: Vec::new(),
            benches: Vec::new(),
            channels: Vec::new(),
            witness: Witness::default(),
            api_coming: false,
            unrolled: false,
            left_out: false,
            cloned: false,
            healed: None,
            tokens: 0,
            serial: 0,
            violations: Vec::new(),
            trace: traced.then(Vec::new),
        };
        world.found();
        world
    }

    /// Two shops, four people of whom one belongs to both, and their benches.
    fn found(&mut self) {
        for _ in 0..4 {
            let id = PersonId::from_parts(self.now, self.rng.bytes());
            self.people.push(id);
        }
        for name in ["A", "B"] {
            let id = self.found_shop(name);
            self.shops.push(Place {
                id,
                made: Vec::new(),
                versions: 1,
            });
        }
        // Person 0 owns both shops, so that each keeps an owner.
        for (shop, person, role) in [
            (0, 0, Role::Owner),
            (0, 1, Role::Technician),
            (0, 2, Role::Dispatcher),
            (1, 0, Role::Owner),
            (1, 3, Role::Technician),
        ] {
            self.member(shop, person, Some(role));
        }
        // One of the benches of the person in both shops has one device id in both.
        let shared = DeviceId::from_parts(self.now, self.rng.bytes());
        let own = |rng: &mut Rng| DeviceId::from_parts(BEGIN, rng.bytes());
        let device = own(&mut self.rng);
        self.add_bench(0, 1, device);
        self.add_bench(0, 0, shared);
        self.add_bench(1, 0, shared);
        if self.rng.chance(600) {
            let device = own(&mut self.rng);
            self.add_bench(0, 2, device);
        }
        if self.rng.chance(300) {
            let device = own(&mut self.rng);
            self.add_bench(0, 1, device);
        }
        if self.rng.chance(300) {
            let device = own(&mut self.rng);
            self.add_bench(1, 3, device);
        }
        self.api.backups.push(self.api.disk.backup());
    }

    fn found_shop(&mut self, name: &str) -> ShopId {
        let now = Stamp(self.now);
        let made = self.api.call(|it| {
            let id = ready(shops::create(&it.storage, name, Templates::None, now))
                .map_err(|_| super::api::Fail::Broken("no shop"))?;
            let file = Template::parse_toml(TEMPLATE, "bike").expect("a template that reads");
            let key = file.key.clone();
            ready(templates::import(&it.storage, id, file, now))?;
            ready(templates::publish(&it.storage, id, &key, None, now))
                .map_err(|_| super::api::Fail::Broken("not published"))?;
            Ok(id)
        });
        made.expect("nothing goes wrong before the world begins")
    }

    /// Makes a person a member, or ends the membership; whether it was done.
    pub(crate) fn member(&mut self, shop: usize, person: usize, role: Option<Role>) -> bool {
        let (id, who, now) = (self.shops[shop].id, self.people[person], Stamp(self.now));
        let name = format!("person {person}");
        let done = self.api.call(|it| {
            let done = match role {
                Some(role) => ready(members::put(&it.storage, id, who, &name, role, now)),
                None => ready(members::remove(&it.storage, id, who, now)),
            };
            done.map_err(|_| super::api::Fail::Broken("not done"))
        });
        say!(
            self,
            "operator: person {person} in shop {shop} is now {role:?}: {done:?}"
        );
        self.announce(shop);
        done.is_ok()
    }

    fn add_bench(&mut self, shop: usize, person: usize, device: DeviceId) {
        let access = self.sign_in_as(shop, person, device);
        let mut fresh = Meta::new(
            self.people[person],
            self.shops[shop].id,
            Role::Technician,
            device,
            vec![9; 32],
        );
        fresh.refresh = access.map(|it| it.session.to_string());
        let name = format!("b{}", self.benches.len());
        let ahead = self.weather.clock(&mut self.rng);
        self.put_bench(Bench {
            name,
            shop,
            person,
            ground: Ground::Down(bench::empty()),
            fresh,
            machine: State::new(true, true, 0, Seq(0)),
            life: 0,
            begun: self.now,
            ahead,
            access: None,
            live: None,
            wake: 0,
            offline: false,
            fuse: std::sync::Arc::default(),
            poison: std::collections::BTreeSet::default(),
            before: None,
            unsynced: None,
            place: None,
            pulls: 0,
            doubted: Seq(0),
            stamped: None,
        });
    }

    /// A bench that is switched on soon.
    pub(crate) fn put_bench(&mut self, it: Bench) {
        let bench = self.benches.len();
        self.benches.push(it);
        self.after(1, 50, Event::Start { bench });
    }

    fn sign_in_as(&mut self, shop: usize, person: usize, device: DeviceId) -> Option<Access> {
        let id = redtag_protocol::ids::SessionId::from_parts(self.now, self.rng.bytes());
        let who = (self.people[person], self.shops[shop].id, device);
        self.api.sign_in(who, id, self.now).ok()
    }

    /// A person signs in again at a bench that is there; whether it went well.
    pub(crate) fn sign_in(&mut self, b: usize) -> bool {
        let bench = &self.benches[b];
        let (shop, person) = (bench.shop, bench.person);
        let Some(device) = bench.store().map(|store| store.meta().device) else {
            return false;
        };
        let Some(access) = self.sign_in_as(shop, person, device) else {
            say!(self, "{}: signing in did not go well", self.benches[b].name);
            self.after_api_call();
            return false;
        };
        say!(self, "{}: signed in again", self.benches[b].name);
        let text = access.session.to_string();
        let kept = self.with_store(b, "sign in", |store| {
            store.change_meta(|meta| {
                meta.refresh = Some(text);
                meta.registered = true;
            })
        });
        if kept.is_some_and(|kept| kept.is_ok()) {
            self.benches[b].access = Some(access);
            let lifetime = self.weather.token_life / 1000;
            self.step(
                b,
                redtagd::core::Input::SignedIn {
                    lifetime,
                    registered: true,
                },
            );
        }
        true
    }

    /// Puts an event between `from` and `to` milliseconds from now.
    pub(crate) fn after(&mut self, from: u64, to: u64, event: Event) {
        let at = self.now + self.rng.between(from, to);
        let tie = self.rng.next();
        self.queue.put(at, tie, event);
    }

    /// Tells those who listen how far a shop is.
    pub(crate) fn announce(&mut self, shop: usize) {
        let Some(process) = &self.api.process else {
            return;
        };
        let id = self.shops[shop].id;
        let Ok(head) = ready(process.storage.head(id)) else {
            return self.after_api_call();
        };
        let listeners: Vec<(usize, u64)> = self
            .channels
            .iter()
            .filter(|it| it.shop == id)
            .map(|it| (it.bench, it.live))
            .collect();
        for (bench, live) in listeners {
            if !self.weather.loses(&mut self.rng) {
                let seq = head.seq;
                self.after(1, 40, Event::Hint { bench, live, seq });
            }
        }
    }

    /// Sees to the API after something that it may have died of.
    pub(crate) fn after_api_call(&mut self) {
        if self.api.process.is_none() && !self.api_coming {
            self.api_down();
        }
    }

    pub(crate) fn say(&mut self, words: String) {
        let at = self.now - BEGIN;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>8}.{:03}  {words}", at / 1000, at % 1000));
        }
    }
}
