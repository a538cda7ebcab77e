//! Whose a data directory is. Files that another user's command makes there are closed to the server
//! and to its own user's commands ever after.

use std::{fs, io, os::unix::fs::MetadataExt as _, path::Path};

use anyhow::Context as _;

/// Refuses another user's directory; a directory that is not there yet will be ours.
pub(super) fn ours(dir: &Path) -> anyhow::Result<()> {
    let owner = match fs::metadata(dir) {
        Ok(found) => found.uid(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other
            .with_context(|| format!("the data directory {} cannot be looked at", dir.display()))?
            .uid(),
    };
    let me = rustix::process::geteuid().as_raw();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    match refusal(dir, owner, me, &users) {
        Some(words) => Err(anyhow::anyhow!(words)),
        None => Ok(()),
    }
}

fn refusal(dir: &Path, owner: u32, me: u32, users: &str) -> Option<String> {
    if owner == me {
        return None;
    }
    let dir = dir.display();
    let (owner_name, me) = (name(owner, users), name(me, users));
    let sudo = match owner_name.strip_prefix("user ") {
        Some(_) => format!("sudo -u '#{owner}'"),
        None => format!("sudo -u {owner_name}"),
    };
    Some(format!(
        "the data directory {dir} belongs to {owner_name}, and this runs as {me}: what it makes \
         there would be closed to {owner_name}. Nothing was made; run it as {owner_name}, such as \
         with “{sudo} redtag-server …”, or name another directory with --data"
    ))
}

/// What the system's list of users calls one, or the number.
fn name(uid: u32, users: &str) -> String {
    let found = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        (number.parse() == Ok(uid)).then_some(name)
    });
    found.map_or_else(|| format!("user {uid}"), str::to_owned)
}

#[cfg(test)]
mod tests;
