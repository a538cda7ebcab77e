//! The headless demo: the main job of the whole system, played once and checked.

use std::{path::Path, time::Instant};

use redtag_protocol::{
    event::What,
    grade::Condition,
    ids::{InspectionId, PointKey},
    inspection::{Answer, InspectionWrite},
    ipc::{Connection, InspectionView, Reply, Request, SyncState},
    lifecycle::{State, Verb},
    op::Edit,
    role::Role,
    template::{Kind, Template, TemplateState},
};

use super::{
    bench::{Bench, unexpected},
    colleague::open_points,
    stack::Stack,
    summary::Summary,
};
use crate::{command::Fault, programs::Programs};

/// Plays everything. An error is a step after which the rest cannot be played.
pub(super) async fn play(
    programs: &Programs,
    home: &Path,
    summary: &mut Summary,
) -> Result<(), Fault> {
    let started = Stack::start(programs, home, Role::Technician).await;
    let mut stack = started.map_err(Fault::error)?;
    let url = stack.api.url.clone();
    summary.check("two benches sign in to a new API", true, url);
    let played = acts(&mut stack, programs, summary).await;
    let ended = stack.stop().await;
    let seen = ended.clone().err().unwrap_or_default();
    summary.check("every program ends cleanly", ended.is_ok(), seen);
    played.map_err(Fault::error)
}

async fn acts(stack: &mut Stack, programs: &Programs, summary: &mut Summary) -> Result<(), String> {
    pull(stack, summary).await?;
    let id = begin(stack, summary).await?;
    let points = points(&look(&stack.own, id).await?)?;
    online(stack, summary, id, &points).await?;
    offline(stack, programs, summary, id, &points).await?;
    reconnect(stack, programs, summary).await?;
    compare(stack, summary, id, &points).await
}

/// The points that the script fills in.
struct Points {
    /// Answered while both are online.
    online: PointKey,
    /// Answered offline at the person's bench,
    own: Vec<PointKey>,
    /// and at the colleague's.
    colleague: Vec<PointKey>,
    /// Answered offline at both, differently.
    both: PointKey,
}

fn points(view: &InspectionView) -> Result<Points, String> {
    let mut open = open_points(view).cloned();
    let few = || "the template has too few points for the script".to_owned();
    let (online, both) = open.next().zip(open.next()).ok_or_else(few)?;
    let own: Vec<PointKey> = open.by_ref().take(5).collect();
    let colleague: Vec<PointKey> = open.by_ref().take(3).collect();
    if colleague.is_empty() {
        return Err(few());
    }
    Ok(Points {
        online,
        own,
        colleague,
        both,
    })
}

/// Both caches fill.
async fn pull(stack: &mut Stack, summary: &mut Summary) -> Result<(), String> {
    let full = async |bench: &Bench| {
        let status = bench.status().await?;
        let full = !status.filling && status.last_sync.is_some() && status.documents > 0;
        Ok(full.then_some(status))
    };
    let own = stack.own.until("the shop is pulled", full).await?;
    let other = stack.colleague.until("the shop is pulled", full).await?;
    summary.check(
        "both caches hold the whole shop",
        own.documents == other.documents,
        format!("{} and {} documents", own.documents, other.documents),
    );
    Ok(())
}

/// A new inspection at the person's bench gets its number and appears at the colleague's.
async fn begin(stack: &mut Stack, summary: &mut Summary) -> Result<InspectionId, String> {
    let (id, edits) = new_inspection(&stack.own).await?;
    save(&stack.own, edits).await?;
    let numbered = async |bench: &Bench| {
        let view = look(bench, id).await?;
        Ok(
            (view.inspection.number.is_some() && view.sync == SyncState::Acknowledged)
                .then_some(view),
        )
    };
    let view = stack.own.until("a number", numbered).await?;
    let label = view.inspection.label();
    summary.check("a new inspection gets its number", true, label.clone());
    let there = async |bench: &Bench| Ok(bench.find(&label).await.ok());
    let there = stack.colleague.until("the new inspection", there).await?;
    let same = there.inspection == view.inspection;
    summary.check("it appears at the other bench", same, "");
    Ok(id)
}

