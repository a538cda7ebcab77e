//! What is written is read as the same; the first form is read as ever; what is wrong is said.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    field::{Conflict, Register, Side},
    grade::Condition,
    ids::{CustomerId, InspectionId, LineId, PointKey, TemplateId, VehicleId},
    inspection::{
        Answer, Inspection, InspectionWrite, PastRevision, PointResult, Recommendation, TemplateRef,
    },
    lifecycle::State,
    money::Cents,
};

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

/// Numbers near both ends as well.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0u64..3_000_000, 1 => any::<u64>(), 1 => Just(u64::MAX), 1 => Just(0)]
}

prop_compose! {
    /// One of a few people on one of a few benches.
    fn writer()(
        seq in option::weighted(0.8, number()),
        (device, who) in (0u8..3, 0u8..3),
        (number, stamp) in (number(), number()),
    ) -> Writer {
        Writer {
            seq: seq.map(Seq),
            device: DeviceId::from_bytes([device; 16]),
            number,
            stamp: Stamp(stamp),
            person: person(who),
        }
    }
}

// Boxed, here and below: a strategy of strategies is a value that no stack of a test holds.
fn register<T: std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Register<T>> {
    let register = (value, writer()).prop_map(|(value, writer)| Register { value, writer });
    register.boxed()
}

fn text() -> impl Strategy<Value = Option<String>> {
    option::of(".{0,6}")
}

fn answer() -> impl Strategy<Value = Option<Answer>> {
    option::of(Just(Answer::condition(Condition::Green)))
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![Just(State::Draft), Just(State::Closed)]
}

fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from)];
    vec(("newer_[a-c]", value), 0..3).prop_map(|all| all.into_iter().collect())
}

fn results() -> BoxedStrategy<BTreeMap<PointKey, PointResult>> {
    let line = option::of(".{0,4}").prop_map(|text| {
        text.map(|text| Recommendation {
            text,
            labour: Cents::ZERO,
            parts: Cents::ZERO,
        })
    });
    let lines = vec((any::<[u8; 16]>(), register(line)), 0..3);
    let point = (
        option::of(register(answer())),
        option::of(register(text())),
        lines,
        unknown(),
    )
        .prop_map(|(answer, note, lines, unknown)| PointResult {
            answer,
            note,
            lines: lines
                .into_iter()
                .map(|(id, it)| (LineId::from_bytes(id), it))
                .collect(),
            unknown,
        });
    let results = vec(("[a-c]{1,2}", point.boxed()), 0..5).prop_map(|all| {
        let keyed = all.into_iter().map(|(key, it)| (key.parse().unwrap(), it));
        keyed.collect()
    });
    results.boxed()
}

fn sides() -> BoxedStrategy<Vec<Side<InspectionWrite>>> {
    let side = (text(), writer()).prop_map(|(bay, writer)| Side {
        write: InspectionWrite::Bay { bay },
        writer,
    });
    vec(side, 0..4).boxed()
}

prop_compose! {
    fn past()(
        revision in 0u32..9,
        state in register(state()),
        ended in number(),
        results in results(),
    ) -> PastRevision {
        PastRevision { revision, state, ended: Stamp(ended), results }
    }
}

prop_compose! {
    pub(crate) fn inspection()(
        (number, revision, unknown) in (option::of(number()), 0u32..9, unknown()),
        (created, deletion) in (writer(), option::of(writer())),
        state in register(state()),
        customer in option::of(register(option::of(Just(CustomerId::from_bytes([5; 16]))))),
        assignee in option::of(register(option::of(Just(person(1))))),
        (bay, concern) in (option::of(register(text())), option::of(register(text()))),
        choices in vec(("[a-c]", register(text())), 0..3),
        results in results(),
        conflicts in vec(("[a-c]", sides()), 0..3),
        late in sides(),
        past in vec(past().boxed(), 0..3),
    ) -> Inspection {
        Inspection {
            id: InspectionId::from_bytes([1; 16]),
            number,
            provisional: "~K7-3".to_owned(),
            template: TemplateRef {
                id: TemplateId::from_bytes([2; 16]),
                key: "vehicle-multipoint".parse().unwrap(),
                version: 1,
            },
            vehicle: VehicleId::from_bytes([3; 16]),
            created,
            state,
            revision,
            customer,
            assignee,
            bay,
            concern,
            choices: choices.into_iter().map(|(key, it)| (key.parse().unwrap(), it)).collect(),
            results,
            conflicts: conflicts
                .into_iter()
                .map(|(field, sides)| (field, Conflict { sides }))
                .collect(),
            late,
            past,
            deletion,
            unknown,
        }
    }
}

