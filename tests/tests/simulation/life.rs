//! The lives of a bench's process: its calls of the cache, its deaths and starts.

use std::mem;

use redtag_protocol::stamp::Seq;
use redtagd::{
    cache::Store,
    core::{Input, LaneName},
};

use super::{
    api::Fail,
    bench::Ground,
    checks::{self, Violation},
    hands::failed,
    world::{Event, World, say},
};

/// At how many calls in a thousand the disk is noted as a power cut may leave it.
const KEEPS: u64 = 150;

impl World {
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
        let keeps = self.weather.power && self.rng.chance(KEEPS);
        let bench = &mut self.benches[b];
        let disk = keeps.then(|| bench.disk_before()).flatten();
        let done = bench.store_mut().map(work)?;
        bench.note_commits(disk);
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
        // It may have died of a fork that was committed.
        self.renumber(b);
        self.look_at_durable(b);
        say!(self, "{}: starts", self.benches[b].name);
        self.step(b, Input::Begin);
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

    pub(crate) fn violate(&mut self, invariant: &'static str, words: String) {
        self.violations.push(Violation { invariant, words });
    }
}
