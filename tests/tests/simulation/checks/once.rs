//! Effects exactly once: a number of a device has at most one event, every accepted outcome has its
//! event, and no text is written twice.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{api::ops::Outcome, event::Happening, event::What, ids::DeviceId};

use super::Violation;

const NAME: &str = "effects happen exactly once";

/// An event of a person: device, number, place in the shop's order, document. What is done to one
/// document may bring about another of its own, before it: never two of the same.
pub(crate) type Happened = (DeviceId, u64, u64, String);

/// `happened`: in the shop's order; `outcomes`: what is kept of each number; `erased`: the places
/// whose events tell nothing any more. `forgetful`: outcomes may have been forgotten since.
pub(crate) fn check(
    happened: &[Happened],
    outcomes: &[(DeviceId, u64, String)],
    erased: &BTreeSet<u64>,
    forgetful: bool,
) -> Result<(), Violation> {
    let mut by_number = BTreeMap::new();
    let mut by_document = BTreeMap::new();
    for (device, number, seq, document) in happened {
        let of = (*device, *number, document);
        if let Some(first) = by_document.insert(of, *seq) {
            let words = format!("{number} of {device} happened at {first} and at {seq}");
            return Err(Violation::new(NAME, words));
        }
        // The last is the operation's own.
        by_number.insert((*device, *number), *seq);
    }
    let mut told = BTreeSet::new();
    for (device, number, outcome) in outcomes {
        let outcome: Outcome = serde_json::from_str(outcome).expect("an outcome");
        let at = by_number.get(&(*device, *number)).copied();
        let said = match outcome {
            Outcome::Accepted { seq, .. } => Some(seq.0),
            Outcome::Refused { .. } => None,
        };
        told.insert((*device, *number));
        if said.is_some_and(|seq| erased.contains(&seq)) {
            continue;
        }
        if at != said {
            let words = format!("{number} of {device} was told {said:?} and happened at {at:?}");
            return Err(Violation::new(NAME, words));
        }
    }
    match by_number.keys().find(|it| !told.contains(it)) {
        Some((device, number)) if !forgetful => Err(Violation::new(
            NAME,
            format!("{number} of {device} happened and has no outcome"),
        )),
        _ => Ok(()),
    }
}

/// Every text is written once at one stamp, whatever device id it went under. Taking something back
/// writes an older text again, at a stamp of its own.
pub(crate) fn effects(payloads: &[&str]) -> Result<(), Violation> {
    let mut written = BTreeMap::new();
    for payload in payloads {
        let happening: Happening = serde_json::from_str(payload).expect("a happening");
        let after = match happening.what {
            What::Customer { after, .. } => serde_json::to_string(&after),
            What::Vehicle { after, .. } => serde_json::to_string(&after),
            What::Inspection { after, .. } => serde_json::to_string(&after),
            _ => continue,
        };
        let after = after.expect("it was read from text");
        let Some(token) = after.find("zz").and_then(|at| after.get(at..at + 10)) else {
            continue;
        };
        let device = happening.actor.op().map(|op| op.device);
        let first = written.insert((happening.stamp, token.to_owned()), device);
        if first.is_some_and(|first| first != device) {
            return Err(Violation::new(NAME, format!("{token} is written twice")));
        }
    }
    Ok(())
}

pub(crate) fn can_fail() {
    let device = DeviceId::from_parts(1, [1; 10]);
    let accepted = |seq: u64| {
        let text = format!(r#"{{"outcome":"accepted","verdict":"applied","seq":{seq}}}"#);
        (device, seq, text)
    };
    let at = |seq, document: &str| (device, 1, seq, document.to_owned());
    let one = [at(1, "a")];
    let none = BTreeSet::new();
    assert!(check(&one, &[accepted(1)], &none, false).is_ok());
    assert!(check(&[at(1, "a"), at(2, "a")], &[], &none, true).is_err());
    assert!(check(&[at(1, "a"), at(2, "b")], &[], &none, true).is_ok());
    assert!(check(&one, &[], &none, false).is_err());
    assert!(check(&one, &[], &none, true).is_ok());
    assert!(check(&one, &[accepted(1), accepted(2)], &none, false).is_err());
}

pub(crate) fn effects_can_fail() {
    let note = |token: &str, device: u8| {
        format!(
            r#"{{"actor":{{"person":{{"person":"{}","device":"{}","number":1}}}},"stamp":1,"entity":{{"kind":"customer","id":"{}"}},
            "verdict":"applied","what":{{"what":"customer","before":null,
            "after":{{"field":"name","name":"{token}"}}}}}}"#,
            redtag_protocol::ids::PersonId::from_parts(1, [1; 10]),
            DeviceId::from_parts(1, [device; 10]),
            redtag_protocol::ids::CustomerId::from_parts(1, [1; 10])
        )
    };
    let (one, two) = (note("zz0q000001", 1), note("zz0q000002", 1));
    assert!(effects(&[&one, &two]).is_ok());
    assert!(effects(&[&one, &two, &note("zz0q000001", 2)]).is_err());
}
