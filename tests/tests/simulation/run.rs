//! A world's life: troubles, then healing, then the reckoning.

use std::collections::BTreeSet;

use redtag_protocol::{
    api::changes::Cursor,
    entity::{EntityRef, Kind},
    event::{Actor, Happening, What},
    ids::{PersonId, ShopId},
    merge::Write as _,
    op::Edit,
};
use redtag_server::storage::{Event, memory::Content};
use redtagd::core::Session;

use super::{
    checks::{self, Violation},
    witness::Promise,
    world::{Event as Comes, World, say},
};

/// How long it may take after the healing until nothing moves any more, in milliseconds.
const PATIENCE: u64 = 40 * 60_000;
/// More than any world needs.
const MOST_EVENTS: u64 = 60_000;

/// What became of a seed.
pub(crate) struct Told {
    pub(crate) violations: Vec<Violation>,
    pub(crate) trace: Vec<String>,
    /// For the sum over all seeds.
    pub(crate) counts: Counts,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) saved: u64,
    pub(crate) events: u64,
    pub(crate) restores: u64,
    pub(crate) steps: u64,
}

/// Lives a seed through.
pub(crate) fn live(seed: u64, traced: bool) -> Told {
    redtag_server::keys::seeded::seed(Some(seed));
    let mut world = World::new(seed, traced);
    world.plan();
    let mut steps = 0;
    while world.violations.is_empty() && steps < MOST_EVENTS {
        steps += 1;
        let Some((at, event)) = world.queue.next() else {
            break;
        };
        world.now = world.now.max(at);
        world.happen(event);
        if let Some(healed) = world.healed {
            if world.is_quiet() {
                break;
            }
            if world.now > healed + PATIENCE {
                break;
            }
        }
    }
    if world.violations.is_empty() {
        world.reckon();
    }
    let events = (0..world.shops.len())
        .map(|shop| world.api.head(world.shops[shop].id).0)
        .sum();
    Told {
        violations: world.violations,
        counts: Counts {
            saved: world.witness.promises.len() as u64,
            events,
            restores: world.api.restores,
            steps,
        },
        trace: world.trace.unwrap_or_default(),
    }
}

impl World {
    fn plan(&mut self) {
        let span = self.weather.span;
        for _ in 0..self.weather.strokes {
            self.after(1, span, Comes::Act);
        }
        for _ in 0..self.weather.troubles {
            self.after(1, span, Comes::Trouble);
        }
        self.after(span, span + 1, Comes::Heal);
    }

    fn happen(&mut self, event: Comes) {
        match event {
            Comes::Act => self.act(),
            Comes::Trouble => self.trouble(),
            Comes::Wake {
                bench,
                life,
                serial,
            } => {
                let it = &self.benches[bench];
                if it.life == life && it.wake == serial {
                    self.step(bench, redtagd::core::Input::Timer);
                }
            }
            Comes::Arrive { call } => self.arrive(*call),
            Comes::Piece { call, reader, sent } => self.piece(*call, reader, sent),
            Comes::Reply { call, answer, date } => self.came(&call, *answer, date),
            Comes::Hint { bench, live, seq } => self.hint(bench, live, seq),
            Comes::LiveOver { bench, live, well } => self.live_over(bench, live, well),
            Comes::Start { bench } => self.start_bench(bench),
            Comes::ApiStart => self.api_start(),
            Comes::Online { bench } => {
                self.benches[bench].offline = false;
                if self.rng.chance(500) {
                    self.step(bench, redtagd::core::Input::NetworkChanged);
                }
            }
            Comes::SignIn { bench } => self.mend(bench),
            Comes::Heal => self.heal(),
        }
    }

