//! What every command on the data begins with: the place, the keys, the database.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use anyhow::Context as _;
use redtag_protocol::ids::ShopId;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

use super::{Hosted, Store, login, owner};
use crate::{
    app::Clock,
    auth::{former, password},
    control,
    keys::{self, KeyCheckError, MasterKey, Origin, Place, ServerKeys, Wrapping},
    place,
    storage::{
        Control, ShopKey, Storage, Wrap, WrapError,
        postgres::{self, Address, PostgresStorage, hints},
        sqlite::{self, SqliteStorage},
    },
};

/// The opened data.
pub(super) struct Opened {
    /// For people: the directory, or the database without anything secret.
    pub(super) place: String,
    pub(super) keys: Arc<ServerKeys>,
    pub(super) origin: Origin,
    pub(super) storage: Arc<dyn Storage>,
    pub(super) engine: Engine,
}

/// Which database it is.
pub(super) enum Engine {
    /// The embedded one, in a directory.
    Embedded(PathBuf),
    /// On a server.
    Hosted(Box<Address>),
}

impl Store {
    /// Which database is meant. Nothing is opened yet.
    pub(super) fn engine(&self) -> anyhow::Result<Engine> {
        let Some(address) = self.database.address()? else {
            let data = self.data()?;
            owner::ours(&data)?;
            return Ok(Engine::Embedded(data));
        };
        // Without a home there may be none, and it may not be needed either.
        let Ok(data) = self.data() else {
            return Ok(Engine::Hosted(Box::new(address)));
        };
        // What was moved away is out of use on purpose.
        if data.join("control.db").exists() && sqlite::moved_to(&data)?.is_none() {
            tracing::warn!(
                data = %data.display(),
                database = address.place(),
                "--database is used; the shops in the data directory are not"
            );
        }
        Ok(Engine::Hosted(Box::new(address)))
    }

    /// Opens the data; the embedded one is made where it is not there. Works beside a running
    /// server.
    pub(super) async fn open(&self) -> anyhow::Result<Opened> {
        self.open_as(self.engine()?).await
    }

    /// As [`open`](Self::open), of what [`engine`](Self::engine) gave.
    pub(super) async fn open_as(&self, engine: Engine) -> anyhow::Result<Opened> {
        match engine {
            Engine::Embedded(data) => self.open_embedded(data).await,
            Engine::Hosted(address) => self.open_hosted(address).await,
        }
    }

    async fn open_embedded(&self, data: PathBuf) -> anyhow::Result<Opened> {
        let (storage, keys, origin) = self.open_files(&data).await?;
        Ok(Opened {
            place: data.display().to_string(),
            keys,
            origin,
            storage: Arc::new(storage),
            engine: Engine::Embedded(data),
        })
    }

    /// As [`open`](Self::open), of an embedded database's directory.
    pub(super) async fn open_files(
        &self,
        data: &Path,
    ) -> anyhow::Result<(SqliteStorage, Arc<ServerKeys>, Origin)> {
        private(data)?;
        let place = data.display().to_string();
        let protected = data.join("control.db").exists().then_some(place);
        let (keys, origin) = self.keys(data, protected)?;
        let storage = SqliteStorage::open(sqlite::Options {
            dir: data.to_owned(),
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        });
        Ok((storage.await?, keys, origin))
    }

    /// The keys of an embedded database; `protected` names what only the right ones can open.
    pub(super) fn keys(
        &self,
        data: &Path,
        protected: Option<String>,
    ) -> anyhow::Result<(Arc<ServerKeys>, Origin)> {
        let (master, origin) = MasterKey::find(&self.key_place(), data, protected)?;
        Ok((Arc::new(ServerKeys::derive(&master)), origin))
    }

    async fn open_hosted(&self, address: Box<Address>) -> anyhow::Result<Opened> {
        let wrap = Arc::new(Later::default());
        let opening = PostgresStorage::open(postgres::Options {
            address: (*address).clone(),
            wrap: wrap.clone(),
            connections: self.database.connections,
            patience: postgres::PATIENCE,
        });
        let storage = Box::pin(opening).await?;
        // Only the database can say whether a key may still be made.
        let place = address.place();
        let taken = keys::is_checked(&storage).await? || !storage.shops().await?.is_empty();
        let key_place = self.key_place();
        let data = if key_place.is_told() {
            PathBuf::new()
        } else {
            let data = self.data()?;
            owner::ours(&data)?;
            private(&data)?;
            data
        };
        let (master, origin) = MasterKey::find(&key_place, &data, taken.then(|| place.clone()))?;
        if !taken && origin.is_beside_data() {
            tracing::warn!(
                key = %origin.path().display(),
                "the database begins with this master key: every server and command on it needs \
                 the same one, and no backup of the database holds it; keep a copy"
            );
        }
        let keys = Arc::new(ServerKeys::derive(&master));
        belong(&storage, &keys.wrapping, &origin, &place).await?;
        wrap.set(keys.wrapping.clone());
        Ok(Opened {
            place,
            keys,
            origin,
            storage: Arc::new(storage),
            engine: Engine::Hosted(address),
        })
    }

