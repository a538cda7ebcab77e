//! Programs that are killed at random moments, again and again, on a line that does what bad lines
//! do. `REDTAG_POINTS` says how many deaths; without it they are so many that both engines together
//! make two hundred.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Result, ensure};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{Reply, Request},
    role::Role,
};
use redtag_tests::harness::{Device, Ground, Proxy, Stack, eventually, note};

use crate::{
    story::{Story, stories},
    support::{Moments, after, at_random, notes, points},
};

pub(crate) const STORIES: &[Story] = stories![deaths_at_random_lose_and_double_nothing];

/// On each engine.
const POINTS: u64 = 100;

/// A bench, its line, and what it was told is saved.
struct Bench {
    device: Device,
    line: Proxy,
    saved: Vec<String>,
}

impl Bench {
    fn new(stack: &Stack, name: &str, role: Role) -> Result<Self> {
        let line = Proxy::before(stack.address())?;
        let device = stack.bench_at(name, role, &line.url())?;
        let saved = Vec::new();
        Ok(Self {
            device,
            line,
            saved,
        })
    }

    /// A few notes, each on its own; what the daemon's death cuts off was not called saved.
    fn write(&mut self, tickets: &[InspectionId], round: u64, moments: &mut Moments) -> Result<()> {
        let mut client = self.device.client()?;
        for count in 0..=moments.below(4) {
            let which = tickets[usize::try_from(moments.below(tickets.len() as u64))?];
            let text = format!("{} round {round} note {count}", self.line.url());
            let edits = vec![note(which, "lights.horn", &text)?];
            if let Ok(Reply::Saved { .. }) = client.ask(Request::Edit { edits })? {
                self.saved.push(text);
            }
        }
        Ok(())
    }

    /// What bad lines do.
    fn weather(&self, moments: &mut Moments) {
        match moments.below(10) {
            0 => self.line.cut(),
            1 => self.line.silence(),
            2 => self
                .line
                .cut_after(usize::try_from(moments.below(6_000)).unwrap_or(0)),
            3 => self.line.lose_answer_to("POST"),
            4 => self.line.lose_answer_to("GET"),
            5 => self.line.delay(Duration::from_millis(moments.below(30))),
            6 => self
                .line
                .cut_answers_after(usize::try_from(moments.below(6_000)).unwrap_or(0)),
            7 => self.line.repeat_answer(),
            _ => {
                self.line.delay(Duration::ZERO);
                self.line.restore();
            }
        }
    }

    /// Every note that was called saved is in the timeline here, at once.
    fn keeps(&self, tickets: &[InspectionId]) -> Result<()> {
        let mut client = self.device.client()?;
        let mut here = BTreeMap::new();
        for id in tickets {
            let Reply::Timeline(entries) = client.must(Request::Timeline { id: *id })? else {
                anyhow::bail!("a timeline was expected");
            };
            here.extend(notes(
                entries.iter().filter_map(|entry| entry.happening.as_ref()),
            ));
        }
        for text in &self.saved {
            ensure!(
                here.contains_key(text),
                "“{text}” was called saved and is gone"
            );
        }
        Ok(())
    }
}

fn deaths_at_random_lose_and_double_nothing(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let mut stack = Stack::on(ground)?;
        let mut one = Bench::new(&stack, "one", Role::Technician)?;
        let mut two = Bench::new(&stack, "two", Role::Dispatcher)?;
        let mut tickets = Vec::new();
        for (bench, plate) in [(&one, "TORTURE 1"), (&two, "TORTURE 2")] {
            let id = bench.device.new_inspection(plate)?;
            bench.device.client()?.start(id)?;
            bench.device.settled()?;
            tickets.push(id);
        }
        for bench in [&one, &two] {
            for id in &tickets {
                bench.device.sees(*id, "the other’s ticket", |_| true)?;
            }
        }
        for round in 0..points(POINTS)? {
            one.weather(&mut moments);
            two.weather(&mut moments);
            one.write(&tickets, round, &mut moments)?;
            two.write(&tickets, round, &mut moments)?;
            if moments.below(2) == 0 {
                // Not waited for: whoever asked may be dead before the answer.
                one.device.client()?.send(Request::Sync { wait: false })?;
                two.device.client()?.send(Request::Sync { wait: false })?;
            }
            after(Duration::from_micros(moments.below(60_000)));
            match moments.below(3) {
                0 => {
                    one.device.kill()?;
                    one.device.start()?;
                    one.keeps(&tickets)?;
                }
                1 => {
                    two.device.kill()?;
                    two.device.start()?;
                    two.keeps(&tickets)?;
                }
                _ => {
                    stack.kill()?;
                    stack.start()?;
                }
            }
        }
        for bench in [&one, &two] {
            bench.line.delay(Duration::ZERO);
            bench.line.restore();
            bench.device.client()?.send(Request::Sync { wait: false })?;
        }
        one.device.settled()?;
        two.device.settled()?;
        let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
        let mut there = BTreeMap::new();
        for id in &tickets {
            for (text, times) in notes(copy.events_of(*id)) {
                *there.entry(text).or_insert(0) += times;
            }
        }
        for text in one.saved.iter().chain(&two.saved) {
            assert_eq!(there.get(text), Some(&1), "{text}");
        }
        for id in &tickets {
            let theirs = copy.inspection(*id)?;
            for bench in [&one, &two] {
                eventually("both benches with what the API has", || {
                    let view = bench.device.client()?.find(&id.to_string())?;
                    ensure!(view.inspection == theirs, "{:?}", view.version);
                    Ok(())
                })?;
            }
        }
        Ok(())
    })
}
