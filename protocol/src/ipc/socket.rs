//! Where the daemon's socket lies: one pure function, so that client and daemon cannot disagree.

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// The longest path of a unix socket, in bytes: `sun_path` without its closing zero (unix(7)).
pub const MAX_PATH: usize = 107;

/// The socket of the system service.
pub const SYSTEM: &str = "/run/redtag/daemon.sock";

/// The socket's name inside its directory.
const NAME: &str = "daemon.sock";

/// What the path depends on. Relative directories count as absent.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `REDTAG_HOME`, made absolute.
    pub home: Option<&'a Path>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime: Option<&'a Path>,
    /// The person's own state directory for this program, such as `~/.local/state/redtag`.
    pub state: &'a Path,
    /// The person's user id.
    pub uid: u32,
}

/// The socket of the person's own daemon: under `REDTAG_HOME`, else under `XDG_RUNTIME_DIR`, else
/// in the state directory.
///
/// A path that is too long for a socket gets a name made of its hash, in `XDG_RUNTIME_DIR` or in
/// `/tmp/redtag-UID`. Whoever makes that directory gives it mode 0700, and both sides refuse one
/// that belongs to somebody else.
pub fn own(around: Surroundings<'_>) -> PathBuf {
    let runtime = around.runtime.filter(|dir| dir.is_absolute());
    let wanted = match (around.home, runtime) {
        // A directory of its own, because its rights are taken away from others.
        (Some(home), _) => home.join("run").join(NAME),
        (None, Some(runtime)) => runtime.join("redtag").join(NAME),
        (None, None) => around.state.join(NAME),
    };
    if fits(&wanted) {
        return wanted;
    }
    let short = short_name(&wanted);
    runtime
        .map(|dir| dir.join("redtag").join(&short))
        .filter(|path| fits(path))
        .unwrap_or_else(|| PathBuf::from(format!("/tmp/redtag-{}", around.uid)).join(short))
}

/// Where a client looks, in order: only its home's where `REDTAG_HOME` is set; else the system
/// service's, then the person's own. The last one is that of the daemon which it may start.
pub fn candidates(around: Surroundings<'_>) -> Vec<PathBuf> {
    let own = own(around);
    if around.home.is_some() {
        vec![own]
    } else {
        vec![PathBuf::from(SYSTEM), own]
    }
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= MAX_PATH
}

/// Sixteen hexadecimal digits of the wanted path's hash: different homes get different sockets.
fn short_name(wanted: &Path) -> String {
    let digest = Sha256::digest(wanted.as_os_str().as_bytes());
    let (head, _) = digest.split_at(8);
    let number = head
        .iter()
        .fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{number:016x}.sock")
}

#[cfg(test)]
mod tests;
