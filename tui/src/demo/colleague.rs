//! The colleague: somebody who works at another bench now and then, through a daemon and the API
//! like everybody else.

use std::time::Duration;

use redtag_protocol::{
    grade::Condition,
    ids::PointKey,
    inspection::{Answer, InspectionWrite},
    ipc::{BoardQuery, BoardRow, InspectionView, Reply, Request, TicketFilter},
    lifecycle::{State, Verb},
    op::Edit,
    template::Kind,
};
use tokio::time::sleep;

use crate::link::{Error, Link};

/// The shortest pause between two edits, and how much longer it may be, in seconds.
const PAUSE: (u64, u64) = (5, 10);

/// Edits now and then, until the task is aborted. Nothing depends on it: what cannot be done is
/// left.
pub(super) async fn work(link: Link) {
    loop {
        sleep(Duration::from_secs(PAUSE.0 + upto(PAUSE.1))).await;
        let _ = edit_one(&link).await;
    }
}

/// Answers the next open point of one of the colleague's own inspections, else of anybody's.
async fn edit_one(link: &Link) -> Result<(), Error> {
    let mut rows = board(link, Some(TicketFilter::Mine)).await?;
    if rows.is_empty() {
        rows = board(link, None).await?;
    }
    let Some(row) = one(&rows) else {
        return Ok(());
    };
    let id = row.id;
    let Reply::Inspection(view) = link.request(Request::Inspection { id }).await? else {
        return Ok(());
    };
    let edits = answer(&view, upto(20));
    if !edits.is_empty() {
        link.request(Request::Edit { edits }).await?;
    }
    Ok(())
}

async fn board(link: &Link, assignee: Option<TicketFilter>) -> Result<Vec<BoardRow>, Error> {
    let query = BoardQuery {
        states: vec![State::InProgress, State::Draft],
        assignee,
        limit: 50,
        ..BoardQuery::default()
    };
    match link.request(Request::Board(query)).await? {
        Reply::Board(page) => Ok(page
            .rows
            .into_iter()
            .filter(|row| row.counts.unanswered() > 0)
            .collect()),
        _ => Ok(Vec::new()),
    }
}

/// Mostly green; now and then something is found.
fn answer(view: &InspectionView, luck: u64) -> Vec<Edit> {
    let Some(point) = open_points(view).next() else {
        return Vec::new();
    };
    let (condition, note) = match luck {
        0 => (Condition::Red, Some("worn out, found at the other bench")),
        1..=3 => (Condition::Yellow, Some("wears, look again next time")),
        _ => (Condition::Green, None),
    };
    let id = view.inspection.id;
    let start = (view.inspection.state.value == State::Draft).then_some(Edit::Move {
        id,
        verb: Verb::Start,
        from: State::Draft,
        reason: None,
    });
    let answered = InspectionWrite::Answer {
        point: point.clone(),
        answer: Some(Answer::condition(condition)),
    };
    let noted = note.map(|note| InspectionWrite::Note {
        point: point.clone(),
        note: Some(note.to_owned()),
    });
    let writes = [answered].into_iter().chain(noted);
    let writes = writes.map(|write| Edit::Inspection { id, write });
    start.into_iter().chain(writes).collect()
}

/// The points that take a condition alone and have none yet, in the order of work.
pub(super) fn open_points(view: &InspectionView) -> impl Iterator<Item = &PointKey> {
    view.template
        .points()
        .filter(|(_, point)| point.kind == Kind::Condition)
        .map(|(_, point)| &point.key)
        .filter(|key| view.inspection.answer(key).is_none())
}

fn one<T>(items: &[T]) -> Option<&T> {
    let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let at = usize::try_from(upto(count)).unwrap_or_default();
    items.get(at)
}

/// A number below `end`; 0 where the system gives no randomness.
fn upto(end: u64) -> u64 {
    let mut bytes = [0; 8];
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes) % end.max(1)
}

#[cfg(test)]
mod tests;
