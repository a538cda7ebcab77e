//! Wrong keys, damaged and emptied files: told apart, set aside, never deleted.

use std::fs;

use redtag_protocol::op::{Refusal, RefusalCode};

use super::*;

/// The words of a cache that had to be set aside, and what is in the new one.
fn set_aside(bench: &mut Bench) -> (String, Option<std::path::PathBuf>) {
    let opened = bench.open().unwrap();
    let Origin::SetAside { file, why, .. } = &opened.origin else {
        panic!("{:?}", opened.origin)
    };
    let found = ((*why).to_owned(), file.clone());
    assert!(opened.meta().is_none());
    bench.store = Some(opened.store(meta).unwrap());
    found
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

#[test]
fn nothing_saved_or_pulled_can_be_read_in_any_file() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "PLANTED-MARKER"), 0);
    let mut files = 0;
    for _ in 0..2 {
        for entry in fs::read_dir(bench.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for marker in [
                b"PLANTED-MARKER".as_slice(),
                b"Marker Cycles",
                b"refresh-one",
                b"SQLite",
            ] {
                let found = bytes.windows(marker.len()).any(|part| part == marker);
                assert!(!found, "{} holds {marker:?}", path.display());
            }
            files += 1;
        }
        if bench.store.is_some() {
            bench.close();
        }
    }
    assert!(files >= 4, "{files}");
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::filled();
    for entry in fs::read_dir(bench.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", entry.path());
    }
}

#[test]
fn a_wrong_key_is_refused_and_the_file_stays() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "kept"), 0);
    bench.close();
    let wrong = CacheKey::new(Zeroizing::new([8; 32]));
    let error = open(bench.path(), &wrong, Stamp(1)).unwrap_err();
    assert!(matches!(error, CacheError::WrongKey { .. }), "{error}");
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn a_wrong_key_without_a_fingerprint_moves_nothing() {
    let mut bench = Bench::filled();
    bench.close();
    fs::remove_file(bench.path().join("cache.key-id")).unwrap();
    let wrong = CacheKey::new(Zeroizing::new([8; 32]));
    let error = open(bench.path(), &wrong, Stamp(1)).unwrap_err();
    assert!(matches!(error, CacheError::WrongKey { .. }), "{error}");
    bench.reopen();
}

#[test]
fn a_flipped_bit_in_the_first_page_is_damage() {
    let mut bench = Bench::filled();
    bench.close();
    flip(&bench.path().join("cache.db"), 100);
    let (why, file) = set_aside(&mut bench);
    assert_eq!(why, "it is damaged");
    assert!(file.unwrap().exists());
    assert_eq!(bench.store().documents().unwrap(), 0);
    bench.reopen();
}

#[test]
fn a_cache_that_was_found_damaged_in_use_is_set_aside_once() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "rescued"), 0);
    bench.close();
    note_damage(bench.path()).unwrap();
    let (why, file) = set_aside(&mut bench);
    assert_eq!(why, "it was found damaged while in use");
    assert!(file.unwrap().exists());
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
    bench.reopen();
}

#[test]
fn an_emptied_file_is_not_taken_for_a_new_one() {
    let mut bench = Bench::filled();
    bench.close();
    fs::write(bench.path().join("cache.db"), b"").unwrap();
    let (why, _) = set_aside(&mut bench);
    assert_eq!(why, "it was emptied");
    bench.reopen();
}

#[test]
fn a_missing_file_is_not_taken_for_a_new_one() {
    let mut bench = Bench::filled();
    bench.close();
    fs::remove_file(bench.path().join("cache.db")).unwrap();
    let (why, file) = set_aside(&mut bench);
    assert_eq!((why.as_str(), file), ("it was emptied", None));
}

