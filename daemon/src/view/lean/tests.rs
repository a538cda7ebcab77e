//! The lean reading agrees with the whole one.

use std::time::Instant;

use proptest::prelude::*;
use redtag_protocol::inspection::AnswerValue;
use serde_json::{Value, json};

use super::*;
use crate::view::corpus::{Draw, Shop};

fn forms(shop: &Shop) -> Forms {
    let mut forms = Forms::default();
    for template in &shop.templates {
        forms.put(template);
    }
    forms
}

/// Changes fields of a body as people and newer programs would.
fn alter(body: &str, draw: &mut Draw) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    let map = body.as_object_mut().unwrap();
    let names: Vec<String> = map.keys().cloned().collect();
    for name in names {
        match (draw.below(6), &mut map[&name]) {
            (0, Value::Object(field)) if field.contains_key("w") => match &mut field["v"] {
                Value::String(text)
                    if text.len() != 36 && !matches!(name.as_str(), "vin" | "state") =>
                {
                    text.push_str("\n\"é\u{1b}\\\u{202e}");
                }
                _ => {}
            },
            (1, _)
                if matches!(
                    name.as_str(),
                    "number"
                        | "vin"
                        | "plate"
                        | "serial"
                        | "year"
                        | "make"
                        | "model"
                        | "customer"
                        | "assignee"
                        | "bay"
                        | "concern"
                        | "results"
                        | "revision"
                        | "kind"
                ) =>
            {
                map.remove(&name);
            }
            (2, Value::Object(field)) if field.contains_key("w") => {
                if matches!(
                    name.as_str(),
                    "vin" | "plate" | "year" | "make" | "model" | "bay"
                ) {
                    field["v"] = Value::Null;
                }
            }
            _ => {}
        }
    }
    let writer = json!([
        5,
        "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
        1,
        9,
        "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c"
    ]);
    if draw.below(3) == 0 {
        map.insert("deletion".to_owned(), writer.clone());
    }
    if draw.below(3) == 0 {
        map.insert(
            "of_a_newer_program".to_owned(),
            json!({"v": [1, {"a": null}]}),
        );
    }
    if map.contains_key("template") && draw.below(2) == 0 {
        let side = json!({"write": {"field": "bay", "bay": "2"}, "writer": writer});
        map.insert("late".to_owned(), json!([side]));
        map.insert(
            "conflicts".to_owned(),
            json!({"bay": {"sides": [side, side]}}),
        );
        map.insert(
            "choices".to_owned(),
            json!({"road_rules": {"v": "uk", "w": writer}}),
        );
    }
    body.to_string()
}

/// The texts of a whole inspection.
fn all_texts(it: &Inspection) -> String {
    let mut lines: Vec<&str> = it.concern().into_iter().collect();
    for result in it.results.values() {
        if let Some(AnswerValue::Text(text)) = result.answer().and_then(|it| it.value.as_ref()) {
            lines.push(text);
        }
        lines.extend(result.note());
        lines.extend(result.lines().map(|(_, line)| line.text.as_str()));
    }
    lines.push("");
    lines.join("\n")
}

