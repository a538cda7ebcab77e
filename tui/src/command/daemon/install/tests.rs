use std::{cell::RefCell, os::unix::process::ExitStatusExt as _, process::ExitStatus};

use super::*;

fn said(code: i32, words: &str) -> Output {
    Output {
        status: ExitStatus::from_raw(code << 8),
        stdout: Vec::new(),
        stderr: words.as_bytes().to_vec(),
    }
}

#[test]
fn the_units_name_the_program_that_lies_here() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("systemd/user");
    let mut program = Command::new("/opt/shop tools/redtag-all");
    program.arg("daemon");
    write(&place, &program).unwrap();
    let service = fs::read_to_string(place.join("redtagd.service")).unwrap();
    let exec = service.lines().find(|line| line.starts_with("ExecStart="));
    assert_eq!(
        exec.unwrap(),
        r#"ExecStart="/opt/shop tools/redtag-all" "daemon" run"#
    );
    assert!(place.join("redtagd.socket").exists());

    // What systemd would take for something else is refused and not guessed at.
    for odd in ["/opt/100%/redtagd", "/opt/$HOME/redtagd", "/opt/a\nb"] {
        assert!(write(&place, &Command::new(odd)).is_err(), "{odd:?}");
    }
}

#[test]
fn without_a_systemd_nothing_is_changed_and_that_is_said() {
    let none = |_: &str, _: &[&str]| Err(io::Error::from(io::ErrorKind::NotFound));
    let fault = reachable(&none).unwrap_err();
    assert!(fault.words.contains("not needed"), "{}", fault.words);
    let no_bus = |_: &str, _: &[&str]| Ok(said(1, "Failed to connect to bus\n"));
    let fault = reachable(&no_bus).unwrap_err();
    assert!(
        fault.words.contains("Failed to connect to bus"),
        "{}",
        fault.words
    );
}

#[test]
fn the_units_are_enabled_and_begun_anew() {
    let asked = RefCell::new(Vec::new());
    let exec = |program: &str, args: &[&str]| {
        asked
            .borrow_mut()
            .push(format!("{program} {}", args.join(" ")));
        Ok(said(0, ""))
    };
    begin(&exec).unwrap();
    assert_eq!(linger(&exec, "1000"), None);
    assert_eq!(
        *asked.borrow(),
        [
            "systemctl --user daemon-reload",
            "systemctl --user enable redtagd.socket redtagd.service",
            "systemctl --user restart redtagd.socket redtagd.service",
            "loginctl enable-linger 1000",
        ]
    );
}

#[test]
fn what_systemd_refuses_is_said_in_its_own_words() {
    let refuses = |_: &str, _: &[&str]| Ok(said(1, "\nAccess denied\nmore\n"));
    let fault = begin(&refuses).unwrap_err();
    assert!(fault.words.contains("daemon-reload") && fault.words.contains("Access denied"));
    assert_eq!(linger(&refuses, "1000").as_deref(), Some("Access denied"));
}