    /// The directory of the embedded database, and of a master key that lies nowhere else.
    pub(super) fn data(&self) -> anyhow::Result<PathBuf> {
        place::data(self.data.as_deref(), &|name| std::env::var_os(name))
    }

    pub(super) fn key_place(&self) -> Place {
        Place {
            file: self.key_file.clone(),
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

impl Hosted {
    /// Where the database is, if it is not the embedded one.
    pub(super) fn address(&self) -> anyhow::Result<Option<Address>> {
        let Some(url) = &self.url else {
            return Ok(None);
        };
        let password = self.password_file.as_deref().map(login::from_file);
        let address = Address::parse(
            url.expose_secret(),
            self.ca.as_deref(),
            password.transpose()?,
        )?;
        Ok(Some(address.or_password(login::from_environment())))
    }
}

impl Opened {
    /// What the place of the master key does not protect from, where that needs saying.
    pub(super) fn caution(&self) -> Option<&'static str> {
        match (&self.engine, &self.origin) {
            (Engine::Hosted(_), origin) if origin.is_beside_data() => Some(
                "the master key lies in the data directory of this machine: the other servers on \
                 the database need the same one, and no backup of the database holds it",
            ),
            _ => self.origin.caution(),
        }
    }

    /// Tells the running servers that something about a shop has changed. What is told is not what
    /// counts: without it they notice a little later.
    pub(super) async fn changed(&self, shop: ShopId) {
        match &self.engine {
            Engine::Embedded(data) => control::poke(data, shop).await,
            Engine::Hosted(address) => {
                let told = hints::tell(address, hints::Hint::Look(shop)).await;
                if let Err(error) = told {
                    let error = format!("{error:#}");
                    tracing::warn!(
                        error,
                        "the running servers were not told; benches hear later"
                    );
                }
            }
        }
    }
}

/// Makes a database that belongs to no master key this one's, or says whose it is. Another server
/// may have begun the same database a moment ago, from another directory: then a key that was made
/// for it here opens nothing, and would be in the way ever after.
async fn belong(
    storage: &dyn Control,
    wrapping: &Wrapping,
    origin: &Origin,
    place: &str,
) -> anyhow::Result<()> {
    let checked = keys::check(storage, wrapping, Clock::system().now()).await;
    let path = origin.path();
    if let (Err(KeyCheckError::Other), Origin::Made(_)) = (&checked, origin) {
        fs::remove_file(path).with_context(|| {
            format!(
                "another server began the database {place} at the same moment, with its own master \
                 key; the one that was made here, {}, opens nothing and cannot be removed. Remove \
                 it, and give the other server's key with --key-file FILE",
                path.display()
            )
        })?;
        anyhow::bail!(
            "another server began the database {place} at the same moment, with its own master \
             key; the one that was made here was removed again. Give the other server's key with \
             --key-file FILE, or copy it to {}",
            path.display()
        );
    }
    checked.with_context(|| {
        format!(
            "the master key {} does not open the database {place}; nothing was changed, give the \
             right one with --key-file FILE",
            path.display()
        )
    })
}

/// The wrapping key of a database that must be asked before the key is known.
#[derive(Default)]
struct Later(OnceLock<Arc<Wrapping>>);

impl Later {
    fn set(&self, wrapping: Arc<Wrapping>) {
        // Set once, by who made it.
        let _ = self.0.set(wrapping);
    }

    fn known(&self, shop: ShopId) -> Result<&dyn Wrap, WrapError> {
        match self.0.get() {
            Some(wrapping) => Ok(&**wrapping),
            None => Err(WrapError { shop }),
        }
    }
}

impl Wrap for Later {
    fn wrap(&self, shop: ShopId, key: &ShopKey) -> Result<Vec<u8>, WrapError> {
        self.known(shop)?.wrap(shop, key)
    }

    fn unwrap(&self, shop: ShopId, wrapped: &[u8]) -> Result<ShopKey, WrapError> {
        self.known(shop)?.unwrap(shop, wrapped)
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

/// A password hash of another program from standard input: one line.
pub(super) fn former_hash() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(1024)
        .read_to_string(&mut text)
        .context("the hash cannot be read from standard input")?;
    Ok(former::take(&text)?)
}

fn private(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("the data directory {} cannot be made", dir.display()))
}

#[cfg(test)]
mod tests;
