//! The kernel's keyring, by `keyctl` (package keyutils), each call in a session of its own.

use std::{
    path::Path,
    process::{Command, Output},
};

/// What this machine lacks for a key in the kernel.
pub(crate) fn missing() -> Option<&'static str> {
    let made = Command::new("keyctl")
        .args(["session", "-", "keyctl", "get_persistent", "@s"])
        .output();
    match made {
        Err(_) => Some("keyctl (package keyutils)"),
        Ok(out) if !out.status.success() => Some("the kernel's persistent keyrings"),
        Ok(_) => None,
    }
}

/// A program in a session keyring of its own, as somebody has who comes by SSH.
pub(crate) fn session(program: &Path) -> Command {
    let mut command = Command::new("keyctl");
    command.args(["session", "-"]).arg(program);
    command
}

/// Takes the key of a state directory out of the kernel, as a restart of the machine does.
pub(crate) fn forget(dir: &Path) {
    let out = script(dir, "keyctl unlink $key $ring");
    assert!(out.status.success(), "{out:?}");
}

/// Whether another Unix user reads the key, by its number, which anybody may know.
pub(crate) fn is_read_by_another(dir: &Path) -> bool {
    let other =
        "setpriv --reuid 65534 --regid 65534 --clear-groups keyctl session - keyctl pipe $key";
    script(dir, other).status.success()
}

/// Whether its own user reads it, to see that the question above is a fair one.
pub(crate) fn is_read(dir: &Path) -> bool {
    script(dir, "keyctl pipe $key").status.success()
}

fn script(dir: &Path, then: &str) -> Output {
    let find = "ring=$(keyctl get_persistent @s); key=$(keyctl search $ring user \"$1\")";
    Command::new("keyctl")
        .args([
            "session",
            "-",
            "sh",
            "-ec",
            &format!("{find}; {then}"),
            "sh",
        ])
        .arg(format!("redtag:{}", dir.join("state").display()))
        .output()
        .expect("keyctl is installed (package keyutils)")
}
