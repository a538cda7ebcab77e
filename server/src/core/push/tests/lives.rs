//! Edits whose author looked at another life of the database.

use redtag_protocol::{
    api::{
        devices::short,
        ops::{Answer, Outcome},
    },
    op::{Edit, Operation, Place, Verdict},
};
use serde_json::value::to_raw_value;

use super::*;
use crate::core::{
    push::Recent,
    tests::{Bench, note as note_of},
};

/// A bench's next edit, made at a copy that stood there.
fn op(bench: &mut Bench, base: Seq, seen: Option<Place>, edit: Edit) -> Box<RawValue> {
    let plain = bench.op(base, edit);
    let operation: Operation = serde_json::from_str(plain.get()).unwrap();
    to_raw_value(&Operation { seen, ..operation }).unwrap()
}

async fn place(stage: &Stage, seq: Seq) -> Place {
    let hash = stage.storage.hash_at(stage.shop, seq).await.unwrap();
    Place {
        seq,
        hash: short(&hash.unwrap()),
    }
}

fn verdict(answer: &Answer, at: usize) -> Verdict {
    match &answer.outcomes[at].outcome {
        Outcome::Accepted { verdict, .. } => *verdict,
        refused @ Outcome::Refused { .. } => unreachable!("{refused:?}"),
    }
}

#[tokio::test]
async fn what_was_seen_in_another_life_does_not_hide_a_conflict() {
    let stage = Stage::new().await;
    let (mut here, mut there) = (stage.bench(stage.technician), stage.bench(stage.technician));
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        here.op(Seq(0), vehicle(car)),
        here.op(Seq(0), inspection(id, stage.template, car)),
        here.op(Seq(0), bay(id, "theirs")),
    ];
    stage.push(&here, &ops).await;
    let head = stage.seq().await;
    let sound = place(&stage, head).await;
    let strange = Place {
        hash: [7; 8],
        ..sound
    };
    let beyond = Place {
        seq: Seq(head.0 + 100),
        ..sound
    };
    let early = place(&stage, Seq(head.0 - 1)).await;
    // The number alone fits each time. What this process remembers and what it must read decide
    // the same.
    for strange in [strange, beyond, early] {
        for recent in [&stage.recent, &Recent::default()] {
            let mut there = stage.bench(stage.technician);
            let ops = [op(&mut there, head, Some(strange), bay(id, "mine"))];
            let sender = there.sender;
            let pushed = push(&stage.storage, recent, sender, &ops, NOW).await;
            assert_eq!(verdict(&pushed.unwrap().answer, 0), Verdict::ConflictKept);
        }
    }
    assert!(stage.inspection(id).await.conflicts.contains_key("bay"));
    let sound = place(&stage, stage.seq().await).await;
    let note = "seen in this life";
    let ops = [
        op(&mut there, sound.seq, Some(sound), note_of(id, note)),
        op(
            &mut there,
            sound.seq,
            None,
            note_of(id, "an author who does not say"),
        ),
    ];
    let answer = stage.push(&there, &ops).await;
    assert_eq!(
        (verdict(&answer, 0), verdict(&answer, 1)),
        (Verdict::Applied, Verdict::Applied)
    );
}
