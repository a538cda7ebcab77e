//! Texts in documents come from other people's machines: nothing in them may steer a terminal.

use redtag_protocol::text;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The same value with every text in it cleaned. Values without hidden characters, which is nearly
/// all, come back as they were.
pub fn clean<T: Serialize + DeserializeOwned>(value: T) -> T {
    let Ok(json) = serde_json::to_string(&value) else {
        return value;
    };
    if !suspicious(&json) {
        return value;
    }
    serde_json::from_str::<Value>(&json)
        .ok()
        .map(cleaned)
        .and_then(|value| serde_json::from_value(value).ok())
        // Hidden characters occur in free text alone, so the cleaned value always reads back.
        .unwrap_or(value)
}

/// Whether the JSON holds a character that cleaning would take out. Controls are escaped in JSON,
/// and only line ends and quotes are escaped in harmless text.
fn suspicious(json: &str) -> bool {
    let mut chars = json.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            if !matches!(chars.next(), Some('n' | '"' | '\\' | '/')) {
                return true;
            }
        } else if text::is_hidden(c) {
            return true;
        }
    }
    false
}

fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text::clean_text(&text).into_owned()),
        Value::Array(all) => Value::Array(all.into_iter().map(cleaned).collect()),
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(name, value)| (text::clean_line(&name).into_owned(), cleaned(value)))
                .collect(),
        ),
        other => other,
    }
}
