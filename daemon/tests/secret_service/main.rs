//! The secret store against a real Secret Service: a bus and a keyring of the test's own.
//!
//! The library reads the bus's address from the environment once per process, so each step runs in
//! a child: this program again, with `child` as its first argument. Where dbus or gnome-keyring is
//! not installed the tests are ignored, unless `REDTAG_REQUIRE=all` says that they must run.

#![expect(clippy::expect_used, reason = "a test: what fails here fails it")]

mod child;
mod kernel;
mod service;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use libtest_mimic::{Arguments, Failed, Trial};
use service::{Keyring, Service};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("child") {
        return child::run(args);
    }
    let no_service = service::missing();
    let no_kernel = no_service.or_else(kernel::missing);
    let required = std::env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all");
    let of = |name: &str, test: fn(&mut Service), missing: Option<&'static str>| {
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
    let trial = |name: &str, test: fn(&mut Service)| of(name, test, no_service);
    let in_kernel = |name: &str, test: fn(&mut Service)| of(name, test, no_kernel);
    let tests = vec![
        trial("without_a_keyring_consent_is_asked_for", without),
        trial("without_a_bus_consent_is_asked_for", no_bus),
        trial("a_keyring_without_a_collection_is_no_store", no_collection),
        trial("an_unlocked_keyring_guards_the_key", unlocked),
        trial("a_locked_keyring_loses_nothing", locked),
        trial("a_keyring_that_hangs_is_not_waited_for", hung),
        trial("what_was_chosen_is_never_switched", never_switched),
        trial("two_homes_of_one_user_share_the_key", shared),
        in_kernel("without_a_keyring_the_kernels_guards_the_key", kernels),
        of(
            "a_key_in_the_kernel_is_its_users_only",
            users_only,
            no_service.or_else(kernel::no_other_user),
        ),
        in_kernel("what_the_kernel_forgets_is_told_and_begun_anew", begun_anew),
        in_kernel("what_time_takes_from_the_kernel_is_put_back", put_back),
        in_kernel("a_kiosk_is_not_guarded_by_what_forgets", kiosks),
        in_kernel("a_sign_in_that_failed_has_chosen_for_nobody", nobodys),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// What a child prints for a step in one state directory.
fn child(service: &Service, state: &Path, steps: &str) -> String {
    said(Command::new(me()).envs(service.env()), state, steps)
}

/// The same in a session keyring of its own.
fn in_session(service: &Service, state: &Path, steps: &str) -> String {
    said(kernel::session(&me()).envs(service.env()), state, steps)
}

fn said(command: &mut Command, state: &Path, steps: &str) -> String {
    let command = command.arg("child").arg(state).args(steps.split(' '));
    let out = command.output().expect("a child can be started");
    assert!(out.status.success(), "{out:?}");
    String::from_utf8(out.stdout).expect("text")
}

fn me() -> PathBuf {
    std::env::current_exe().expect("this program's own path")
}

fn state() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn without(service: &mut Service) {
    let state = state();
    let said = child(service, state.path(), "kiosk");
    assert!(said.contains("no-store"), "{said}");
    assert!(said.contains("--insecure-storage"), "{said}");
    let said = child(service, state.path(), "consent make");
    assert!(said.starts_with("key-file"), "{said}");
}

fn no_bus(service: &mut Service) {
    service.end_bus();
    let state = state();
    let begun = Instant::now();
    let said = child(service, state.path(), "kiosk");
    assert!(said.contains("no-store"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(9), "{said}");
    let said = child(service, state.path(), "consent make");
    assert!(said.starts_with("key-file"), "{said}");
}

fn no_collection(service: &mut Service) {
    service.keyring(Keyring::NoCollection);
    let said = child(service, state().path(), "kiosk");
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

fn kernels(service: &mut Service) {
    service.end_bus();
    let state = state();
    let made = in_session(service, state.path(), "choose make");
    assert!(made.starts_with("kernel-keyring"), "{made}");
    // Another session's keyring, and none of its own.
    for read in [in_session, child] {
        assert_eq!(read(service, state.path(), "open load"), made);
    }
    assert!(!state.path().join("state/keys/wrapping.key").exists());
    // Chosen once, whatever comes later.
    assert_eq!(in_session(service, state.path(), "consent load"), made);
    kernel::forget(state.path());
}

fn users_only(service: &mut Service) {
    let state = state();
    in_session(service, state.path(), "choose make");
    assert!(kernel::is_read_by(state.path(), 0));
    assert!(!kernel::is_read_by(state.path(), 65_534));
    kernel::forget(state.path());
}

fn begun_anew(service: &mut Service) {
    let state = state();
    let made = in_session(service, state.path(), "choose make");
    kernel::forget(state.path());
    let said = in_session(service, state.path(), "open");
    assert!(said.starts_with("forgotten: this machine"), "{said}");
    // Who signs in has a store again; what was wrapped before is none of its own.
    let said = in_session(service, state.path(), "choose load");
    assert!(said.starts_with("forgotten: this machine"), "{said}");
    assert!(made.starts_with("kernel-keyring"), "{made}");
    let said = in_session(service, state.path(), "open");
    assert!(said.starts_with("kernel-keyring"), "{said}");
    kernel::forget(state.path());
}

fn put_back(service: &mut Service) {
    let state = state();
    let made = in_session(service, state.path(), "choose make");
    let mut daemon = kernel::session(&me())
        .arg("child")
        .arg(state.path())
        .args(["open", "wait", "remind", "load"])
        .envs(service.env())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child can be started");
    let mut told = BufReader::new(daemon.stdout.take().expect("a pipe"));
    let mut line = String::new();
    told.read_line(&mut line).expect("the child speaks");
    assert_eq!(line, "waits\n");
    kernel::forget(state.path());
    let mut input = daemon.stdin.take().expect("a pipe");
    input.write_all(b"go on\n").expect("the child listens");
    assert!(daemon.wait().expect("the child ends").success());
    assert_eq!(in_session(service, state.path(), "open load"), made);
    kernel::forget(state.path());
}

fn kiosks(service: &mut Service) {
    let state = state();
    in_session(service, state.path(), "choose make");
    let said = in_session(service, state.path(), "kiosk");
    assert!(said.contains("no-store"), "{said}");
    assert!(said.contains("Unix user of its own"), "{said}");
    let consented = in_session(service, state.path(), "consent");
    assert!(consented.starts_with("kernel-keyring"), "{consented}");
    kernel::forget(state.path());
    let said = in_session(service, state.path(), "kiosk");
    assert!(said.contains("no-store"), "{said}");
}

fn nobodys(service: &mut Service) {
    for forgets in [false, true] {
        let state = state();
        in_session(service, state.path(), "choose");
        if forgets {
            kernel::forget(state.path());
        }
        // No account came of it: neither a kiosk nor a consent is bound to it.
        let said = in_session(service, state.path(), "kiosk");
        assert!(said.contains("--insecure-storage"), "{said}");
        let said = in_session(service, state.path(), "consent make");
        assert!(said.starts_with("key-file"), "{said}");
    }
}
