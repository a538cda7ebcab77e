//! A conflict never loses a value: a write that had not seen another bench's write of the same field
//! is not simply applied over it.

use std::collections::BTreeMap;

use redtag_protocol::{ids::DeviceId, merge::Verdict};

use super::Violation;

/// A write of one field, as the timeline tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) seq: u64,
    pub(crate) device: DeviceId,
    /// What was seen when it was made; none where nobody knows.
    pub(crate) base: Option<u64>,
    /// Document and field.
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) verdict: Verdict,
}

pub(crate) fn check(writes: &[Written]) -> Result<(), Violation> {
    let mut standing: BTreeMap<&str, &Written> = BTreeMap::new();
    for late in writes {
        let stood = standing.get(late.field.as_str()).copied();
        // Who writes what stands there changes nothing: the first stays its writer.
        if stood.is_some_and(|it| it.value == late.value) {
            continue;
        }
        let unseen =
            |it: &Written| it.device != late.device && late.base.is_some_and(|base| it.seq > base);
        if stood.is_some_and(unseen) && late.verdict == Verdict::Applied {
            let words = format!("{late:?} was applied over {stood:?}, which it had not seen");
            return Err(Violation::new("a conflict keeps both", words));
        }
        standing.insert(&late.field, late);
    }
    Ok(())
}

pub(crate) fn can_fail() {
    let write = |seq, device: u8, base, value: &str, verdict| Written {
        seq,
        device: DeviceId::from_parts(1, [device; 10]),
        base: Some(base),
        field: "note".to_owned(),
        value: value.to_owned(),
        verdict,
    };
    let first = write(5, 1, 0, "a", Verdict::Applied);
    let fine = [
        write(6, 2, 5, "b", Verdict::Applied),
        write(6, 1, 0, "b", Verdict::Applied),
        write(6, 2, 0, "a", Verdict::Applied),
        write(6, 2, 0, "b", Verdict::ConflictKept),
    ];
    for second in fine {
        assert!(check(&[first.clone(), second]).is_ok());
    }
    let lost = write(6, 2, 0, "b", Verdict::Applied);
    assert!(check(&[first.clone(), lost]).is_err());
    // Written again by the same bench, as by a settling: what was seen of it is the first.
    let again = write(6, 1, 0, "a", Verdict::Applied);
    let seen = write(7, 2, 5, "b", Verdict::Applied);
    assert!(check(&[first, again, seen]).is_ok());
}
