//! Shops to be measured: each is a copy of the demo shop, its documents and its whole history, with
//! benches whose members fill in its inspections.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    entity::{Entity, EntityRef},
    grade::Condition,
    ids::{DeviceId, InspectionId, PersonId, PointKey, ShopId},
    inspection::{Answer, Inspection, InspectionWrite},
    lifecycle::State,
    op::{Edit, Operation, SCHEMA},
    role::Role,
    shop::Member,
    stamp::{Seq, Stamp},
    template::{Kind, Template},
};
use redtag_server::{
    core::push::{Recent, Sender},
    demo,
    storage::{Body, Changes, Head, PageLimit, Row, ShopRow, Storage, Stored},
};
use serde_json::value::{RawValue, to_raw_value};

use super::ours;
use crate::{now, random};

/// So many sequences are copied at once.
const STRETCH: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 8 << 20,
};

/// One bench of one shop: a technician who answers the points of one inspection, round after round.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    /// Who, where, with which numbers.
    pub(super) sender: Sender,
    /// What it fills in.
    pub(super) inspection: InspectionId,
    points: Vec<PointKey>,
    /// The last number that was given.
    pub(super) number: u64,
    /// How much of the shop it has seen.
    seen: Seq,
}

impl Bench {
    /// The next operations, each a stroke of its own, as they go over the wire.
    pub(super) fn operations(&mut self, count: u32) -> Result<Vec<Box<RawValue>>> {
        (0..count)
            .map(|_| Ok(to_raw_value(&self.operation()?)?))
            .collect()
    }

    /// Edits what follows on top of this.
    pub(super) fn saw(&mut self, seq: Seq) {
        self.seen = self.seen.max(seq);
    }

    /// Does one push and gives what the engine wrote and read for it.
    pub(super) async fn sample(&mut self, storage: &dyn Storage) -> Result<Sample> {
        ours::step(storage, &Recent::default(), self, 1).await?;
        let (shop, number) = (self.sender.shop, self.number);
        let key = EntityRef::Inspection(self.inspection);
        let document = storage.documents(shop, vec![key]).await?;
        let document = document.into_iter().next().flatten();
        let document = document.context("the inspection is gone")?;
        let before = Seq(document.version.0 - 1);
        let page = storage.page(shop, before, STRETCH).await?;
        let event = page.rows.into_iter().find_map(|row| match row {
            Row::Event(event) if event.seq == document.version => Some(event),
            _ => None,
        });
        let event = event.context("a change without its event")?;
        let mut transaction = storage.begin(shop).await?;
        let logged = transaction
            .outcomes(self.sender.device, number, number)
            .await?;
        let logged = logged
            .into_iter()
            .next()
            .context("a push without outcome")?;
        Ok(Sample {
            sender: self.sender,
            inspection: self.inspection,
            body: document.body,
            payload: event.payload,
            outcome: logged.outcome,
            salt: event.salt,
            hash: event.hash,
            digest: logged.digest,
        })
    }

    fn operation(&mut self) -> Result<Operation> {
        self.number += 1;
        let turn = usize::try_from(self.number)?;
        let (round, at) = (turn / self.points.len(), turn % self.points.len());
        let condition = if round.is_multiple_of(2) {
            Condition::Yellow
        } else {
            Condition::Green
        };
        Ok(Operation {
            number: self.number,
            group: self.number,
            stamp: Stamp(now()),
            base: self.seen,
            seen: None,
            schema: SCHEMA,
            edit: Edit::Inspection {
                id: self.inspection,
                write: InspectionWrite::Answer {
                    point: self.points[at].clone(),
                    answer: Some(Answer::condition(condition)),
                },
            },
        })
    }
}

/// What one accepted answer of a bench is in the database.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) sender: Sender,
    pub(super) inspection: InspectionId,
    /// Of the inspection as it is stored.
    pub(super) body: Body,
    /// Of the event.
    pub(super) payload: Body,
    /// As it is kept for replays.
    pub(super) outcome: Body,
    pub(super) salt: [u8; 16],
    pub(super) hash: [u8; 32],
    pub(super) digest: [u8; 32],
}

/// A shop's benches, with what each of them wrote first.
pub(super) struct Group {
    pub(super) benches: Vec<Bench>,
    pub(super) samples: Vec<Sample>,
}

/// The demo shop as it is read: documents and events in their order, and the head.
pub(super) struct Copy {
    rows: Vec<Row>,
    head: Head,
    shop: ShopId,
}

