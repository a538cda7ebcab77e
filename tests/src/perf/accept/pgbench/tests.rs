use redtag_server::storage::sql::{hosted, shop};

use super::{progress, script::Shape};

fn script(batch: u32, alone: bool) -> String {
    let shape = Shape {
        scene: "some",
        batch,
        alone,
    };
    shape.text()
}

/// The statements between two flights' marks, as pgbench gets them.
fn flights(script: &str) -> Vec<Vec<&str>> {
    let (_, script) = script.split_once("\\endif").unwrap();
    let flights = script.split("\\startpipeline\n").skip(1);
    flights
        .map(|flight| {
            let (flight, _) = flight.split_once("\\endpipeline").unwrap();
            let statements = flight.lines().filter(|line| !line.starts_with('\\'));
            statements
                .map(|line| line.strip_suffix(';').unwrap())
                .collect()
        })
        .collect()
}

#[test]
fn who_is_alone_in_a_shop_makes_the_engines_flights() {
    let script = script(1, true);
    let [begin, end] = &flights(&script)[..] else {
        panic!("{script}");
    };
    let opening = [
        hosted::BEGIN_WRITE,
        hosted::SETTINGS,
        hosted::HEAD_LOCK,
        shop::COUNTED,
    ];
    assert_eq!(begin[..], opening);
    // Up to where names stand for values.
    let begins = |flight: &str, text: &str| {
        let upto = text.find([':', '(']).unwrap_or(text.len());
        assert!(flight.starts_with(&text[..upto]), "{flight}");
    };
    begins(end[0], shop::DOCUMENT_PUT);
    assert_eq!(end[1], shop::EVENT_ADD);
    begins(end[5], shop::HEAD_SET);
    assert_eq!(end[6], hosted::COMMIT);
    assert_eq!(end.len(), 7);
}

#[test]
fn a_batch_writes_its_document_and_head_once_and_the_rest_for_each() {
    let script = script(50, false);
    let count = |text: &str| script.lines().filter(|it| it.starts_with(text)).count();
    for (text, times) in [
        ("INSERT INTO document", 1),
        ("INSERT INTO event", 50),
        ("INSERT INTO payload", 50),
        ("INSERT INTO outcome", 50),
        ("INSERT INTO counted", 1),
        ("UPDATE head", 1),
        // Once to learn where it stands.
        ("COMMIT", 2),
    ] {
        assert_eq!(count(text), times, "{text}");
    }
    assert!(script.contains(&format!("{} \\gset", hosted::HEAD_LOCK)));
}

#[test]
fn the_rate_is_told_each_second() {
    let line = "progress: 3.0 s, 1289.4 tps, lat 6.203 ms stddev 1.180, 0 failed";
    assert_eq!(progress(line), Some(1289.4));
    assert_eq!(progress("pgbench (15.14)"), None);
}
