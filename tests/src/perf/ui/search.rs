//! U3: each character of a search to its results.

use std::time::Instant;

use anyhow::{Context as _, Result};

use super::{board, on_the_board};
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
        line.strike("/")?;
        line.still()?;
        let mut typed = String::new();
        for c in word.chars() {
            typed.push(c);
            let began = Instant::now();
            line.strike(c.encode_utf8(&mut [0; 4]))?;
            // The count stands again at the right only once the answer is here.
            let took = line.until(began, "the results", |seen| {
                let tabs = seen.lines().nth(1).unwrap_or_default();
                tabs.contains(&format!("filter {}", typed.trim_end()))
                    && tabs.trim_end().ends_with(|c: char| c.is_ascii_digit())
                    && tabs.contains(" of ")
            })?;
            times.ours(took);
            line.still()?;
        }
        line.strike("\x1b")?;
        line.still()?;
    }
    let longest = words.iter().map(String::len).max().context("no words")?;
    let what = format!(
        "each of up to {longest} characters of a search to its results on the screen, {shop}: \
         plates, names and numbers, from their second character on; the slow end at most {SLOW} ms"
    );
    let mut row = times.times("U3", what).bounded(Bound::MedianAtMost, MEDIAN);
    let fast = row.p99 <= SLOW;
    row.met = row.met.map(|met| met && fast);
    Ok(vec![row])
}
