//! `redtag-server move`

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{Hosted, Store, operator::runtime, output, owner, secret};
use crate::{
    app::Clock,
    keys::{self, MasterKey, ServerKeys},
    storage::{
        postgres::guard,
        sqlite::{Alone, AlreadyServed, Listed, Options},
        transfer::{self, Done, MoveError, Moved, Pace, Plan, Same, Step, Target},
    },
};

/// Move an embedded server's data into a PostgreSQL database made by “database init”. The server is
/// stopped first, and started again on the new database. Killed at any point, the same command goes
/// on where it stopped.
#[derive(Debug, Args)]
pub(super) struct Move {
    /// Data directory of the embedded server
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "back",
        value_parser = secret,
        help = "The app role's URL, such as postgres://redtag_app@db.example/redtag; with --back, \
                where the data is now"
    )]
    to: Option<SecretString>,
    /// Undo a move on purpose: let the data be served from DIR again, as it was when it was moved.
    /// With --to nothing is served from that database any more
    #[arg(long)]
    back: bool,
    /// File with the master key: 32 bytes or 64 hexadecimal digits, readable by you alone
    #[arg(long, value_name = "FILE", env = "REDTAG_SERVER_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// File with the password of the URL's role [default: the URL's, then PGPASSWORD]
    #[arg(long, value_name = "FILE", requires = "to")]
    database_password_file: Option<PathBuf>,
    /// Certificates in PEM to trust for the database's server instead of the system's
    #[arg(long, value_name = "FILE", requires = "to")]
    database_ca: Option<PathBuf>,
    /// Print a JSON object with the number of rows and their SHA-256 of every table
    #[arg(long)]
    json: bool,
}

impl Move {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (text, next) = runtime()?.block_on(self.text())?;
        output::line(&text)?;
        if let Some(next) = next {
            output::aside(&next)?;
        }
        Ok(())
    }

    /// What was done, and what comes next.
    async fn text(self) -> anyhow::Result<(String, Option<String>)> {
        let store = Store {
            data: Some(self.from),
            key_file: self.key_file,
            database: Hosted {
                url: self.to,
                password_file: self.database_password_file,
                ca: self.database_ca,
                connections: 1,
            },
        };
        let dir = store.data()?;
        anyhow::ensure!(
            dir.join("control.db").exists(),
            "there is no server's data in {}; name the directory that “redtag-server serve” was \
             given with --data",
            dir.display()
        );
        owner::ours(&dir)?;
        let address = store.database.address()?;
        let protected = Some(dir.display().to_string());
        let (master, _) = MasterKey::find(&store.key_place(), &dir, protected)?;
        let keys = Arc::new(ServerKeys::derive(&master));
        let source = Alone::take(Options {
            dir: dir.clone(),
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        })
        .await
        .map_err(|error| match error {
            AlreadyServed::By(dir) => anyhow::anyhow!(
                "a redtag-server serves {dir}, or another move of it is running; nothing was \
                 changed. Stop the server, and run this again"
            ),
            AlreadyServed::Unknown(error) => error.into(),
        })?;
        let Some(address) = address else {
            return Ok((back(source, None, self.json).await?, None));
        };
        let (client, connection) = address.connect().await?;
        // It ends with the client, and the client hears what ended it before.
        tokio::spawn(connection);
        guard::check(&client).await?;
        if self.back {
            let target = Target::new(client, address.place()).await?;
            return Ok((back(source, Some(target), self.json).await?, None));
        }
        let clock = Clock::system();
        let plan = Plan {
            pace: Pace::default(),
            seal: keys::seal(&keys.wrapping, clock.now()),
        };
        let mut target = Target::new(client, address.place()).await?;
        let mut progress = Progress::default();
        let done = transfer::run(&source, &mut target, plan, &|| clock.now(), &mut |step| {
            progress.tell(step);
            ControlFlow::Continue(())
        })
        .await;
        let done = match done {
            Err(MoveError::Storage(error)) => Err(error).with_context(|| unfinished(&source)),
            other => other.map_err(Into::into),
        }?;
        let text = if self.json {
            as_json(&dir, target.place(), &done).to_string()
        } else {
            as_words(&dir, target.place(), &done)
        };
        Ok((text, Some(next(&dir))))
    }
}

