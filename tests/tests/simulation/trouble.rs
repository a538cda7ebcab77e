//! What goes wrong, or is merely done to a shop from outside its benches.

use redtag_protocol::{role::Role, stamp::Stamp, template::Template};
use redtag_server::{
    core::templates,
    jobs,
    storage::memory::{Fault, Moment},
};
use redtagd::core::State;

use super::{
    api::{Fail, ready},
    bench::{self, Bench, Ground},
    world::{Event, World, say},
};

/// Whether every restore draws a new epoch, as the operator's command does.
const ROLLS: bool = false;

const DAY: u64 = 24 * 3_600_000;

impl World {
    /// One thing goes wrong.
    pub(crate) fn trouble(&mut self) {
        let b = self.rng.index(self.benches.len());
        match self.rng.below(17) {
            0 | 1 => self.stop_if_up(b, (100, 60_000)),
            2 | 3 => self.go_offline(b),
            4..8 => self.fault_the_api(),
            8 => {
                self.api.backups.push(self.api.disk.backup());
                say!(self, "a backup is taken");
            }
            9 | 10 if self.weather.restores => self.restore(),
            11 | 12 => self.change_a_member(),
            13 => {
                let ahead = self.weather.clock(&mut self.rng);
                say!(
                    self,
                    "{}: its clock is {ahead} ms ahead now",
                    self.benches[b].name
                );
                let bench = &mut self.benches[b];
                let by = ahead - std::mem::replace(&mut bench.ahead, ahead);
                // A daemon that runs notices that its clock was set; one that starts cannot.
                if let Some(store) = bench.store_mut() {
                    store.clock_jumped(by);
                }
            }
            14 if self.weather.holidays => self.holiday(),
            15 if self.weather.clones => self.clone_home(b),
            16 => self.publish(),
            _ => {}
        }
    }

    fn stop_if_up(&mut self, b: usize, span: (u64, u64)) {
        if matches!(self.benches[b].ground, Ground::Up(_)) {
            self.stop_bench(b, span);
            let lost = self.weather.power && self.benches[b].cut_power();
            say!(
                self,
                "{}: loses power, and commits: {lost}",
                self.benches[b].name
            );
        }
    }

    fn go_offline(&mut self, b: usize) {
        say!(self, "{}: goes offline", self.benches[b].name);
        self.benches[b].offline = true;
        self.after(1_000, 200_000, Event::Online { bench: b });
    }

    /// Plans a crash of the API, or of its line to the database, at a storage step soon.
    fn fault_the_api(&mut self) {
        let fault = Fault {
            step: 1 + self.rng.below(25),
            moment: if self.rng.chance(500) {
                Moment::Before
            } else {
                Moment::After
            },
            dies: self.rng.chance(700),
        };
        say!(self, "planned for the API: {fault:?}");
        self.api.plan(Some(fault));
    }

    /// The API is down: everybody who was connected hears nothing more, and it is started again.
    pub(crate) fn api_down(&mut self) {
        say!(self, "the API is down");
        self.api.stop();
        for channel in std::mem::take(&mut self.channels) {
            let over = Event::LiveOver {
                bench: channel.bench,
                live: channel.live,
                well: false,
            };
            self.after(1, 100, over);
        }
        self.api_coming = true;
        self.after(100, 20_000, Event::ApiStart);
    }

    pub(crate) fn api_start(&mut self) {
        self.api_coming = false;
        self.api.start();
        say!(self, "the API is up");
    }

    /// The database of an older backup takes the place of the present one, by the operator's
    /// command, which rolls the epoch, or behind our back.
    fn restore(&mut self) {
        if self.api.process.is_none() {
            return;
        }
        let which = self.rng.index(self.api.backups.len());
        let backup = self.api.backups[which].clone();
        self.api_down();
        self.api.disk.restore(backup);
        let rolls = ROLLS || self.rng.chance(600);
        if rolls {
            let epoch = self.rng.next();
            self.api.disk.roll(epoch);
        }
        self.unrolled |= !rolls;
        // Later backups are of a life that was not lived.
        self.api.backups.truncate(which + 1);
        self.api.restores += 1;
        say!(self, "backup {which} is restored, epoch rolled: {rolls}");
    }

