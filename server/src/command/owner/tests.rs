use std::path::Path;

use super::{ours, refusal};

const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nredtag:x:801:801::/nonexistent:/bin/false\n";

#[test]
fn both_users_are_named_and_what_to_do() {
    let dir = Path::new("/var/lib/redtag");
    let words = refusal(dir, 801, 0, USERS).unwrap();
    for part in ["belongs to redtag,", "runs as root:", "sudo -u redtag "] {
        assert!(words.contains(part), "{words}");
    }
    let words = refusal(dir, 0, 1234, USERS).unwrap();
    assert!(words.contains("belongs to root,"), "{words}");
    assert!(words.contains("runs as user 1234:"), "{words}");
    let words = refusal(dir, 1234, 0, USERS).unwrap();
    assert!(words.contains("sudo -u '#1234' "), "{words}");
    assert_eq!(refusal(dir, 801, 801, USERS), None);
}

#[test]
fn a_directory_of_ones_own_or_one_that_is_not_there_will_do() {
    let dir = tempfile::tempdir().unwrap();
    ours(dir.path()).unwrap();
    ours(&dir.path().join("new")).unwrap();
}
