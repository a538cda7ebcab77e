//! Updates as (state, keys, state and effects), against a bench that follows the protocol's rules.

mod around;
mod board;
mod canned;
mod composing;
mod form;
mod inspection;
mod lifecycle;
mod locked;
mod mouse;
mod palette;
mod point;
mod saving;
mod settling;
mod standing;
mod templates;
mod typing;
mod unsent;
mod value;
mod watching;

use redtag_protocol::{
    inspection::{Answer, InspectionWrite},
    op::Edit,
};

/// The answers in a group, by point.
fn answers(edits: &[Edit]) -> Vec<(String, Option<Answer>)> {
    let answer = |edit: &Edit| match edit {
        Edit::Inspection {
            write: InspectionWrite::Answer { point, answer },
            ..
        } => Some((point.to_string(), answer.clone())),
        _ => None,
    };
    edits.iter().filter_map(answer).collect()
}