/// One edit goes from bench to bench.
async fn online(
    stack: &mut Stack,
    summary: &mut Summary,
    id: InspectionId,
    points: &Points,
) -> Result<(), String> {
    let began = Instant::now();
    save(&stack.own, answers(id, [&points.online], Condition::Yellow)).await?;
    let seen = async |bench: &Bench| {
        let view = look(bench, id).await?;
        Ok((condition(&view, &points.online) == Some(Condition::Yellow)).then_some(()))
    };
    stack.colleague.until("the edit", seen).await?;
    let ms = began.elapsed().as_millis();
    summary.check(
        "an edit reaches the other bench",
        true,
        format!("in {ms} ms"),
    );
    Ok(())
}

/// The API goes away; both benches work on, and one is even restarted.
async fn offline(
    stack: &mut Stack,
    programs: &Programs,
    summary: &mut Summary,
    id: InspectionId,
    points: &Points,
) -> Result<(), String> {
    stack.api.stop().await?;
    let offline = async |bench: &Bench| {
        let connection = bench.status().await?.connection;
        Ok(matches!(connection, Connection::Offline { .. }).then_some(()))
    };
    stack.own.until("offline is noticed", offline).await?;
    stack.colleague.until("offline is noticed", offline).await?;
    summary.check("both benches notice that the API is gone", true, "");

    save(&stack.own, answers(id, &points.own, Condition::Green)).await?;
    save(&stack.own, answers(id, [&points.both], Condition::Green)).await?;
    let theirs = answers(id, &points.colleague, Condition::Green);
    save(&stack.colleague, theirs).await?;
    let other = answers(id, [&points.both], Condition::Red);
    save(&stack.colleague, other).await?;
    let expected = u64::try_from(points.own.len() + 1).unwrap_or_default();
    let view = look(&stack.own, id).await?;
    let saved = answered(&view, &points.own) && view.sync == SyncState::Waiting;
    summary.check(
        "edits are saved here and wait",
        saved && view.waiting == expected,
        format!("{} of {expected} wait: {}", view.waiting, view.sync.words()),
    );

    stack.own.restart(programs).await?;
    let view = look(&stack.own, id).await?;
    summary.check(
        "a restarted daemon has every edit still",
        answered(&view, &points.own) && view.waiting == expected,
        format!("{} of {expected} wait", view.waiting),
    );
    Ok(())
}

/// The API comes back, and both outboxes empty.
async fn reconnect(
    stack: &mut Stack,
    programs: &Programs,
    summary: &mut Summary,
) -> Result<(), String> {
    stack.api.resume(programs).await?;
    for bench in [&mut stack.own, &mut stack.colleague] {
        let sent = async |bench: &Bench| {
            // Not left to the timer alone: that could take a minute.
            bench.ask(Request::Sync { wait: false }).await?;
            let status = bench.status().await?;
            let online = status.connection == Connection::Online;
            Ok((online && status.waiting + status.sent == 0).then_some(()))
        };
        bench.until("everything is acknowledged", sent).await?;
    }
    summary.check("both outboxes are acknowledged", true, "");
    Ok(())
}

/// Both benches hold the same, and nothing of what was saved is missing.
async fn compare(
    stack: &mut Stack,
    summary: &mut Summary,
    id: InspectionId,
    points: &Points,
) -> Result<(), String> {
    let Stack { own, colleague, .. } = stack;
    // What is acknowledged is pulled a moment later, with what it met.
    let converged = async |own: &Bench| {
        let (own, other) = (look(own, id).await?, look(colleague, id).await?);
        let same = own.inspection == other.inspection && own.version == other.version;
        Ok(same.then_some((own, other)))
    };
    let (own, other) = own.until("both benches hold the same", converged).await?;
    summary.check(
        "both benches hold the same inspection",
        true,
        format!("version {}", own.version),
    );
    let all = points.own.iter().chain(&points.colleague);
    summary.check(
        "edits of different points are all there",
        all.clone()
            .all(|it| condition(&other, it) == Some(Condition::Green)),
        format!("{} points", all.count()),
    );
    let sides = own.inspection.conflicts.values().map(|it| it.sides.len());
    let sides: Vec<usize> = sides.collect();
    summary.check(
        "two answers to one point are both kept, the worse one stands",
        sides == [2] && condition(&own, &points.both) == Some(Condition::Red),
        format!("{} conflict", sides.len()),
    );
    let told = timeline(&stack.own, id, &points.both).await?;
    let both = told.contains(&Condition::Green) && told.contains(&Condition::Red);
    summary.check("the timeline tells both", both, "");
    Ok(())
}

