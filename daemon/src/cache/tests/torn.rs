//! Files that were cut off or changed at every place: opened all the same, and what can be read of them
//! is kept.

use std::fs;

use redtag_protocol::op::{Refusal, RefusalCode};

use super::*;

const PAGE: usize = 4096;

/// The directory copied, with its database changed.
fn changed(bench: &Bench, change: impl FnOnce(&mut Vec<u8>)) -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in fs::read_dir(bench.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
    }
    let path = dir.path().join("cache.db");
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    dir
}

/// A page comes, and an edit is saved.
fn works(store: &mut Store) -> Result<(), SaveError> {
    let mut page = Page::default();
    for line in first_page() {
        page.push(&line);
    }
    page.push(&end(10, false));
    store.take(page, Stamp(1))?;
    store.save(vec![note("tyres.cuts", "after")], now(99))?;
    Ok(())
}

#[test]
fn a_cache_that_was_cut_off_at_any_page_opens_and_works_on() {
    const EDITS: u64 = 40;
    let mut bench = Bench::filled();
    for at in 0..EDITS {
        bench.save(
            note("tyres.cuts", &format!("{at} {}", "much ".repeat(60))),
            at,
        );
    }
    bench.close();
    let size = fs::metadata(bench.path().join("cache.db")).unwrap().len();
    let pages = usize::try_from(size).unwrap() / PAGE;
    assert!(pages > 20, "{pages}");
    let mut rescued = 0;
    for kept in 0..pages {
        let dir = changed(&bench, |bytes| bytes.truncate(kept * PAGE));
        let opened = open(dir.path(), &key(), Stamp(77)).unwrap();
        if let Origin::SetAside { file, salvaged, .. } = &opened.origin {
            let aside = file.as_ref().unwrap();
            assert!(fs::metadata(aside).unwrap().len() >= (kept * PAGE) as u64);
            rescued = rescued.max(salvaged.unsent());
            let all = salvaged.unsent() as u64 == EDITS;
            assert!(all || !salvaged.complete(), "{kept} pages hid what is lost");
        }
        let whole = matches!(opened.origin, Origin::Whole);
        let mut store = opened.store(meta).unwrap();
        // What is called whole has everything.
        let (waiting, _) = store.pending().unsettled();
        assert!(!whole || waiting == EDITS, "{kept} pages");
        if works(&mut store).is_err() {
            // Only a page that opening does not read is missing: it is met in use.
            store.close();
            note_damage(dir.path()).unwrap();
            let opened = open(dir.path(), &key(), Stamp(78)).unwrap();
            let Origin::SetAside { salvaged, .. } = &opened.origin else {
                panic!("{:?}", opened.origin)
            };
            assert!(!whole || salvaged.unsent() as u64 >= EDITS, "{kept} pages");
            store = opened.store(meta).unwrap();
            works(&mut store).unwrap();
        }
        store.close();
        let again = open(dir.path(), &key(), Stamp(79)).unwrap();
        assert!(matches!(again.origin, Origin::Whole), "{:?}", again.origin);
    }
    assert!(rescued > 0, "nothing was ever taken over");
}

#[test]
fn a_damaged_page_of_the_quarantine_costs_what_is_on_it_and_no_more() {
    const EDITS: u64 = 60;
    let mut bench = Bench::filled();
    for at in 0..EDITS {
        bench.save(
            note("tyres.cuts", &format!("{at} {}", "much ".repeat(60))),
            at,
        );
    }
    let refused = (1..=EDITS).map(|number| Numbered {
        number,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::Invalid, "no"),
        },
        replayed: false,
    });
    bench.answered(refused.collect());
    let leaves: Vec<(u32, u32)> = bench
        .store()
        .conn
        .prepare("SELECT pageno, ncell FROM dbstat WHERE name = 'quarantine' AND pagetype = 'leaf'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(leaves.len() > 5, "{leaves:?}");
    bench.close();
    for (page, on_it) in leaves {
        let at = (page as usize - 1) * PAGE + 2_000;
        let on_it = u64::from(on_it);
        let dir = changed(&bench, |bytes| bytes[at] ^= 0x10);
        let opened = open(dir.path(), &key(), Stamp(77)).unwrap();
        let Origin::SetAside { salvaged, .. } = &opened.origin else {
            panic!("{:?}", opened.origin)
        };
        assert!(!salvaged.complete());
        let store = opened.store(meta).unwrap();
        assert_eq!(store.refusals(), EDITS - on_it, "page {page}");
        assert_eq!(store.unsent().unwrap().len() as u64, EDITS - on_it);
    }
}
