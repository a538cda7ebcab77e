//! `redtag-server database …`

mod link;
mod restored;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use redtag_protocol::text::clean_text;
use serde_json::json;
use tokio_postgres::Client;

use self::link::Link;
use super::{
    login,
    operator::{new_password, runtime},
    output,
};
use crate::storage::{
    StorageError,
    postgres::{
        Address, ConnectError,
        guard::{self, Trouble},
        setup::{self, Done, Password, Plan},
    },
};

/// A PostgreSQL database.
#[derive(Debug, Subcommand)]
pub(super) enum Database {
    /// Make a database with its roles and schema, or bring one up to date; prints the URL to serve
    /// with
    Init(Box<Init>),
    /// Check that a database can be served: what the server itself checks when it starts
    Check(Check),
    Restored(restored::Restored),
}

#[derive(Debug, Args)]
pub(super) struct Init {
    #[arg(
        long,
        value_name = "URL",
        env = "REDTAG_SERVER_ADMIN_DATABASE",
        hide_env_values = true,
        help = "An administrator's URL, such as postgres://postgres@db.example/postgres: a \
                superuser, or a role with CREATEROLE and CREATEDB"
    )]
    admin: String,
    /// File with the administrator's password [default: the URL's, then PGPASSWORD]
    #[arg(long, value_name = "FILE")]
    admin_password_file: Option<PathBuf>,
    /// The database [default: the URL's, or redtag where that is postgres]
    #[arg(long, value_name = "DB")]
    name: Option<String>,
    #[arg(
        long,
        value_name = "ROLE",
        help = "The role that serves [default: the one there is, or DB_app]"
    )]
    app: Option<String>,
    #[arg(
        long,
        value_name = "ROLE",
        help = "The role that owns the tables and cannot log in [default: the one there is, or \
                DB_owner]"
    )]
    owner: Option<String>,
    /// Read the app role's password from standard input, one line
    #[arg(long, conflicts_with = "new_password")]
    password_stdin: bool,
    /// Draw a new password for the app role; without this the one it has stays
    #[arg(long)]
    new_password: bool,
    /// Certificates in PEM to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    database_ca: Option<PathBuf>,
    /// Print a JSON object instead of the URL alone
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The app role's URL
    #[arg(
        long,
        value_name = "URL",
        env = "REDTAG_SERVER_DATABASE",
        hide_env_values = true
    )]
    database: String,
    /// File with the role's password [default: the URL's, then PGPASSWORD]
    #[arg(long, value_name = "FILE")]
    database_password_file: Option<PathBuf>,
    /// Certificates in PEM to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    database_ca: Option<PathBuf>,
}

impl Database {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Init(it) => it.run(),
            Self::Check(it) => it.run(),
            Self::Restored(it) => it.run(),
        }
    }
}

impl Init {
    fn run(self) -> anyhow::Result<()> {
        // Before anything is changed: a person may think better of it here.
        let password = if self.password_stdin {
            Password::Given(new_password()?)
        } else if self.new_password {
            Password::New
        } else {
            Password::Keep
        };
        let (made, done, link) = runtime()?.block_on(self.init(password))?;
        let url = link.to_string();
        let text = if self.json {
            json!({
                "url": url,
                "database": link.database,
                "made": made,
                "app": done.app,
                "owner": done.owner,
                "password": if done.password.is_some() { "set" } else { "kept" },
                "migrated": done.migrated,
                "cautions": done.cautions,
            })
            .to_string()
        } else {
            url
        };
        output::line(&text)?;
        for line in self.next(made, &done, &link) {
            output::aside(&line)?;
        }
        Ok(())
    }

