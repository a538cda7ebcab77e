use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;

#[test]
fn a_file_is_private_and_never_takes_the_place_of_another() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("work.json");
    keep(&path, "first").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let error = keep(&path, "second").unwrap_err();
    assert!(error.to_string().contains("left alone"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    let nowhere = home.path().join("none/work.json");
    assert!(keep(&nowhere, "x").is_err());
}
