//! What was opened to settle by work of this machine, told once to whoever waits for its
//! synchronisation: a script that comes a moment after the line did hears of it all the same.

use redtag_protocol::{
    api::changes::Cursor,
    entity::Entity,
    field::Writer,
    ids::DeviceId,
    inspection::Inspection,
    merge::{Fields, Write as _},
    settle::late_fields,
    stamp::Seq,
};
use serde::{Deserialize, Serialize};

use super::{CacheError, Store, meta};

/// Up to where it was told. A server that was restored counts anew.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    epoch: u64,
    seq: Seq,
}

const NAME: &str = "told";

impl Store {
    /// How many things there are to settle of which one value was written on this machine and that
    /// came about since this was last asked. Notes that they are told now.
    pub fn opened(&mut self) -> Result<u64, CacheError> {
        let cursor = self.meta.cursor.as_deref();
        let epoch = cursor.and_then(|it| it.parse::<Cursor>().ok());
        let now = Told {
            epoch: epoch.map_or(0, |it| it.epoch),
            seq: self.meta.level,
        };
        let told: Told = meta::read(&self.conn, NAME)?.unwrap_or_default();
        let since = if told.epoch == now.epoch {
            told.seq
        } else {
            Seq(0)
        };
        // Its present id and those of the past.
        let own = self.asks()?.into_iter().map(|it| it.device).collect();
        let look = Look { since, own };
        let mut count = 0;
        for key in self.open() {
            // What is on its way has opened nothing yet, whatever it looks like here.
            if let Some((_, entity)) = self.confirmed(&key)? {
                count += look.at(&entity);
            }
        }
        if told != now {
            // Lost in a power cut, it is told once more.
            self.lazily(|store| store.transact(|tx| meta::write(tx, NAME, &now)))?;
        }
        Ok(count)
    }
}

/// What counts as opened here.
struct Look {
    since: Seq,
    own: Vec<DeviceId>,
}

impl Look {
    fn at(&self, entity: &Entity) -> u64 {
        match entity {
            Entity::Customer(it) => self.fields(it, entity.deletion()),
            Entity::Vehicle(it) => self.fields(it, entity.deletion()),
            Entity::Inspection(it) => self.fields(it.as_ref(), entity.deletion()) + self.late(it),
            Entity::Shop(_) | Entity::Member(_) | Entity::Template(_) => 0,
        }
    }

    fn fields<D: Fields>(&self, document: &D, deletion: Option<&Writer>) -> u64 {
        let conflicts = document.conflicts().values();
        let fields = conflicts.filter(|it| self.counts(it.sides.iter().map(|side| &side.writer)));
        // A deletion met edits of any field: those of this machine, or it is this machine's own.
        let met = deletion.is_some_and(|it| self.counts(document.writers().chain([it])));
        fields.count() as u64 + u64::from(met)
    }

    fn late(&self, inspection: &Inspection) -> u64 {
        let fields = late_fields(inspection).into_iter().filter(|field| {
            let of = inspection
                .late
                .iter()
                .filter(|it| it.write.field() == *field);
            self.counts(of.map(|it| &it.writer))
        });
        fields.count() as u64
    }

    /// Whether this machine wrote one of them, and one of them came since.
    fn counts<'a>(&self, writers: impl Iterator<Item = &'a Writer>) -> bool {
        let (mut own, mut new) = (false, false);
        for writer in writers {
            own |= self.own.contains(&writer.device);
            new |= writer.seq.is_some_and(|seq| seq > self.since);
        }
        own && new
    }
}
