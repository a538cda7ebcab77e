//! Where the server's data lies, unless `--data` says otherwise.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// The environment, as a function, so that tests hand in their own.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// `server` under `REDTAG_HOME`, else systemd's `$STATE_DIRECTORY`, else `redtag-server` in the
/// person's data directory. Always absolute.
pub(crate) fn data(named: Option<&Path>, env: Env<'_>) -> anyhow::Result<PathBuf> {
    let set = |name| env(name).filter(|value| !value.is_empty());
    let place = if let Some(named) = named {
        named.to_owned()
    } else if let Some(home) = set("REDTAG_HOME") {
        PathBuf::from(home).join("server")
    } else if let Some(state) = set("STATE_DIRECTORY") {
        PathBuf::from(state)
    } else {
        directories::BaseDirs::new()
            .context("there is no home directory to keep data in; name a place with --data")?
            .data_dir()
            .join("redtag-server")
    };
    std::path::absolute(&place)
        .with_context(|| format!("the data directory {} cannot be used", place.display()))
}

#[cfg(test)]
mod tests;