    /// Nothing goes wrong from here on, and nobody edits any more.
    fn heal(&mut self) {
        say!(self, "all heals");
        self.healed = Some(self.now);
        self.weather.heal();
        self.api.plan(None);
        if self.api.process.is_none() {
            self.api_start();
        }
        self.queue
            .retain(|event| !matches!(event, Comes::Act | Comes::Trouble));
        for b in 0..self.benches.len() {
            self.benches[b].offline = false;
            self.after(1, 500, Comes::Start { bench: b });
            self.after(2_000, 4_000, Comes::SignIn { bench: b });
        }
    }

    /// Whoever is signed out signs in again, as long as the shop has a place for them.
    fn mend(&mut self, b: usize) {
        let twins = |other: &super::bench::Bench| {
            let device = |it: &super::bench::Bench| it.store().map(|it| it.meta().refresh.clone());
            device(other) == device(&self.benches[b])
        };
        let shared = self.benches.iter().filter(|it| twins(it)).count() > 1;
        if shared || *self.benches[b].machine.session() != Session::In {
            self.sign_in(b);
        }
        if self
            .healed
            .is_some_and(|healed| self.now < healed + PATIENCE)
        {
            self.after(20_000, 30_000, Comes::SignIn { bench: b });
        }
    }

    fn is_quiet(&self) -> bool {
        self.api.process.is_some()
            && self.benches.iter().all(|bench| {
                let head = self.api.head(self.shops[bench.shop].id);
                let member = self.is_member(bench);
                bench.quiet(head.0, member)
                    && (!member || self.confirms(bench) && self.of_this_life(bench))
            })
    }

    /// Whether a bench has noticed which life of the database this is: it may stand at the same
    /// number of the one before.
    fn of_this_life(&self, bench: &super::bench::Bench) -> bool {
        let cursor = bench.store().and_then(|it| it.meta().cursor.clone());
        let cursor = cursor.and_then(|it| it.parse::<Cursor>().ok());
        let id = self.shops[bench.shop].id;
        self.api.disk.look(|all| {
            let head = all.content(id).map(|it| it.head.hash);
            head.is_ok_and(|head| cursor.is_some_and(|it| it.hash == head[..8]))
        })
    }

    /// Whether a bench shows what is confirmed and nothing on top. Two homes that were one, and a
    /// database that was put back: what one handed in again may have been refused there, and the
    /// other shows it until the shop has passed its former place.
    fn confirms(&self, bench: &super::bench::Bench) -> bool {
        (self.api.restores > 0 && self.cloned) || bench.is_confirmed()
    }

    /// Whether a bench's person belongs to its shop.
    fn is_member(&self, bench: &super::bench::Bench) -> bool {
        self.belongs(self.shops[bench.shop].id, self.people[bench.person])
    }

    /// Whether a person belongs to a shop, by the document as it is stored.
    pub(crate) fn belongs(&self, shop: ShopId, person: PersonId) -> bool {
        let key = redtag_protocol::entity::EntityRef::Member(person);
        self.api.disk.look(|all| {
            let stored = all.content(shop).ok().and_then(|it| it.documents.get(&key));
            let member: Option<redtag_protocol::shop::Member> =
                stored.and_then(|it| serde_json::from_str(&it.body).ok());
            member.is_some_and(|it| !it.removed)
        })
    }

    /// After the end: every invariant over all that there is.
    fn reckon(&mut self) {
        let heads: Vec<u64> = self.shops.iter().map(|it| self.api.head(it.id).0).collect();
        for b in 0..self.benches.len() {
            let bench = &self.benches[b];
            let waiting = bench.store().map_or(u64::MAX, |store| {
                let (waiting, sent) = store.pending().unsettled();
                waiting + sent
            });
            let left = !self.is_member(bench);
            let quiet = bench.quiet(heads[bench.shop], !left) && (left || self.confirms(bench));
            let shown: Vec<_> = bench.store().map_or_else(Vec::new, |store| {
                let shown = store.pending().iter().take(3);
                shown
                    .map(|(place, op)| format!("{place}: {op:?}"))
                    .collect()
            });
            let state = format!(
                "{:?} {:?}, not confirmed: {shown:?}",
                bench.machine.session(),
                bench.machine.line()
            );
            let done = checks::drained::check(&bench.name, waiting, quiet, left, &state);
            self.violations.extend(done.err());
        }
        if !self.violations.is_empty() {
            return;
        }
        for shop in 0..self.shops.len() {
            self.reckon_shop(shop);
        }
        for b in 0..self.benches.len() {
            self.reckon_bench(b);
        }
    }

