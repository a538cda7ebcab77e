//! Processes that are killed without a word: what was called saved is there, and nothing is done
//! twice.

use std::{collections::BTreeMap, io::Read as _, thread, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{Reply, Request},
    role::Role,
};
use redtag_tests::harness::{Client, Ground, PATIENCE, Proxy, Stack, eventually, note};

use crate::{
    story::{Story, stories},
    support::{after, at_random, notes},
};

pub(crate) const STORIES: &[Story] = stories![
    what_was_called_saved_survives_the_daemons_death,
    an_api_that_is_killed_while_it_takes_edits_does_each_once,
    an_answer_that_was_lost_does_not_do_the_edit_again,
    a_cache_that_is_damaged_after_a_lost_answer_does_not_do_the_edit_again,
    a_daemon_that_dies_while_it_renews_stays_signed_in,
    daemon_and_api_end_cleanly_when_asked,
];

/// Saves notes one after the other until the daemon is gone; gives those that were called saved.
fn write_until_it_ends(mut client: Client, id: InspectionId, round: u64) -> Result<Vec<String>> {
    let mut saved = Vec::new();
    for count in 0_u32.. {
        let text = format!("round {round} note {count}");
        let edits = vec![note(id, "lights.horn", &text)?];
        match client.ask(Request::Edit { edits }) {
            Ok(Ok(Reply::Saved { .. })) => saved.push(text),
            Ok(other) => bail!("“saved” was expected, not {other:?}"),
            Err(_) => break,
        }
    }
    Ok(saved)
}

fn what_was_called_saved_survives_the_daemons_death(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let stack = Stack::on(ground)?;
        let line = Proxy::before(stack.address())?;
        let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
        let id = bench.new_inspection("KILL 1")?;
        bench.client()?.start(id)?;
        let mut saved = Vec::new();
        for round in 0..8 {
            // Half of the deaths come while it sends, half while it cannot.
            if round % 2 == 0 {
                line.cut();
            } else {
                line.restore();
            }
            let client = bench.client()?;
            let writing = thread::spawn(move || write_until_it_ends(client, id, round));
            after(Duration::from_millis(20 + moments.below(180)));
            bench.kill()?;
            let written = writing.join();
            let written = written.ok().context("the writing thread panicked")??;
            saved.extend(written);
            bench.start()?;
            let mut client = bench.client()?;
            let here = timeline(&mut client, id)?;
            for note in &saved {
                ensure!(
                    here.contains_key(note),
                    "“{note}” was called saved and is gone"
                );
            }
        }
        line.restore();
        bench.settled()?;
        let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
        let there = notes(copy.events_of(id));
        for note in &saved {
            assert_eq!(there.get(note), Some(&1), "{note}");
        }
        assert!(saved.len() > 20, "too few to tell: {}", saved.len());
        Ok(())
    })
}

fn timeline(client: &mut Client, id: InspectionId) -> Result<BTreeMap<String, usize>> {
    match client.must(Request::Timeline { id })? {
        Reply::Timeline(entries) => Ok(notes(
            entries.iter().filter_map(|entry| entry.happening.as_ref()),
        )),
        other => bail!("a timeline was expected, not {other:?}"),
    }
}

fn an_api_that_is_killed_while_it_takes_edits_does_each_once(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let mut stack = Stack::on(ground)?;
        let line = Proxy::before(stack.address())?;
        let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
        let id = bench.new_inspection("ONCE 1")?;
        let mut client = bench.client()?;
        client.start(id)?;
        bench.settled()?;
        line.cut();
        let mut expected = Vec::new();
        for count in 0..600 {
            let text = format!("note {count}");
            client.save(vec![note(id, "lights.horn", &text)?])?;
            expected.push(text);
        }
        line.restore();
        for _ in 0..6 {
            client.must(Request::Sync { wait: false })?;
            after(Duration::from_millis(moments.below(120)));
            stack.kill()?;
            stack.start()?;
        }
        client.must(Request::Sync { wait: false })?;
        bench.settled()?;
        let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
        let there = notes(copy.events_of(id));
        assert_eq!(there.len(), expected.len());
        for note in &expected {
            assert_eq!(there.get(note), Some(&1), "{note}");
        }
        let last = client.find(&id.to_string())?;
        let horn = &last.inspection.results[&"lights.horn".parse()?];
        assert_eq!(horn.note(), Some("note 599"), "the order is kept");
        Ok(())
    })
}

