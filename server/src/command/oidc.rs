//! The OpenID provider that people may sign in at, on the command line.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;

use super::login;
use crate::openid::{Options, Provider};

/// Who else is believed about people. The secret stands in a file.
#[derive(Debug, Args)]
pub(super) struct Oidc {
    /// OpenID provider that members may sign in at when they let a device in, by its address as it
    /// says it itself
    #[arg(
        long = "oidc-issuer",
        value_name = "URL",
        env = "REDTAG_SERVER_OIDC_ISSUER"
    )]
    issuer: Option<String>,
    /// Whom the provider knows this server as
    #[arg(
        long = "oidc-client-id",
        value_name = "ID",
        env = "REDTAG_SERVER_OIDC_CLIENT_ID"
    )]
    client_id: Option<String>,
    /// File with the client's secret; a public client has none [default: the credential oidc.secret,
    /// where systemd hands one over]
    #[arg(
        long = "oidc-client-secret-file",
        value_name = "FILE",
        env = "REDTAG_SERVER_OIDC_CLIENT_SECRET_FILE"
    )]
    client_secret_file: Option<PathBuf>,
    /// What people call the provider [default: its host]
    #[arg(
        long = "oidc-name",
        value_name = "NAME",
        env = "REDTAG_SERVER_OIDC_NAME"
    )]
    name: Option<String>,
}

impl Oidc {
    /// The provider, if one is named. Nothing is asked of it yet.
    pub(super) fn provider(&self) -> anyhow::Result<Option<Arc<Provider>>> {
        let Some(issuer) = self.issuer.clone() else {
            return Ok(None);
        };
        let client_id = self.client_id.clone();
        let client_id = client_id.context(
            "--oidc-issuer wants --oidc-client-id ID: whom the provider knows this server as",
        )?;
        let file = login::file(self.client_secret_file.as_deref(), "oidc.secret");
        let host = issuer
            .split("//")
            .nth(1)
            .and_then(|it| it.split('/').next());
        let name = self.name.clone();
        let options = Options {
            name: name.unwrap_or_else(|| host.unwrap_or(&issuer).to_owned()),
            client_secret: file.as_deref().map(login::from_file).transpose()?,
            client_id,
            issuer,
        };
        Ok(Some(Provider::new(options)?))
    }
}