    /// Whether the database was made now, what was done in it, and how to get there as the app role.
    async fn init(&self, password: Password) -> anyhow::Result<(bool, Done, Link)> {
        let mut link = Link::read(&self.admin);
        let given = link.database.clone();
        let name = self.name.clone().unwrap_or_else(|| match &*given {
            "postgres" | "" => "redtag".to_owned(),
            name => name.to_owned(),
        });
        let login = self
            .admin_password_file
            .as_deref()
            .map(login::from_file)
            .transpose()?;
        let address = |link: &Link| -> anyhow::Result<Address> {
            let address = Address::parse(
                &link.to_string(),
                self.database_ca.as_deref(),
                login.clone(),
            )?;
            Ok(address.or_password(login::from_environment()))
        };
        // The URL's own database first: where it can be entered, nothing need be made.
        link.database.clone_from(&name);
        let target = address(&link)?;
        let plan = Plan {
            app: self.app.clone(),
            owner: self.owner.clone(),
            password,
        };
        let mut made = false;
        let mut client = match connect(&target).await {
            Err(StorageError::Connect(ConnectError::NoDatabase { .. })) => {
                if given == name || given.is_empty() {
                    "postgres".clone_into(&mut link.database);
                } else {
                    link.database = given;
                }
                let beside = connect(&address(&link)?).await.map_err(of_admin)?;
                setup::foresee(&beside, &name, &plan).await?;
                made = setup::database(&beside, &name).await?;
                link.database.clone_from(&name);
                connect(&target).await?
            }
            other => other.map_err(of_admin)?,
        };
        let done = setup::init(&mut client, &plan).await?;
        link.sign_in(&done.app, done.password.as_ref());
        Ok((made, done, link))
    }

    /// What was done and what comes next, for people.
    fn next(&self, made: bool, done: &Done, link: &Link) -> Vec<String> {
        let Done { app, owner, .. } = done;
        let database = &link.database;
        let mut lines = Vec::new();
        lines.push(match (made, done.migrated.is_empty()) {
            (true, _) => format!("The database {database} is made; {owner} owns its tables."),
            (false, false) => {
                format!("The database {database} is up to date; {owner} owns its tables.")
            }
            (false, true) => format!("The database {database} was up to date already."),
        });
        lines.push(if done.password.is_some() {
            format!(
                "Above is the URL of {app}, with its password: keep it where only the server can \
                 read it."
            )
        } else {
            format!(
                "Above is the URL of {app}; its password stays as it was, and --new-password \
                 draws another."
            )
        });
        let ca = match &self.database_ca {
            Some(ca) => format!(" --database-ca {}", ca.display()),
            None => String::new(),
        };
        // Not the URL above: arguments can be read by everybody on the machine.
        let bare = link.without_password();
        let way = format!("--database '{bare}' --database-password-file FILE{ca}");
        lines.push(format!("Check it:  redtag-server database check {way}"));
        lines.push(format!("Serve it:  redtag-server serve {way}"));
        lines.extend(done.cautions.iter().map(|it| format!("Caution: {it}.")));
        lines
    }
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let (lines, wrong) = runtime()?.block_on(self.check())?;
        for line in lines {
            output::line(&clean_text(&line))?;
        }
        anyhow::ensure!(
            wrong == 0,
            "this database is not served like this; {} above",
            if wrong == 1 {
                "the reason stands"
            } else {
                "the reasons stand"
            }
        );
        Ok(())
    }

    /// A line for each thing that was checked, and how many are refused.
    async fn check(&self) -> anyhow::Result<(Vec<String>, usize)> {
        let password = self
            .database_password_file
            .as_deref()
            .map(login::from_file)
            .transpose()?;
        let address = Address::parse(&self.database, self.database_ca.as_deref(), password)?;
        let client = connect(&address.or_password(login::from_environment())).await?;
        let mut lines = Vec::new();
        let mut wrong = 0;
        for finding in guard::examine(&client).await? {
            if finding.troubles.is_empty() {
                lines.push(format!("ok       {}", finding.what));
            }
            for trouble in finding.troubles {
                let mark = match &trouble {
                    Trouble::Refused(_) => {
                        wrong += 1;
                        "REFUSED"
                    }
                    Trouble::Doubtful(_) => "caution",
                };
                lines.push(format!(
                    "{mark}  {}: {}",
                    finding.what,
                    trouble.into_words()
                ));
            }
        }
        Ok((lines, wrong))
    }
}

/// Names the flags of this command where the words for all commands would name others.
fn of_admin(error: StorageError) -> anyhow::Error {
    match error {
        StorageError::Connect(
            ConnectError::Password { place, user } | ConnectError::NoPassword { place, user },
        ) => anyhow::anyhow!(
            "the database at {place} does not let {user} in without its password, or with this \
             one: give it with --admin-password-file FILE, in PGPASSWORD or in the URL"
        ),
        other => other.into(),
    }
}

async fn connect(address: &Address) -> Result<Client, StorageError> {
    let (client, connection) = address.connect().await?;
    // It ends with the client, and the client hears what ended it before.
    tokio::spawn(connection);
    Ok(client)
}
