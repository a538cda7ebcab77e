//! `redtag-server database restored`

use std::path::PathBuf;

use clap::Args;

use super::{super::operator::runtime, connect, login, of_admin, output};
use crate::storage::postgres::{Address, setup};

/// Say that a database was put back to an earlier moment by PostgreSQL's own means, after it was and
/// before a server starts: benches then notice at once, fetch their shops anew, and send again what
/// the database lacks and they still keep
#[derive(Debug, Args)]
pub(in crate::command) struct Restored {
    #[arg(
        long,
        value_name = "URL",
        env = "REDTAG_SERVER_ADMIN_DATABASE",
        hide_env_values = true,
        help = "An administrator's URL of the database that was restored, such as \
                postgres://postgres@db.example/redtag"
    )]
    admin: String,
    /// File with the administrator's password [default: the URL's, then PGPASSWORD]
    #[arg(long, value_name = "FILE")]
    admin_password_file: Option<PathBuf>,
    /// Certificates in PEM to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    database_ca: Option<PathBuf>,
}

impl Restored {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let place = runtime()?.block_on(self.tell())?;
        Ok(output::line(&format!(
            "{place} begins a new life: start the servers; benches fetch their shops anew, and send \
             again what it lacks and they still keep"
        ))?)
    }

    async fn tell(&self) -> anyhow::Result<String> {
        let login = self.admin_password_file.as_deref().map(login::from_file);
        let login = login.transpose()?;
        let address = Address::parse(&self.admin, self.database_ca.as_deref(), login)?;
        let address = address.or_password(login::from_environment());
        let mut client = connect(&address).await.map_err(of_admin)?;
        setup::restored(&mut client).await?;
        Ok(address.place())
    }
}
