//! U6: how many keys the full 64-point inspection takes, and how many bytes each costs the line to
//! the terminal.

use std::env;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;

use super::{
    Plan,
    report::{Bound, Row, Values},
};
use crate::harness::{Stack, eventually, points};

/// One inspection in a terminal of 80 × 24, one key after the other: the next is struck once the
/// screen has begun to answer the one before. Bytes that come later count for the next key.
pub(super) fn measure(_plan: &Plan) -> Result<Vec<Row>> {
    let stack = Stack::new(env::current_exe()?)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("U6 64")?;
    let view = bench.client()?.find(&id.to_string())?;
    bench
        .client()?
        .save(points::references(view.inspection.vehicle)?)?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("U6 64")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    let mut bytes = Values::default();
    let mut count = 0_u32;
    for (at, (point, keys)) in points::struck().enumerate() {
        let Some(keys) = keys else { continue };
        for key in keys.chars() {
            count += 1;
            let before = screen.raw().len();
            screen.keys(key.encode_utf8(&mut [0; 4]))?;
            screen.wait_for_more(before)?;
            let drawn = u32::try_from(screen.raw().len() - before)?;
            bytes.ours(f64::from(drawn));
        }
        screen
            .wait_for(&format!("{} of 64", at + 2))
            .with_context(|| format!("after {point}"))?;
    }
    // The last of what was typed may still be on its way to the daemon.
    eventually("all but the signature to be answered", || {
        let view = bench.client()?.find(&id.to_string())?;
        let counts = view.counts;
        ensure!(counts.answered == 63 && counts.red == 6, "{counts:?}");
        Ok(())
    })?;
    let mut keys = Values::default();
    keys.ours(f64::from(count));
    let told = "keystrokes for 63 of the 64 points of the vehicle template, all looked at, 6 reds \
                with canned notes; without the signature";
    Ok(vec![
        keys.costs("U6", told, "keys")
            .bounded(Bound::MedianAtMost, 150.0),
        bytes
            .costs(
                "U6",
                "bytes to the terminal for each of these keys",
                "bytes",
            )
            .bounded(Bound::MedianAtMost, 2_048.0),
    ])
}