async fn look(bench: &Bench, id: InspectionId) -> Result<InspectionView, String> {
    match bench.ask(Request::Inspection { id }).await? {
        Reply::Inspection(view) => Ok(*view),
        other => Err(unexpected(&other)),
    }
}

async fn save(bench: &Bench, edits: Vec<Edit>) -> Result<(), String> {
    match bench.ask(Request::Edit { edits }).await? {
        Reply::Saved { .. } => Ok(()),
        other => Err(unexpected(&other)),
    }
}

/// What the timeline says was answered at a point.
async fn timeline(
    bench: &Bench,
    id: InspectionId,
    point: &PointKey,
) -> Result<Vec<Condition>, String> {
    let entries = match bench.ask(Request::Timeline { id }).await? {
        Reply::Timeline(entries) => entries,
        other => return Err(unexpected(&other)),
    };
    let told = entries
        .into_iter()
        .filter_map(|entry| match entry.happening?.what {
            What::Inspection {
                after: InspectionWrite::Answer { point: at, answer },
                ..
            } if at == *point => answer?.condition,
            _ => None,
        });
    Ok(told.collect())
}

fn condition(view: &InspectionView, point: &PointKey) -> Option<Condition> {
    view.inspection.answer(point)?.condition
}

fn answered(view: &InspectionView, points: &[PointKey]) -> bool {
    points.iter().all(|it| condition(view, it).is_some())
}

fn answers<'a>(
    id: InspectionId,
    points: impl IntoIterator<Item = &'a PointKey>,
    condition: Condition,
) -> Vec<Edit> {
    let write = |point: &PointKey| InspectionWrite::Answer {
        point: point.clone(),
        answer: Some(Answer::condition(condition)),
    };
    points
        .into_iter()
        .map(|point| Edit::Inspection {
            id,
            write: write(point),
        })
        .collect()
}

/// By the active template with the most points, for a vehicle that the shop knows; started at once.
async fn new_inspection(bench: &Bench) -> Result<(InspectionId, Vec<Edit>), String> {
    let templates = match bench.ask(Request::Templates).await? {
        Reply::Templates(templates) => templates,
        other => return Err(unexpected(&other)),
    };
    let conditions = |template: &&Template| {
        let points = template.points();
        points.filter(|it| it.1.kind == Kind::Condition).count()
    };
    let template = templates
        .iter()
        .filter(|template| template.state == TemplateState::Active)
        .max_by_key(conditions)
        .ok_or("the demo shop has no template")?;
    let vehicles = Request::Vehicles {
        text: String::new(),
        limit: 1,
    };
    let vehicle = match bench.ask(vehicles).await? {
        Reply::Vehicles(vehicles) => vehicles.into_iter().next(),
        other => return Err(unexpected(&other)),
    };
    let vehicle = vehicle.ok_or("the demo shop has no vehicle")?.id;
    let provisional = match bench.ask(Request::Provisional).await? {
        Reply::Provisional(label) => label,
        other => return Err(unexpected(&other)),
    };
    let mut random = [0; 10];
    getrandom::fill(&mut random)
        .map_err(|error| format!("the system gives no randomness: {error}"))?;
    let now = jiff::Timestamp::now().as_millisecond();
    let id = InspectionId::from_parts(u64::try_from(now).unwrap_or_default(), random);
    let create = Edit::CreateInspection {
        id,
        template: template.id,
        vehicle,
        customer: None,
        assignee: None,
        bay: Some("demo".to_owned()),
        concern: Some("headless demo".to_owned()),
        provisional,
    };
    let start = Edit::Move {
        id,
        verb: Verb::Start,
        from: State::Draft,
        reason: None,
    };
    Ok((id, vec![create, start]))
}
