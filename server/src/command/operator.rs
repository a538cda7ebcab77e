//! What every command on the data begins with: the place, the keys, the database.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use redtag_protocol::ids::ShopId;
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

use super::Store;
use crate::{
    auth::password,
    control,
    keys::{MasterKey, Origin, Place, ServerKeys},
    place,
    storage::{
        Storage,
        sqlite::{Options, SqliteStorage},
    },
};

/// The opened data.
pub(super) struct Opened {
    pub(super) data: PathBuf,
    pub(super) keys: Arc<ServerKeys>,
    pub(super) origin: Origin,
    pub(super) storage: Arc<dyn Storage>,
}

impl Store {
    /// The directory of the data.
    pub(super) fn place(&self) -> anyhow::Result<PathBuf> {
        anyhow::ensure!(
            self.database.is_none(),
            "--database is not there yet: this version keeps its data in --data DIR"
        );
        place::data(self.data.as_deref(), &|name| std::env::var_os(name))
    }

    /// Opens the data, or makes it. Works beside a running server.
    pub(super) async fn open(&self) -> anyhow::Result<Opened> {
        let data = self.place()?;
        make_private(&data)
            .with_context(|| format!("the data directory {} cannot be made", data.display()))?;
        let place = Place {
            file: self.key_file.clone(),
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        };
        let has_data = data.join("control.db").exists();
        let (master, origin) = MasterKey::find(&place, &data, has_data)?;
        let keys = Arc::new(ServerKeys::derive(&master));
        let storage = SqliteStorage::open(Options {
            dir: data.clone(),
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        })
        .await?;
        Ok(Opened {
            data,
            keys,
            origin,
            storage: Arc::new(storage),
        })
    }
}

impl Opened {
    /// Tells a running server that a shop has changed.
    pub(super) async fn changed(&self, shop: ShopId) {
        control::poke(&self.data, shop).await;
    }
}

/// A runtime for one command.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the program cannot start its threads")
}

/// A new password from standard input: one line, or typed twice without being shown where standard
/// input is a terminal.
pub(super) fn new_password() -> anyhow::Result<SecretString> {
    use std::io::IsTerminal as _;
    let password = if std::io::stdin().is_terminal() {
        let first = Zeroizing::new(rpassword::prompt_password("Password: ")?);
        let second = Zeroizing::new(rpassword::prompt_password("Again: ")?);
        anyhow::ensure!(
            first == second,
            "the two passwords differ; nothing was changed"
        );
        SecretString::from(first.as_str())
    } else {
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * password::LONGEST));
        std::io::stdin()
            .take(2 * password::LONGEST as u64)
            .read_to_end(&mut bytes)
            .context("the password cannot be read from standard input")?;
        let text = str::from_utf8(&bytes).context("the password is not UTF-8 text")?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        anyhow::ensure!(
            !line.contains(['\n', '\r']),
            "the password must be one line on standard input"
        );
        SecretString::from(line)
    };
    password::fit(&password)?;
    Ok(password)
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}
