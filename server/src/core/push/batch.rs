//! Reads a batch as far as it can be read.

use redtag_protocol::{
    api::ops::Ending,
    op::{MAX_BATCH, MAX_BATCH_BYTES, MIN_SCHEMA, Operation, Refusal, RefusalCode, SCHEMA},
    text,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::PushError;

/// One operation that has at least a number.
pub(super) struct Received {
    pub(super) number: u64,
    /// Neighbours with the same group stand or fall together.
    pub(super) group: u64,
    pub(super) digest: [u8; 32],
    /// Or why it cannot be read; that uses its number up all the same.
    pub(super) operation: Result<Operation, Refusal>,
}

/// The operations up to the first that ends the batch, and how it ends there.
pub(super) struct Batch {
    pub(super) operations: Vec<Received>,
    pub(super) ending: Option<Ending>,
}

/// What is read first, leniently: enough to know the operation by.
#[derive(Deserialize)]
struct Header {
    number: u64,
    group: Option<u64>,
    schema: Option<u16>,
}

/// Reads the operations in the order they came.
pub(super) fn read(ops: &[Box<RawValue>]) -> Result<Batch, PushError> {
    let bytes: usize = ops.iter().map(|op| op.get().len()).sum();
    if ops.len() > MAX_BATCH || bytes > MAX_BATCH_BYTES {
        return Err(PushError::TooLarge);
    }
    let mut batch = Batch {
        operations: Vec::with_capacity(ops.len()),
        ending: None,
    };
    for op in ops {
        let header: Header =
            serde_json::from_str(op.get()).map_err(|error| PushError::Unreadable {
                place: batch.operations.len() + 1,
                words: text::clean_line(&error.to_string()).into_owned(),
            })?;
        let number = header.number;
        if let Some(before) = batch.operations.last() {
            let expected = before.number.saturating_add(1);
            if number > expected {
                batch.ending = Some(Ending::Gap { expected });
                break;
            }
            if number < expected {
                return Err(PushError::Unordered { number, expected });
            }
        } else if number == 0 {
            return Err(PushError::Unordered {
                number,
                expected: 1,
            });
        }
        if header
            .schema
            .is_some_and(|schema| !(MIN_SCHEMA..=SCHEMA).contains(&schema))
        {
            // All of a stroke or nothing of it: what stands before in the same one waits too.
            let group = header.group.unwrap_or(number);
            while batch.operations.pop_if(|it| it.group == group).is_some() {}
            batch.ending = Some(Ending::UpgradeRequired {
                min: MIN_SCHEMA,
                max: SCHEMA,
            });
            break;
        }
        batch.operations.push(Received {
            number,
            group: header.group.unwrap_or(number),
            digest: Operation::digest(op.get().as_bytes()),
            operation: serde_json::from_str(op.get()).map_err(|error| unreadable(&error)),
        });
    }
    Ok(batch)
}

/// The words are kept with the outcome, and a customer's data must not be kept with them: what the
/// parser says is told only where it names fields and no values.
fn unreadable(error: &serde_json::Error) -> Refusal {
    let said = error.to_string();
    let names_fields = ["unknown field", "missing field", "duplicate field"];
    let what = if names_fields.iter().any(|it| said.starts_with(it)) {
        text::clean_line(&said).into_owned()
    } else {
        format!(
            "what stands at column {} is not what it should be",
            error.column()
        )
    };
    Refusal::new(
        RefusalCode::Invalid,
        format!("the API cannot read this edit: {what}"),
    )
}