#[test]
fn the_unsent_is_taken_over_from_what_can_be_read() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "sent"), 0);
    bench.answered(vec![accepted(1, 11)]);
    let edits = vec![note("tyres.cuts", "rescued"), note("tyres.wear", "as well")];
    bench.store().save(edits, now(1)).unwrap();
    // The cache's own values are lost, the outbox can still be read.
    bench
        .store()
        .conn
        .execute("DELETE FROM meta WHERE name = 'sentinel'", [])
        .unwrap();
    bench.close();
    let opened = bench.open().unwrap();
    let Origin::SetAside { salvaged, .. } = &opened.origin else {
        panic!("{:?}", opened.origin)
    };
    assert_eq!((salvaged.unsent(), salvaged.complete()), (2, true));
    assert_eq!(
        salvaged.meta().unwrap().refresh.as_deref(),
        Some("refresh-one")
    );
    bench.store = Some(opened.store(meta).unwrap());
    bench.reopen();
    let numbers: Vec<_> = bench
        .store()
        .pending()
        .iter()
        .map(|(_, op)| (op.operation.number, op.operation.group))
        .collect();
    assert_eq!(numbers, [(2, 2), (3, 2)]);
    assert_eq!(bench.store().meta().next, 4);
}

#[test]
fn what_was_acknowledged_is_kept_through_damage_for_an_api_that_was_put_back() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "acknowledged"), 0);
    bench.answered(vec![accepted(1, 11)]);
    bench.close();
    note_damage(bench.path()).unwrap();
    let fresh = DeviceId::from_bytes(bytes(0x33));
    let opened = bench.open().unwrap();
    let begun = || Meta {
        device: fresh,
        ..meta()
    };
    bench.store = Some(opened.store(begun).unwrap());
    // It is not sent again where the API has it.
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    let asks = bench.store().asks().unwrap();
    assert_eq!(
        asks.iter().map(|it| it.device).collect::<Vec<_>>(),
        [fresh, device()]
    );
    let told = |last| {
        let mut former = Held::ask(device(), 1);
        former.told(last, &[]);
        [Held::ask(fresh, 1), former]
    };
    let known = bench.store().reopen(&told(1)).unwrap();
    assert!(!known.renumber);
    bench.pull(first_page(), 10, false);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    // An API that was put back to before it has lost it.
    let lost = bench.store().reopen(&told(0)).unwrap();
    assert!(lost.renumber);
    bench
        .store()
        .fork(DeviceId::from_bytes(bytes(0x34)))
        .unwrap();
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let mut bench = Bench::filled();
    bench
        .store()
        .conn
        .pragma_update(None, "user_version", 99)
        .unwrap();
    bench.close();
    let error = bench.open().unwrap_err();
    assert!(
        matches!(error, CacheError::Newer { found: 99, .. }),
        "{error}"
    );
    assert!(bench.path().join("cache.db").exists());
}

