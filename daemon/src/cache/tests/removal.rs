//! Documents that are deleted, erased or merged, here and elsewhere.

use redtag_protocol::{
    api::changes::Gone,
    ids::CustomerId,
    ipc::SyncState,
    op::{Refusal, RefusalCode},
};

use super::*;

fn customer(which: u8) -> CustomerId {
    CustomerId::from_bytes(bytes(0x60 + which))
}

fn create(which: u8, name: &str) -> Edit {
    Edit::CreateCustomer {
        id: customer(which),
        name: name.to_owned(),
        phones: vec!["555-0101".to_owned()],
        emails: Vec::new(),
        consent: true,
    }
}

fn rename(which: u8, name: &str) -> Edit {
    Edit::Customer {
        id: customer(which),
        write: redtag_protocol::customer::CustomerWrite::Name {
            name: name.to_owned(),
        },
    }
}

fn known(which: u8, name: &str, version: u64, merged: Option<u8>) -> Line {
    let writer = api_writer(version);
    let mut body = json!({
        "id": customer(which),
        "name": {"v": name, "w": writer}, "phones": {"v": [], "w": writer},
        "emails": {"v": [], "w": writer}, "consent": {"v": false, "w": writer},
    });
    if let Some(into) = merged {
        body["merged"] = json!({"v": customer(into), "w": writer});
    }
    raw(
        "customer",
        &customer(which).to_string(),
        version,
        body.to_string(),
    )
}

fn gone(kind: &str, id: &str, version: u64, erased: bool) -> Line {
    Line::Gone(Gone {
        kind: kind.to_owned(),
        id: id.to_owned(),
        version: Seq(version),
        erased,
    })
}

fn name(bench: &mut Bench, which: u8) -> Option<String> {
    let key = EntityRef::Customer(customer(which));
    match bench.store().local(&key).unwrap().as_deref() {
        Some(Entity::Customer(it)) => Some(it.name.value.clone()),
        _ => None,
    }
}

#[test]
fn what_is_deleted_elsewhere_stays_while_an_edit_waits_on_it() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "mine"), 0);
    bench.pull(
        vec![gone("inspection", &ticket(1).to_string(), 12, false)],
        12,
        false,
    );
    for _ in 0..2 {
        let it = bench.inspection(1);
        assert_eq!(it.results[&point("tyres.cuts")].note(), Some("mine"));
        assert_eq!(it.label(), "#1042");
        assert_eq!(bench.store().board().find("1042"), Some(ticket(1)));
        bench.reopen();
    }
    // The API brings it back.
    bench.answered(vec![accepted(1, 13)]);
    bench.pull(
        vec![document(&Entity::Inspection(Box::new(ticket_one())), 13)],
        13,
        false,
    );
    assert_eq!(bench.inspection(1).label(), "#1042");
    let rows: i64 = bench
        .store()
        .conn
        .query_row("SELECT count(*) FROM gone", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn what_is_deleted_here_is_gone_at_once_and_comes_back_when_that_is_taken_back() {
    let mut bench = Bench::filled();
    bench.save(create(1, "Alma"), 0);
    let what = EntityRef::Customer(customer(1));
    bench.save(Edit::Delete { what }, 1);
    assert_eq!(name(&mut bench, 1), None);
    bench.reopen();
    assert_eq!(name(&mut bench, 1), None);
    assert_eq!(bench.store().board().customers("alma", 9), []);
    // One that an inspection names stays.
    let what = EntityRef::Vehicle(vehicle());
    let edits = vec![Edit::Delete { what }];
    let refused = bench.store().save(edits, now(2)).unwrap_err();
    let SaveError::Refused(refusal) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refusal.code, RefusalCode::InUse);
}

