//! What changed between two versions of a template.

use redtag_protocol::template::{Kind, Point, Template};

use super::kind_words;

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What sort.
    pub(crate) sort: Sort,
    /// Where and what.
    pub(crate) words: String,
}

/// What sort of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It is another now.
    Changed,
}

/// What changed, in the order of the newer one, then what went.
pub(crate) fn differences(before: &Template, after: &Template) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut say = |sort, words: String| all.push(Difference { sort, words });
    if before.name != after.name {
        say(
            Sort::Changed,
            format!("name: {} → {}", before.name, after.name),
        );
    }
    for choice in &after.choices {
        match before.choice(&choice.key) {
            None => say(Sort::Added, format!("question: {}", choice.label)),
            Some(was) if was != choice => {
                say(
                    Sort::Changed,
                    format!("question: {}: options, words or default", choice.label),
                );
            }
            Some(_) => {}
        }
    }
    for section in &after.sections {
        let was = before.sections.iter().find(|it| it.key == section.key);
        match was {
            None => say(Sort::Added, format!("section: {}", section.label)),
            Some(was) if was.label != section.label => {
                say(
                    Sort::Changed,
                    format!("section: {} → {}", was.label, section.label),
                );
            }
            Some(_) => {}
        }
        for point in &section.points {
            let name = format!("{}: {}", section.label, point.label);
            match before.point(&point.key) {
                None => say(Sort::Added, format!("{name}, {}", kind_words(&point.kind))),
                Some(was) => {
                    if let Some(words) = point_changes(was, point) {
                        say(Sort::Changed, format!("{name}: {words}"));
                    }
                }
            }
        }
    }
    if order(before, after) != order(after, before) {
        say(Sort::Changed, "the order of sections or points".to_owned());
    }
    for choice in before
        .choices
        .iter()
        .filter(|it| after.choice(&it.key).is_none())
    {
        say(Sort::Removed, format!("question: {}", choice.label));
    }
    for (section, point) in before.points() {
        if after.point(&point.key).is_none() {
            say(Sort::Removed, format!("{}: {}", section.label, point.label));
        }
    }
    all
}

/// The keys of one version's points that the other has too, in order.
fn order<'a>(one: &'a Template, other: &Template) -> Vec<&'a str> {
    let keys = one.points().map(|(_, point)| &point.key);
    keys.filter(|key| other.point(key).is_some())
        .map(redtag_protocol::ids::PointKey::as_str)
        .collect()
}

/// What of a point is another; none where nothing is.
fn point_changes(before: &Point, after: &Point) -> Option<String> {
    let mut words = Vec::new();
    if before.label != after.label {
        words.push(format!("was called {}", before.label));
    }
    match (&before.kind, &after.kind) {
        (Kind::Measurement(was), Kind::Measurement(now)) => {
            if was.unit != now.unit || was.units != now.units {
                let (was, now) = (was.unit.symbol(), now.unit.symbol());
                words.push(format!("units, {was} → {now}"));
            }
            if was.cases != now.cases {
                words.push("limits".to_owned());
            }
        }
        (was, now) if was != now => {
            words.push(format!("{} → {}", kind_words(was), kind_words(now)));
        }
        _ => {}
    }
    if before.requires != after.requires {
        words.push("what an answer must carry".to_owned());
    }
    if before.hint != after.hint {
        words.push("the hint".to_owned());
    }
    (!words.is_empty()).then(|| words.join("; "))
}

#[cfg(test)]
mod tests;
