//! Backups and their return, as an operator meets them.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it cannot go on, in its helpers too"
)]

mod program;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use self::program::{Bench, Serving, add, done, refused, shop};

/// A home with a shop and Ann, its owner.
fn home() -> (TempDir, String) {
    let home = TempDir::new().unwrap();
    let shop = shop(home.path());
    let ann = add(&shop, "ann@example.com", "owner");
    done(home.path(), &ann, "correct horse\n");
    (home, shop)
}

/// Makes a backup and gives what was said of it.
fn back_up(home: &Path) -> Value {
    let into = home.join("backups");
    let args = ["backup", into.to_str().unwrap(), "--json"];
    serde_json::from_str(&done(home, &args, "")).unwrap()
}

fn all_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_backup_beside_a_running_server_is_put_back_when_it_is_stopped() {
    let (home, shop) = home();
    let home = home.path();
    let serving = Serving::start(home);
    let made = back_up(home);
    let backup = made["backup"].as_str().unwrap();
    assert_eq!((&made["shops"], &made["deleted"]), (&json!(1), &json!([])));
    let key = fs::read(home.join("server/master.key")).unwrap();
    for file in all_files(Path::new(backup)) {
        let bytes = fs::read(&file).unwrap();
        for secret in [&key[..], b"ann@example.com", b"A shop"] {
            assert!(
                !bytes.windows(secret.len()).any(|it| it == secret),
                "{}",
                file.display()
            );
        }
        let bits = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(bits & 0o077, 0, "{}", file.display());
    }
    // Bob came after it, and Ann has another password since.
    let bob = add(&shop, "bob@example.com", "viewer");
    done(home, &bob, "correct horse\n");
    let ann = add(&shop, "ann@example.com", "owner");
    done(home, &ann, "battery staple\n");
    let (code, words) = refused(home, &["restore", backup], "");
    assert_eq!(code, 1);
    assert!(words.contains("Stop it"), "{words}");
    Bench::of(&serving.url).sign_in("bob@example.com", "correct horse");
    serving.stop();

    let said = done(home, &["restore", backup], "");
    assert!(said.contains("1 shop is as"), "{said}");
    assert!(said.contains("before-restore-"), "{said}");
    let list = ["member", "list", "--shop", &shop, "--json"];
    let members: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(members.as_array().unwrap().len(), 1);
    let serving = Serving::start(home);
    Bench::of(&serving.url).sign_in("ann@example.com", "correct horse");
    serving.stop();
}

#[test]
fn what_is_no_backup_is_refused_and_changes_nothing() {
    let (home, shop) = home();
    let home = home.path();
    let list = ["member", "list", "--shop", &shop];
    let before = done(home, &list, "");
    let made = back_up(home);
    let backup = Path::new(made["backup"].as_str().unwrap());
    let other = home.join("other.key");
    fs::write(&other, [9; 32]).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
    let (backup_text, other) = (backup.to_str().unwrap(), other.to_str().unwrap());
    let data = home.join("server");
    let data = data.to_str().unwrap();
    for (args, words) in [
        (vec!["restore", "/usr/share"], "no copy of a server's data"),
        (vec!["restore", data], "is the data itself"),
        (
            vec!["restore", backup_text, "--key-file", other],
            "cannot be read",
        ),
        (
            vec!["restore", backup_text, "--database", "x"],
            "database restored",
        ),
        (
            vec!["backup", "x", "--database", "postgres://a@localhost/b"],
            "pg_basebackup",
        ),
        (
            vec!["backup", "x", "--data", "/nonexistent"],
            "no server's data",
        ),
    ] {
        let (code, said) = refused(home, &args, "");
        assert_eq!(code, 1, "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
        assert_eq!(done(home, &list, ""), before, "{args:?}");
    }
    let file = backup.join("control.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[7_000] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (_, said) = refused(home, &["restore", backup_text], "");
    assert!(said.contains("bytes have changed"), "{said}");
    assert_eq!(done(home, &list, ""), before);
}

#[test]
fn a_copy_by_hand_is_put_back_on_a_machine_with_nothing_but_the_key() {
    let (home, shop) = home();
    let other = TempDir::new().unwrap();
    let data = home.path().join("server");
    // As “tar” of a stopped server's directory has it, with the key taken out of it.
    let key = home.path().join("master.key");
    fs::rename(data.join("master.key"), &key).unwrap();
    let args = ["restore", data.to_str().unwrap()];
    let (_, said) = refused(other.path(), &args, "");
    assert!(said.contains("no master key"), "{said}");
    let keyed = ["--key-file", key.to_str().unwrap()];
    let said = done(other.path(), &[&args[..], &keyed, &["--json"]].concat(), "");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&said["made"], &said["before"]),
        (&Value::Null, &Value::Null)
    );
    let list = ["member", "list", "--shop", &shop];
    let list = [&list[..], &keyed].concat();
    assert!(done(other.path(), &list, "").contains("ann@example.com"));
}
