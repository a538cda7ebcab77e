//! The command line's own output: the only place that writes to standard output and error.
//!
//! Whatever passes through here is clean: text loses control sequences and hidden characters, and
//! JSON carries them as `\u` escapes, which keeps the value and cannot steer a terminal.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
};

use jiff::{Timestamp, tz::TimeZone};
use redtag_protocol::{
    stamp::Stamp,
    text::{clean_text, is_hidden},
};
use serde::Serialize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::fault::Fault;

/// Writes text, ended by a line end if it has none.
pub(crate) fn text(text: &str) -> Result<(), Fault> {
    let mut out = anstream::stdout().lock();
    out.write_all(clean_text(text).as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Writes a value as JSON: indented for a person at a terminal, on one line for a program.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Fault> {
    let indent = io::stdout().is_terminal();
    let json = if indent {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    let json = json.map_err(|error| Fault::error(format!("the answer is no JSON: {error}")))?;
    let mut out = anstream::stdout().lock();
    out.write_all(escaped(&json).as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Writes a JSON or armoured text that is to be taken elsewhere: as it is, but at a terminal with
/// hidden characters as escapes.
pub(crate) fn foreign(text: &str) -> Result<(), Fault> {
    let shown = if io::stdout().is_terminal() {
        Cow::Owned(escaped(text))
    } else {
        Cow::Borrowed(text)
    };
    raw(shown.as_bytes())?;
    if text.ends_with('\n') {
        return Ok(());
    }
    raw(b"\n")
}

/// Writes bytes that this program made itself.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Fault> {
    let mut out = anstream::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

/// Says something besides the command's result, on standard error.
pub(crate) fn remark(words: &str) {
    // Where nobody can hear it, nothing is lost by not saying it.
    let _ = writeln!(anstream::stderr().lock(), "redtag: {}", clean_text(words));
}

/// JSON whose hidden characters are escapes. They occur in strings only; line ends are layout.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// How wide a line may be: the terminal's width, or 80 where standard output is none.
pub(crate) fn columns() -> usize {
    if !io::stdout().is_terminal() {
        return 80;
    }
    crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns))
}

/// Rows as aligned columns, two blanks apart, the last one ragged.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    fitted(rows, usize::MAX, &[])
}

/// As [`table`], with the widest of the columns named in `cut` made narrower until the lines fit
/// into `width` columns of a terminal, or none can be cut any more.
pub(crate) fn fitted(rows: &[Vec<String>], width: usize, cut: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let clean: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| line(cell)).collect())
        .collect();
    let mut widths: Vec<usize> = (0..columns)
        .map(|at| {
            let cells = clean.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        })
        .collect();
    narrow(&mut widths, width, cut);
    let mut out = String::new();
    for row in &clean {
        let mut text = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let cell = shortened(cell, *width);
            let pad = width.saturating_sub(cell.width());
            let _ = write!(text, "{cell}{:pad$}  ", "");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// Fewer than this many columns tell nothing any more.
const NARROWEST: usize = 4;

fn narrow(widths: &mut [usize], room: usize, cut: &[usize]) {
    loop {
        let gaps = 2 * widths.len().saturating_sub(1);
        if widths.iter().sum::<usize>().saturating_add(gaps) <= room {
            return;
        }
        let wide = widths
            .iter_mut()
            .enumerate()
            .filter(|(at, width)| cut.contains(at) && **width > NARROWEST);
        match wide.max_by_key(|(_, width)| **width) {
            Some((_, width)) => *width -= 1,
            None => return,
        }
    }
}

/// The text in at most so many columns; what was cut shows as `…`.
fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut short = String::new();
    let mut taken = 1;
    for c in text.chars() {
        taken += c.width().unwrap_or_default();
        if taken > width {
            break;
        }
        short.push(c);
    }
    Cow::Owned(short.trim_end().to_owned() + "…")
}

/// One clean line of a text from outside.
pub(crate) fn line(text: &str) -> String {
    redtag_protocol::text::clean_line(text).into_owned()
}

/// A point in time for programs: RFC 3339, UTC, milliseconds.
pub(crate) fn instant(stamp: Stamp) -> String {
    timestamp(stamp).map_or_else(String::new, |at| format!("{at:.3}"))
}

/// A point in time for people: on the clock of this machine, to the minute.
pub(crate) fn moment(stamp: Stamp) -> String {
    timestamp(stamp).map_or_else(String::new, |at| {
        at.to_zoned(TimeZone::system())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    })
}

/// How far ahead a point in time is, for people: `now`, `in 12 s`, `in 3 min`, or else the time.
pub(crate) fn ahead(stamp: Stamp, now: Stamp) -> String {
    match stamp.0.saturating_sub(now.0).div_ceil(1_000) {
        0 => "now".to_owned(),
        seconds @ 1..120 => format!("in {seconds} s"),
        seconds @ 120..7_200 => format!("in {} min", seconds.div_ceil(60)),
        _ => moment(stamp),
    }
}

/// This machine's clock. The daemon corrects and stamps operations itself.
pub(crate) fn now() -> Stamp {
    Stamp(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default())
}

fn timestamp(stamp: Stamp) -> Option<Timestamp> {
    let millis = i64::try_from(stamp.0).ok()?;
    Timestamp::from_millisecond(millis).ok()
}

/// `1 edit`, `2 edits`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{number} {noun}")
}

#[cfg(test)]
mod tests;
