//! An account's line: its API with the certificates that are kept with the account. A person's own
//! file of them is read at the sign-in and never again.

use std::path::Path;

use redtag_protocol::ipc::{Failure, SignIn};

use super::{
    home::{AccountFile, Home},
    sign_in::Desk,
};
use crate::remote::{Remote, RemoteError, Trust};

/// The line of an account that is there. `config` is the file of certificates of this machine,
/// where the account has none of its own. Certificates that cannot be read keep no account shut:
/// its line is then one that says so.
pub(super) fn of(
    home: &Home,
    file: &mut AccountFile,
    config: Option<&Path>,
) -> Result<Remote, RemoteError> {
    match trust(home, file, config) {
        Ok(trust) => Remote::new(&file.url, trust.as_ref()),
        Err(error) => {
            tracing::error!(account = %file.id, %error, "no calls are made");
            let words = format!(
                "{error}. Nothing is sent until you sign in again: `redtag login {} --ca FILE`",
                file.url
            );
            Remote::unusable(&file.url, &words)
        }
    }
}

fn trust(
    home: &Home,
    file: &mut AccountFile,
    config: Option<&Path>,
) -> Result<Option<Trust>, RemoteError> {
    if let Some(own) = home.trust(&file.id)? {
        return Ok(Some(own));
    }
    // Older versions kept the path.
    if let Some(path) = &file.ca {
        let own = Trust::read(path)?;
        if let Err(error) = home.keep_trust(file, Some(&own)) {
            tracing::warn!(account = %file.id, %error, "the certificates cannot be kept");
        }
        return Ok(Some(own));
    }
    config.map(Trust::read).transpose()
}

/// What a sign-in can go over. It is found without a word to the API, so that nobody holds caches
/// while one is waited for.
pub(super) struct Ways {
    remote: Remote,
    /// The certificates that the person names.
    named: Option<Trust>,
    /// The same API with those of a former sign-in.
    former: Option<(Remote, Trust)>,
}

/// The ways that there are for a sign-in.
pub(super) fn for_sign_in(desk: &Desk, ask: &SignIn) -> Result<Ways, Failure> {
    if let Some(path) = &ask.ca {
        let named = Trust::read(Path::new(path))?;
        return Ok(Ways {
            remote: Remote::new(&ask.url, Some(&named))?,
            named: Some(named),
            former: None,
        });
    }
    let config = desk.ca.as_deref().map(Trust::read).transpose()?;
    let remote = Remote::new(&ask.url, config.as_ref())?;
    let url = remote.address().to_string();
    let former = desk
        .accounts
        .iter()
        .map(|(file, _)| file)
        .chain(&desk.forgotten)
        .filter(|file| file.url == url && file.email.eq_ignore_ascii_case(ask.email.trim()))
        .find_map(|file| desk.home.trust(&file.id).ok().flatten());
    let former =
        former.map(|trust| Ok::<_, RemoteError>((Remote::new(&ask.url, Some(&trust))?, trust)));
    Ok(Ways {
        remote,
        named: None,
        former: former.transpose()?,
    })
}

impl Ways {
    /// The line, with the certificates to keep with the account: those that the person names; without
    /// any, those of a former sign-in where the API is not to be trusted otherwise.
    pub(super) async fn chosen(self) -> (Remote, Option<Trust>) {
        if let Some((remote, trust)) = self.former
            && matches!(
                self.remote.version().await,
                Err(RemoteError::Untrusted { .. })
            )
        {
            return (remote, Some(trust));
        }
        (self.remote, self.named)
    }
}
