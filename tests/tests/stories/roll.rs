//! The list of stories itself: nothing in it is stale, and nothing beside it is forgotten.

use std::{fs, path::PathBuf};

use anyhow::{Result, ensure};
use redtag_tests::harness::Ground;

use crate::{
    EXCEPTIONS, MODULES,
    story::{Story, stories},
};

pub(crate) const STORIES: &[Story] = stories![
    every_exception_means_a_story,
    no_test_hides_from_this_programs_own_runner,
];

fn every_exception_means_a_story(_: &Ground) -> Result<()> {
    for only in &EXCEPTIONS {
        let mut titles = MODULES.into_iter().flatten().map(Story::title);
        ensure!(
            titles.any(|title| title.starts_with(only.of)),
            "“{}” ({}) means no story",
            only.of,
            only.why
        );
    }
    Ok(())
}

/// The compiler drops what is marked as a test of the usual runner without a word.
fn no_test_hides_from_this_programs_own_runner(_: &Ground) -> Result<()> {
    let mark = concat!("#[", "test]");
    let mut folders = vec![PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/stories"
    ))];
    while let Some(folder) = folders.pop() {
        for found in fs::read_dir(folder)? {
            let path = found?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path)?;
            ensure!(!text.contains(mark), "{mark} in {}", path.display());
        }
    }
    Ok(())
}
