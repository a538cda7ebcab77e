//! Values for a text's names, such that each leads to a row of a shop.

use std::collections::BTreeMap;

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::super::world::{Shop, UNKNOWN};

/// Values by name, in the order of a text's numbers.
pub(in crate::wall) struct Values(pub(in crate::wall) Vec<(String, String)>);

pub(in crate::wall) type Parameter = Box<dyn tokio_postgres::types::ToSql + Sync>;

impl Values {
    pub(in crate::wall) fn of(&self, types: &[Type]) -> Vec<Parameter> {
        let each = self.0.iter().zip(types);
        each.map(|((name, value), ty)| -> Parameter {
            match *ty {
                Type::UUID => Box::new(value.parse::<Uuid>().expect(name)),
                Type::INT8 => Box::new(value.parse::<i64>().expect(name)),
                Type::BYTEA => Box::new(value.clone().into_bytes()),
                Type::TEXT => Box::new(value.clone()),
                Type::UUID_ARRAY => Box::new(vec![value.parse::<Uuid>().expect(name)]),
                Type::INT8_ARRAY => Box::new(vec![value.parse::<i64>().expect(name)]),
                Type::BYTEA_ARRAY => Box::new(vec![value.clone().into_bytes()]),
                Type::TEXT_ARRAY => Box::new(vec![value.clone()]),
                ref other => panic!("{name} is {other}"),
            }
        })
        .collect()
    }
}

/// Numbers for names, and for each name what leads to a row of a shop.
pub(in crate::wall) fn bind(text: &str, shop: Shop) -> (String, Values) {
    let table = ["INTO ", "UPDATE ", "FROM "]
        .iter()
        .filter_map(|word| text.split_once(word))
        .find_map(|(_, after)| after.split(' ').next())
        .expect(text);
    let mut numbers = BTreeMap::new();
    let mut values = Vec::new();
    let mut pieces = text.split(':');
    let mut numbered = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        let (name, rest) = piece.split_at(end.unwrap_or(piece.len()));
        let number = *numbers.entry(name).or_insert_with(|| {
            values.push((name.to_owned(), value(table, name, shop)));
            values.len()
        });
        numbered.push('$');
        numbered.push_str(&number.to_string());
        numbered.push_str(rest);
    }
    (numbered, Values(values))
}

fn value(table: &str, name: &str, shop: Shop) -> String {
    let word = match (table, name) {
        (_, "shop") | ("shop", "id") => return shop.id("shop"),
        (_, "person") => return shop.id("person"),
        (_, "device") | ("device", "id") => return shop.id("device"),
        ("session", "id") => return shop.id("session"),
        ("session", "password") => "hash",
        (_, "id" | "refused_id" | "vehicle" | "customer") => return shop.id("document"),
        (_, "below" | "keep") => return UNKNOWN.to_owned(),
        (_, "kind" | "refused_kind") => "customer",
        (_, "after" | "first" | "skip") => "0",
        (_, "from_generation" | "number") => "7",
        (
            _,
            "ready" | "version" | "created" | "expires" | "ended" | "revoked" | "destroyed"
            | "generation" | "last" | "open" | "erased",
        )
        | ("event" | "payload", "seq") => "1",
        // Later than anything, so that the head goes forward and all is before it.
        (
            _,
            "seq" | "ticket" | "floor" | "upto" | "final" | "before" | "to_generation" | "at"
            | "used" | "limit" | "summed" | "documents",
        ) => "9",
        _ => "text",
    };
    word.to_owned()
}