#[test]
fn damage_in_the_middle_is_found_at_the_next_start_and_the_unsent_taken_over() {
    let mut bench = Bench::filled();
    let filler: Vec<Line> = (0..200_u8)
        .map(|at| {
            let mut it = ticket_one();
            it.id = InspectionId::from_bytes(bytes(0x90).map(|byte| byte ^ at));
            document(&Entity::Inspection(Box::new(it)), 20)
        })
        .collect();
    bench.pull(filler, 20, false);
    bench.save(note("tyres.cuts", "rescued"), 0);
    let page: i64 = bench
        .store()
        .conn
        .query_row(
            "SELECT max(pageno) FROM dbstat WHERE name = 'documents' AND pagetype = 'leaf'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    bench.close();
    let at = usize::try_from(page - 1).unwrap() * 4096 + 2_000;
    flip(&bench.path().join("cache.db"), at);
    let opened = bench.open().unwrap();
    let Origin::SetAside { salvaged, .. } = &opened.origin else {
        panic!("{:?}", opened.origin)
    };
    assert_eq!((salvaged.unsent(), salvaged.complete()), (1, true));
    bench.store = Some(opened.store(meta).unwrap());
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn a_damaged_page_of_the_outbox_costs_what_is_on_it_and_no_more() {
    const EDITS: usize = 120;
    let mut bench = Bench::filled();
    for n in 0..EDITS {
        bench.save(
            note("tyres.cuts", &format!("{n} {}", "much ".repeat(60))),
            0,
        );
    }
    let leaves: Vec<(i64, usize)> = bench
        .store()
        .conn
        .prepare("SELECT pageno, ncell FROM dbstat WHERE name = 'outbox' AND pagetype = 'leaf'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(leaves.len() > 5, "{leaves:?}");
    bench.close();
    for (page, on_it) in leaves {
        let dir = TempDir::new().unwrap();
        for file in fs::read_dir(bench.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
        }
        let at = usize::try_from(page - 1).unwrap() * 4096 + 2_000;
        flip(&dir.path().join("cache.db"), at);
        let opened = open(dir.path(), &key(), Stamp(77)).unwrap();
        let Origin::SetAside { salvaged, .. } = &opened.origin else {
            panic!("{:?}", opened.origin)
        };
        assert_eq!(salvaged.unsent(), EDITS - on_it, "page {page}");
        assert!(!salvaged.complete());
        // They are sent in the order in which they were made.
        let store = opened.store(meta).unwrap();
        let stamps: Vec<Stamp> = store
            .pending()
            .iter()
            .map(|it| it.1.operation.stamp)
            .collect();
        assert!(stamps.is_sorted() && stamps.len() == EDITS - on_it);
    }
}

#[test]
fn what_was_set_aside_is_taken_over_once_also_after_an_interruption() {
    let mut bench = Bench::filled();
    let edits = vec![note("tyres.cuts", "rescued"), note("tyres.wear", "as well")];
    bench.store().save(edits, now(1)).unwrap();
    let damage = |bench: &mut Bench| {
        bench
            .store()
            .conn
            .execute("DELETE FROM meta WHERE name = 'sentinel'", [])
            .unwrap();
        bench.close();
    };
    damage(&mut bench);
    let unsent = |bench: &Bench| {
        let opened = bench.open().unwrap();
        let Origin::SetAside { salvaged, .. } = &opened.origin else {
            panic!("{:?}", opened.origin)
        };
        assert!(salvaged.complete());
        (salvaged.unsent(), opened)
    };
    // Power cut, or a full disk, before the new cache was filled; and once more.
    drop(unsent(&bench));
    drop(unsent(&bench));
    let aside = |bench: &Bench| {
        let files = fs::read_dir(bench.path()).unwrap();
        let paths = files.map(|it| it.unwrap().path());
        paths
            .filter(|it| it.extension().is_some_and(|end| end == "db"))
            .filter(|it| !it.ends_with("cache.db"))
            .count()
    };
    assert_eq!(aside(&bench), 1);
    let (count, opened) = unsent(&bench);
    assert_eq!(count, 2);
    bench.store = Some(opened.store(meta).unwrap());
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (2, 0));
    // What came back once does not come from the older file a second time.
    damage(&mut bench);
    assert_eq!(unsent(&bench).0, 2);
}

#[test]
fn a_refusal_after_the_rescue_does_not_meet_a_rescued_one() {
    let mut bench = Bench::filled();
    let refused = |number| Numbered {
        number,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::Invalid, "no"),
        },
        replayed: false,
    };
    bench.save(note("tyres.cuts", "refused before"), 0);
    bench.answered(vec![refused(1)]);
    bench
        .store()
        .conn
        .execute("DELETE FROM meta WHERE name = 'sentinel'", [])
        .unwrap();
    bench.close();
    let opened = bench.open().unwrap();
    bench.store = Some(opened.store(meta).unwrap());
    bench.pull(first_page(), 10, false);
    bench.save(note("tyres.cuts", "refused after"), 1);
    bench.answered(vec![refused(1)]);
    assert_eq!(bench.store().refusals(), 2);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
}
