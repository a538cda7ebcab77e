use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::*;

fn place(file: Option<&Path>, credentials: Option<&Path>) -> Place {
    Place {
        file: file.map(Path::to_owned),
        credentials: credentials.map(Path::to_owned),
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_key_is_made_once_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let (first, origin) = MasterKey::find(&Place::default(), dir.path(), None).unwrap();
    let (second, _) = MasterKey::find(&Place::default(), dir.path(), Some("there".into())).unwrap();
    assert_eq!(first.bytes(), second.bytes());
    assert!(origin.caution().is_some());
    let mode = fs::metadata(dir.path().join("master.key")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "no draft stays"
    );
}

#[test]
fn a_lost_key_is_never_replaced_by_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let lost = MasterKey::find(&Place::default(), dir.path(), Some("there".into()));
    assert!(matches!(lost, Err(MasterKeyError::Lost { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn raw_bytes_and_hexadecimal_digits_are_the_same_key() {
    let dir = tempfile::tempdir().unwrap();
    let (raw, hex) = (dir.path().join("raw"), dir.path().join("hex"));
    write(&raw, &[0xab; 32], 0o600);
    write(&hex, format!("{}\n", "aB".repeat(32)).as_bytes(), 0o400);
    let key = |path: &Path| {
        let (key, origin) =
            MasterKey::find(&place(Some(path), None), dir.path(), Some("there".into())).unwrap();
        assert!(origin.caution().is_none());
        key.bytes().to_vec()
    };
    assert_eq!(key(&raw), key(&hex));
}

#[test]
fn a_key_that_others_can_read_is_refused_but_not_systemds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    write(&path, &[1; 32], 0o640);
    let open = MasterKey::find(&place(Some(&path), None), dir.path(), None);
    assert!(matches!(
        open,
        Err(MasterKeyError::Open { mode: 0o640, .. })
    ));
    assert!(MasterKey::find(&place(None, Some(dir.path())), dir.path(), None).is_ok());
}

#[test]
fn what_is_no_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    for wrong in [&b""[..], &[7; 31], &[7; 33], &[b'g'; 64], &[b'a'; 4000]] {
        write(&path, wrong, 0o600);
        let refused = MasterKey::find(&place(Some(&path), None), dir.path(), None);
        assert!(
            matches!(refused, Err(MasterKeyError::Shape { .. })),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_wrapped_secret_opens_only_in_its_own_context_and_unaltered() {
    let keys = ServerKeys::derive(&MasterKey::of([3; 32]));
    let other = ServerKeys::derive(&MasterKey::of([4; 32]));
    let mut wrapped = keys.wrapping.wrap("shop a", b"secret");
    assert_eq!(
        keys.wrapping.unwrap("shop a", &wrapped).unwrap().as_slice(),
        b"secret"
    );
    assert!(keys.wrapping.unwrap("shop b", &wrapped).is_err());
    assert!(other.wrapping.unwrap("shop a", &wrapped).is_err());
    assert!(keys.wrapping.unwrap("shop a", &wrapped[..11]).is_err());
    wrapped[14] ^= 1;
    assert!(keys.wrapping.unwrap("shop a", &wrapped).is_err());
    assert_ne!(keys.control, other.control);
}
