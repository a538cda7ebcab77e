use super::*;

#[test]
fn a_session_writes_so_much_and_no_half_lines() {
    let mut log = Bounded::new(Vec::new(), 12);
    for line in ["first\n", "second\n", "3\n", "\n"] {
        assert_eq!(log.write(line.as_bytes()).unwrap(), line.len());
    }
    assert_eq!(log.inner, b"first\n");
}

#[test]
fn what_others_left_counts_and_what_is_not_the_clients_does_not() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(size(dir.path()).unwrap(), 0);
    for (name, length) in [("2026-11-22.log", 7), ("2026-11-23.log", 5)] {
        let path = dir.path().join(format!("{PREFIX}.{name}"));
        fs::write(path, vec![b'x'; length]).unwrap();
    }
    fs::write(dir.path().join("redtagd.2026-11-23.log"), "daemon").unwrap();
    assert_eq!(size(dir.path()).unwrap(), 12);
}
