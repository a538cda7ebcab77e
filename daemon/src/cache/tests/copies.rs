//! Copies: built beside the one that is shown, compared with the API, followed by their chain.

use redtag_protocol::{
    api::changes::{Copying, Gone},
    audit::{Sum, Tally},
    event::{self, Link},
};

use super::*;

/// A page's end within a copy, in an epoch.
fn cursor(epoch: u64, seq: u64, copying: bool) -> Cursor {
    let copying = copying.then_some(Copying {
        part: 1,
        after: None,
    });
    Cursor {
        epoch,
        seq: Seq(seq),
        hash: [0; 8],
        copying,
    }
}

fn end_at(cursor: Cursor, more: bool) -> End {
    End {
        cursor: cursor.to_string(),
        more,
        filling: cursor.copying.is_some(),
        documents: Some(6),
        sum: None,
    }
}

fn take(bench: &mut Bench, lines: Vec<Line>, end: End) -> Pulled {
    let mut page = Page::default();
    for line in lines {
        page.push(&line);
    }
    page.push(&Line::End(end));
    bench.store().take(page, Stamp(1)).unwrap()
}

fn reset(bench: &mut Bench) -> Pulled {
    let mut page = Page::default();
    page.push(&Line::Reset);
    bench.store().take(page, Stamp(2)).unwrap()
}

fn sum(lines: &[Line]) -> Sum {
    let mut tally = Tally::default();
    for line in lines {
        if let Line::Document(it) = line {
            tally.add(&it.kind, &it.id, it.version);
        }
    }
    tally.sum
}

fn answered(seq: u64, condition: Condition) -> Line {
    let mut it = ticket_one();
    it.results.entry(point("tyres.wear")).or_default().answer = Some(Register {
        value: Some(PointAnswer::condition(condition)),
        writer: api_writer(seq),
    });
    document(&Entity::Inspection(Box::new(it)), seq)
}

fn rows(bench: &mut Bench) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM events)";
    let conn = &bench.store().conn;
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_first_copy_is_shown_as_it_comes_and_level_only_when_it_is_over() {
    let mut bench = Bench::empty();
    let mut lines = first_page();
    let late = lines.split_off(3);
    let pulled = take(&mut bench, lines, end_at(cursor(1, 10, true), true));
    assert!(pulled.more && !pulled.touched.is_empty());
    assert_eq!(bench.store().meta().level, Seq(0));
    assert_eq!(bench.store().progress(), Some((3, 6)));
    bench.reopen();
    assert_eq!(bench.store().documents().unwrap(), 3);
    take(&mut bench, late, end_at(cursor(1, 10, false), false));
    assert_eq!(bench.store().meta().level, Seq(10));
    assert_eq!(bench.store().progress(), None);
    assert!(!bench.store().rebuilding());
}

#[test]
fn another_copy_grows_beside_the_one_that_is_shown_and_takes_its_place_when_it_is_whole() {
    for restart in [false, true] {
        let mut bench = Bench::filled();
        bench.save(note("tyres.cuts", "waits"), 0);
        assert!(reset(&mut bench).reset);
        assert!(bench.store().rebuilding());
        let mut lines = first_page();
        lines.truncate(4);
        let pulled = take(&mut bench, lines, end_at(cursor(2, 4, true), true));
        assert!(pulled.touched.is_empty() && !pulled.anew);
        if restart {
            bench.reopen();
        }
        assert!(bench.store().rebuilding());
        assert_eq!(bench.store().documents().unwrap(), 6);
        let line = answered(5, Condition::Red);
        let pulled = take(&mut bench, vec![line], end_at(cursor(2, 5, false), false));
        assert!(pulled.anew && !pulled.more);
        assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
        assert_eq!(bench.store().documents().unwrap(), 5);
        assert_eq!(bench.store().meta().level, Seq(5));
        assert_eq!(bench.inspection(1).results.len(), 2);
        // What is left of the old one goes when there is time, and only that.
        assert_eq!(rows(&mut bench), 11);
        while bench.store().sweep().unwrap() {}
        assert_eq!(rows(&mut bench), 5);
        bench.reopen();
        assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
        assert_eq!(bench.store().pending().unsettled(), (1, 0));
    }
}

