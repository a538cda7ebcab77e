//! Operations as a bench with a fault would send them: bytes that carry their number and that the
//! API must refuse, alone, whatever they are. The same bytes at every try.

use redtag_protocol::{api::ops::Batch, op::Operation};
use serde_json::value::RawValue;

use super::bench::Bench;

/// Spoils those operations of a batch that are marked.
pub(crate) fn spoil(body: Vec<u8>, bench: &Bench) -> Vec<u8> {
    if bench.poison.is_empty() {
        return body;
    }
    let Some(store) = bench.store() else {
        return body;
    };
    let mut batch: Batch = serde_json::from_slice(&body).expect("the cache writes a batch");
    for raw in &mut batch.ops {
        let operation: Operation = serde_json::from_str(raw.get()).expect("an operation");
        let place = store.pending().place(batch.device, operation.number);
        if let Some(place) = place.filter(|place| bench.poison.contains(place)) {
            *raw = garbage(&operation, place);
        }
    }
    serde_json::to_vec(&batch).expect("a batch")
}

fn garbage(operation: &Operation, place: i64) -> Box<RawValue> {
    let (number, group) = (operation.number, operation.group);
    let text = match place % 5 {
        0 => format!(r#"{{"number":{number},"group":{group},"edit":{{"do":"teleport"}}}}"#),
        1 => format!(r#"{{"number":{number},"group":{group}}}"#),
        2 => format!(r#"{{"number":{number},"group":{group},"stamp":"noon","base":[],"edit":7}}"#),
        3 => format!(
            r#"{{"number":{number},"group":{group},"edit":"{}"}}"#,
            "x".repeat(20_000)
        ),
        _ => format!(
            r#"{{"number":{number},"group":{group},"edit":{}1{}}}"#,
            "[".repeat(200),
            "]".repeat(200)
        ),
    };
    RawValue::from_string(text).expect("JSON, of a kind")
}
