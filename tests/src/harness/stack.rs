//! The API as a real process, with a shop, its members and its templates.

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{ids::ShopId, role::Role};
use serde_json::Value;

use super::{Api, Database, Device, Ground, Process, Session, device::copy, wait::eventually};

/// The password of every member.
pub const PASSWORD: &str = "correct horse battery staple";

/// The members' addresses are `ROLE@example.com`.
fn address_of(role: Role) -> String {
    format!("{role}@example.com")
}

/// A running API and a shop on it.
#[derive(Debug)]
pub struct Stack {
    /// Its directory and its log are called so.
    name: String,
    server: Option<Process>,
    at: SocketAddr,
    tls: Option<Tls>,
    /// What its environment says besides.
    said: Vec<(String, String)>,
    database: Database,
    shop: ShopId,
    // Last, for it looks whether everything before it is gone.
    ground: Ground,
}

/// Where certificate and key of an API with TLS lie.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl Stack {
    /// A shop with a member of every role and the three templates, on a ground of its own with the
    /// embedded engine.
    pub fn new(program: impl AsRef<Path>) -> Result<Self> {
        Self::on(&Ground::new(program)?)
    }

    /// The same on a ground that is there already, with its engine.
    pub fn on(ground: &Ground) -> Result<Self> {
        Self::over(ground, Database::on(ground)?)
    }

    /// The same over a new database that is there already.
    pub fn over(ground: &Ground, database: Database) -> Result<Self> {
        Self::furnished(ground, database, None)
    }

    /// The same as [`Stack::on`], and the API speaks TLS.
    pub fn with_tls(ground: &Ground, tls: Tls) -> Result<Self> {
        Self::furnished(ground, Database::on(ground)?, Some(tls))
    }

    fn furnished(ground: &Ground, database: Database, tls: Option<Tls>) -> Result<Self> {
        let none = ShopId::from_bytes([0; 16]);
        let mut stack = Self::bare(ground, "server", database, tls, none)?;
        stack.shop = stack.add_shop("Test Garage")?;
        Ok(stack)
    }

    /// One more API process with the same shop, over a database that several may use.
    pub fn beside(&self, name: &str, database: Database) -> Result<Self> {
        Self::bare(&self.ground, name, database, self.tls.clone(), self.shop)
    }

    /// A running API.
    fn bare(
        ground: &Ground,
        name: &str,
        database: Database,
        tls: Option<Tls>,
        shop: ShopId,
    ) -> Result<Self> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut stack = Self {
            name: name.to_owned(),
            server: None,
            at: any,
            tls,
            said: Vec::new(),
            database,
            shop,
            ground: ground.clone(),
        };
        stack.start()?;
        Ok(stack)
    }

    /// Sets a variable of the API's environment, from its next start on.
    pub fn say(&mut self, name: &str, value: &str) {
        self.said.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the API again, on the port it had.
    pub fn start(&mut self) -> Result<()> {
        let mut server = self.launch()?;
        let line = server.first_line()?;
        let line: Value = serde_json::from_str(&line)
            .with_context(|| format!("the API's first line is no JSON: {line}"))?;
        let url = line["listening"].as_str();
        let url = url.context("the API's first line names no address")?;
        let (_, at) = url.split_once("://").context("that is no address")?;
        self.at = at.trim_end_matches('/').parse()?;
        self.server = Some(server);
        Ok(())
    }

    /// Starts the API, on the port it had, and waits for nothing: it may be killed before it has
    /// opened anything.
    pub fn launch(&self) -> Result<Process> {
        ensure!(self.server.is_none(), "the API runs already");
        let mut command = self.ground.command("server");
        command
            .args(["serve", "--listen", &self.at.to_string(), "--data"])
            .arg(self.data());
        self.database.tell(&mut command);
        command.envs(self.said.iter().map(|(name, value)| (name, value)));
        if let Some(tls) = &self.tls {
            command.arg("--tls-cert").arg(&tls.certificate);
            command.arg("--tls-key").arg(&tls.key);
        }
        Process::start(command, "the API", &self.log_path())
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.taken()?.terminate()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) -> Result<()> {
        self.taken()?.kill()
    }

    /// Copies the files of the API, which must not run: a backup.
    pub fn back_up(&self) -> Result<()> {
        ensure!(self.server.is_none(), "the API still runs");
        copy(&self.data(), &self.backup())
    }

    /// Puts the files of the last backup in the place of those that are there, while the API does
    /// not run. Nobody is told, the database itself least of all.
    pub fn put_back(&self) -> Result<()> {
        ensure!(self.server.is_none(), "the API still runs");
        fs::remove_dir_all(self.data())?;
        copy(&self.backup(), &self.data())
    }

    fn backup(&self) -> PathBuf {
        self.ground.path().join(format!("{}.backup", self.name))
    }

    /// Moves the files of the API, which must not run, into a database on a server, and gives what
    /// the command said. When it starts again it does so over that, at the address it had.
    pub fn move_to(&mut self, database: Database) -> Result<Value> {
        ensure!(self.server.is_none(), "the API still runs");
        let database = database.keyed(&self.data().join("master.key"));
        self.moved(database)
    }

    /// Takes such a move back: when the API starts again it does so over its files.
    pub fn move_back(&mut self) -> Result<Value> {
        ensure!(self.server.is_none(), "the API still runs");
        self.moved(Database::embedded())
    }

    fn moved(&mut self, database: Database) -> Result<Value> {
        let mut command = self.ground.command("server");
        command.args(["move", "--json", "--from"]).arg(self.data());
        database.tell_move(&mut command);
        let said = command.output()?;
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "nothing was moved: {words}");
        self.database = database;
        Ok(serde_json::from_slice(&said.stdout)?)
    }

    fn taken(&mut self) -> Result<Process> {
        self.server.take().context("the API does not run")
    }

    /// The API's address.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.at)
    }

    /// The API's address below HTTP.
    pub fn address(&self) -> SocketAddr {
        self.at
    }

    /// The shop.
    pub fn shop(&self) -> ShopId {
        self.shop
    }

    /// Where its data is kept.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The ground it stands on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Where the API keeps its data.
    pub fn data(&self) -> PathBuf {
        self.ground.path().join(&self.name)
    }

    /// The process id of the API.
    pub fn pid(&self) -> Result<u32> {
        let server = self.server.as_ref();
        Ok(server.context("the API does not run")?.pid())
    }

    /// The end of the API's log.
    pub fn log(&self) -> String {
        super::process::tail(&self.log_path())
    }

    /// Where the API's log lies.
    pub fn log_path(&self) -> PathBuf {
        self.ground.path().join(format!("{}.log", self.name))
    }

    /// A line to the API that needs no daemon.
    pub fn api(&self) -> Result<Api> {
        Api::at(&self.url())
    }

    /// A script's sign-in as the member with this role.
    pub fn session(&self, role: Role) -> Result<Session> {
        self.api()?
            .sign_in(&address_of(role), PASSWORD, Some(self.shop))
    }

    /// A further shop, with members of every role and the templates.
    pub fn add_shop(&self, name: &str) -> Result<ShopId> {
        let made = self.operator(&["shop", "create", name, "--json"], "")?;
        let made: Value = serde_json::from_str(&made)?;
        let shop = made["shop"].as_str().context("no shop in the answer")?;
        let shop: ShopId = shop.parse()?;
        for role in Role::ALL {
            self.add_member(shop, &address_of(role), &format!("Test {role}"), role)?;
        }
        Ok(shop)
    }

    /// A member with [`PASSWORD`].
    pub fn add_member(&self, shop: ShopId, email: &str, name: &str, role: Role) -> Result<()> {
        let shop = shop.to_string();
        let role = role.to_string();
        let mut add = vec!["member", "add", "--shop", &shop, "--email", email];
        add.extend(["--name", name, "--role", &role, "--password-stdin"]);
        self.operator(&add, PASSWORD).map(drop)
    }

    /// Runs an operator command beside the API and gives its output.
    pub fn operator(&self, arguments: &[&str], input: &str) -> Result<String> {
        let output = self.try_operator(arguments, input)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("{arguments:?} ended with {}: {words}", output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs an operator command beside the API, however it ends.
    pub fn try_operator(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let mut command = self.ground.command("server");
        command.args(arguments).arg("--data").arg(self.data());
        self.database.tell(&mut command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads no input may have ended already.
            let _ = stdin.write_all(input.as_bytes());
        }
        Ok(child.wait_with_output()?)
    }

    /// A bench with its own home and daemon, signed in as the member with this role, with the
    /// first copy of the shop complete.
    pub fn bench(&self, name: &str, role: Role) -> Result<Device> {
        self.bench_at(name, role, &self.url())
    }

    /// The same through another address, such as a [`super::Proxy`]'s.
    pub fn bench_at(&self, name: &str, role: Role, url: &str) -> Result<Device> {
        let mut device = Device::new(&self.ground, name)?;
        device.start()?;
        let shop = self.shop.to_string();
        let arguments = ["login", url, "--email", &address_of(role), "--shop", &shop];
        let mut login = arguments.to_vec();
        login.push("--password-stdin");
        device.run_with(&login, PASSWORD)?.done()?;
        eventually("the first copy of the shop", || {
            let status = device.client()?.status()?;
            ensure!(status.cursor.is_some() && !status.filling, "{status:?}");
            Ok(())
        })
        .with_context(|| format!("the API's log:\n{}", self.log()))?;
        Ok(device)
    }
}