    fn change_a_member(&mut self) {
        let (shop, person) = [(0, 1), (0, 2), (1, 3)][self.rng.index(3)];
        let role = match self.rng.below(5) {
            0 => None,
            1 => Some(Role::Viewer),
            2 => Some(Role::Dispatcher),
            _ => Some(Role::Technician),
        };
        self.member(shop, person, role);
        self.after_api_call();
    }

    /// Everything is switched off for some days; the API's own work goes on.
    fn holiday(&mut self) {
        // The longer ones outlast what is remembered of deletions.
        let days = if self.rng.chance(300) {
            self.rng.between(181, 400)
        } else {
            self.rng.between(2, 60)
        };
        say!(self, "nobody works for {days} days");
        for b in 0..self.benches.len() {
            self.stop_if_up(b, (1, 2));
        }
        self.channels.clear();
        // What is on its way does not wait for so long.
        self.queue.retain(|event| {
            matches!(
                event,
                Event::Act | Event::Trouble | Event::Heal | Event::ApiStart | Event::Online { .. }
            )
        });
        self.api.readers.clear();
        let passed = days * DAY;
        self.now += passed;
        self.queue.later(passed);
        for b in 0..self.benches.len() {
            self.after(1, 60_000, Event::Start { bench: b });
        }
        let now = Stamp(self.now);
        let _ = self.api.call(|it| Ok(ready(jobs::once(&it.storage, now))?));
        self.after_api_call();
    }

    /// A home is copied, and goes on as two benches with one device id.
    fn clone_home(&mut self, b: usize) {
        if self.benches.len() >= 7 || !matches!(self.benches[b].ground, Ground::Up(_)) {
            return;
        }
        self.benches[b].stop();
        self.benches[b].unsynced = None;
        self.channels.retain(|it| it.bench != b);
        let of = &self.benches[b];
        let Ground::Down(conn) = &of.ground else {
            return;
        };
        let twin = Bench {
            name: format!("b{}", self.benches.len()),
            shop: of.shop,
            person: of.person,
            ground: Ground::Down(bench::copy(conn)),
            fresh: of.fresh.clone(),
            machine: State::new(true, true, 0, redtag_protocol::stamp::Seq(0)),
            life: 0,
            begun: self.now,
            ahead: of.ahead,
            access: None,
            live: None,
            wake: 0,
            offline: false,
            fuse: std::sync::Arc::default(),
            poison: of.poison.clone(),
            before: None,
            unsynced: None,
            place: None,
            pulls: 0,
            doubted: redtag_protocol::stamp::Seq(0),
            stamped: of.stamped,
        };
        say!(self, "{} is cloned as {}", of.name, twin.name);
        self.cloned = true;
        self.put_bench(twin);
        self.after(1, 50, Event::Start { bench: b });
    }

    /// The template's next version is published.
    fn publish(&mut self) {
        let shop = self.rng.index(self.shops.len());
        self.shops[shop].versions += 1;
        let (id, version) = (self.shops[shop].id, self.shops[shop].versions);
        let now = Stamp(self.now);
        let text = super::world::TEMPLATE.replace("Bike", &format!("Bike {version}"));
        let done = self.api.call(|it| {
            let file = Template::parse_toml(&text, "bike").map_err(|_| Fail::Broken("file"))?;
            let key = file.key.clone();
            ready(templates::import(&it.storage, id, file, now))?;
            ready(templates::publish(&it.storage, id, &key, None, now))
                .map_err(|_| Fail::Broken("not published"))?;
            Ok(())
        });
        say!(self, "template version {version} in shop {shop}: {done:?}");
        self.after_api_call();
        self.announce(shop);
    }
}
