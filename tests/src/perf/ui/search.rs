//! U3: each character of a search to its results.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{board, line::Line, on_the_board};
use crate::{
    harness::Device,
    perf::{
        Plan,
        report::{Bound, Pairs, Row},
    },
};

/// Milliseconds.
const MEDIAN: f64 = 10.0;
const SLOW: f64 = 30.0;
/// The same where notes are searched.
const SLOW_IN_NOTES: f64 = 60.0;

/// From a word that stands in every inspection's notes to words that stand in few.
const NOTES: [&str; 10] = [
    "the",
    "worn",
    "brake",
    "leak",
    "corroded",
    "squeal",
    "puncture",
    "wishbone",
    "dangerous",
    "musty",
];
/// The shortest word that is looked for in notes, in characters.
const SHORTEST: usize = 3;

/// So long without a byte, and no result comes any more.
const LONG: Duration = Duration::from_millis(200);

/// Types plates, names and numbers of the shop, a character at a time, from their middle: an infix.
pub(super) fn measure(plan: &Plan, full: &Device, shop: &str) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 5 } else { 30 });
    let mut client = full.client()?;
    let (rows, _) = board(&mut client, "")?;
    let mut words: Vec<String> = Vec::new();
    for row in rows.iter().cycle().take(rounds) {
        let word = match words.len() % 3 {
            0 => &row.mark,
            1 => &row.customer,
            _ => &row.label,
        };
        // From the second character on, so that nothing is found by its beginning alone.
        let middle: String = word.chars().skip(1).take(6).collect();
        words.push(middle.to_lowercase());
    }
    let mut line = on_the_board(full)?;
    let mut times = Pairs::default();
    for word in &words {
        search(&mut line, word, 0, &mut times)?;
    }
    let longest = words.iter().map(String::len).max().context("no words")?;
    let what = format!(
        "each of up to {longest} characters of a search to its results on the screen, {shop}: \
         plates, names and numbers, from their second character on; the slow end at most {SLOW} ms"
    );
    let mut columns = times.times("U3", what).bounded(Bound::MedianAtMost, MEDIAN);
    let fast = columns.p99 <= SLOW;
    columns.met = columns.met.map(|met| met && fast);
    let mut times = Pairs::default();
    for word in NOTES.iter().cycle().take(rounds) {
        search(&mut line, word, SHORTEST - 1, &mut times)?;
    }
    let what = format!(
        "each character from the third of a word that stands in notes to its results on the \
         screen, {shop}: {}",
        NOTES.join(", ")
    );
    let notes = times.times("U3", what);
    Ok(vec![
        columns,
        notes.bounded(Bound::SlowAtMost, SLOW_IN_NOTES),
    ])
}

/// Types a word into the filter; the characters from one on are timed.
fn search(line: &mut Line, word: &str, from: usize, times: &mut Pairs) -> Result<()> {
    line.strike("/")?;
    line.still()?;
    for (at, c) in word.chars().enumerate() {
        // The last thing that is drawn for it are its results.
        let reaction = line.react_until(c.encode_utf8(&mut [0; 4]), LONG)?;
        if at >= from {
            times.ours(reaction.took);
        }
    }
    line.strike("\x1b")?;
    line.still()?;
    Ok(())
}
