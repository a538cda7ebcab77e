use std::{
    fs,
    time::{Duration, SystemTime},
};

use super::*;

/// A directory of logs: name, minutes ago, lines.
fn written(all: &[(&str, u64, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, ago, text) in all {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let when = SystemTime::now() - Duration::from_mins(*ago);
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(when).unwrap();
    }
    dir
}

#[test]
fn the_last_lines_go_back_over_files_and_leave_other_logs_out() {
    let dir = written(&[
        ("redtagd.2026-11-22.log", 900, "one\ntwo\n"),
        ("redtagd.2026-11-23.1.log", 20, "three\nfour\n"),
        ("redtagd.2026-11-23.log", 10, "five\n"),
        ("redtag-client.2026-11-23.log", 1, "the client's\n"),
    ]);
    let files = files(dir.path());
    for (lines, expected) in [
        (0, ""),
        (1, "five\n"),
        (2, "four\nfive\n"),
        (4, "two\nthree\nfour\nfive\n"),
        (99, "one\ntwo\nthree\nfour\nfive\n"),
    ] {
        let told = tail(&files, lines).ok();
        assert_eq!(told.as_deref(), Some(expected), "{lines}");
    }
}

#[test]
fn a_file_that_is_named_is_the_only_one() {
    let dir = written(&[("redtagd.log", 1, "all\n"), ("redtagd.2.log", 2, "else\n")]);
    let named = dir.path().join("redtagd.log");
    assert_eq!(files(&named), [named]);
    assert!(files(&dir.path().join("nowhere")).is_empty());
}