impl Copy {
    /// Makes the demo shop on this storage and reads it.
    pub(super) async fn read(storage: &dyn Storage) -> Result<Self> {
        let seeded = demo::seed(storage, Stamp(now()), "nobody signs in").await?;
        let mut rows = Vec::new();
        let mut after = Seq(0);
        loop {
            let page = storage.page(seeded.shop, after, STRETCH).await?;
            rows.extend(page.rows);
            after = page.upto;
            if !page.more {
                break;
            }
        }
        Ok(Self {
            rows,
            head: storage.head(seeded.shop).await?,
            shop: seeded.shop,
        })
    }

    /// Makes one more shop like it, with so many benches that have pushed once.
    pub(super) async fn group(&self, storage: &dyn Storage, count: usize) -> Result<Group> {
        let mut benches = self.make(storage, count).await?;
        let mut samples = Vec::new();
        for bench in &mut benches {
            samples.push(bench.sample(storage).await?);
        }
        Ok(Group { benches, samples })
    }

    /// Makes one more shop like it, and so many benches that each have an inspection of their own.
    async fn make(&self, storage: &dyn Storage, benches: usize) -> Result<Vec<Bench>> {
        let shop = ShopId::from_parts(now(), random()?);
        storage
            .shop_create(ShopRow {
                id: shop,
                name: "Measured Garage".to_owned(),
                created: Stamp(now()),
            })
            .await?;
        let mut copied = Copied::default();
        let mut changes = Changes::default();
        for row in &self.rows {
            match row {
                Row::Document(stored) => {
                    let stored = copied.take(stored, self.shop, shop, benches)?;
                    changes.documents.push(stored);
                }
                Row::Event(event) => {
                    let mut event = event.clone();
                    if event.key == EntityRef::Shop(self.shop) {
                        event.key = EntityRef::Shop(shop);
                    }
                    changes.events.push(event);
                }
                Row::Gone(_) => {}
            }
        }
        let mut transaction = storage.begin(shop).await?;
        transaction.write(changes).await?;
        transaction.commit(self.head).await?;
        storage.shop_ready(shop).await?;
        copied.benches(shop, self.head.seq, benches)
    }
}

/// What the benches need to know of a copy.
#[derive(Default)]
struct Copied {
    technicians: Vec<PersonId>,
    templates: Vec<Template>,
    inspections: Vec<Inspection>,
}

impl Copied {
    /// A document as it is in the copy: the shop has another id, and the inspections that are to be
    /// filled in are open again, with everything that stands in them.
    fn take(&mut self, stored: &Stored, was: ShopId, is: ShopId, benches: usize) -> Result<Stored> {
        let mut stored = stored.clone();
        match Entity::from_body(stored.key.kind(), &stored.body)? {
            Entity::Shop(mut shop) if shop.id == was => {
                shop.id = is;
                stored.key = EntityRef::Shop(is);
                stored.body = Entity::Shop(shop).to_body()?.into();
            }
            Entity::Member(Member {
                id,
                role: Role::Technician,
                ..
            }) => {
                self.technicians.push(id);
            }
            Entity::Template(template) => self.templates.push(template),
            Entity::Inspection(mut it) if self.inspections.len() < benches && whole(&it) => {
                it.state.value = State::InProgress;
                self.inspections.push((*it).clone());
                stored.body = Entity::Inspection(it).to_body()?.into();
            }
            _ => {}
        }
        Ok(stored)
    }

    fn benches(self, shop: ShopId, seen: Seq, count: usize) -> Result<Vec<Bench>> {
        ensure!(
            self.inspections.len() == count,
            "the demo shop has only {} inspections that are filled in",
            self.inspections.len()
        );
        let technicians = self.technicians.iter().cycle();
        self.inspections
            .iter()
            .zip(technicians)
            .map(|(inspection, person)| {
                let id = inspection.template.id;
                let template = self.templates.iter().find(|it| it.id == id);
                let template = template.context("an inspection without its template")?;
                Ok(Bench {
                    sender: Sender {
                        person: *person,
                        shop,
                        device: DeviceId::from_parts(now(), random()?),
                    },
                    inspection: inspection.id,
                    points: conditions(template),
                    number: 0,
                    seen,
                })
            })
            .collect()
    }
}

/// Whether an inspection is of the large template and most of it is answered.
fn whole(inspection: &Inspection) -> bool {
    inspection.template.key.as_str() == "vehicle-multipoint" && inspection.results.len() >= 40
}

fn conditions(template: &Template) -> Vec<PointKey> {
    let points = template.points();
    let conditions = points.filter(|(_, point)| matches!(point.kind, Kind::Condition));
    conditions.map(|(_, point)| point.key.clone()).collect()
}
