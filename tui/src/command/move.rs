//! `redtag move ID VERB`.

use std::str::FromStr;

use redtag_protocol::{
    ids::PersonId, inspection::InspectionWrite, ipc::InspectionView, lifecycle::Verb, op::Edit,
    text::bounded_text,
};

use super::{
    cli::Format,
    desk::Line,
    fault::{Exit, Fault},
    output::{self, count},
    pick, set, words,
};

/// Where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The inspection: number, provisional number or id
    id: String,
    /// start, submit, assign, return, resume, approve, publish, decide, close, void or reopen
    verb: Step,
    /// Why; needed to return, decide, void and reopen
    #[arg(long)]
    reason: Option<String>,
    /// With assign: me, nobody, a name or an id
    #[arg(long, value_name = "WHO")]
    to: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// A verb of the lifecycle, or `assign`, which moves nothing but is a step of the work all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Moves it.
    Verb(Verb),
    /// Says who does it.
    Assign,
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "assign" {
            return Ok(Self::Assign);
        }
        text.parse()
            .map(Self::Verb)
            .map_err(|known| format!("{known}, assign"))
    }
}

/// Saves the move and says how far it is.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let view = line.find(&args.id).await?;
    let id = view.inspection.id;
    let mut took = None;
    let edit = match args.verb {
        Step::Verb(verb) => step(args, &view, verb)?,
        Step::Assign => {
            let Some(who) = &args.to else {
                return Err(Fault::usage(
                    "assign needs --to: me, nobody, a name or an id",
                ));
            };
            let account = line.status().await?.account;
            let person = pick::person(&view.members, account.as_ref(), who, "--to")?;
            took = Some(assigned(person, &view)?);
            let write = InspectionWrite::Assignee { person };
            Edit::Inspection { id, write }
        }
    };
    let saved = line.edit(vec![edit]).await?;
    let mut done = set::Done::default();
    match args.verb {
        Step::Verb(verb) => {
            done.unanswered = hands_on(verb).then(|| view.counts.unanswered());
            if !args.format.json {
                for notice in notices(&view, verb) {
                    output::remark(&notice);
                }
            }
        }
        Step::Assign => done.took = took,
    }
    set::report(line, id, saved, done, args.format).await
}

/// Who shall do it, in words.
fn assigned(person: Option<PersonId>, view: &InspectionView) -> Result<String, Fault> {
    let Some(person) = person else {
        return Ok("is assigned to nobody".to_owned());
    };
    pick::can_work(&view.members, person, "--to")?;
    Ok(format!("is assigned to {}", words::name(person, view)))
}

/// Whether the work passes to the next with this verb, so that what is missing is worth a word.
fn hands_on(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Submit | Verb::Approve | Verb::Publish | Verb::Close
    )
}

/// What the full screen asks about before it does the same.
fn notices(view: &InspectionView, verb: Verb) -> Vec<String> {
    if !hands_on(verb) {
        return Vec::new();
    }
    let mut notices = Vec::new();
    let counts = &view.counts;
    if counts.unanswered() > 0 {
        let are = if counts.unanswered() == 1 {
            "is"
        } else {
            "are"
        };
        notices.push(format!(
            "{} of {} points {are} unanswered",
            counts.unanswered(),
            counts.total
        ));
    }
    let conflicts = view.inspection.conflicts.values();
    let mut fields: Vec<String> = conflicts
        .filter_map(|it| it.sides.first())
        .map(|side| words::field(&side.write, view))
        .collect();
    fields.sort_unstable();
    if !fields.is_empty() {
        let number = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        notices.push(format!(
            "{} not settled, every value is kept: {}",
            count(number, "conflict is", "conflicts are"),
            fields.join(", ")
        ));
    }
    notices
}

/// The move, where the verb begins at the present state. Who may do it the daemon decides.
fn step(args: &Args, view: &InspectionView, verb: Verb) -> Result<Edit, Fault> {
    let rule = verb.rule();
    let from = view.inspection.state.value;
    if args.to.is_some() {
        return Err(Fault::usage("--to goes with assign only"));
    }
    if !rule.from.contains(&from) {
        let next: Vec<&str> = view.verbs.iter().map(|verb| verb.as_str()).collect();
        let next = match next.as_slice() {
            [] => "there is nothing that you may do with it next".to_owned(),
            verbs => format!("you may: {}", verbs.join(", ")),
        };
        return Err(Fault::error(format!(
            "{} is {from}; {verb} does not begin there; {next}",
            view.inspection.label()
        )));
    }
    if !view.verbs.contains(&verb) {
        return Err(Fault::new(
            Exit::NotAllowed,
            format!(
                "your role may not {verb} an inspection; ask somebody who may, and nothing has \
                 changed"
            ),
        ));
    }
    let reason = args
        .reason
        .as_deref()
        .map(|reason| bounded_text(reason, "--reason", 2_000))
        .transpose()
        .map_err(|error| Fault::usage(error.to_string()))?;
    if rule.reason && reason.is_none() {
        return Err(Fault::usage(format!("{verb} needs --reason")));
    }
    Ok(Edit::Move {
        id: view.inspection.id,
        verb,
        from,
        reason,
    })
}

#[cfg(test)]
mod tests;
