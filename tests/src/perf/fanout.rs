//! W2: how long until an edit at one bench has reached a client of another.

mod bare;

use std::{env, time::Instant};

use anyhow::{Result, bail};
use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Push, Reply, Request},
    role::Role,
};

use self::bare::Line;
use super::report::{Pairs, Row};
use crate::harness::{Client, PATIENCE, Stack, note};

/// From the request on the socket of daemon A until a client of daemon B was told and has read the
/// new value, through the real API; the floor is the same way in one process with nothing on it: a durable commit, an HTTP
/// POST, a durable commit there, a server-sent event, a GET, and a durable commit.
pub(super) fn measure(quick: bool) -> Result<Vec<Row>> {
    let rounds = if quick { 50 } else { 1_000 };
    let stack = Stack::new(env::current_exe()?)?;
    let left = stack.bench("left", Role::Technician)?;
    let right = stack.bench("right", Role::Technician)?;
    let id = left.new_inspection("PERF 2")?;
    let mut writing = left.client()?;
    writing.start(id)?;
    right.sees(id, "the inspection", |_| true)?;
    left.settled()?;
    let mut listening = right.client()?;
    listening.must(Request::Subscribe)?;
    let mut line = Line::open(stack.ground().path())?;
    let mut pairs = Pairs::default();
    for round in 0..rounds {
        let text = format!("a note of some words, {round}");
        let edit = note(id, "lights.horn", &text)?;
        let bytes = serde_json::to_vec(&edit)?;
        let began = Instant::now();
        writing.save(vec![edit])?;
        hear(&mut listening, id, &text)?;
        pairs.ours(began.elapsed());
        // What this one still has to do, its acknowledgement, must not fall into the next.
        left.settled()?;
        let began = Instant::now();
        line.pass(bytes)?;
        pairs.floor(began.elapsed());
    }
    let what = "an edit at bench A until a client of bench B was told and has read it; floor: commit, POST, commit, \
                event, GET, commit";
    Ok(vec![pairs.times("W2", what)])
}

/// Waits for the push after which the note reads so; one edit may be told in more than one push.
fn hear(client: &mut Client, id: InspectionId, text: &str) -> Result<()> {
    let horn = "lights.horn".parse()?;
    loop {
        let push = client.push(PATIENCE)?;
        let ours = EntityRef::Inspection(id);
        if !matches!(push, Push::Changed { documents } if documents.contains(&ours)) {
            continue;
        }
        let Reply::Inspection(view) = client.must(Request::Inspection { id })? else {
            bail!("an inspection was expected");
        };
        let result = view.inspection.results.get(&horn);
        if result.and_then(|result| result.note()) == Some(text) {
            return Ok(());
        }
    }
}
