use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::{keys::random, storage::sqlite::open};

/// What spans shops as the first release left it, with somebody signed in.
#[test]
fn sign_ins_stay_when_devices_may_wait() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("control.db");
    let key = Zeroizing::new(random());
    let mut file = open::open(&path, &key, open::Purpose::Write).unwrap();
    file.execute_batch(CONTROL[0]).unwrap();
    let id = Schema::Control.application_id();
    file.pragma_update(None, "application_id", id).unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    file.execute_batch(
        "INSERT INTO person VALUES (x'01', 'A@x', 'a@x', 'A', 'h', 1);
         INSERT INTO shop VALUES (x'02', 'Shop', x'00', 1, 1);
         INSERT INTO session VALUES (x'03', x'01', x'02', x'04', x'0506', 4, 1, 2, NULL);",
    )
    .unwrap();
    migrate(&mut file, Schema::Control, &path).unwrap();
    let told = |text: &str| {
        file.query_row(text, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(
        told("SELECT generation FROM session WHERE ended IS NULL"),
        4
    );
    assert_eq!(told("SELECT count(*) FROM pairing"), 0);
    // What the third schema adds knows nothing of anybody yet.
    assert_eq!(
        told("SELECT count(*) FROM session WHERE revoked IS NOT NULL"),
        0
    );
    assert_eq!(told("SELECT count(*) FROM second_factor"), 0);
    assert_eq!(told("SELECT count(*) FROM pass"), 0);
    assert_eq!(told("SELECT count(*) FROM identity"), 0);
    assert_eq!(told("SELECT count(*) FROM key_copy"), 0);
    assert_eq!(
        version(&file).unwrap(),
        i64::try_from(CONTROL.len()).unwrap()
    );
}