/// How many rows still tell what was written of a customer.
fn secrets(bench: &mut Bench) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM outbox WHERE instr(bytes, CAST('ecret' AS BLOB))
                          OR instr(happening, CAST('ecret' AS BLOB)))
                    + (SELECT count(*) FROM quarantine
                       WHERE instr(bytes, CAST('ecret' AS BLOB))
                          OR instr(happening, CAST('ecret' AS BLOB)))
                    + (SELECT count(*) FROM gone)";
    let conn = &bench.store().conn;
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_waited_for_an_erased_customer_is_scrubbed_once_it_is_refused() {
    let mut bench = Bench::filled();
    bench.pull(vec![known(1, "Alma", 11, None)], 11, false);
    bench.save(rename(1, "Secret five"), 0);
    let erased = gone("customer", &customer(1).to_string(), 12, true);
    bench.pull(vec![erased], 12, false);
    assert_eq!(secrets(&mut bench), 1);
    bench.answered(vec![Numbered {
        number: 1,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::Erased, "erased"),
        },
        replayed: false,
    }]);
    assert_eq!(secrets(&mut bench), 0);
    let kept = bench.store().quarantine(None).unwrap();
    assert_eq!(kept.len(), 1, "that it was refused, and why, is still told");
    assert_eq!(kept[0].refusal.code, RefusalCode::Erased);
}

#[test]
fn nothing_of_an_erased_customer_is_kept_but_what_waits() {
    let mut bench = Bench::filled();
    bench.save(create(1, "Alma Secret"), 0);
    bench.save(rename(1, "Secret two"), 1);
    bench.save(rename(1, "Secret three"), 2);
    bench.save(rename(1, "Secret four"), 3);
    let refused = Numbered {
        number: 3,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::NotAllowed, "no"),
        },
        replayed: false,
    };
    bench.answered(vec![accepted(1, 11), accepted(2, 12), refused]);
    bench.pull(vec![known(1, "Secret two", 12, None)], 12, false);
    bench.pull(
        vec![gone("customer", &customer(1).to_string(), 13, true)],
        13,
        false,
    );
    assert_eq!(name(&mut bench, 1), None);
    assert_eq!(
        secrets(&mut bench),
        1,
        "what waits goes out as it was saved"
    );
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
    bench.reopen();
    assert_eq!(name(&mut bench, 1), None);
    // Sent again to an API that was put back, the scrubbed ones still have their numbers.
    let mut none = Held::ask(device(), 1);
    none.told(0, &[]);
    bench.store().reopen(&[none]).unwrap();
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 2);
    // The refused one's number is a gap there now, before which this batch ends.
    bench.answered(vec![accepted(1, 1), accepted(2, 2)]);
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 1);
}

#[test]
fn edits_of_a_duplicate_are_shown_at_the_one_that_it_became() {
    let mut bench = Bench::filled();
    bench.pull(
        vec![known(1, "Alma", 11, None), known(2, "Anna", 12, None)],
        12,
        false,
    );
    bench.save(rename(1, "Alma B."), 0);
    assert_eq!(name(&mut bench, 1).as_deref(), Some("Alma B."));
    bench.pull(vec![known(1, "Alma", 13, Some(2))], 13, false);
    for _ in 0..2 {
        assert_eq!(name(&mut bench, 2).as_deref(), Some("Alma B."));
        let key = EntityRef::Customer(customer(2));
        assert_eq!(bench.store().sync(&key), SyncState::Waiting);
        bench.reopen();
    }
    // What is written from here on is based on the one that stays.
    bench.save(rename(1, "Alma C."), 1);
    let base = bench
        .store()
        .pending()
        .iter()
        .last()
        .unwrap()
        .1
        .operation
        .base;
    assert_eq!(base, Seq(12));
    bench.answered(vec![accepted(1, 14), accepted(2, 15)]);
    bench.pull(vec![known(2, "Alma C.", 15, None)], 15, false);
    assert_eq!(name(&mut bench, 2).as_deref(), Some("Alma C."));
    assert_eq!(bench.store().pending().iter().count(), 0);
}
