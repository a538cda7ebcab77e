//! A server's data moves from its own files to PostgreSQL, and its benches notice nothing but the
//! pause.

use anyhow::{Context as _, Result, ensure};
use redtag_postgres::Cluster;
use redtag_protocol::{
    api::changes::{Cursor, Line},
    event::{self, Link},
    ipc::Request,
    role::Role,
    stamp::Seq,
};
use redtag_tests::harness::{Api, Database, Ground, Proxy, Session, Stack, eventually, note};

use crate::{
    story::{Story, stories},
    support::notes,
};

pub(crate) const STORIES: &[Story] = stories![
    a_bench_goes_on_at_the_moved_server_as_if_nothing_had_happened,
    what_was_moved_is_not_served_from_the_old_place,
    a_move_that_is_taken_back_loses_nothing_that_a_bench_still_keeps,
];

fn a_bench_goes_on_at_the_moved_server_as_if_nothing_had_happened(ground: &Ground) -> Result<()> {
    let mut stack = Stack::over(ground, Database::embedded())?;
    let line = Proxy::before(stack.address())?;
    let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("MOVE 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    client.save(vec![note(id, "lights.horn", "before")?])?;
    bench.settled()?;
    let script = stack.session(Role::Viewer)?;
    let before = links(&stack.api()?, &script, None)?;
    let level = before.last().context("nothing has happened")?.seq;
    eventually("the bench to have seen all of it", || {
        let status = client.status()?;
        ensure!(status.seq == level, "{status:?}");
        Ok(())
    })?;
    let cursor = client.status()?.cursor.context("no cursor")?;

    line.cut();
    let mut expected = vec!["before".to_owned()];
    for count in 0..30 {
        let text = format!("offline {count}");
        client.save(vec![note(id, "lights.horn", &text)?])?;
        expected.push(text);
    }
    ensure!(stack.stop()?.success());
    let told = stack.move_to(Database::in_cluster(ground, Cluster::shared()?)?)?;
    assert_eq!(told["shops"][0]["shop"], stack.shop().to_string());
    let events = &told["shops"][0]["tables"]["event"]["rows"];
    assert_eq!(events.as_u64(), Some(level.0));
    stack.start()?;

    // What the old server signed is believed, and the bench's place in the stream is known.
    let api = stack.api()?;
    ensure!(links(&api, &script, Some(&cursor))?.is_empty());
    let moved = links(&api, &script, None)?;
    ensure!(same(&before, &moved), "the history is another one");

    let from_the_beginning = format!("GET /v1/shops/{}/changes?limit=", stack.shop());
    line.lose_answer_to(&from_the_beginning);
    line.restore();
    client.must(Request::Sync { wait: false })?;
    bench.settled()?;
    bench.online()?;
    // With a sign-in that was made at the old server, and its next token from the new one.
    drop(client);
    ensure!(bench.stop()?.success());
    bench.start()?;
    bench.online()?;
    bench
        .client()?
        .save(vec![note(id, "lights.horn", "after")?])?;
    bench.settled()?;
    expected.push("after".to_owned());
    assert_eq!(line.lost(), 0, "the shop was fetched anew");

    let after = links(&api, &script, Some(&cursor))?;
    ensure!(after.first().is_some_and(|it| it.seq == level.next()));
    chained(&[moved, after].concat())?;
    let copy = api.copy(&script)?;
    let there = notes(copy.events_of(id));
    assert_eq!(there.len(), expected.len());
    for text in &expected {
        assert_eq!(there.get(text), Some(&1), "{text}");
    }
    let view = bench.client()?.find(&id.to_string())?;
    let horn = &view.inspection.results[&"lights.horn".parse()?];
    assert_eq!(horn.note(), Some("after"));
    let status = bench.client()?.status()?;
    assert_eq!((status.quarantined, status.conflicts), (0, 0));

    // That the trap is a good one: who is new does begin at the beginning.
    let newcomer = stack.bench_at("newcomer", Role::Viewer, &line.url())?;
    assert_eq!(line.lost(), 1);
    newcomer.sees(id, "the last note", |view| {
        let mut results = view.inspection.results.values();
        results.any(|it| it.note() == Some("after"))
    })?;
    Ok(())
}

fn what_was_moved_is_not_served_from_the_old_place(ground: &Ground) -> Result<()> {
    let mut stack = Stack::over(ground, Database::embedded())?;
    let data = stack.data();
    let refused = |arguments: &[&str]| -> Result<String> {
        let mut command = ground.command("server");
        let said = command.args(arguments).arg(&data).output()?;
        ensure!(!said.status.success(), "{arguments:?} was done");
        Ok(String::from_utf8(said.stderr)?)
    };
    let away = [
        "move",
        "--to",
        "postgres://nobody@127.0.0.1:1/nowhere",
        "--from",
    ];
    let words = refused(&away)?;
    ensure!(words.contains("Stop the server"), "{words}");
    ensure!(stack.stop()?.success());
    let words = refused(&away)?;
    ensure!(words.contains("cannot be reached"), "{words}");
    stack.start()?;
    ensure!(stack.stop()?.success());
    stack.move_to(Database::in_cluster(ground, Cluster::shared()?)?)?;
    for arguments in [
        &["shop", "list", "--data"][..],
        &["serve", "--listen", "127.0.0.1:0", "--data"],
    ] {
        let words = refused(arguments)?;
        ensure!(words.contains("was moved to"), "{words}");
    }
    stack.start()?;
    let members = ["member", "list", "--shop", &stack.shop().to_string()];
    ensure!(stack.operator(&members, "")?.contains("owner@example.com"));
    Ok(())
}

fn a_move_that_is_taken_back_loses_nothing_that_a_bench_still_keeps(ground: &Ground) -> Result<()> {
    let mut stack = Stack::over(ground, Database::embedded())?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("BACK 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    let mut write = |text: &str| -> Result<()> {
        client.save(vec![note(id, "lights.horn", text)?])?;
        client.must(Request::Sync { wait: false })?;
        bench.settled()
    };
    write("in files")?;
    ensure!(stack.stop()?.success());
    stack.move_to(Database::in_cluster(ground, Cluster::shared()?)?)?;
    stack.start()?;
    write("on PostgreSQL")?;
    ensure!(stack.stop()?.success());
    stack.move_back()?;
    stack.start()?;
    write("in files again")?;

    let script = stack.session(Role::Viewer)?;
    let api = stack.api()?;
    chained(&links(&api, &script, None)?)?;
    let copy = api.copy(&script)?;
    let there = notes(copy.events_of(id));
    assert_eq!(there.len(), 3, "{there:?}");
    ensure!(there.values().all(|times| *times == 1), "{there:?}");
    let horn = &copy.inspection(id)?.results[&"lights.horn".parse()?];
    assert_eq!(horn.note(), Some("in files again"));
    let status = bench.client()?.status()?;
    assert_eq!((status.quarantined, status.conflicts), (0, 0));
    Ok(())
}

/// A cursor that has seen nothing; without any, a copy would come that leaves out most of the history.
fn beginning(api: &Api, session: &Session) -> Result<String> {
    let path = format!("/v1/shops/{}/changes", session.shop);
    let answer = api.get(&path, Some(session))?;
    let mut lines = answer.body.split(|byte| *byte == b'\n').rev();
    let last = lines.find(|line| !line.is_empty()).context("no line")?;
    let Line::End(end) = Line::parse(last)? else {
        anyhow::bail!("the page has no end");
    };
    let mut cursor: Cursor = end.cursor.parse()?;
    cursor.seq = Seq(0);
    cursor.hash.copy_from_slice(&event::GENESIS[..8]);
    cursor.copying = None;
    Ok(cursor.to_string())
}

/// All events after a cursor, or from the beginning.
fn links(api: &Api, session: &Session, cursor: Option<&str>) -> Result<Vec<Link>> {
    let mut cursor = match cursor {
        Some(cursor) => cursor.to_owned(),
        None => beginning(api, session)?,
    };
    let mut links = Vec::new();
    loop {
        let path = format!("/v1/shops/{}/changes?cursor={cursor}", session.shop);
        let answer = api.get(&path, Some(session))?;
        ensure!(answer.status.is_success(), "{answer:?}");
        let mut end = None;
        for line in answer.body.split(|byte| *byte == b'\n') {
            if line.is_empty() {
                continue;
            }
            match Line::parse(line)? {
                Line::Event(link) => links.push(link),
                Line::End(it) => end = Some(it),
                Line::Reset => anyhow::bail!("the cursor is not known"),
                Line::Document(_) | Line::Gone(_) => {}
            }
        }
        let end = end.context("the page has no end")?;
        if !end.more {
            return Ok(links);
        }
        cursor = end.cursor;
    }
}

fn same(left: &[Link], right: &[Link]) -> bool {
    let equal = |(left, right): (&Link, &Link)| {
        let texts = left.payload.get() == right.payload.get();
        texts && (left.seq, &left.salt, &left.hash) == (right.seq, &right.salt, &right.hash)
    };
    left.len() == right.len() && left.iter().zip(right).all(equal)
}

/// Recounts the chain from the beginning.
fn chained(links: &[Link]) -> Result<()> {
    let mut hash = event::GENESIS;
    for (place, link) in links.iter().enumerate() {
        ensure!(link.seq.0 == place as u64 + 1, "{} at {place}", link.seq);
        let digest = event::payload_digest(&bytes(&link.salt)?, link.payload.get().as_bytes());
        hash = event::chain(&hash, link.seq, &digest);
        ensure!(
            bytes(&link.hash)? == hash,
            "the chain breaks at {}",
            link.seq
        );
    }
    Ok(())
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    let pairs = pairs.map(|at| hex.get(at..at + 2).context("half a byte"));
    pairs
        .map(|pair| Ok(u8::from_str_radix(pair?, 16)?))
        .collect()
}
