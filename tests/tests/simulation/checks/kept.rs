//! Every edit that was ever called saved is in the API's timeline, or in quarantine at its bench, or
//! still at a bench that may not talk to the API any more, or was sealed when a membership ended.

use super::{Violation, once::Happened};
use crate::witness::Promise;

/// `happened`: device, number, place of the API's events; `texts`: their payloads; `refused`: number
/// and stamp of what lies in each bench's quarantine, and of what was sealed; `rows`: the places in each bench's outbox, and
/// whether they may wait there for ever.
pub(crate) fn check(
    promises: &[&Promise],
    happened: &[Happened],
    texts: &[&str],
    refused: &[Vec<(u64, u64)>],
    rows: &[Vec<(i64, bool)>],
) -> Result<(), Violation> {
    for promise in promises {
        let accepted = happened
            .iter()
            .any(|(device, number, ..)| (*device, *number) == (promise.device, promise.number));
        // At its own bench, or at a clone of that home, which may have handed the same in first.
        let told = (promise.number, promise.stamp.0);
        let refused = refused.iter().any(|it| it.contains(&told));
        // Another home has begun at its bench since it was purged.
        let waits = !promise.purged
            && rows
                .get(promise.bench)
                .is_some_and(|it| it.contains(&(promise.place, true)));
        if !(accepted || refused || waits) {
            return Err(lost(promise, "is nowhere"));
        }
        if accepted
            && !waits
            && !refused
            && let Some(token) = written(promise)
        {
            let told = texts.iter().any(|text| text.contains(token));
            if !told {
                return Err(lost(promise, "was accepted and its text is in no event"));
            }
        }
    }
    Ok(())
}

/// The text, where the edit writes a field: creations have none in their event.
fn written(promise: &Promise) -> Option<&str> {
    promise.token.as_deref().filter(|_| !promise.edit.creates())
}

fn lost(promise: &Promise, how: &str) -> Violation {
    Violation::new(
        "what was saved is kept",
        format!(
            "{} of bench {} (now {} of {}) {how}: {:?}",
            promise.place, promise.bench, promise.number, promise.device, promise.edit
        ),
    )
}

pub(crate) fn can_fail() {
    use redtag_protocol::{
        customer::CustomerWrite,
        ids::{CustomerId, DeviceId},
        op::Edit,
        stamp::Stamp,
    };
    let device = DeviceId::from_parts(1, [1; 10]);
    let promise = Promise {
        bench: 0,
        place: 4,
        device,
        number: 2,
        stamp: Stamp(9),
        base: 0,
        seen: None,
        edit: Edit::Customer {
            id: CustomerId::from_parts(1, [1; 10]),
            write: CustomerWrite::Name {
                name: "zz0q000001".to_owned(),
            },
        },
        token: Some("zz0q000001".to_owned()),
        decided: true,
        released: false,
        purged: false,
    };
    let it = [&promise];
    let none = vec![Vec::new()];
    let text = ["zz0q000001"];
    let happened = [(device, 2, 7, "a".to_owned())];
    assert!(check(&it, &happened, &text, &none, &[Vec::new()]).is_ok());
    assert!(check(&it, &[], &[], &[vec![(2, 9)]], &[Vec::new()]).is_ok());
    assert!(check(&it, &[], &[], &none, &[vec![(4, true)]]).is_ok());
    assert!(check(&it, &[], &[], &none, &[vec![(4, false)]]).is_err());
    assert!(check(&it, &[], &[], &[vec![(2, 8)]], &[Vec::new()]).is_err());
    let purged = Promise {
        purged: true,
        ..promise.clone()
    };
    assert!(check(&[&purged], &[], &[], &none, &[vec![(4, true)]]).is_err());
    assert!(check(&it, &happened, &["{}"], &none, &[Vec::new()]).is_err());
}
