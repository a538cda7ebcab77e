//! Effects exactly once: a number of a device has at most one event, every accepted outcome has its
//! event, and no text is written twice.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{api::ops::Outcome, event::Happening, event::What, ids::DeviceId};

use super::Violation;

const NAME: &str = "effects happen exactly once";

/// `happened`: device, number and place of every event of a person; `outcomes`: what is kept of
/// each number. `forgetful`: outcomes may have been forgotten since.
pub(crate) fn check(
    happened: &[(DeviceId, u64, u64)],
    outcomes: &[(DeviceId, u64, String)],
    forgetful: bool,
) -> Result<(), Violation> {
    let mut by_number = BTreeMap::new();
    for (device, number, seq) in happened {
        if let Some(first) = by_number.insert((*device, *number), *seq) {
            let words = format!("{number} of {device} happened at {first} and at {seq}");
            return Err(Violation::new(NAME, words));
        }
    }
    let mut told = BTreeSet::new();
    for (device, number, outcome) in outcomes {
        let outcome: Outcome = serde_json::from_str(outcome).expect("an outcome");
        let at = by_number.get(&(*device, *number)).copied();
        let said = match outcome {
            Outcome::Accepted { seq, .. } => Some(seq.0),
            Outcome::Refused { .. } => None,
        };
        if at != said {
            let words = format!("{number} of {device} was told {said:?} and happened at {at:?}");
            return Err(Violation::new(NAME, words));
        }
        told.insert((*device, *number));
    }
    match by_number.keys().find(|it| !told.contains(it)) {
        Some((device, number)) if !forgetful => Err(Violation::new(
            NAME,
            format!("{number} of {device} happened and has no outcome"),
        )),
        _ => Ok(()),
    }
}

/// Every text is written by one event only, whatever number it went under.
pub(crate) fn effects(payloads: &[&str]) -> Result<(), Violation> {
    let mut written = BTreeSet::new();
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
        if !written.insert(token.to_owned()) {
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
    let one = [(device, 1, 1)];
    assert!(check(&one, &[accepted(1)], false).is_ok());
    assert!(check(&[(device, 1, 1), (device, 1, 2)], &[], true).is_err());
    assert!(check(&one, &[], false).is_err());
    assert!(check(&one, &[], true).is_ok());
    assert!(check(&one, &[accepted(1), accepted(2)], false).is_err());
}

pub(crate) fn effects_can_fail() {
    let note = |token: &str| {
        format!(
            r#"{{"actor":"operator","stamp":1,"entity":{{"kind":"customer","id":"{}"}},
            "verdict":"applied","what":{{"what":"customer","before":null,
            "after":{{"field":"name","name":"{token}"}}}}}}"#,
            redtag_protocol::ids::CustomerId::from_parts(1, [1; 10])
        )
    };
    let (one, two) = (note("zz0q000001"), note("zz0q000002"));
    assert!(effects(&[&one, &two]).is_ok());
    assert!(effects(&[&one, &two, &one]).is_err());
}
