//! Fields of newer programs survive every edit.

use std::sync::Arc;

use proptest::prelude::*;
use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    op::Edit,
};
use serde_json::{Value, json};

use crate::shop::{Shop, created, customer_id, inspection_id, step, vehicle_id};

fn keys() -> [EntityRef; 3] {
    [
        EntityRef::Inspection(inspection_id(0)),
        EntityRef::Customer(customer_id(0)),
        EntityRef::Vehicle(vehicle_id(0)),
    ]
}

/// Puts a field that nobody knows into the document itself and into each of its points' results.
fn marked(entity: &Entity, mark: &Value) -> Entity {
    let mut body: Value = serde_json::from_str(&entity.to_body().unwrap()).unwrap();
    body["of_a_newer_program"] = mark.clone();
    if let Some(results) = body.get_mut("results").and_then(Value::as_object_mut) {
        for result in results.values_mut() {
            result["of_a_newer_program"] = mark.clone();
        }
    }
    Entity::from_body(entity.key().kind(), &body.to_string()).unwrap()
}

fn mark() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,9}".prop_map(Value::from),
        (any::<u8>(), ".{0,9}").prop_map(|(n, text)| json!({ "deep": [n, { text: [] }] })),
    ]
}

proptest! {
    #[test]
    fn what_a_newer_program_wrote_survives_every_edit(
        before in prop::collection::vec(step(), 0..30),
        mark in mark(),
        after in prop::collection::vec(step(), 0..40),
    ) {
        let mut shop = Shop::new();
        created(&mut shop);
        let create = Edit::CreateCustomer {
            id: customer_id(0),
            name: "A".to_owned(),
            phones: Vec::new(),
            emails: Vec::new(),
            consent: false,
        };
        shop.push(create, 0, 0, 0);
        for (edit, by, behind, stamp) in before {
            shop.push(edit, by, behind, stamp);
        }
        let (mut points, mut marks) = (Vec::new(), Vec::new());
        for key in keys() {
            if let Some(entity) = shop.world.entity(&key).cloned() {
                let entity = marked(&entity, &mark);
                if let Entity::Inspection(it) = &entity {
                    points.extend(it.results.keys().cloned());
                }
                shop.world.insert(Arc::new(entity));
                marks.push(key);
            }
        }
        for (edit, by, behind, stamp) in after {
            shop.push(edit, by, behind, stamp);
        }
        for key in marks {
            let stands = shop.world.entity(&key).or_else(|| shop.world.buried(&key));
            let Some(stands) = stands else { continue };
            let body: Value = serde_json::from_str(&stands.to_body().unwrap()).unwrap();
            prop_assert_eq!(body.get("of_a_newer_program"), Some(&mark), "{}", key);
            if key.kind() == Kind::Inspection {
                for point in &points {
                    let result = &body["results"][point.as_str()];
                    prop_assert_eq!(result.get("of_a_newer_program"), Some(&mark));
                }
            }
        }
    }
}

#[test]
fn a_body_keeps_what_a_newer_program_wrote() {
    let body = r#"{"id":"00000000-0000-7000-8000-000000000000","name":"Shop","later":{"a":[1]}}"#;
    let shop = Entity::from_body(Kind::Shop, body).unwrap();
    assert!(shop.to_body().unwrap().contains(r#""later":{"a":[1]}"#));
}
