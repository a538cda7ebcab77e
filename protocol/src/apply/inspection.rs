//! Changes to an inspection.

use super::{
    Context,
    fields::{settle_field, write_field},
    must_exist, not_allowed, not_found,
};
use crate::{
    entity::{EntityRef, World},
    event::What,
    field::{OpRef, Register, Side, Writer},
    grade::Condition,
    ids::ChoiceKey,
    inspection::{Answer, AnswerValue, Inspection, InspectionWrite, PastRevision},
    lifecycle::{State, Verb},
    merge::{Fields as _, Write as _, undo_base},
    op::{Edit, Operation, Refusal, RefusalCode, Verdict},
    role::{Permission, Role},
    stamp::Seq,
    template::{Kind, Template},
};

/// Applies an edit to an inspection; it is as it was where that is refused.
pub(super) fn change(
    world: &World,
    inspection: &mut Inspection,
    operation: &Operation,
    writer: Writer,
    context: &Context,
) -> Result<(Verdict, What), Refusal> {
    let Some(template) = world.template(inspection.template.id) else {
        return Err(not_found(&EntityRef::Template(inspection.template.id)));
    };
    for mentioned in operation.edit.mentions() {
        must_exist(world, &mentioned)?;
    }
    let base = operation.base;
    match &operation.edit {
        Edit::Inspection { write, .. } => {
            fits(template, write)?;
            Ok(write_one(inspection, template, write, writer, base))
        }
        Edit::UndoInspection { write, expects, .. } => {
            fits(template, write)?;
            let base = undo_base(inspection, write, *expects, base, writer.device);
            Ok(write_one(inspection, template, write, writer, base))
        }
        Edit::SettleInspection { write, settles, .. } => {
            fits(template, write)?;
            let choice = (write, settles.as_slice());
            settle_one(inspection, template, choice, writer, base, context.role)
        }
        Edit::Move {
            verb, from, reason, ..
        } => {
            let demand_photos = world.settings(context.shop).demand_photos;
            if *verb == Verb::Submit {
                may_submit(inspection, template, context, demand_photos)?;
            }
            moved(inspection, *verb, *from, reason.as_deref(), writer)
        }
        edit => Err(not_found(&edit.target())),
    }
}

/// Assigning goes on after the work was handed in; everything else about the work does not.
fn only_while_open(write: &InspectionWrite) -> bool {
    !matches!(
        write,
        InspectionWrite::Assignee { .. } | InspectionWrite::Bay { .. }
    )
}

fn write_one(
    inspection: &mut Inspection,
    template: &Template,
    write: &InspectionWrite,
    writer: Writer,
    base: Seq,
) -> (Verdict, What) {
    if !inspection.state.value.takes_edits() && only_while_open(write) {
        let before = inspection.side(&write.field());
        keep_late(
            inspection,
            Side {
                write: write.clone(),
                writer,
            },
        );
        let what = What::Inspection {
            before: before.map(|side| side.write),
            after: write.clone(),
        };
        return (Verdict::ConflictKept, what);
    }
    let severity = severity(inspection, template);
    let (verdict, before) = write_field(inspection, write, writer, base, &*severity);
    (
        verdict,
        What::Inspection {
            before,
            after: write.clone(),
        },
    )
}

/// Settles a conflict, or takes up or drops a late edit; after the work was handed in, both are for
/// whoever reviews it, and what settles nothing there is an edit that came too late.
fn settle_one(
    inspection: &mut Inspection,
    template: &Template,
    (write, settles): (&InspectionWrite, &[OpRef]),
    writer: Writer,
    base: Seq,
    role: Role,
) -> Result<(Verdict, What), Refusal> {
    let field = write.field();
    // An operation writes one field: named for another field's settlement, it stays where it is.
    let named = |side: &Side<InspectionWrite>| {
        settles.contains(&side.writer.op()) && side.write.field() == field
    };
    let takes_up_late = inspection.late.iter().any(named);
    if takes_up_late && !role.may(Permission::Review) {
        return Err(not_allowed(role));
    }
    let open = inspection.state.value.takes_edits() || !only_while_open(write);
    let conflict = inspection.conflicts.get(&field);
    let settles_conflict = conflict.is_some_and(|it| it.sides.iter().any(named));
    let decides = role.may(Permission::Review) && (takes_up_late || settles_conflict);
    let says_nothing = conflict.is_none() && inspection.present(write) == *write;
    if !open && !decides && !says_nothing {
        return Ok(write_one(inspection, template, write, writer, base));
    }
    inspection.late.retain(|side| !named(side));
    let severity = severity(inspection, template);
    Ok(settle_field(
        inspection, write, settles, writer, base, &*severity,
    ))
}

