//! The end of a membership, or of the shop: what is unsent is sealed to the shop's key and stays
//! until somebody takes it; whatever else there is goes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::PoisonError,
};

use redtag_protocol::{
    ids::{PersonId, ShopId},
    text,
};

use super::{Actor, home::AccountFile};
use crate::{
    cache::{CacheError, Store},
    paths::{Paths, make_private_dir, replace_file},
    remote::{DeviceKey, RefreshToken},
    sealing,
};

/// How what is said of an account whose membership has ended begins.
const ENDED: &str = "The membership has ended.";

/// The same where somebody took the sign-in from this machine.
const REVOKED: &str = "This machine's sign-in was revoked.";

/// What became of a membership that ended, for people.
pub(super) struct Left {
    words: String,
    what: What,
}

enum What {
    /// Sealed in this file, until somebody has taken it.
    Sealed(PathBuf),
    /// Nothing was left; of this person in this shop, until they are a member again.
    Nothing(PersonId, ShopId),
}

impl Left {
    /// What a person is to know of it, as long as it is so.
    pub(super) fn notice(&self) -> Option<&str> {
        match &self.what {
            What::Sealed(path) if !path.exists() => None,
            _ => Some(&self.words),
        }
    }

    /// Whether it is over with this person's being a member again.
    fn ends_with(&self, person: PersonId, shop: ShopId) -> bool {
        matches!(self.what, What::Nothing(p, s) if (p, s) == (person, shop))
    }

    fn sealed(path: PathBuf) -> Self {
        Self {
            words: notice(&path),
            what: What::Sealed(path),
        }
    }
}

/// What an account leaves behind.
struct Rest {
    edits: u64,
    text: String,
    seal_to: Option<String>,
    /// What the API knows this machine by, to say that the key is destroyed.
    known_by: Option<(RefreshToken, DeviceKey)>,
    /// Whether the API's database is not the one that took this copy's edits.
    put_back: bool,
}

/// Why nothing goes.
#[derive(Clone, Copy)]
enum Stays<'a> {
    /// What is unsent could not be sealed.
    Unsealed(&'a str),
    /// The API was put back to an older state.
    PutBack,
}

impl Stays<'_> {
    fn words(self, ended: &str) -> String {
        match self {
            Self::Unsealed(why) => format!(
                "{ended} What is unsent could not be sealed for the shop: {why}. \
                 It stays in this machine's cache; `redtag outbox export FILE` takes it out."
            ),
            Self::PutBack => format!(
                "{ended} But the API was put back to an older state, and may only have forgotten \
                 you: nothing was removed, and what it had taken of this machine in the last 30 \
                 days waits again. Ask the shop's owner to add you again, then `redtag login`; if that makes \
                 a new account, `redtag outbox export FILE` here and `redtag outbox adopt FILE` \
                 there take the work over."
            ),
        }
    }
}

fn known_by(store: &Store) -> Option<(RefreshToken, DeviceKey)> {
    let token = store.meta().refresh.clone().map(RefreshToken::new)?;
    let seed = store.meta().device_key.clone().try_into().ok()?;
    Some((token, DeviceKey::from_seed(&seed).ok()?))
}

