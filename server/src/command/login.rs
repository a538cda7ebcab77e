//! Passwords and secrets of the server itself, which need not stand in an argument.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Bytes of a file that are worth reading.
const LONGEST: usize = 1024;

/// A secret's file: the named one, or else the credential that systemd hands over, where it does.
pub(super) fn file(named: Option<&Path>, credential: &str) -> Option<PathBuf> {
    let handed = || {
        let dir = std::env::var_os("CREDENTIALS_DIRECTORY")?;
        let path = Path::new(&dir).join(credential);
        path.exists().then_some(path)
    };
    named.map(Path::to_path_buf).or_else(handed)
}

/// A password from a file: one line, readable by its owner alone.
pub(super) fn from_file(path: &Path) -> anyhow::Result<SecretString> {
    use std::os::unix::fs::MetadataExt as _;
    let unread = || format!("the password file {} cannot be read", path.display());
    let file = fs::File::open(path).with_context(unread)?;
    let mode = file.metadata().with_context(unread)?.mode() & 0o777;
    // systemd grants the service user its credentials by an access list, which shows up as group
    // bits; who may read them is systemd's business.
    let handed = std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|dir| path.starts_with(dir));
    let open = mode & 0o077 != 0;
    anyhow::ensure!(
        handed || !open,
        "the password file {} can be read by others (mode {mode:o}); run “chmod 600” on it, and \
         think about who may have read it",
        path.display()
    );
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    file.take(LONGEST as u64)
        .read_to_string(&mut text)
        .with_context(unread)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    anyhow::ensure!(
        !line.is_empty() && line.len() + 2 < LONGEST && !line.contains(['\n', '\r']),
        "the password file {} must hold the password as its one line",
        path.display()
    );
    Ok(SecretString::from(line))
}

/// The one that PostgreSQL's own programs take from the environment.
pub(super) fn from_environment() -> Option<SecretString> {
    std::env::var("PGPASSWORD").ok().map(SecretString::from)
}
