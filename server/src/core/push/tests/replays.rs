//! Each number is decided once and for ever, however often and in whatever pieces it comes.

use redtag_protocol::{
    api::ops::{Ending, Numbered, Outcome},
    entity::Kind,
    lifecycle::{State, Verb},
    op::Edit,
    stamp::{Seq, Stamp},
};
use serde_json::value::RawValue;

use crate::{
    core::{
        push::{Recent, push},
        tests::{
            Bench, NOW, Stage, accepted, bay, customer, go, inspection, new_customer,
            new_inspection, new_vehicle, note, vehicle,
        },
    },
    storage::{Shops as _, conformance::Place as _},
};

/// Numbers from a seed, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

/// Some groups of edits, right and wrong ones.
fn story(stage: &Stage, bench: &mut Bench, dice: &mut Dice) -> Vec<Vec<Box<RawValue>>> {
    let mut cars = vec![new_vehicle()];
    let mut tickets = vec![new_inspection()];
    let first = bench.number + 1;
    let mut groups = vec![vec![
        bench.grouped(first, Seq(0), vehicle(cars[0])),
        bench.grouped(
            first,
            Seq(0),
            inspection(tickets[0], stage.template, cars[0]),
        ),
    ]];
    for _ in 0..60 {
        let group = bench.number + 1;
        let size = 1 + dice.below(3);
        let mut ops = Vec::new();
        for _ in 0..size {
            let ticket = tickets[dice.below(tickets.len())];
            let edit: Edit = match dice.below(8) {
                0 => {
                    cars.push(new_vehicle());
                    vehicle(cars[cars.len() - 1])
                }
                1 => {
                    tickets.push(new_inspection());
                    let car = cars[dice.below(cars.len())];
                    inspection(tickets[tickets.len() - 1], stage.template, car)
                }
                2 => customer(new_customer(), ["", "A", "B", "C"][dice.below(4)]),
                3 => go(ticket, Verb::Start, State::Draft),
                4 => go(ticket, Verb::Submit, State::InProgress),
                5 => note(ticket, &dice.below(1_000).to_string()),
                _ => bay(ticket, &dice.below(1_000).to_string()),
            };
            ops.push(bench.grouped(group, Seq(0), edit));
        }
        groups.push(ops);
    }
    groups
}

fn plain(outcomes: &[Numbered]) -> Vec<(u64, Outcome)> {
    let outcomes = outcomes.iter();
    outcomes.map(|it| (it.number, it.outcome.clone())).collect()
}

#[tokio::test]
async fn any_cuts_and_repeats_end_alike() {
    for seed in 0..6 {
        let stage = Stage::new().await;
        let mut dice = Dice(seed);
        let mut bench = stage.bench(stage.technician);
        let groups = story(&stage, &mut bench, &mut dice);
        let begun = stage.seq().await;
        let mut decided: Vec<(u64, Outcome)> = Vec::new();
        let mut sent = 0;
        while sent < groups.len() {
            // From somewhere in what is known already, to somewhere in what is not.
            let from = sent - dice.below(sent + 1);
            let to = sent + 1 + dice.below(groups.len() - sent);
            let ops: Vec<_> = groups[from..to].concat();
            let answer = stage.push(&bench, &ops).await;
            assert_eq!(answer.ending, None);
            let known = groups[from..sent].concat().len();
            for (place, numbered) in answer.outcomes.iter().enumerate() {
                assert_eq!(numbered.replayed, place < known);
            }
            let outcomes = plain(&answer.outcomes);
            assert_eq!(outcomes[..known], decided[decided.len() - known..]);
            decided.extend_from_slice(&outcomes[known..]);
            sent = to;
        }
        let seqs = decided.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Accepted { seq, .. } => Some(seq.0),
            Outcome::Refused { .. } => None,
        });
        let seqs: Vec<u64> = seqs.collect();
        assert!(seqs.len() > 20 && seqs.len() < decided.len(), "seed {seed}");
        let end = stage.seq().await;
        assert!(seqs.iter().copied().eq(begun.0 + 1..=end.0), "seed {seed}");

        // And once more from the beginning.
        let whole: Vec<_> = groups.concat();
        let answer = stage.push(&bench, &whole).await;
        assert_eq!(plain(&answer.outcomes), decided);
        assert_eq!(stage.seq().await, end);
    }
}

#[tokio::test]
async fn a_lost_answer_changes_nothing_after_a_restart() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [
        bench.op(Seq(0), vehicle(new_vehicle())),
        bench.op(Seq(0), vehicle(new_vehicle())),
    ];
    let first = stage.push(&bench, &ops).await;
    let Stage {
        here,
        storage,
        shop,
        ..
    } = stage;
    drop(storage);
    let storage = here.open().await;
    let later = Stamp(NOW.0 + 86_400_000);
    let again = push(&storage, &Recent::default(), bench.sender, &ops, later)
        .await
        .unwrap();
    assert_eq!(plain(&again.answer.outcomes), plain(&first.outcomes));
    assert!(again.answer.outcomes.iter().all(|it| it.replayed));
    assert_eq!(storage.list(shop, Kind::Vehicle).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_cloned_device_is_noticed_at_its_first_own_edit() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let common = bench.op(Seq(0), vehicle(new_vehicle()));
    let mut clone = bench.clone();
    let own = [common.clone(), bench.op(Seq(0), vehicle(new_vehicle()))];
    assert_eq!(accepted(&stage.push(&bench, &own).await), 2);
    let cloned = [
        common,
        clone.op(Seq(0), vehicle(new_vehicle())),
        clone.op(Seq(0), vehicle(new_vehicle())),
    ];
    let before = stage.seq().await;
    let answer = stage.push(&clone, &cloned).await;
    assert_eq!(answer.outcomes.len(), 1);
    assert!(answer.outcomes[0].replayed);
    assert_eq!(answer.ending, Some(Ending::DeviceForked { at: 2 }));
    assert_eq!(stage.seq().await, before, "nothing was applied");
}

#[tokio::test]
async fn a_number_whose_outcome_is_forgotten_is_not_decided_again() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    stage.push(&bench, &ops).await;
    let end = Stamp(NOW.0 + 1);
    stage
        .storage
        .forget_outcomes(stage.shop, end, 10)
        .await
        .unwrap();
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(answer.outcomes, []);
    assert_eq!(answer.ending, Some(Ending::DeviceForked { at: 1 }));
    assert_eq!(stage.count(Kind::Vehicle).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_batch_twice_at_once_is_decided_once() {
    let stage = std::sync::Arc::new(Stage::new().await);
    let mut bench = stage.bench(stage.technician);
    let ops: Vec<_> = (0..200)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    let racers = [(); 3].map(|()| {
        let (stage, bench, ops) = (stage.clone(), bench.clone(), ops.clone());
        tokio::spawn(async move { plain(&stage.push(&bench, &ops).await.outcomes) })
    });
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    assert_eq!(answers[0].len(), 200);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(stage.count(Kind::Vehicle).await, 200);
}
