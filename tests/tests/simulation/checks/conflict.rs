//! A conflict never loses a value: a write that had not seen another bench's write of the same field
//! is not simply applied over it.

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
    for (place, late) in writes.iter().enumerate() {
        let Some(base) = late.base else { continue };
        // The last before it is the one that stood.
        let before = writes.get(..place).unwrap_or_default();
        let stood = before.iter().rev().find(|it| it.field == late.field);
        let blind = stood
            .is_some_and(|it| it.seq > base && it.device != late.device && it.value != late.value);
        if blind && late.verdict == Verdict::Applied {
            let words = format!("{late:?} was applied over {stood:?}, which it had not seen");
            return Err(Violation::new("a conflict keeps both", words));
        }
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
    assert!(check(&[first, lost]).is_err());
}
