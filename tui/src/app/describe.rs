//! Answers, moves and times in words for people.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use redtag_protocol::{
    grade::Condition,
    inspection::{Answer, AnswerValue},
    ipc::SentBack,
    lifecycle::Verb,
    stamp::Stamp,
    template::{Kind, Point},
};

/// A condition in people's words.
pub(crate) fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::NotApplicable => "not applicable",
        other => other.as_str(),
    }
}

/// What was answered, such as `4/32 in`, `red`, `signed Sam Rivera`. Not yet clean for a screen.
pub(crate) fn answer(point: Option<&Point>, answer: &Answer) -> String {
    let value = answer.value.as_ref().map(|value| match value {
        AnswerValue::Measured(quantity) => quantity.to_string(),
        AnswerValue::Chosen(chosen) => option_label(point, chosen),
        AnswerValue::Text(text) => format!("“{}”", text.replace('\n', " ")),
        AnswerValue::Signed { name, .. } => format!("signed {name}"),
    });
    let by = if answer.by_default { " by default" } else { "" };
    match (value, answer.condition) {
        (Some(value), Some(set)) => format!("{value}, set {}{by}", condition(set)),
        (Some(value), None) => value,
        (None, Some(set)) => format!("{}{by}", condition(set)),
        (None, None) => "nothing".to_owned(),
    }
}

fn option_label(point: Option<&Point>, chosen: &str) -> String {
    let Some(Kind::Choice { options }) = point.map(|point| &point.kind) else {
        return chosen.to_owned();
    };
    options
        .iter()
        .find(|option| option.value == chosen)
        .map_or_else(|| chosen.to_owned(), |option| option.label.clone())
}

/// What a move does, for who is about to make it.
pub(crate) fn verb_words(verb: Verb) -> &'static str {
    match verb {
        Verb::Start => "begin the work",
        Verb::Submit => "hand it in for review",
        Verb::Return => "send it back to the technician, with a reason",
        Verb::Resume => "take it up again",
        Verb::Approve => "the review found it good",
        Verb::Publish => "ready for the customer",
        Verb::Decide => "record the customer's answer, with a note of how it was given",
        Verb::Close => "done",
        Verb::Void => "withdraw it, with a reason; it is kept, never deleted",
        Verb::Reopen => "a new revision, with a reason; the old one stays readable",
    }
}

/// Why work is open again, and who said so. Not yet clean for a screen.
pub(crate) fn sent_back(back: &SentBack) -> String {
    let what = match back.verb {
        Verb::Reopen => "reopened",
        _ => "returned",
    };
    format!(
        "{what} by {}: “{}”",
        back.who,
        back.reason.replace('\n', " ")
    )
}

fn zoned(stamp: Stamp, zone: &TimeZone) -> Option<Zoned> {
    let millis = i64::try_from(stamp.0).ok()?;
    let timestamp = Timestamp::from_millisecond(millis).ok()?;
    Some(timestamp.to_zoned(zone.clone()))
}

/// When the day began in which a time lies.
pub(crate) fn day(stamp: Stamp, zone: &TimeZone) -> Stamp {
    let began = zoned(stamp, zone).and_then(|it| it.start_of_day().ok());
    let millis = began.map(|it| it.timestamp().as_millisecond());
    Stamp(
        millis
            .and_then(|it| u64::try_from(it).ok())
            .unwrap_or(stamp.0),
    )
}

/// A time on this machine's clock: `14:02` where it is today, else `2026-05-03 14:02`.
pub(crate) fn when(stamp: Stamp, now: Stamp, zone: &TimeZone) -> String {
    let (Some(then), Some(today)) = (zoned(stamp, zone), zoned(now, zone)) else {
        return "at an unknown time".to_owned();
    };
    let format = if then.date() == today.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    then.strftime(format).to_string()
}

/// A time of this day to the second, for what is soon: `14:02:31`.
pub(crate) fn clock(stamp: Stamp, zone: &TimeZone) -> String {
    zoned(stamp, zone).map_or_else(
        || "at an unknown time".to_owned(),
        |then| then.strftime("%H:%M:%S").to_string(),
    )
}

/// A day on this machine's clock: `2026-05-03`.
pub(crate) fn when_day(stamp: Stamp, zone: &TimeZone) -> String {
    zoned(stamp, zone).map_or_else(
        || "an unknown day".to_owned(),
        |then| then.strftime("%Y-%m-%d").to_string(),
    )
}
