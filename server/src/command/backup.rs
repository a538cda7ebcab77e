//! `redtag-server backup`

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use redtag_protocol::stamp::Stamp;
use serde_json::json;

use super::{
    Store,
    operator::{Engine, runtime},
    output, owner,
};
use crate::{app::Clock, storage::sqlite::Manifest};

/// What a backup's name begins with; the moment follows.
const PREFIX: &str = "redtag-";

/// Copy an embedded server's data while it runs, encrypted as it is; the master key is not in the
/// copy. “restore” puts one back. For PostgreSQL use its own means: see the guide to hosting
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Make the copy below this directory, in one of its own that is named after the moment (UTC)
    #[arg(value_name = "DIR")]
    into: PathBuf,
    /// Afterwards delete backups in DIR that are older than so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Print {"backup":"…","shops":0,"bytes":0,"deleted":[]}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

impl Backup {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let text = runtime()?.block_on(self.text())?;
        Ok(output::line(&text)?)
    }

    async fn text(&self) -> anyhow::Result<String> {
        let Engine::Embedded(data) = self.store.engine()? else {
            anyhow::bail!(
                "a backup of a PostgreSQL database is made with PostgreSQL's own means, such as \
                 pg_basebackup and its archive of the log; nothing was done"
            );
        };
        anyhow::ensure!(
            data.join("control.db").exists(),
            "there is no server's data in {}; name the directory that “redtag-server serve” was \
             given with --data",
            data.display()
        );
        let now = Clock::system().now();
        let name = format!("{PREFIX}{}", moment(now)?);
        let into = std::path::absolute(&self.into)
            .with_context(|| format!("{} cannot be used", self.into.display()))?;
        owner::ours(&into)?;
        let (done, draft) = (into.join(&name), into.join(format!(".{name}.part")));
        anyhow::ensure!(
            !done.exists() && !draft.exists(),
            "{} is there already, or being made; nothing was done",
            done.display()
        );
        let manifest = match self.copy(&data, &draft, now).await {
            Ok(manifest) => manifest,
            Err(error) => {
                // A part of a copy is of no use to anybody.
                let _ = fs::remove_dir_all(&draft);
                return Err(error);
            }
        };
        fs::rename(&draft, &done)
            .and_then(|()| fs::File::open(&into)?.sync_all())
            .with_context(|| format!("{} cannot be made", done.display()))?;
        let deleted = match self.keep {
            Some(days) => prune(&into, now, days)?,
            None => Vec::new(),
        };
        Ok(self.say(&done, &manifest, &deleted))
    }

    async fn copy(&self, data: &Path, draft: &Path, now: Stamp) -> anyhow::Result<Manifest> {
        let (storage, ..) = self.store.open_files(data).await?;
        Ok(storage.back_up(draft, now).await?)
    }

    fn say(&self, done: &Path, manifest: &Manifest, deleted: &[String]) -> String {
        let (shops, bytes) = (manifest.shops, manifest.bytes());
        if self.json {
            return json!({
                "backup": done, "shops": shops, "bytes": bytes, "deleted": deleted,
            })
            .to_string();
        }
        let noun = if shops == 1 { "shop" } else { "shops" };
        let mut words = format!(
            "{} holds {shops} {noun}, {} MB; it opens with the master key alone, which is not in it",
            done.display(),
            bytes.div_ceil(1_000_000)
        );
        if !deleted.is_empty() {
            let names = deleted.join(", ");
            words = format!("{words}\ndeleted, for they were older: {names}");
        }
        words
    }
}

/// A moment as a name, in UTC.
pub(super) fn moment(at: Stamp) -> anyhow::Result<String> {
    let at = Timestamp::from_millisecond(i64::try_from(at.0)?)?;
    Ok(at
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string())
}

/// Deletes whole backups that were begun so many days ago, by what they say of themselves. Nothing
/// else in the directory is touched.
fn prune(dir: &Path, now: Stamp, days: u32) -> anyhow::Result<Vec<String>> {
    let age = Duration::from_hours(u64::from(days) * 24);
    let before = now.0.saturating_sub(u64::try_from(age.as_millis())?);
    let unreadable = || format!("{} cannot be read", dir.display());
    let mut deleted = Vec::new();
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let old = name.starts_with(PREFIX)
            && entry.path().is_dir()
            && Manifest::read(&entry.path())?.is_some_and(|it| it.made.0 < before);
        if !old {
            continue;
        }
        // What is half deleted must not look like a backup.
        let going = dir.join(format!(".{name}.old"));
        fs::rename(entry.path(), &going)
            .and_then(|()| fs::remove_dir_all(&going))
            .with_context(|| format!("{name} cannot be deleted"))?;
        deleted.push(name);
    }
    deleted.sort();
    Ok(deleted)
}

#[cfg(test)]
mod tests;
