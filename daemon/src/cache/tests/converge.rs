//! Two benches and a model of the API over the same rules: whatever is lost, repeated or restarted,
//! they converge, every effect happens once, and an own write never vanishes while it is pending.

use std::{collections::HashMap, sync::Arc};

use proptest::prelude::*;
use redtag_protocol::{
    api::ops::{Batch as Body, Ending},
    apply::{self, Context},
    entity::World,
    op::Operation,
    template::Template,
};

use super::*;

const POINTS: [&str; 2] = ["tyres.wear", "tyres.cuts"];
const CONDITIONS: [Condition; 3] = [Condition::Green, Condition::Yellow, Condition::Red];

/// The API as the benches know it.
struct Model {
    world: World,
    seq: u64,
    outcomes: HashMap<(DeviceId, u64), Numbered>,
    applied: u64,
}

impl Model {
    fn new() -> Self {
        let mut world = World::new();
        for line in first_page() {
            if let Line::Document(it) = line
                && let Ok(kind) = it.kind.parse()
            {
                world.insert(Arc::new(Entity::from_body(kind, it.body.get()).unwrap()));
            }
        }
        assert!(
            world
                .template(template())
                .is_some_and(|it: &Template| it.version == 1)
        );
        Self {
            world,
            seq: 10,
            outcomes: HashMap::new(),
            applied: 0,
        }
    }

    fn ticket(&self) -> Arc<Entity> {
        let key = EntityRef::Inspection(ticket(1));
        Arc::clone(self.world.entity(&key).unwrap())
    }

    fn take(&mut self, body: &[u8]) -> Answer {
        let batch: Body = serde_json::from_slice(body).unwrap();
        let mut outcomes = Vec::new();
        for raw in batch.ops {
            let op: Operation = serde_json::from_str(raw.get()).unwrap();
            let key = (batch.device, op.number);
            if let Some(known) = self.outcomes.get(&key) {
                outcomes.push(known.clone());
                continue;
            }
            if op.number > 1 && !self.outcomes.contains_key(&(batch.device, op.number - 1)) {
                let expected = op.number - 1;
                let ending = Some(Ending::Gap { expected });
                return Answer { outcomes, ending };
            }
            self.seq += 1;
            let context = Context {
                shop: shop(),
                person: me(),
                role: Role::Technician,
                device: batch.device,
                seq: Some(Seq(self.seq)),
                ticket: None,
            };
            let change = apply::apply(&self.world, &op, &context).unwrap();
            change
                .parts()
                .for_each(|(after, ..)| self.world.take(after));
            self.applied += 1;
            let outcome = accepted(op.number, self.seq);
            self.outcomes.insert(key, outcome.clone());
            outcomes.push(outcome);
        }
        Answer {
            outcomes,
            ending: None,
        }
    }
}

#[derive(Debug, Clone)]
enum Act {
    Edit(usize, usize),
    Push { answer_lost: bool },
    Pull,
    Restart,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let act = prop_oneof![
        4 => (0..POINTS.len(), 0..CONDITIONS.len()).prop_map(|(p, c)| Act::Edit(p, c)),
        3 => any::<bool>().prop_map(|answer_lost| Act::Push { answer_lost }),
        3 => Just(Act::Pull),
        1 => Just(Act::Restart),
    ];
    (0..2_usize, act)
}

fn push(bench: &mut Bench, model: &mut Model, answer_lost: bool) -> bool {
    let Some(batch) = bench.store().batch(3).unwrap() else {
        return false;
    };
    let answer = model.take(&batch.body);
    if answer_lost {
        bench.store().unsend();
    } else {
        bench
            .store()
            .answered(batch.device, &answer, Stamp(5))
            .unwrap();
    }
    true
}

fn pull(bench: &mut Bench, model: &Model) {
    let line = document(&model.ticket(), model.seq);
    bench.pull(vec![line], model.seq, false);
}

/// The own pending values stand, or stand as a side of an open conflict.
fn own_writes_show(bench: &mut Bench) {
    let shown = bench.inspection(1);
    let store = bench.store();
    let mut last = HashMap::new();
    for (_, op) in store.pending().iter() {
        if let Edit::Inspection { write, .. } = &op.operation.edit {
            last.insert(redtag_protocol::merge::Write::field(write), write.clone());
        }
    }
    for (field, write) in last {
        let InspectionWrite::Answer { point, answer } = &write else {
            panic!("{write:?}")
        };
        let stands = shown.answer(point) == answer.as_ref();
        let side = shown
            .conflicts
            .get(&field)
            .is_some_and(|it| it.sides.iter().any(|side| side.write == write));
        assert!(stands || side, "{field} is not to be seen");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_benches_converge_and_nothing_vanishes(acts in prop::collection::vec(act(), 1..40)) {
        let mut model = Model::new();
        let mut benches = [Bench::filled(), Bench::filled()];
        let second = DeviceId::from_bytes(bytes(4));
        benches[1].store().change_meta(|meta| meta.device = second).unwrap();
        let mut saved = 0;
        for (at, (which, act)) in acts.into_iter().enumerate() {
            let bench = &mut benches[which];
            match act {
                Act::Edit(point, condition) => {
                    let edit = set(POINTS[point], CONDITIONS[condition]);
                    bench.save(edit, at as u64);
                    saved += 1;
                }
                Act::Push { answer_lost } => drop(push(bench, &mut model, answer_lost)),
                Act::Pull => pull(bench, &model),
                Act::Restart => bench.reopen(),
            }
            own_writes_show(bench);
        }
        for bench in &mut benches {
            while push(bench, &mut model, false) {}
        }
        prop_assert_eq!(model.applied, saved);
        for bench in &mut benches {
            // The model sends no events: an outcome that came after the document is believed once a
            // page has come that was asked for after it.
            pull(bench, &model);
            pull(bench, &model);
            bench.reopen();
            prop_assert_eq!(&Entity::Inspection(Box::new(bench.inspection(1))), &*model.ticket());
            prop_assert_eq!(bench.store().pending().iter().count(), 0);
        }
    }
}
