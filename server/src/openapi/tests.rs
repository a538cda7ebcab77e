use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("$ref", Value::String(target)) => {
                        found.insert(target.clone());
                    }
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut listed = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            listed.insert((method.to_uppercase(), path.clone()));
        }
    }
    let declared = ROUTES
        .iter()
        .map(|route| (route.method().to_string(), route.path().to_owned()))
        .collect();
    assert_eq!(listed, declared);
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn no_name_stands_for_two_schemas() {
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    for route in ROUTES {
        let doc = route.doc();
        for media in doc.takes.into_iter().chain([doc.gives]) {
            let mut schemas = BTreeMap::new();
            collect(media, &mut schemas);
            let mut all = Vec::new();
            (media.needs)(&mut all);
            (media.more)(&mut all);
            let all = all
                .iter()
                .map(|(name, schema)| (name.clone(), to_value(schema)));
            for (name, schema) in all.chain(schemas) {
                let first = seen.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "{name}");
            }
        }
    }
}