/// The body as it was first written: every writer in full, no table.
fn first_form(it: &Inspection) -> Value {
    fn spell(value: &mut Value, table: &Table) {
        let writers = ["w", "writer", "deletion"];
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if writers.contains(&key.as_str()) && value.is_array() {
                        let short = serde_json::from_value::<(_, _, _, _)>(value.clone());
                        let (seq, place, number, stamp) = short.unwrap();
                        let whole = table.whole(Short(seq, place, number, stamp)).unwrap();
                        *value = json!(whole);
                    } else {
                        spell(value, table);
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|it| spell(it, table)),
            _ => {}
        }
    }
    let mut body = serde_json::to_value(it).unwrap();
    let others = body.as_object_mut().unwrap().remove("writers");
    let table = Table {
        created: it.created,
        others: others.map_or_else(Vec::new, |it| serde_json::from_value(it).unwrap()),
    };
    spell(&mut body, &table);
    body
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_is_read_as_it_was_written(it in inspection()) {
        let body = serde_json::to_string(&it).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Inspection>(&body).unwrap(), &it);
        // In any order: a map of JSON has none.
        let value: Value = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Inspection>(value).unwrap(), &it);
    }

    #[test]
    fn the_first_form_is_the_same_inspection(it in inspection()) {
        let first = first_form(&it).to_string();
        prop_assert!(!first.contains("writers"));
        let read: Inspection = serde_json::from_str(&first).unwrap();
        prop_assert_eq!(&read, &it);
        let again = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(again, serde_json::to_string(&it).unwrap());
    }

    #[test]
    fn nobody_is_told_in_full_but_who_created_it(it in inspection()) {
        let body = serde_json::to_string(&it).unwrap();
        let named = body.matches("\"00000000-").count()
            + body.matches("\"01010101-").count()
            + body.matches("\"02020202-").count();
        // Three devices and three people; the ids of the inspection, its template and assignee.
        prop_assert!(named <= 2 * 9 + 3, "{}", body);
    }

    #[test]
    fn a_damaged_body_is_an_error_or_an_inspection(
        it in inspection(),
        at in any::<prop::sample::Index>(),
        with in "[0-9\\[\\]{},\"-]{0,3}",
    ) {
        let body = serde_json::to_string(&it).unwrap();
        let places: Vec<usize> = body.char_indices().map(|(at, _)| at).collect();
        let (before, after) = body.split_at(*at.get(&places));
        let mut chars = after.chars();
        chars.next();
        let damaged = format!("{before}{with}{}", chars.as_str());
        if let Ok(read) = serde_json::from_str::<Inspection>(&damaged) {
            let again = serde_json::to_string(&read).unwrap();
            prop_assert_eq!(serde_json::from_str::<Inspection>(&again).unwrap(), read);
        }
    }
}

const BODY: &str = r#"{"id":"01010101-0101-0101-0101-010101010101","provisional":"~K7-3",
    "template":{"id":"02020202-0202-0202-0202-020202020202","key":"car","version":1},
    "vehicle":"03030303-0303-0303-0303-030303030303",
    "created":[9,"04040404-0404-0404-0404-040404040404",5,1000,"05050505-0505-0505-0505-050505050505"],
    "writers":[["04040404-0404-0404-0404-040404040404","06060606-0606-0606-0606-060606060606",40]],
    "state":{"v":"draft","w":[3,1,-2,-10]}}"#;

#[test]
fn four_numbers_tell_a_writer() {
    let it: Inspection = serde_json::from_str(BODY).unwrap();
    let expected = Writer {
        seq: Some(Seq(12)),
        device: DeviceId::from_bytes([4; 16]),
        number: 38,
        stamp: Stamp(990),
        person: person(6),
    };
    assert_eq!(it.state.writer, expected);
}

#[test]
fn what_is_wrong_is_an_error() {
    let writers =
        r#"[["04040404-0404-0404-0404-040404040404","06060606-0606-0606-0606-060606060606",40]]"#;
    for (what, with, says) in [
        ("[3,1,-2,-10]", "[3,2,-2,-10]", "writer 2"),
        ("[3,1,-2,-10]", "[3,18446744073709551615,-2,-10]", "writer"),
        ("[3,1,-2,-10]", "[3,-1,-2,-10]", "a device or a place"),
        ("[3,1,-2,-10]", "[3,1,-2]", "length 3"),
        ("[3,1,-2,-10]", "[3,1,-2,-10,4]", "trailing"),
        ("[3,1,-2,-10]", "[1.5,1,-2,-10]", "whole number"),
        ("[3,1,-2,-10]", "[9223372036854775808,1,-2,-10]", "range"),
        ("[3,1,-2,-10]", "[3,\"nobody\",2,10]", "UUID"),
        ("[3,1,-2,-10]", "{}", "a writer"),
        (writers, "7", "sequence"),
        (writers, "[]", "writer 1"),
        (writers, "null", "sequence"),
        (writers, "[[1,2,3]]", "UUID"),
    ] {
        let body = BODY.replacen(what, with, 1);
        assert_ne!(body, BODY);
        let error = serde_json::from_str::<Inspection>(&body).unwrap_err();
        assert!(error.to_string().contains(says), "{with}: {error}");
    }
}

/// Prints sizes and times; run in release: `REDTAG_BODIES` names a file of bodies, a line each.
#[test]
#[ignore = "measures"]
#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "it is its purpose"
)]
fn measure() {
    let path = std::env::var("REDTAG_BODIES").unwrap();
    let bodies = std::fs::read_to_string(path).unwrap();
    let first: Vec<&str> = bodies.lines().collect();
    let all: Vec<Inspection> = first
        .iter()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let again: Vec<String> = all
        .iter()
        .map(|it| serde_json::to_string(it).unwrap())
        .collect();
    let second: Vec<&str> = again.iter().map(String::as_str).collect();
    let best = |work: &dyn Fn()| {
        let once = |_| {
            let began = std::time::Instant::now();
            work();
            began.elapsed()
        };
        (0..300).map(once).min().unwrap() / u32::try_from(all.len()).unwrap()
    };
    let read = |bodies: &[&str]| {
        for body in bodies {
            std::hint::black_box(serde_json::from_str::<Inspection>(body).unwrap());
        }
    };
    let write = best(&|| {
        for it in &all {
            std::hint::black_box(serde_json::to_string(it).unwrap());
        }
    });
    let bytes = |bodies: &[&str]| bodies.iter().map(|it| it.len()).sum::<usize>() / bodies.len();
    eprintln!(
        "as it came {} bytes, read in {:?}; as it is written {} bytes, read in {:?}, written in {:?}",
        bytes(&first),
        best(&|| read(&first)),
        bytes(&second),
        best(&|| read(&second)),
        write,
    );
}
