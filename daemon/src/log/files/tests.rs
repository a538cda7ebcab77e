use std::{fs, io::Write as _, os::unix::fs::MetadataExt as _};

use super::*;

const LONG: u64 = 100;

/// Every file's length by name.
fn lengths(dir: &Path) -> Vec<(String, u64)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, entry.metadata().unwrap().len())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_flood_of_lines_is_bounded_in_number_and_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Files::open(dir.path(), 3, LONG).unwrap();
    for line in 0..500 {
        files
            .write_all(format!("line {line:03} of many\n").as_bytes())
            .unwrap();
        let now = lengths(dir.path());
        assert!(now.len() <= 3, "{now:?}");
        assert!(now.iter().all(|(_, length)| *length <= LONG), "{now:?}");
    }
    // What was written last is there, and each file is full but the last.
    let all = lengths(dir.path());
    assert_eq!(all.len(), 3, "{all:?}");
    let text: String = all
        .iter()
        .map(|(name, _)| fs::read_to_string(dir.path().join(name)).unwrap())
        .collect();
    for line in 489..500 {
        assert!(text.contains(&format!("line {line} of many\n")), "{text}");
    }
}

#[test]
fn the_days_file_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let mut files = Files::open(dir.path(), 5, LONG).unwrap();
        files.write_all(&[b'x'; 30]).unwrap();
        assert_eq!(lengths(dir.path()).len(), 1, "round {round}");
    }
    // What the earlier ones wrote counts.
    let mut files = Files::open(dir.path(), 5, LONG).unwrap();
    files.write_all(&[b'y'; 30]).unwrap();
    let all = lengths(dir.path());
    let only: Vec<_> = all.iter().map(|(_, length)| *length).collect();
    assert_eq!(only.iter().sum::<u64>(), 120, "{all:?}");
    assert_eq!(only.len(), 2, "{all:?}");
}

#[test]
fn a_new_day_has_all_its_room() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Files::open(dir.path(), 5, LONG).unwrap();
    files.write_all(&[b'x'; 60]).unwrap();
    // As if sixty bytes of the count were yesterday's.
    let (day, _) = newest(dir.path()).unwrap().unwrap();
    let today = dir.path().join(format!("{NAME}.{day}{SUFFIX}"));
    let inode = fs::metadata(&today).unwrap().ino();
    fs::File::options()
        .write(true)
        .open(&today)
        .unwrap()
        .set_len(0)
        .unwrap();
    files.write_all(&[b'y'; 60]).unwrap();
    assert_eq!(fs::metadata(&today).unwrap().ino(), inode);
    assert_eq!(lengths(dir.path()).len(), 1);
}

#[test]
fn only_the_names_of_days_are_taken_for_days() {
    assert_eq!(day("redtagd.2026-11-23.log").as_deref(), Some("2026-11-23"));
    for other in [
        "redtagd.2026-11-23.1.log",
        "redtagd.log",
        "redtag-client.2026-11-23.log",
        "redtagd.2026-11-23.log.gz",
    ] {
        assert_eq!(day(other), None, "{other}");
    }
}