#[test]
fn a_copy_that_is_begun_again_leaves_nothing_of_the_unfinished_one() {
    let mut bench = Bench::filled();
    reset(&mut bench);
    take(&mut bench, first_page(), end_at(cursor(2, 4, true), true));
    reset(&mut bench);
    let lines = first_page().into_iter().take(5).collect();
    take(&mut bench, lines, end_at(cursor(3, 10, false), false));
    assert_eq!(bench.store().documents().unwrap(), 5);
    while bench.store().sweep().unwrap() {}
    assert_eq!(rows(&mut bench), 5);
}

#[test]
fn an_own_write_is_shown_over_a_restore_that_counts_anew() {
    let mut bench = Bench::filled();
    // The API was put back to 3, and takes the edit as 4: below what this cache has seen.
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.answered(vec![accepted(1, 4)]);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    // A page that was under way already says nothing of it.
    bench.pull(vec![], 10, false);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    bench.reopen();
    reset(&mut bench);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let mut lines = first_page();
    lines.truncate(4);
    take(&mut bench, lines, end_at(cursor(2, 4, true), true));
    bench.reopen();
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let line = answered(4, Condition::Red);
    take(&mut bench, vec![line], end_at(cursor(2, 4, false), false));
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    assert_eq!(bench.store().pending().iter().count(), 0);
}

#[test]
fn an_edit_of_what_a_new_copy_lacks_stays_wherever_that_copy_ends() {
    // The edit is based on 10, of the life before: at the very number at which the new copy ends
    // it has not seen either that the document is not there.
    for seq in [9, 10, 11] {
        let mut bench = Bench::filled();
        bench.save(note("tyres.cuts", "mine"), 0);
        reset(&mut bench);
        let mut lines = first_page();
        lines.remove(4);
        let pulled = take(&mut bench, lines, end_at(cursor(2, seq, false), false));
        assert!(pulled.anew);
        for _ in 0..2 {
            let it = bench.inspection(1);
            let shown = it.results[&point("tyres.cuts")].note();
            assert_eq!(shown, Some("mine"), "{seq}");
            bench.reopen();
        }
    }
}

#[test]
fn count_and_hash_that_agree_change_nothing() {
    let mut bench = Bench::empty();
    let lines = first_page();
    let mut end = end_at(cursor(1, 10, false), false);
    end.sum = Some(sum(&lines));
    // Twice the same, a change and a deletion: what counts is what is there at the end.
    let mut all = first_page();
    all.extend(lines);
    take(&mut bench, all, end);
    assert!(!bench.store().rebuilding());
    let mut after = first_page();
    after[4] = answered(11, Condition::Red);
    after.remove(5);
    let mut end = end_at(cursor(1, 12, false), false);
    (end.sum, end.documents) = (Some(sum(&after)), Some(5));
    let gone = Line::Gone(Gone {
        kind: "hologram".to_owned(),
        id: "h-1".to_owned(),
        version: Seq(12),
        erased: false,
    });
    take(&mut bench, vec![answered(11, Condition::Red), gone], end);
    assert!(!bench.store().rebuilding());
    assert_eq!(
        bench.store().meta().cursor.as_deref(),
        Some(cursor(1, 12, false).to_string().as_str())
    );
}

#[test]
fn what_is_missing_is_found_and_another_copy_built_once() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "waits"), 0);
    bench
        .store()
        .conn
        .execute("DELETE FROM documents WHERE typeof(key) = 'text'", [])
        .unwrap();
    // As a cache of an earlier program, which did not count.
    bench
        .store()
        .change_meta(|meta| meta.copies.tally = None)
        .unwrap();
    let whole = || {
        let mut end = end_at(cursor(1, 10, false), false);
        end.sum = Some(sum(&first_page()));
        end
    };
    let pulled = take(&mut bench, vec![], whole());
    assert!(pulled.more && bench.store().rebuilding());
    assert!(bench.store().meta().copies.why().is_some());
    assert_eq!(bench.store().meta().cursor, None);
    let pulled = take(&mut bench, first_page(), whole());
    assert!(pulled.anew && !pulled.more && !bench.store().rebuilding());
    assert_eq!(bench.store().documents().unwrap(), 6);
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
    // An API that miscounts does not make the cache fetch for ever.
    let mut wrong = whole();
    wrong.sum = Some(Sum(7));
    let pulled = take(&mut bench, vec![], wrong);
    assert!(!pulled.more && !bench.store().rebuilding());
}

