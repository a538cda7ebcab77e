//! The secret store against a real Secret Service: a bus and a keyring of the test's own.
//!
//! The library reads the bus's address from the environment once per process, so each step runs in
//! a child: this program again, with `child` as its first argument. Where dbus or gnome-keyring is
//! not installed the tests are ignored, unless `REDTAG_REQUIRE=all` says that they must run.

#![expect(clippy::expect_used, reason = "a test: what fails here fails it")]

mod child;
mod service;

use std::{
    path::Path,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use libtest_mimic::{Arguments, Failed, Trial};
use service::{Keyring, Service};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("child") {
        return child::run(args);
    }
    let missing = service::missing();
    let required = std::env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all");
    let trial = |name: &str, test: fn(&mut Service)| {
        let kind = match &missing {
            Some(program) => format!("needs {program}"),
            None => String::new(),
        };
        let run = move || {
            let mut service = Service::start();
            test(&mut service);
            Ok::<_, Failed>(())
        };
        Trial::test(name, run)
            .with_kind(kind)
            .with_ignored_flag(missing.is_some() && !required)
    };
    let tests = vec![
        trial("without_a_keyring_consent_is_asked_for", without),
        trial("without_a_bus_consent_is_asked_for", no_bus),
        trial("a_keyring_without_a_collection_is_no_store", no_collection),
        trial("an_unlocked_keyring_guards_the_key", unlocked),
        trial("a_locked_keyring_loses_nothing", locked),
        trial("a_keyring_that_hangs_is_not_waited_for", hung),
        trial("what_was_chosen_is_never_switched", never_switched),
        trial("two_homes_of_one_user_share_the_key", shared),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// What a child prints for a step in one state directory.
fn child(service: &Service, state: &Path, steps: &str) -> String {
    let me = std::env::current_exe().expect("this program's own path");
    let out = Command::new(me)
        .arg("child")
        .arg(state)
        .args(steps.split(' '))
        .envs(service.env())
        .output()
        .expect("a child can be started");
    assert!(out.status.success(), "{out:?}");
    String::from_utf8(out.stdout).expect("text")
}

fn state() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn without(service: &mut Service) {
    let state = state();
    let said = child(service, state.path(), "choose");
    assert!(said.contains("no-store"), "{said}");
    assert!(said.contains("--insecure-storage"), "{said}");
    let said = child(service, state.path(), "consent make");
    assert!(said.starts_with("key-file"), "{said}");
}

fn no_bus(service: &mut Service) {
    service.end_bus();
    let state = state();
    let begun = Instant::now();
    let said = child(service, state.path(), "choose");
    assert!(said.contains("no-store"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(9), "{said}");
    let said = child(service, state.path(), "consent make");
    assert!(said.starts_with("key-file"), "{said}");
}

fn no_collection(service: &mut Service) {
    service.keyring(Keyring::NoCollection);
    let said = child(service, state().path(), "choose");
    assert!(said.contains("no-store"), "{said}");
    assert!(said.contains("no collection"), "{said}");
}

fn unlocked(service: &mut Service) {
    service.keyring(Keyring::Unlocked);
    let state = state();
    let made = child(service, state.path(), "choose make");
    assert!(made.starts_with("secret-service"), "{made}");
    let loaded = child(service, state.path(), "open load");
    assert_eq!(made, loaded, "another process reads the same key");
    assert!(!state.path().join("state/keys/wrapping.key").exists());
}

fn locked(service: &mut Service) {
    service.keyring(Keyring::Unlocked);
    let state = state();
    let made = child(service, state.path(), "choose make");
    service.keyring(Keyring::Locked);
    for step in ["open", "choose", "consent"] {
        let said = child(service, state.path(), step);
        assert!(said.contains("locked"), "{step}: {said}");
        assert!(said.contains("safe"), "{step}: {said}");
    }
    let said = child(service, self::state().path(), "choose");
    assert!(said.contains("locked"), "{said}");
    service.keyring(Keyring::Unlocked);
    assert_eq!(child(service, state.path(), "open load"), made);
}

fn hung(service: &mut Service) {
    service.keyring(Keyring::Unlocked);
    let state = state();
    let made = child(service, state.path(), "choose make");
    service.freeze();
    let begun = Instant::now();
    let said = child(service, state.path(), "open");
    assert!(said.contains("did not answer"), "{said}");
    assert!(
        begun.elapsed() < Duration::from_secs(9),
        "{:?}",
        begun.elapsed()
    );
    service.thaw();
    assert_eq!(child(service, state.path(), "open load"), made);
}

fn never_switched(service: &mut Service) {
    let state = state();
    let made = child(service, state.path(), "consent make");
    service.keyring(Keyring::Unlocked);
    assert_eq!(child(service, state.path(), "choose load"), made);
    assert!(made.starts_with("key-file"), "{made}");
}

fn shared(service: &mut Service) {
    service.keyring(Keyring::Unlocked);
    let (one, two) = (state(), state());
    let made = child(service, one.path(), "choose make");
    child(service, two.path(), "choose make");
    assert_eq!(child(service, one.path(), "open load"), made);
}
