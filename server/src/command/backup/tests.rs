use std::collections::BTreeMap;

use tempfile::TempDir;

use super::*;

/// A backup of that age in days, or what only looks like one.
fn backup(dir: &Path, name: &str, age: Option<u64>) {
    let path = dir.join(name);
    fs::create_dir(&path).unwrap();
    fs::write(path.join("control.db"), "rows").unwrap();
    let Some(age) = age else { return };
    let manifest = Manifest {
        made: Stamp(NOW.0 - age * 86_400_000 - 1),
        program: "0.0.1".to_owned(),
        shops: 0,
        files: BTreeMap::new(),
    };
    let text = serde_json::to_string(&manifest).unwrap();
    fs::write(path.join("backup.json"), text).unwrap();
}

const NOW: Stamp = Stamp(1_790_000_000_000);

#[test]
fn only_old_backups_are_deleted() {
    let dir = TempDir::new().unwrap();
    backup(dir.path(), "redtag-1", Some(31));
    backup(dir.path(), "redtag-2", Some(30));
    backup(dir.path(), "redtag-3", Some(29));
    // Of the operator's own, broken off, or nothing of ours.
    backup(dir.path(), "redtag-by-hand", None);
    backup(dir.path(), "yearly", Some(400));
    fs::write(dir.path().join("redtag-note"), "a file").unwrap();
    let deleted = prune(dir.path(), NOW, 30).unwrap();
    assert_eq!(deleted, ["redtag-1", "redtag-2"]);
    let left = fs::read_dir(dir.path()).unwrap();
    let mut left: Vec<_> = left.map(|it| it.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        ["redtag-3", "redtag-by-hand", "redtag-note", "yearly"]
    );
}

#[test]
fn a_moment_is_a_name() {
    assert_eq!(moment(NOW).unwrap(), "20260921T141320Z");
}