impl Actor {
    /// Purges an account whose membership has ended. What is unsent never goes with it: where it
    /// cannot be sealed, nothing is purged.
    pub(super) async fn leave(&mut self, at: &str) {
        // Who has been taken in again meanwhile has signed in again. A sign-in that is on its way
        // may be just that: it ends first, see `signed_in`.
        let Some(account) = self.accounts.get(at).filter(|it| it.has_left()) else {
            return;
        };
        // What is being taken over from an export would be in no sealed file.
        if self.signing_in.is_some() || account.adopts() {
            return;
        }
        let file = account.file.clone();
        let revoked = account.was_revoked();
        let ended = if revoked { REVOKED } else { ENDED };
        let left_in = account.hands.left_in.lock();
        let left_in = left_in.unwrap_or_else(PoisonError::into_inner).clone();
        let (person, of) = (file.person, file.shop);
        let shop = text::clean_line(&file.shop_name).into_owned();
        let rest = account.cache.call(move |store| {
            let other = match &left_in {
                Some(epoch) => store.is_of_another_epoch(epoch)?,
                None => false,
            };
            if other {
                // What it had taken it may have lost, so it is of the rest.
                store.wait_again()?;
            }
            // An API that was put back to before somebody joined does not know them either. A
            // revocation it knows all the same.
            let put_back = other && !revoked;
            let export = store.export(None)?;
            Ok::<_, CacheError>(Rest {
                edits: export.edits(),
                text: export.text()?,
                seal_to: store.meta().seal_to.clone(),
                known_by: known_by(store),
                put_back,
            })
        });
        let remote = account.hands.remote.clone();
        let mut rest = match rest.await {
            Ok(Ok(rest)) => rest,
            Ok(Err(error)) | Err(error) => {
                tracing::error!(account = %at, %error, "a membership has ended; nothing is purged");
                return;
            }
        };
        if rest.put_back {
            return self.stays(at, ended, Stays::PutBack);
        }
        if self.home.has_damaged(at) {
            // It may hold more than could be read, and its key would go.
            let why = format!("a damaged cache of {shop} was set aside");
            return self.stays(at, ended, Stays::Unsealed(&why));
        }
        let known_by = rest.known_by.take().filter(|_| revoked);
        let sealed = if rest.edits > 0 {
            let paths = self.setup.paths.clone();
            let sealed = tokio::task::spawn_blocking(move || seal(&paths, &file, &rest)).await;
            match sealed {
                Ok(Ok(path)) => Some(path),
                Ok(Err(words)) => return self.stays(at, ended, Stays::Unsealed(&words)),
                Err(error) => {
                    return self.stays(at, ended, Stays::Unsealed(&error.to_string()));
                }
            }
        } else {
            None
        };
        match self.remove(at).await {
            Ok(()) => {
                if let Some((token, key)) = known_by {
                    // Said once: where it does not arrive, the shop sees that nobody has said it.
                    tokio::spawn(async move {
                        if let Err(error) = remote.destroyed(&token, &key).await {
                            tracing::warn!(%error, "the API was not told that the key is gone");
                        }
                    });
                }
                tracing::warn!(account = %at, revoked, "a membership has ended; the account was purged");
                self.left.push(match sealed {
                    Some(path) => Left::sealed(path),
                    None => Left {
                        words: if revoked {
                            format!(
                                "{REVOKED} Nothing was unsent; this machine's copy of {shop} and its \
                                 key were removed."
                            )
                        } else {
                            format!(
                                "You are no member of {shop} any more. Nothing was unsent; this \
                                 machine's copy of the shop was removed."
                            )
                        },
                        what: What::Nothing(person, of),
                    },
                });
            }
            Err(failure) => tracing::error!(account = %at, "{failure}"),
        }
    }

    /// Who signs in is a member: what was said of the end of the membership is over.
    pub(super) fn joined(&mut self, file: &AccountFile) {
        self.left.retain(|it| !it.ends_with(file.person, file.shop));
        if let Some(account) = self.accounts.get_mut(&file.id) {
            account
                .notices
                .retain(|it| !it.starts_with(ENDED) && !it.starts_with(REVOKED));
        }
    }

    fn stays(&mut self, at: &str, ended: &str, why: Stays<'_>) {
        let words = why.words(ended);
        tracing::error!(account = %at, %words, "a membership has ended; nothing is purged");
        if let Some(account) = self.accounts.get_mut(at)
            && !account.notices.contains(&words)
        {
            account.notices.push(words);
        }
    }
}

/// Seals what is unsent; it is on the disk when this returns.
fn seal(paths: &Paths, file: &AccountFile, rest: &Rest) -> Result<PathBuf, String> {
    let Some(recipient) = &rest.seal_to else {
        return Err("the API never told the shop's key".to_owned());
    };
    let sealed = sealing::to_shop(recipient, rest.text.as_bytes()).map_err(|e| e.to_string())?;
    let write = || -> anyhow::Result<PathBuf> {
        let dir = directory(paths);
        make_private_dir(&dir)?;
        // What it was sealed from is removed next: the directory is to be on the disk before.
        fs::File::open(&paths.data)?.sync_all()?;
        // An account ends once, so that its file takes no other's place.
        let path = dir.join(format!("{}-{}.age", file.shop, file.id));
        replace_file(&path, sealed.as_bytes())?;
        Ok(path)
    };
    write().map_err(|error| format!("{error:#}"))
}

fn directory(paths: &Paths) -> PathBuf {
    paths.data.join("sealed")
}

/// What is still there of memberships that ended, for people.
pub(super) fn sealed(paths: &Paths) -> Vec<Left> {
    let entries = match fs::read_dir(directory(paths)) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::error!(%error, "what was sealed cannot be listed");
            }
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "age"))
        .collect();
    files.sort();
    files.into_iter().map(Left::sealed).collect()
}

fn notice(path: &Path) -> String {
    format!(
        "A membership has ended, or a sign-in was revoked, and what was unsent of it is sealed in {}. Hand that file to an \
         owner of the shop, who opens it with `redtag-server shop unseal FILE`, and delete it then.",
        path.display()
    )
}
