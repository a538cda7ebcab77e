//! `redtag conflicts settle`.

use redtag_protocol::ipc::{Choice, ConflictSort, ConflictView, Reply, Request};

use super::{SettleArgs, find};
use crate::command::{
    desk::{Line, Saved, unexpected},
    fault::Fault,
    output,
    shape::SavedShape,
};

/// Settles it and says what stands.
pub(super) async fn run(args: &SettleArgs, line: &Line) -> Result<(), Fault> {
    let views = find::of(&args.ticket, line).await?;
    let views = find::of_field(views, &args.field)?;
    let (view, choice, words) = choose(&views, args.take.as_deref())?;
    let request = Request::Settle {
        entity: view.entity,
        field: view.field.clone(),
        choice,
    };
    let saved = match line.ask(request).await? {
        Reply::Saved { first, last, .. } => Saved { first, last },
        other => return Err(unexpected(&other)),
    };
    if args.format.json {
        return output::json(&SavedShape::new(saved));
    }
    output::text(&format!(
        "Saved here, waiting to send: {} {words}. Every value stays in the timeline.\n",
        view.label
    ))
}

/// Which conflict of the field, what stands from now on, and that in words.
pub(super) fn choose<'a>(
    views: &'a [ConflictView],
    take: Option<&str>,
) -> Result<(&'a ConflictView, Choice, String), Fault> {
    let mut wrong = Fault::usage("there is nothing to settle");
    for view in views {
        let Some(named) = take else {
            let words = match view.sort {
                ConflictSort::Field => format!("{}: what stands stays", view.title),
                ConflictSort::Late => format!("{}: what came late is dropped", view.title),
                ConflictSort::Deletion => "stays, it is not deleted".to_owned(),
            };
            return Ok((view, Choice::Present, words));
        };
        match find::side(view, named) {
            Ok(side) => {
                let words = if side.write.is_none() {
                    "is deleted".to_owned()
                } else {
                    format!("{}: {} stands", view.title, side.words)
                };
                return Ok((view, Choice::Side(side.op), words));
            }
            Err(fault) => wrong = fault,
        }
    }
    Err(wrong)
}