#[test]
fn a_copy_that_never_agrees_is_told_of_and_fetched_less_and_less_often() {
    let mut bench = Bench::filled();
    let end = |sum| {
        let mut end = end_at(cursor(1, 10, false), false);
        end.sum = Some(sum);
        end
    };
    let hours = |store: &Store, since: u64| {
        let copies = &store.meta().copies;
        let after = |hours: u64| copies.may_mend(Stamp(since + hours * 3_600_000 + 1));
        (1..100).find(|hours| after(*hours))
    };
    let mut waits = Vec::new();
    for round in 0..8 {
        assert_eq!(bench.store().differs().is_some(), round > 0, "{round}");
        bench
            .store()
            // As long ago as it takes.
            .change_meta(|meta| meta.copies.mended = meta.copies.mended.map(|_| Stamp(2)))
            .unwrap();
        let pulled = take(&mut bench, vec![], end(Sum(7)));
        assert!(pulled.more, "{round}");
        let since = bench.store().meta().copies.mended.unwrap().0;
        waits.push(hours(bench.store(), since).unwrap());
        let pulled = take(&mut bench, first_page(), end(Sum(7)));
        assert!(!pulled.more, "not at once");
        bench.reopen();
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32, 32]);
    let told = bench.store().differs().unwrap();
    assert!(told.contains("does not agree"), "{told}");
    take(&mut bench, vec![], end(sum(&first_page())));
    assert_eq!(bench.store().differs(), None);
    assert_eq!(bench.store().meta().copies.mends, 0);
}

/// Events 11 to 13 that hang on whatever came before.
fn links() -> (Vec<Link>, Vec<Cursor>) {
    let (mut links, mut cursors) = (Vec::new(), Vec::new());
    let mut hash = [5; 32];
    for seq in 11..=13 {
        let payload = "{\"n\":1}";
        hash = event::chain(
            &hash,
            Seq(seq),
            &event::payload_digest(&[1], payload.as_bytes()),
        );
        let text = crate::cache::chain::hex(&hash);
        links.push(Link {
            seq: Seq(seq),
            salt: "01".to_owned(),
            hash: text,
            payload: RawValue::from_string(payload.to_owned()).unwrap(),
            digest: None,
        });
        let mut end = cursor(1, seq, false);
        end.hash.copy_from_slice(&hash[..8]);
        cursors.push(end);
    }
    (links, cursors)
}

#[test]
fn a_timeline_that_was_fetched_is_kept_unless_its_document_went_meanwhile() {
    let mut bench = Bench::filled();
    let (links, _) = links();
    for (which, kept) in [(1, 3), (9, 0)] {
        let key = EntityRef::Inspection(ticket(which));
        let store = bench.store();
        assert!(!store.timeline_whole(&key).unwrap());
        store.take_timeline(&key, &links).unwrap();
        assert_eq!(store.events(&key).unwrap().len(), kept);
        assert_eq!(store.timeline_whole(&key).unwrap(), kept > 0);
    }
}

#[test]
fn a_chain_that_goes_on_sounds_no_alarm_and_a_broken_one_does_for_good() {
    let mut bench = Bench::filled();
    let (links, cursors) = links();
    let line = |at: usize| Line::Event(links[at].clone());
    take(
        &mut bench,
        vec![line(0), line(1)],
        end_at(cursors[1], false),
    );
    bench.reopen();
    take(&mut bench, vec![], end_at(cursors[1], false));
    assert_eq!(bench.store().alarm(), None);
    let mut tampered = links[2].clone();
    tampered.payload = RawValue::from_string("{\"n\":2}".to_owned()).unwrap();
    take(
        &mut bench,
        vec![Line::Event(tampered)],
        end_at(cursors[2], false),
    );
    let alarm = bench.store().alarm().unwrap().to_owned();
    assert!(alarm.contains("event 13"), "{alarm}");
    // Synchronising goes on, and the alarm stays.
    bench.reopen();
    reset(&mut bench);
    take(&mut bench, first_page(), end_at(cursor(2, 1, false), false));
    assert_eq!(bench.store().alarm(), Some(alarm.as_str()));
}

#[test]
fn a_chain_that_became_shorter_within_an_epoch_sounds_the_alarm_also_after_a_new_copy() {
    for (epoch, alarm) in [(1, true), (2, false)] {
        let mut bench = Bench::filled();
        reset(&mut bench);
        take(
            &mut bench,
            first_page(),
            end_at(cursor(epoch, 9, false), false),
        );
        assert_eq!(bench.store().alarm().is_some(), alarm, "{epoch}");
    }
}