fn agree(kind: Kind, body: &str, forms: &Forms) {
    let whole = Entity::from_body(kind, body).unwrap();
    let lean = Lean::read(kind, body, forms).unwrap();
    assert_eq!(Some(&lean), Lean::of(&whole, forms).as_ref());
    assert_eq!(lean.key(), whole.key());
    // The bodies of this corpus are of the first form; as they are written now they say the same.
    let now = whole.to_body().unwrap();
    assert_eq!(Lean::read(kind, &now, forms).unwrap(), lean);
    let row = lean.to_row().unwrap();
    assert_eq!(Lean::from_row(&row).unwrap(), lean);
    if let Entity::Inspection(it) = &whole {
        let mut found = String::new();
        assert!(texts(body, &mut found));
        assert_eq!(found, all_texts(it));
        let mut again = String::new();
        assert!(texts(&now, &mut again));
        assert_eq!(again, found);
        let unknown = Lean::read(kind, body, &Forms::default()).unwrap();
        assert!(!unknown.complete() && lean.complete());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_reads_what_the_whole_document_says(seed in any::<u32>()) {
        let mut shop = Shop::new(u64::from(seed));
        let forms = forms(&shop);
        let mut draw = Draw::new(u64::from(seed) + 7);
        let (vehicle, body) = shop.vehicle();
        agree(Kind::Vehicle, &alter(&body, &mut draw), &forms);
        let (customer, body) = shop.customer();
        agree(Kind::Customer, &body, &forms);
        for template in 0..3 {
            let (_, body) = shop.inspection(template, 64, &vehicle, Some(&customer));
            agree(Kind::Inspection, &body, &forms);
            agree(Kind::Inspection, &alter(&body, &mut draw), &forms);
        }
    }

    #[test]
    fn no_stored_row_does_harm(row in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = Lean::from_row(&row);
    }
}

#[test]
fn what_cannot_be_read_is_none() {
    let forms = Forms::default();
    for body in ["", "{}", "[]", "{\"id\":1}", "{\"id\":\"019a2b3c\"}"] {
        for kind in Kind::ALL {
            assert_eq!(Lean::read(kind, body, &forms), None, "{kind} {body}");
        }
        let mut into = String::new();
        texts(body, &mut into);
        assert_eq!(into, "");
    }
    assert_eq!(Lean::from_row(&[0, 1, 2]), None);
}

/// Stored rows stay readable, or are told apart by their version.
#[test]
fn a_stored_row_reads_as_ever() {
    let lean = Lean::Vehicle(LeanVehicle {
        id: VehicleId::from_bytes([7; 16]),
        year: Some(2003),
        name: "Honda Accord".into(),
        plate: "AB 12".into(),
        vin: "".into(),
        serial: "".into(),
        merged: None,
        conflicts: 2,
        owners: Vec::new(),
    });
    let mut row = vec![2, 1, 16];
    row.extend([7; 16]);
    row.extend([1, 0xd3, 0x0f, 12]);
    row.extend(b"Honda Accord");
    row.extend([5]);
    row.extend(b"AB 12");
    row.extend([0, 0, 0, 2, 0]);
    assert_eq!(lean.to_row().unwrap(), row);
}

/// Prints times; run in release.
#[test]
#[ignore = "measures"]
#[expect(clippy::print_stderr, reason = "it is its purpose")]
fn measure() {
    let mut shop = Shop::new(42);
    let forms = forms(&shop);
    let (vehicle, customer) = (shop.vehicle().0, shop.customer().0);
    for points in [64, 20] {
        let make = |_| shop.inspection(0, points, &vehicle, Some(&customer)).1;
        let bodies: Vec<String> = (0..500).map(make).collect();
        let best = |work: &dyn Fn(&str)| {
            let once = |_| {
                let began = Instant::now();
                for body in &bodies {
                    work(body);
                }
                began.elapsed()
            };
            (0..9).map(once).min().unwrap() / 500
        };
        let whole = best(&|body| drop(Entity::from_body(Kind::Inspection, body).unwrap()));
        let lean = best(&|body| drop(Lean::read(Kind::Inspection, body, &forms).unwrap()));
        let none = Forms::default();
        let plain = best(&|body| drop(Lean::read(Kind::Inspection, body, &none).unwrap()));
        let said = best(&|body| {
            let mut into = String::new();
            texts(body, &mut into);
        });
        let rows: Vec<Vec<u8>> = bodies
            .iter()
            .map(|body| {
                Lean::read(Kind::Inspection, body, &forms)
                    .unwrap()
                    .to_row()
                    .unwrap()
            })
            .collect();
        let began = Instant::now();
        for row in &rows {
            drop(Lean::from_row(row).unwrap());
        }
        let row = began.elapsed() / 500;
        eprintln!(
            "{} bytes: whole {whole:?}, lean {lean:?}, without counts {plain:?}, texts {said:?}, \
             row of {} bytes {row:?}",
            bodies[0].len(),
            rows[0].len(),
        );
    }
}
