//! A cluster: PostgreSQL that runs, with as many databases as are asked for.

use std::{
    fs::{self, File, OpenOptions},
    hash::{BuildHasher as _, RandomState},
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::{OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU16, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use crate::{
    Bin, Config,
    config::ACCESS,
    found,
    keeper::{Keeper, other_user},
};

/// The administrator's name.
pub const ADMIN: &str = "postgres";

/// How long PostgreSQL may take to start or to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often is looked whether it has.
const PACE: Duration = Duration::from_millis(10);

/// Where ports are looked for: below those that a system gives to outgoing connections, so that the
/// port is still free after a stop.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// A running PostgreSQL. It is gone, with its directory, when it is dropped or when the process that
/// holds it ends, however it ends.
#[derive(Debug)]
pub struct Cluster {
    bin: Bin,
    password: String,
    port: AtomicU16,
    databases: AtomicU32,
    // Orders come from any thread of a test, a line at a time.
    keeper: Mutex<Keeper>,
    directory: PathBuf,
}

/// How it is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Open transactions are rolled back and connections ended, as an administrator does it.
    Fast,
    /// Everything is dropped at once, and the next start recovers, as after a crash.
    Immediate,
}

impl Cluster {
    /// A new cluster that takes connections. Takes a second or two.
    pub fn start(config: &Config) -> Result<Self> {
        let bin = found()?;
        let password = password()?;
        let keeper = Keeper::new(&bin, &password)?;
        let cluster = Self {
            bin,
            password,
            port: AtomicU16::new(0),
            databases: AtomicU32::new(0),
            directory: keeper.directory().to_owned(),
            keeper: Mutex::new(keeper),
        };
        cluster.configure(config)?;
        let mut refused = anyhow!("no port is free");
        for _ in 0..5 {
            let port = free_port().context("no port is free")?;
            cluster.port.store(port, Ordering::SeqCst);
            match cluster.resume() {
                Ok(()) => return Ok(cluster),
                // Somebody else may have been quicker at this port.
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// The one cluster of this process, with the default [`Config`], made when it is first asked
    /// for. Whoever stops a cluster, or counts its connections, makes one of its own.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        let shared = SHARED
            .get_or_init(|| Self::start(&Config::default()).map_err(|error| format!("{error:#}")));
        shared.as_ref().map_err(|words| anyhow!(words.clone()))
    }

    /// Makes a new, empty database and gives its name, which no other has.
    pub fn database(&self) -> Result<String> {
        let count = self.databases.fetch_add(1, Ordering::SeqCst);
        let name = format!("test_{count}");
        self.sql(ADMIN, &format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        Ok(name)
    }

    /// The administrator's way to a database, over TCP.
    pub fn admin_url(&self, database: &str) -> String {
        self.url(ADMIN, &self.password, database)
    }

    /// Somebody's way to a database, over TCP.
    pub fn url(&self, user: &str, password: &str, database: &str) -> String {
        let [user, password, database] = [user, password, database].map(encoded);
        format!("postgres://{user}:{password}@{}/{database}", self.address())
    }

    /// The administrator's way to a database over the Unix socket, without a password.
    pub fn socket_url(&self, database: &str) -> String {
        let sockets = encoded(&self.directory.to_string_lossy());
        let (port, database) = (self.address().port(), encoded(database));
        format!("postgres://{ADMIN}@{sockets}:{port}/{database}")
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        let port = self.port.load(Ordering::SeqCst);
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// The administrator's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The binaries it was made with.
    pub fn bin(&self) -> &Bin {
        &self.bin
    }

    /// Its directory, which holds everything of it.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs statements as the administrator, each a transaction of its own where it does not begin
    /// one, up to the first that fails. Gives the rows, a line each, columns apart by `|`.
    pub fn sql(&self, database: &str, text: &str) -> Result<String> {
        let mut psql = Command::new(self.bin.program("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", ADMIN])
            .arg("-h")
            .arg(&self.directory)
            .args(["-p", &self.address().port().to_string(), "-d", database])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql cannot be started")?;
        if let Some(mut input) = psql.stdin.take() {
            // It may have ended already, and then it says why.
            let _ = input.write_all(text.as_bytes());
        }
        let said = psql.wait_with_output()?;
        if !said.status.success() {
            let words = String::from_utf8_lossy(&said.stderr);
            bail!("{words}in {database}: {text:.500}");
        }
        Ok(String::from_utf8(said.stdout)?.trim_end().to_owned())
    }

    /// Stops it and waits until it has ended.
    pub fn stop(&self, mode: Mode) -> Result<()> {
        let signal = match mode {
            Mode::Fast => "INT",
            Mode::Immediate => "QUIT",
        };
        self.keeper().order(&format!("signal {signal}"))?;
        self.until("PostgreSQL to end", || {
            Ok(self.directory.join("ended").exists())
        })
    }

    /// Starts it again where it listened before, and waits until it takes connections.
    pub fn resume(&self) -> Result<()> {
        let started = self.directory.join("pid");
        // What stands there is the last run's.
        let _ = fs::remove_file(&started);
        let _ = fs::remove_file(self.directory.join("ended"));
        let port = self.address().port();
        self.keeper().order(&format!("start {port}"))?;
        self.until("PostgreSQL to take connections", || {
            ensure!(
                !self.directory.join("ended").exists(),
                "PostgreSQL does not start; its log:\n{}",
                self.log()
            );
            Ok(fs::read_to_string(&started).is_ok_and(|pid| self.is_ready(&pid)))
        })
    }

    /// Stops it and starts it again.
    pub fn restart(&self, mode: Mode) -> Result<()> {
        self.stop(mode)?;
        self.resume()
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        match fs::read(self.directory.join("log")) {
            Ok(bytes) => {
                let from = bytes.len().saturating_sub(6_000);
                String::from_utf8_lossy(&bytes[from..]).into_owned()
            }
            Err(error) => format!("(the log cannot be read: {error})"),
        }
    }

    fn configure(&self, config: &Config) -> Result<()> {
        let data = self.directory.join("data");
        let sockets = self.directory.to_string_lossy();
        let mut file = OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))?;
        file.write_all(config.file(&sockets).as_bytes())?;
        fs::write(data.join("pg_hba.conf"), ACCESS)?;
        if let Some(tls) = &config.tls {
            private(&data.join("server.crt"), &tls.certificate)?;
            private(&data.join("server.key"), &tls.key)?;
        }
        Ok(())
    }

    /// Whether the run with this process id takes connections: the eighth line of its lock file
    /// tells.
    fn is_ready(&self, pid: &str) -> bool {
        let lock = fs::read_to_string(self.directory.join("data/postmaster.pid"));
        let lock = lock.unwrap_or_default();
        let mut lines = lock.lines().map(str::trim);
        lines.next() == Some(pid.trim()) && lines.nth(6) == Some("ready")
    }

    fn until(&self, what: &str, mut so: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !so()? {
            ensure!(
                Instant::now() < deadline,
                "waited {} s for {what}; its log:\n{}",
                PATIENCE.as_secs(),
                self.log()
            );
            thread::park_timeout(PACE);
        }
        Ok(())
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        // Whoever panicked has failed its test already, and an order is one line.
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that PostgreSQL alone can read.
fn private(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(user) = other_user()? {
        chown(path, Some(user.uid), Some(user.gid))?;
    }
    Ok(())
}

fn password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// A port that is free now, from a random place on.
fn free_port() -> Option<u16> {
    let many = u64::from(PORTS.end - PORTS.start);
    let from = RandomState::new().hash_one(std::process::id()) % many;
    let ports = (0..many).map(|step| u64::from(PORTS.start) + (from + step) % many);
    ports
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
}

/// Percent-encoded, but for what stands for itself everywhere in a URL.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let pieces = text.bytes().map(|byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    pieces.collect::<Vec<_>>().concat()
}
