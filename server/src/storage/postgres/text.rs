//! From the shared texts, whose parameters have names, to the numbers that PostgreSQL wants.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

/// A text as PostgreSQL takes it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::storage) struct Numbered {
    /// With `$1`, `$2`, … in place of the names.
    pub(in crate::storage) sql: String,
    /// Whose value goes where, without the colon; each name once.
    pub(in crate::storage) names: Vec<&'static str>,
}

/// The translation of a text, made once in the life of the process.
pub(in crate::storage) fn numbered(text: &'static str) -> Arc<Numbered> {
    static KNOWN: LazyLock<RwLock<HashMap<&'static str, Arc<Numbered>>>> =
        LazyLock::new(RwLock::default);
    // Entries are put in whole, so a panic elsewhere leaves nothing half done.
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(text) {
        return Arc::clone(known);
    }
    drop(known);
    let made = Arc::new(translate(text));
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(text).or_insert(made))
}

/// Puts numbers for names. What stands in quotes is left alone, and so is a cast (`::`). Our texts
/// hold no comments and no dollar quotes.
fn translate(text: &'static str) -> Numbered {
    let mut sql = String::with_capacity(text.len());
    let mut names: Vec<&'static str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([':', '\'', '"']) {
        let (before, from) = rest.split_at(at);
        sql.push_str(before);
        let taken = match from.as_bytes() {
            [b':', b':', ..] => 2,
            [b':', ..] => {
                let after = &from[1..];
                let length = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                let name = &after[..length];
                let number = names.iter().position(|it| *it == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                sql.push('$');
                sql.push_str(&(number + 1).to_string());
                rest = &after[length..];
                continue;
            }
            // A doubled quote inside ends one piece and begins the next, which comes to the same.
            [quote, inside @ ..] => inside
                .iter()
                .position(|it| it == quote)
                .map_or(from.len(), |end| end + 2),
            [] => 0,
        };
        sql.push_str(&from[..taken]);
        rest = &from[taken..];
    }
    sql.push_str(rest);
    Numbered { sql, names }
}

#[cfg(test)]
mod tests;
