//! What happened, in words for the timeline.

use std::fmt::Write as _;

use redtag_protocol::{
    canned::Kept,
    event::{Happening, What},
    inspection::InspectionWrite,
    op::Verdict,
};

use crate::words::{Labels, access, customer, inspection, vehicle};

/// What happened, for one line and for the lines below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Story {
    /// What was touched: `Tread LF`.
    pub(crate) what: String,
    /// What stood before.
    pub(crate) before: Option<String>,
    /// What stands after.
    pub(crate) after: Option<String>,
    /// Why, or how it was taken.
    pub(crate) more: Option<String>,
    /// Whether a conflict was opened by it.
    pub(crate) conflict: bool,
}

impl Story {
    /// One line: `Tread LF: 6/32 in → 4/32 in`.
    pub(crate) fn line(&self, arrow: &str) -> String {
        // Writing to a string cannot fail.
        let mut line = self.what.clone();
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let _ = write!(line, ": {before} {arrow} {after}");
            }
            (None, Some(after)) => {
                let _ = write!(line, ": {after}");
            }
            (Some(before), None) => {
                let _ = write!(line, ": {before} {arrow} taken back");
            }
            (None, None) => {}
        }
        if let Some(more) = &self.more {
            let _ = write!(line, " ({more})");
        }
        line
    }
}

/// Tells an event. None: a newer program wrote it in a way that this one cannot read.
pub(crate) fn story(happening: Option<&Happening>, labels: &Labels) -> Story {
    let Some(happening) = happening else {
        return Story {
            what: "something that this version of Redtag cannot read".to_owned(),
            ..Story::default()
        };
    };
    let mut story = match &happening.what {
        What::Created => told("created"),
        What::Inspection { before, after } => {
            let (what, after) = inspection(after, labels);
            let before = before.as_ref().and_then(|it| inspection(it, labels).1);
            change(what, before, after)
        }
        What::Customer { before, after } => {
            let (what, after) = customer(after);
            change(what, before.as_ref().and_then(|it| customer(it).1), after)
        }
        What::Vehicle { before, after } => {
            let (what, after) = vehicle(after, labels);
            let before = before.as_ref().and_then(|it| vehicle(it, labels).1);
            change(what, before, after)
        }
        What::Moved {
            verb,
            from,
            to,
            reason,
        } => Story {
            more: reason.clone(),
            ..change(
                verb.to_string(),
                Some(from.words().to_owned()),
                Some(to.words().to_owned()),
            )
        },
        What::Settled { field, after, .. } => {
            let write = serde_json::from_value::<InspectionWrite>(after.clone()).ok();
            match write {
                Some(write) => {
                    let (what, after) = inspection(&write, labels);
                    change(format!("settled {what}"), None, after)
                }
                None => told(&format!("settled {field}")),
            }
        }
        What::Member { name, role } => {
            let role = role.map_or("removed".to_owned(), |role| role.to_string());
            change(format!("member {name}"), None, Some(role))
        }
        What::Template { version, after, .. } => change(
            format!("template version {version}"),
            None,
            Some(format!("{after:?}").to_lowercase()),
        ),
        What::Deleted if happening.verdict == Verdict::ConflictKept => told("wanted it deleted"),
        What::Deleted => told("deleted"),
        What::Restored => told("brought back"),
        What::Erased => told("erased what was known of the customer"),
        What::Merged { into } => told(&format!("merged into another {}", into.kind())),
        What::Absorbed { from } => told(&format!("merged another {} into it", from.kind())),
        What::Canned { before, after, .. } => {
            let text = |kept: &Option<Kept>| kept.as_ref().map(|it| it.note.text.clone());
            change("canned note".to_owned(), text(before), text(after))
        }
        What::Settings { before, after }
            if before.demand_second_factor != after.demand_second_factor =>
        {
            change(
                "second factor demanded of owners and dispatchers".to_owned(),
                Some(on(before.demand_second_factor)),
                Some(on(after.demand_second_factor)),
            )
        }
        What::Settings { before, after } if before.device_codes != after.device_codes => change(
            "devices let in by a code".to_owned(),
            Some(on(before.device_codes)),
            Some(on(after.device_codes)),
        ),
        What::Settings { before, after } => change(
            "photos demanded".to_owned(),
            Some(on(before.demand_photos)),
            Some(on(after.demand_photos)),
        ),
        What::Access { deed } => told(&access(deed)),
        What::Unknown => told("something that this version of Redtag cannot read"),
    };
    match happening.verdict {
        Verdict::ConflictKept => {
            story.conflict = true;
            story.more.get_or_insert_with(|| {
                "met another bench's edit or came too late; both values are kept".to_owned()
            });
        }
        Verdict::Applied | Verdict::Merged => {}
    }
    story
}

fn on(is: bool) -> String {
    if is { "on" } else { "off" }.to_owned()
}

fn told(words: &str) -> Story {
    Story {
        what: words.to_owned(),
        ..Story::default()
    }
}

fn change(what: String, before: Option<String>, after: Option<String>) -> Story {
    Story {
        what,
        before,
        after,
        ..Story::default()
    }
}