fn an_answer_that_was_lost_does_not_do_the_edit_again(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("LOST 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    bench.settled()?;
    let push = format!("POST /v1/shops/{}/ops", stack.shop());
    line.lose_answer_to(&push);
    client.save(vec![note(id, "lights.horn", "only once")?])?;
    eventually("the answer to be lost", || {
        ensure!(line.lost() == 1);
        Ok(())
    })?;
    bench.settled()?;
    let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
    assert_eq!(notes(copy.events_of(id)).get("only once"), Some(&1));
    Ok(())
}

fn a_cache_that_is_damaged_after_a_lost_answer_does_not_do_the_edit_again(
    ground: &Ground,
) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("TORN 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    bench.settled()?;
    line.cut_at_answer_to(&format!("POST /v1/shops/{}/ops", stack.shop()));
    client.save(vec![note(id, "lights.horn", "only once")?])?;
    eventually("the answer to be lost", || {
        ensure!(line.lost() == 1);
        Ok(())
    })?;
    client.save(vec![note(id, "lights.wipers", "never sent")?])?;
    ensure!(bench.stop()?.success());
    // As a daemon leaves it that has met damage.
    let accounts = std::fs::read_dir(bench.home().join("data/accounts"))?;
    for account in accounts {
        let account = account?;
        if account.file_type()?.is_dir() {
            std::fs::write(account.path().join("cache.damaged"), "")?;
        }
    }
    bench.start()?;
    let status = bench.client()?.status()?;
    let told = |it: &String| it.contains("its 2 unsent edits were taken over");
    ensure!(status.notices.iter().any(told), "{:?}", status.notices);
    line.restore();
    bench.settled()?;
    let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
    let there = notes(copy.events_of(id));
    assert_eq!(there.get("only once"), Some(&1));
    assert_eq!(there.get("never sent"), Some(&1));
    let view = bench.sees(id, "both notes", |view| view.inspection.results.len() == 2)?;
    ensure!(view.inspection.conflicts.is_empty(), "{view:?}");
    Ok(())
}

/// Each start renews the sign-in. Wherever in it the death comes, before the API moved on, after it,
/// or when the new token was durable already, the next start goes on from there.
fn a_daemon_that_dies_while_it_renews_stays_signed_in(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let stack = Stack::on(ground)?;
        let line = Proxy::before(stack.address())?;
        let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
        bench.settled()?;
        line.delay(Duration::from_millis(15));
        for _ in 0..12 {
            bench.kill()?;
            bench.start()?;
            after(Duration::from_millis(moments.below(200)));
        }
        line.delay(Duration::ZERO);
        bench.online()?;
        bench.new_inspection("RENEW 1")?;
        bench.settled()?;
        ensure!(
            !stack.log().contains("old refresh token"),
            "{}",
            stack.log()
        );
        Ok(())
    })
}

fn daemon_and_api_end_cleanly_when_asked(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let mut bench = stack.bench("bench", Role::Technician)?;
    let socket = bench.socket();
    let mut listening = bench.client()?;
    listening.must(Request::Subscribe)?;
    let status = bench.stop()?;
    assert_eq!(status.code(), Some(0), "{}", bench.log());
    assert!(!socket.exists(), "the socket was left behind");
    drop(listening);

    // With a bench on the line, and with somebody who opened a connection and says nothing.
    bench.start()?;
    bench.online()?;
    let mut mute = std::net::TcpStream::connect(stack.address())?;
    let status = stack.stop()?;
    assert_eq!(status.code(), Some(0), "{}", stack.log());
    mute.set_read_timeout(Some(PATIENCE))?;
    let read = mute.read(&mut [0; 16]);
    assert!(matches!(read, Ok(0) | Err(_)));
    assert!(bench.stop()?.success());
    Ok(())
}