/// Keeps a late edit; a device's later one for the same field takes the place of its former.
fn keep_late(inspection: &mut Inspection, side: Side<InspectionWrite>) {
    inspection.late.retain(|old| {
        old.writer.device != side.writer.device || old.write.field() != side.write.field()
    });
    inspection.late.push(side);
}

/// How much a write matters whatever the clocks say: answers by their effective condition.
fn severity<'a>(
    inspection: &Inspection,
    template: &'a Template,
) -> Box<dyn Fn(&InspectionWrite) -> u8 + 'a> {
    let chosen = inspection.choices.clone();
    Box::new(move |write| {
        let InspectionWrite::Answer {
            point,
            answer: Some(answer),
        } = write
        else {
            return 0;
        };
        let Some(point) = template.point(point) else {
            return 0;
        };
        let choice = |key: &ChoiceKey| {
            let given = chosen
                .get(key)
                .and_then(|register| register.value.as_deref());
            template.answer(key, given)
        };
        answer
            .effective(point, &choice)
            .map_or(0, Condition::severity)
    })
}

/// Whether the template has what the write names, and the value is of its kind.
fn fits(template: &Template, write: &InspectionWrite) -> Result<(), Refusal> {
    match write {
        InspectionWrite::Choice { choice, option } => {
            let Some(found) = template.choice(choice) else {
                return Err(unknown(template, choice.as_str()));
            };
            if option.as_ref().is_none_or(|option| found.takes(option)) {
                return Ok(());
            }
            let known: Vec<&str> = found.options.iter().map(|it| it.value.as_str()).collect();
            Err(Refusal::new(
                RefusalCode::Invalid,
                format!("{} takes one of: {}", found.label, known.join(", ")),
            ))
        }
        InspectionWrite::Answer { point, answer } => {
            let Some(found) = template.point(point) else {
                return Err(unknown(template, point.as_str()));
            };
            answer.as_ref().map_or(Ok(()), |answer| {
                answer_fits(&found.kind, &found.label, answer)
            })
        }
        InspectionWrite::Note { point, .. } | InspectionWrite::Line { point, .. } => template
            .point(point)
            .map(drop)
            .ok_or_else(|| unknown(template, point.as_str())),
        InspectionWrite::Assignee { .. }
        | InspectionWrite::Bay { .. }
        | InspectionWrite::Concern { .. }
        | InspectionWrite::Customer { .. } => Ok(()),
    }
}

fn unknown(template: &Template, key: &str) -> Refusal {
    Refusal::new(
        RefusalCode::UnknownPoint,
        format!(
            "version {} of {} has no point “{key}”",
            template.version, template.key
        ),
    )
}

