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

/// Whether a Unix user reads the key, who knows its number and asks for the keyring that it is in. Only
/// root can ask as somebody else.
pub(crate) fn is_read_by(dir: &Path, uid: u32) -> bool {
    let read = "keyctl get_persistent @s $0; keyctl pipe $1";
    let then = format!(
        "setpriv --reuid {uid} --regid {uid} --clear-groups \
         keyctl session - sh -ec '{read}' $(id -u) $key"
    );
    script(dir, &then).status.success()
}

/// What this machine lacks to ask as somebody else.
pub(crate) fn no_other_user() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("root, to be another user");
    }
    missing()
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
