use std::path::{Path, PathBuf};

use super::*;

fn around<'a>(home: Option<&'a str>, runtime: Option<&'a str>) -> Surroundings<'a> {
    Surroundings {
        home: home.map(Path::new),
        runtime: runtime.map(Path::new),
        state: Path::new("/home/ann/.local/state/redtag"),
        uid: 1000,
    }
}

#[test]
fn the_order_is_home_then_runtime_then_state() {
    let at = |home, runtime| own(around(home, runtime));
    assert_eq!(
        at(Some("/srv/rt"), Some("/run/user/1000")),
        PathBuf::from("/srv/rt/run/daemon.sock")
    );
    assert_eq!(
        at(None, Some("/run/user/1000")),
        PathBuf::from("/run/user/1000/redtag/daemon.sock")
    );
    assert_eq!(
        at(None, None),
        PathBuf::from("/home/ann/.local/state/redtag/daemon.sock")
    );
    // The XDG specification: a relative directory is to be ignored.
    assert_eq!(at(None, Some("run")), at(None, None));
}

#[test]
fn a_client_looks_for_the_system_service_first_unless_a_home_is_given() {
    assert_eq!(
        candidates(around(None, Some("/run/user/1000"))),
        [
            PathBuf::from(SYSTEM),
            PathBuf::from("/run/user/1000/redtag/daemon.sock")
        ]
    );
    assert_eq!(candidates(around(Some("/srv/rt"), None)).len(), 1);
}

#[test]
fn a_path_that_is_too_long_gets_a_short_name_of_its_own() {
    let long = |c: &str| format!("/srv/{}", c.repeat(120));
    let (one, two) = (long("a"), long("b"));
    let at = |home: &str, runtime| own(around(Some(home), runtime));

    let path = at(&one, Some("/run/user/1000"));
    assert!(path.starts_with("/run/user/1000/redtag"), "{path:?}");
    assert!(path.as_os_str().len() <= MAX_PATH);
    assert_ne!(path, at(&two, Some("/run/user/1000")));

    assert!(at(&one, None).starts_with("/tmp/redtag-1000"));
    assert!(at(&one, Some(&two)).starts_with("/tmp/redtag-1000"));
}

#[test]
fn the_limit_itself_still_fits() {
    let home = format!("/{}", "h".repeat(MAX_PATH - 1 - "/run/daemon.sock".len()));
    let path = own(around(Some(&home), None));
    assert_eq!(path.as_os_str().len(), MAX_PATH);
    assert!(path.starts_with(&home));
    assert!(own(around(Some(&format!("{home}h")), None)).starts_with("/tmp"));
}
