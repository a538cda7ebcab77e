//! `redtag show ID`.

use std::fmt::Write as _;

use redtag_protocol::{
    field::Side,
    grade::Condition,
    inspection::InspectionWrite,
    ipc::InspectionView,
    template::{Choice, Point, Section},
};

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, line, moment},
    shape::InspectionShape,
    words,
};

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Number, provisional number or id
    id: String,
    #[command(flatten)]
    format: Format,
}

/// Prints the inspection. Opening one writes nothing.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let view = line.find(&args.id).await?;
    if args.format.json {
        return output::json(&InspectionShape::from(&view));
    }
    output::text(&render(&view))
}

fn render(view: &InspectionView) -> String {
    let it = &view.inspection;
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    let reopened = match it.revision {
        0 => String::new(),
        revision => format!(", revision {revision}"),
    };
    row("inspection", format!("{}{reopened}", it.label()));
    row("state", it.state.value.words().to_owned());
    if let Some(vehicle) = &view.vehicle {
        let mark = vehicle.mark().unwrap_or_default();
        row("vehicle", format!("{} {mark}", vehicle.title()));
    }
    if let Some(customer) = &view.customer {
        row("customer", customer.name.value.clone());
    }
    if let Some(assignee) = it.assignee() {
        let name = view.members.iter().find(|member| member.id == assignee);
        let name = name.map_or_else(|| assignee.to_string(), |member| member.name.clone());
        row("assignee", name);
    }
    if let Some(bay) = it.bay() {
        row("bay", bay.to_owned());
    }
    if let Some(concern) = it.concern() {
        row("concern", concern.to_owned());
    }
    row(
        "template",
        format!("{}, version {}", view.template.name, it.template.version),
    );
    let counts = &view.counts;
    row(
        "points",
        format!(
            "{} of {} answered: {} red, {} yellow, {} green, {} not applicable",
            counts.answered,
            counts.total,
            counts.red,
            counts.yellow,
            counts.green,
            counts.not_applicable
        ),
    );
    row("sync", view.sync.words().to_owned());
    if !view.verbs.is_empty() {
        let verbs: Vec<&str> = view.verbs.iter().map(|verb| verb.as_str()).collect();
        row("next", verbs.join(", "));
    }
    let mut text = output::table(&rows);
    for choice in &view.template.choices {
        text.push_str(&choice_line(view, choice));
    }
    for section in &view.template.sections {
        text.push_str(&section_lines(view, section));
    }
    for item in &view.quarantined {
        let _ = writeln!(
            text,
            "\nRefused, kept here: {} ({})",
            line(&item.refusal.words),
            moment(item.stamp)
        );
    }
    text.push_str(&kept(view));
    text
}

/// Values that were kept beside those that stand.
fn kept(view: &InspectionView) -> String {
    let said = |side: &Side<InspectionWrite>| {
        vec![
            format!("  {}", words::field(&side.write, view)),
            words::value(&side.write, view),
            words::name(side.writer.person, view),
            moment(side.writer.stamp),
        ]
    };
    let conflicts = view.inspection.conflicts.values();
    let conflicts: Vec<_> = conflicts.flat_map(|it| &it.sides).map(said).collect();
    let late: Vec<_> = view.inspection.late.iter().map(said).collect();
    let mut text = String::new();
    for (title, rows) in [
        (
            "In conflict, every value kept until somebody settles it",
            conflicts,
        ),
        ("Came after the work was handed in, kept", late),
    ] {
        if !rows.is_empty() {
            let _ = writeln!(text, "\n{title}\n{}", output::table(&rows));
        }
    }
    text
}

fn choice_line(view: &InspectionView, choice: &Choice) -> String {
    let answer = view
        .template
        .answer(&choice.key, view.inspection.choice(&choice.key));
    let answer = answer.map_or("not chosen".to_owned(), |answer| {
        let option = choice.options.iter().find(|it| it.value == answer);
        option.map_or(answer.clone(), |it| it.label.clone())
    });
    format!(
        "{}: {} ({})\n",
        line(&choice.label),
        line(&answer),
        choice.key
    )
}

fn section_lines(view: &InspectionView, section: &Section) -> String {
    let mut text = format!("\n{}\n", line(&section.label));
    let rows = section.points.iter().map(|point| point_row(view, point));
    text.push_str(&output::table(&rows.collect::<Vec<_>>()));
    text
}

fn point_row(view: &InspectionView, point: &Point) -> Vec<String> {
    let condition = view.inspection.effective(point, &view.template);
    let letter = condition.map_or('·', Condition::letter);
    let result = view.inspection.results.get(&point.key);
    let answer = view.inspection.answer(&point.key);
    let value = answer.and_then(|it| it.value.as_ref()).map(words::spoken);
    let against = answer.and_then(|it| it.reference);
    let against = against.map(|it| format!("against {it}"));
    let previous = view.previous.get(&point.key).and_then(|previous| {
        let value = previous.answer.value.as_ref().map(words::spoken);
        let value = value.or_else(|| Some(previous.answer.condition?.to_string()))?;
        Some(format!("last visit {value}, {}", moment(previous.at)))
    });
    let by_default = answer
        .is_some_and(|answer| answer.by_default)
        .then(|| "by default".to_owned());
    let note = result.and_then(|it| it.note()).map(|it| format!("“{it}”"));
    let details: Vec<String> = [value, against, by_default, note, previous]
        .into_iter()
        .flatten()
        .collect();
    vec![
        format!("  {letter}"),
        point.label.clone(),
        point.key.to_string(),
        details.join("; "),
    ]
}

#[cfg(test)]
mod tests;
