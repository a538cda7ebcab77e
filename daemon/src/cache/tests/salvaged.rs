//! What was salvaged of a damaged cache and may be at the API already: it goes out under the numbers it
//! had, so that the API knows it again.

use redtag_protocol::api::ops::Ending;

use super::*;

fn fresh() -> DeviceId {
    DeviceId::from_bytes(bytes(0x33))
}

impl Bench {
    /// Damages the cache, so that `also` is lost beside its first value, and begins another.
    fn rescued(&mut self, also: &str) {
        let lost = format!("DELETE FROM meta WHERE name = 'sentinel'; {also}");
        self.store().conn.execute_batch(&lost).unwrap();
        self.close();
        let opened = self.open().unwrap();
        let Origin::SetAside { salvaged, .. } = &opened.origin else {
            panic!("{:?}", opened.origin)
        };
        // As the actor begins it.
        let begun = match salvaged.meta().cloned() {
            Some(old) => Meta {
                device: fresh(),
                provisional: old.provisional,
                ..meta()
            },
            None => Meta {
                device: fresh(),
                ..meta()
            },
        };
        self.store = Some(opened.store(|| begun).unwrap());
        self.reopen();
    }

    fn body(&mut self) -> String {
        let batch = self.store().batch(500).unwrap().unwrap();
        String::from_utf8(batch.body).unwrap()
    }

    /// The numbers that are sent next, one batch.
    fn sends(&mut self) -> Vec<u64> {
        let sent: serde_json::Value = serde_json::from_str(&self.body()).unwrap();
        let ops = sent["ops"].as_array().unwrap();
        ops.iter().filter_map(|op| op["number"].as_u64()).collect()
    }
}

#[test]
fn what_the_api_may_have_taken_is_sent_again_as_it_was() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "acknowledged"), 0);
    bench.answered(vec![accepted(1, 11)]);
    let edits = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    bench.store().save(edits, now(1)).unwrap();
    bench.save(note("tyres.cuts", "last"), 2);
    let sent = bench.body();
    bench.rescued("");
    assert_eq!(bench.body(), sent);
    let meta = bench.store().meta();
    // The API is asked first, and new edits go on behind these.
    assert_eq!(
        (meta.device, meta.registered, meta.next),
        (device(), false, 5)
    );
    bench.answered(vec![accepted(2, 12), accepted(3, 13), accepted(4, 14)]);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    bench.pull(first_page(), 10, false);
    bench.save(note("tyres.cuts", "new"), 3);
    assert_eq!(bench.sends(), [5]);
}

#[test]
fn a_number_lost_to_damage_hides_nothing_behind_it_from_the_api() {
    let mut bench = Bench::filled();
    for at in 0..4 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.rescued("DELETE FROM outbox WHERE number = 2");
    // The API has had all of it.
    assert_eq!(bench.sends(), [1]);
    bench.answered(vec![accepted(1, 11)]);
    assert_eq!(bench.sends(), [3, 4]);
    let done = bench.answered(vec![accepted(3, 13), accepted(4, 14)]);
    assert_eq!((done.waiting, done.ending), (0, None));
}

#[test]
fn what_the_api_has_not_had_is_numbered_anew_behind_a_number_lost_to_damage() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.rescued("DELETE FROM outbox WHERE number = 2");
    bench.answered(vec![accepted(1, 11)]);
    let answer = Answer {
        outcomes: vec![],
        ending: Some(Ending::Gap { expected: 2 }),
    };
    let decided = bench.store().answered(device(), &answer, Stamp(5)).unwrap();
    assert_eq!(decided.ending, Some(Ending::DeviceForked { at: 2 }));
    assert_eq!(bench.store().fork(fresh()).unwrap(), 1);
    assert_eq!(bench.sends(), [1]);
}

#[test]
fn an_export_brings_back_what_was_lost_to_damage() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    let export = bench.store().export(None).unwrap().text().unwrap();
    bench.rescued("DELETE FROM outbox WHERE number = 2; DELETE FROM meta");
    bench.pull(first_page(), 10, false);
    let adopted = bench.store().adopt(&export, now(9)).unwrap();
    assert_eq!((adopted.saved, adopted.known, adopted.refused), (1, 2, 0));
}

#[test]
fn labels_go_on_where_the_caches_own_values_are_lost() {
    let mut bench = Bench::filled();
    for _ in 0..20 {
        bench.store().provisional().unwrap();
    }
    let label = bench.store().provisional().unwrap();
    let new = Edit::CreateInspection {
        id: ticket(2),
        provisional: label.clone(),
        template: template(),
        vehicle: vehicle(),
        customer: None,
        assignee: None,
        bay: None,
        concern: None,
    };
    bench.save(new, 0);
    bench.rescued("DELETE FROM meta");
    let meta = bench.store().meta();
    assert_eq!((meta.device, meta.next), (device(), 2));
    let next = bench.store().provisional().unwrap();
    assert!(next.starts_with(&format!("~{}-", device().code())));
    assert_ne!(next, label);
    let count = |label: &str| label.rsplit('-').next().unwrap().parse::<u64>().unwrap();
    assert!(count(&next) > count(&label), "{next} after {label}");
}
