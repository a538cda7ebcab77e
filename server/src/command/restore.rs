//! `redtag-server restore`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use redtag_protocol::stamp::Stamp;
use serde_json::json;

use super::{Store, backup, operator::runtime, output, owner};
use crate::{
    app::Clock,
    storage::sqlite::{self, AlreadyServed, Found, RestoreError},
};

/// Put a copy of an embedded server's data in the place of what is there, which is moved aside. The
/// server is stopped first. Benches notice by themselves, and send again what the copy lacks and they
/// still keep
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// What “backup” made, or a copy of a whole data directory
    #[arg(value_name = "BACKUP")]
    from: PathBuf,
    /// Print {"restored":"…","data":"…","shops":0,"made":0,"before":"…"}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

impl Restore {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let text = runtime()?.block_on(self.text())?;
        Ok(output::line(&text)?)
    }

    async fn text(&self) -> anyhow::Result<String> {
        anyhow::ensure!(
            self.store.database.url.is_none(),
            "a PostgreSQL database is restored with PostgreSQL's own means, and then told so with \
             “redtag-server database restored”; nothing was done"
        );
        let data = self.store.data()?;
        owner::ours(&data)?;
        let from = std::path::absolute(&self.from)
            .with_context(|| format!("{} cannot be used", self.from.display()))?;
        // Before a lock is laid into any odd place.
        if !from.join("control.db").exists() {
            return Err(RestoreError::NoCopy(from.display().to_string()).into());
        }
        anyhow::ensure!(
            data != from,
            "{} is the data itself, and not a copy of it; nothing was done",
            from.display()
        );
        let restore = sqlite::Restore::take(&data).map_err(|error| match error {
            RestoreError::Served(AlreadyServed::By(dir)) => anyhow::anyhow!(
                "a redtag-server serves {dir}; nothing was changed. Stop it, and run this again"
            ),
            other => other.into(),
        })?;
        let protected = Some(from.display().to_string());
        let (keys, _) = self.store.keys(&data, protected)?;
        let options = |dir| sqlite::Options {
            dir,
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        };
        let found = restore.bring(&from, options).await?;
        let aside = format!("before-restore-{}", backup::moment(Clock::system().now())?);
        let before = restore.put(&aside).with_context(|| {
            format!(
                "the restore is not finished: no server starts on {} until it is. Run the same \
                 command again",
                data.display()
            )
        })?;
        Ok(self.say(&from, &data, &found, before.as_deref()))
    }

    fn say(&self, from: &Path, data: &Path, found: &Found, before: Option<&Path>) -> String {
        let made = found.manifest.as_ref().map(|it| it.made);
        if self.json {
            return json!({
                "restored": from, "data": data, "shops": found.shops,
                "made": made, "before": before,
            })
            .to_string();
        }
        let noun = if found.shops == 1 {
            "shop is"
        } else {
            "shops are"
        };
        let when = made.map_or_else(|| "when the copy was made".to_owned(), when);
        let mut words = format!(
            "{} {noun} as they were {when}. Start the server: benches fetch their shops anew, and \
             send again what the copy lacks and they still keep",
            found.shops
        );
        if let Some(before) = before {
            words = format!(
                "{words}\nwhat was there before lies in {}; delete it when you trust the restore",
                before.display()
            );
        }
        words
    }
}

fn when(made: Stamp) -> String {
    let made = i64::try_from(made.0).map(Timestamp::from_millisecond);
    match made {
        Ok(Ok(made)) => format!("at {made:.0}"),
        _ => "when the copy was made".to_owned(),
    }
}