    fn reckon_shop(&mut self, shop: usize) {
        let id = self.shops[shop].id;
        let content = self.api.disk.look(|all| all.content(id).cloned());
        let content = content.expect("the shop is there");
        self.violations
            .extend(checks::chain::check(content.events.values(), content.head.hash).err());
        let offered = self.reckon_templates(shop, &content);
        self.violations.extend(offered.err());
        let lived = content.events.values().filter_map(belongings);
        self.violations.extend(checks::belongs::check(lived).err());
        let mut happened = Vec::new();
        let told = content.events.values().filter(|it| &*it.payload != "{}");
        for event in told {
            let happening: Happening =
                serde_json::from_str(&event.payload).expect("the API writes happenings");
            if let Actor::Person { device, number, .. } = happening.actor {
                happened.push((device, number, event.seq.0, happening.entity.to_string()));
            }
        }
        // Of numbers that a database has lost and given anew it is not known whose base is meant.
        if self.api.restores == 0 || !self.cloned {
            let writes = self.writes(shop, &content);
            self.violations
                .extend(checks::conflict::check(&writes).err());
        }
        let accepted: Vec<_> = content
            .outcomes
            .iter()
            .map(|((device, number), held)| (*device, *number, held.logged.outcome.to_string()))
            .collect();
        let forgetful = self.weather.holidays;
        let erased = content.events.values().filter(|it| &*it.payload == "{}");
        let erased: BTreeSet<u64> = erased.map(|it| it.seq.0).collect();
        self.violations
            .extend(checks::once::check(&happened, &accepted, &erased, forgetful).err());
        let told = content.events.values().filter(|it| &*it.payload != "{}");
        let texts: Vec<&str> = told.map(|it| &*it.payload).collect();
        // Two homes that were one, with the same edit unsent, hand it in under an id each once
        // either has to take another.
        if !forgetful && !self.cloned {
            self.violations.extend(checks::once::effects(&texts).err());
        }
        let mut refused: Vec<_> = (0..self.benches.len()).map(|b| self.refused(b)).collect();
        refused.push(self.witness.sealed.clone());
        let rows: Vec<_> = self
            .benches
            .iter()
            .map(|it| kept_rows(it, !self.is_member(it)))
            .collect();
        let promises: Vec<&Promise> = self
            .witness
            .promises
            .iter()
            .filter(|it| self.benches[it.bench].shop == shop && !it.released)
            // A person's right to be forgotten goes before everybody's edits.
            .filter(|it| erased.is_empty() || it.edit.target().kind() != Kind::Customer)
            .collect();
        let done = checks::kept::check(&promises, &happened, &texts, &refused, &rows);
        self.violations.extend(done.err());
    }