/// The target first: killed in between, nothing is served from either side, and the same command
/// goes on.
async fn back(source: Alone, target: Option<Target>, json: bool) -> anyhow::Result<String> {
    let dir = source.dir().display().to_string();
    let moved = source.moved_to()?;
    let moved = moved.with_context(|| format!("the data in {dir} was not moved anywhere"))?;
    let place = moved.to;
    let closed = target.is_some();
    if let Some(mut target) = target {
        transfer::withdraw(&source, &mut target).await?;
    }
    source.take_back().await?;
    let there = if closed {
        "Nothing is served from there any more"
    } else {
        "That database was not looked at, and a server would still start on it: see to it that \
         none does, also after a reboot (systemctl disable --now 'redtag-server@*'). With --to URL \
         this command closes it before it takes the data back"
    };
    Ok(if json {
        json!({ "back": dir, "from": place, "closed": closed }).to_string()
    } else {
        format!(
            "the data in {dir} may be served again, as it was when it was moved. What was done on \
             {place} since is not in it; benches fetch their shops anew and send again what they \
             still keep. {there}"
        )
    })
}

/// What stands when a database failed.
fn unfinished(source: &Alone) -> String {
    let dir = source.dir().display();
    match source.moved_to() {
        Ok(None) => format!(
            "the move is not finished: the new database is not served, the data in {dir} is as it \
             was. Run the same command again, it goes on where it stopped"
        ),
        _ => format!(
            "the move is nearly finished: all data is in the new database, and neither that nor \
             {dir} is served yet. Run the same command again"
        ),
    }
}

/// Tells a person how far the move is, on standard error.
#[derive(Default)]
struct Progress {
    /// Rows that this run brought over.
    rows: u64,
    /// Whether an earlier run brought some too.
    resumed: bool,
    /// As many as were told last.
    told: u64,
}

/// So many rows are a line's worth.
const STRIDE: u64 = 100_000;

impl Progress {
    fn tell(&mut self, step: Step<'_>) {
        let line = match step {
            Step::Begun { resumed: true } => {
                self.resumed = true;
                "going on with a move that had begun".to_owned()
            }
            Step::Shop { number, of, shop } => format!("shop {number} of {of}: {}", shop.name),
            Step::Committed { rows, .. } => {
                self.rows += rows as u64;
                if self.rows < self.told + STRIDE {
                    return;
                }
                self.told = self.rows;
                format!("  {} rows", self.rows)
            }
            Step::Copied if self.resumed => format!(
                "{} rows more were copied now, and with those of before all are there; comparing \
                 both sides",
                self.rows
            ),
            Step::Copied => format!("{} rows are there; comparing both sides", self.rows),
            Step::Same { number, of } if number < of => {
                format!("  {number} of {of} shops compared")
            }
            Step::Compared => "both sides are the same".to_owned(),
            Step::Begun { resumed: false }
            | Step::Written { .. }
            | Step::Same { .. }
            | Step::Left => return,
        };
        // Nobody needs it to go on.
        let _ = output::aside(&line);
    }
}

/// What to do now.
fn next(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "Start the server on the new database, with the same master key and at the same address:\n  \
         redtag-server serve --database URL --database-password-file FILE --key-file FILE …\nA master key in {dir} must be kept; \
         {dir}/MOVED says that the rest there is history."
    )
}

fn total(moved: &Moved) -> u64 {
    let shops = moved.shops.iter().flat_map(|(_, tables)| tables);
    moved.everyones.iter().chain(shops).map(|it| it.rows).sum()
}

fn as_words(dir: &Path, place: &str, done: &Done) -> String {
    let dir = dir.display();
    let Done::Moved(moved) = done else {
        return format!("the data in {dir} was moved to {place} before; nothing was to be done");
    };
    let shops = if moved.shops.len() == 1 {
        "shop"
    } else {
        "shops"
    };
    let mut lines = vec![format!(
        "moved {} {}, {} rows, from {dir} to {place}; every row was read again on both sides \
         and is the same",
        moved.shops.len(),
        shops,
        total(moved)
    )];
    lines.extend(moved.left_out.iter().map(|shop| {
        format!(
            "left out: shop {} ({}), whose making never came to an end",
            shop.id, shop.name
        )
    }));
    lines.join("\n")
}

fn as_json(dir: &Path, place: &str, done: &Done) -> Value {
    let Done::Moved(moved) = done else {
        return json!({ "from": dir, "to": place, "before": true });
    };
    let shops = moved.shops.iter().map(
        |(shop, tables)| json!({ "shop": shop.id, "name": shop.name, "tables": as_tables(tables) }),
    );
    let left_out = |shop: &Listed| json!({ "shop": shop.id, "name": shop.name });
    json!({
        "from": dir,
        "to": place,
        "before": false,
        "rows": total(moved),
        "tables": as_tables(&moved.everyones),
        "shops": shops.collect::<Vec<_>>(),
        "left_out": moved.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}

fn as_tables(tables: &[Same]) -> Map<String, Value> {
    let entry = |it: &Same| {
        let hash = hex(&it.hash);
        (
            it.table.to_owned(),
            json!({ "rows": it.rows, "sha256": hash }),
        )
    };
    tables.iter().map(entry).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from_digit(it.into(), 16).unwrap_or('?');
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}