fn answer_fits(kind: &Kind, label: &str, answer: &Answer) -> Result<(), Refusal> {
    let invalid = |words: String| Err(Refusal::new(RefusalCode::Invalid, words));
    if answer.is_empty() {
        return invalid(format!(
            "{label}: the answer is empty; take it back instead"
        ));
    }
    match (kind, &answer.value) {
        (Kind::Measurement(measurement), Some(AnswerValue::Measured(quantity))) => {
            if quantity.unit.dimension() != measurement.unit.dimension() {
                return invalid(format!(
                    "{label} is measured in {}, not in {}",
                    measurement.unit.symbol(),
                    quantity.unit.symbol()
                ));
            }
            let references = [&answer.reference, &answer.reference_low];
            match references
                .into_iter()
                .flatten()
                .find(|it| it.unit.dimension() != measurement.unit.dimension())
            {
                Some(reference) => invalid(format!(
                    "{label}: the reference is in {}, not in {}",
                    reference.unit.symbol(),
                    measurement.unit.symbol()
                )),
                None => Ok(()),
            }
        }
        (Kind::Choice { options }, Some(AnswerValue::Chosen(chosen))) => {
            if options.iter().any(|option| option.value == *chosen) {
                return Ok(());
            }
            let known: Vec<&str> = options.iter().map(|it| it.value.as_str()).collect();
            invalid(format!("{label} takes one of: {}", known.join(", ")))
        }
        (_, None)
        | (Kind::Text, Some(AnswerValue::Text(_)))
        | (Kind::Signature { .. }, Some(AnswerValue::Signed { .. })) => Ok(()),
        (kind, Some(_)) => {
            let wants = match kind {
                Kind::Condition => "a condition",
                Kind::Measurement(_) => "a measured value",
                Kind::Choice { .. } => "one of its options",
                Kind::Text => "a text",
                Kind::Signature { .. } => "a signature",
            };
            invalid(format!("{label} takes {wants}"))
        }
    }
}

fn wrong_state(state: State, words: &str) -> Refusal {
    Refusal::new(
        RefusalCode::WrongState,
        format!("the inspection is {state} now; {words}"),
    )
}

fn moved(
    inspection: &mut Inspection,
    verb: Verb,
    from: State,
    reason: Option<&str>,
    writer: Writer,
) -> Result<(Verdict, What), Refusal> {
    let rule = verb.rule();
    let now = inspection.state.value;
    let what = What::Moved {
        verb,
        from: now,
        to: rule.to,
        reason: reason.map(str::to_owned),
    };
    if !rule.from.contains(&from) {
        return Err(wrong_state(
            now,
            &format!("{verb} does not begin at {from}"),
        ));
    }
    if now == rule.to {
        // Somebody was faster, with the same intent.
        return Ok((Verdict::Applied, what));
    }
    if now != from {
        return Err(wrong_state(
            now,
            &format!("look again before you {verb} it"),
        ));
    }
    if verb == Verb::Reopen {
        begin_revision(inspection, writer);
    }
    inspection.state = Register {
        value: rule.to,
        writer,
    };
    Ok((Verdict::Applied, what))
}

/// Own work only, and with everything that the template asks for.
fn may_submit(
    inspection: &Inspection,
    template: &Template,
    context: &Context,
    demand_photos: bool,
) -> Result<(), Refusal> {
    if inspection.state.value == State::Submitted {
        return Ok(());
    }
    let own = inspection
        .assignee()
        .is_none_or(|assignee| assignee == context.person);
    if !own && !context.role.may(Permission::Review) {
        return Err(Refusal::new(
            RefusalCode::NotAllowed,
            "the inspection is assigned to somebody else, who must submit it; \
             or ask a dispatcher to assign it to you",
        ));
    }
    let missing = inspection.missing(template, demand_photos);
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let rest = match missing.len() {
        1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    Err(Refusal::new(
        RefusalCode::Incomplete,
        format!("something is still missing: {}{rest}", first.words()),
    ))
}

/// Keeps the revision that ends as it stands, and takes its signatures out of the new one: they
/// were given for the old.
fn begin_revision(inspection: &mut Inspection, writer: Writer) {
    inspection.past.push(PastRevision {
        revision: inspection.revision,
        state: inspection.state.clone(),
        ended: writer.stamp,
        results: inspection.results.clone(),
    });
    inspection.revision += 1;
    for result in inspection.results.values_mut() {
        let signed = result
            .answer()
            .is_some_and(|answer| matches!(answer.value, Some(AnswerValue::Signed { .. })));
        if signed {
            result.answer = Some(Register {
                value: None,
                writer,
            });
        }
    }
}
