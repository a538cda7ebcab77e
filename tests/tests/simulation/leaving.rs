//! The end of a membership at a bench, as the daemon's actor takes it: what is unsent is sealed, the home
//! is purged, and another begins when the person signs in again.

use redtag_protocol::ids::DeviceId;
use redtagd::core::Session;

use super::{
    bench::{self, Ground},
    world::{World, say},
};

impl World {
    /// Seals and purges, where the membership has ended.
    pub(crate) fn leave(&mut self, b: usize) {
        // A database that was put back may only have forgotten the person. Whether it was is told by the
        // epoch, which is not what is tried here.
        let gone = matches!(self.benches[b].machine.session(), Session::Left(_));
        if self.weather.restores || !gone {
            return;
        }
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let export = store
            .export(None)
            .expect("a database in memory can be read");
        let text = export.text().expect("it can be written");
        let text: serde_json::Value = serde_json::from_str(&text).expect("it can be read");
        let strokes = text["strokes"].as_array().into_iter().flatten();
        let sealed: Vec<(u64, u64)> = strokes
            .filter_map(|stroke| stroke["operations"].as_array())
            .flatten()
            .filter_map(|it| Some((it["number"].as_u64()?, it["stamp"].as_u64()?)))
            .collect();
        say!(
            self,
            "{}: the membership has ended; {} edits are sealed and the home is purged",
            self.benches[b].name,
            sealed.len()
        );
        self.witness.purged(b, &sealed);
        let device = DeviceId::from_parts(self.now, self.rng.bytes());
        self.stop_bench(b, (1, 50));
        let bench = &mut self.benches[b];
        bench.ground = Ground::Down(bench::empty());
        bench.fresh.device = device;
        bench.fresh.refresh = None;
        bench.poison.clear();
        bench.before = None;
        bench.unsynced = None;
        bench.stamped = None;
    }
}