    /// Every write of a field by a plain edit, in the shop's order.
    fn writes(&self, shop: usize, content: &Content) -> Vec<checks::conflict::Written> {
        let told = content.events.values().filter(|it| &*it.payload != "{}");
        // A version of another life of the database was seen, and not the one of that number here.
        let here = |it: &Promise| {
            let stood = it
                .seen
                .map(|seen| (content.events.get(&seen.seq), seen.hash));
            stood.is_none_or(|(event, hash)| event.is_some_and(|event| event.hash[..8] == hash))
        };
        let written = |event: &Event| {
            let happening: Happening = serde_json::from_str(&event.payload).ok()?;
            let (field, value) = match &happening.what {
                What::Customer { after, .. } => (after.field(), serde_json::to_string(after)),
                What::Vehicle { after, .. } => (after.field(), serde_json::to_string(after)),
                What::Inspection { after, .. } => (after.field(), serde_json::to_string(after)),
                What::Settled { field, after, .. } => (field.clone(), Ok(after.to_string())),
                _ => return None,
            };
            let op = happening.actor.op()?;
            let promise = self
                .witness
                .promises
                .iter()
                .filter(|it| self.benches[it.bench].shop == shop)
                .find(|it| (it.device, it.number) == (op.device, op.number));
            let plain = |edit: &Edit| {
                matches!(
                    edit,
                    Edit::Customer { .. } | Edit::Vehicle { .. } | Edit::Inspection { .. }
                )
            };
            Some(checks::conflict::Written {
                seq: event.seq.0,
                device: op.device,
                // A value that somebody repeats is agreement; only texts that nobody repeats tell.
                base: promise
                    .filter(|it| plain(&it.edit) && it.token.is_some())
                    .map(|it| if here(it) { it.base } else { 0 }),
                field: format!("{} {field}", happening.entity),
                value: value.ok()?,
                verdict: happening.verdict,
            })
        };
        told.filter_map(written).collect()
    }

    fn reckon_bench(&mut self, b: usize) {
        let bench = &self.benches[b];
        let Some(store) = bench.store() else { return };
        let copies = bench.copies();
        let other = self.marks_of_others(bench.shop);
        let mut texts: Vec<Vec<u8>> = copies.values().map(|(_, body)| body.clone()).collect();
        let mut links = Vec::new();
        store
            .each_event(|seq, hash, payload| {
                links.push((seq.0, hash.to_owned()));
                texts.push(payload.to_vec());
            })
            .expect("a database in memory can be read");
        self.violations.extend(
            checks::wall::check(texts.iter().map(Vec::as_slice), &other, &bench.name).err(),
        );
        if *bench.machine.session() != Session::In {
            return;
        }
        let api = self.api_docs(bench.shop);
        self.violations
            .extend(checks::converge::check(&api, &copies, &bench.name).err());
        let id = self.shops[bench.shop].id;
        let content = self.api.disk.look(|all| all.content(id).cloned());
        let content = content.expect("the shop is there");
        self.violations
            .extend(checks::chain::same(&content.events, &links, &bench.name).err());
        let seen = |key: &(String, String)| {
            let kind = key.0.parse().ok()?;
            let id = key.1.parse::<redtag_protocol::ids::PersonId>().ok()?;
            Some(redtag_protocol::entity::EntityRef::from_parts(
                kind,
                *id.as_bytes(),
            ))
        };
        for key in copies.keys().filter_map(seen) {
            let confirmed = store.confirmed(&key).ok().flatten().map(|(_, it)| it);
            let local = store.local(&key).ok().flatten();
            if confirmed != local && bench.is_confirmed() {
                self.violations.push(Violation {
                    invariant: checks::converge::NAME,
                    words: format!(
                        "{} shows {key} other than confirmed: {local:?} for {confirmed:?}",
                        bench.name
                    ),
                });
            }
        }
    }
}

/// What an event tells of who belongs to a shop, and who acted.
fn belongings(event: &Event) -> Option<(u64, checks::belongs::Told)> {
    use checks::belongs::Told;
    let happening: Happening = serde_json::from_str(&event.payload).ok()?;
    let told = match (&happening.what, happening.entity, &happening.actor) {
        (What::Member { role, .. }, EntityRef::Member(id), _) => Told::Member(id, role.is_some()),
        (_, _, Actor::Person { person, .. }) => Told::Acts(*person),
        _ => return None,
    };
    Some((event.seq.0, told))
}

fn kept_rows(bench: &super::bench::Bench, left: bool) -> Vec<(i64, bool)> {
    let Some(store) = bench.store() else {
        return Vec::new();
    };
    let kept = store.kept().expect("a database in memory can be read");
    // A bench that may not talk to the API keeps what it has; any other must have handed it over.
    kept.iter().map(|it| (it.place, left)).collect()
}
