//! Where the binaries are.

use std::{
    env,
    ffi::OsStr,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest version that Redtag runs on.
pub const OLDEST: u32 = 15;

/// What a cluster is made with, side by side.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// The binaries of one PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bin {
    directory: PathBuf,
    version: u32,
}

/// Why there are none, in words for whoever wants to run the tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(String);

/// The newest PostgreSQL here, [`OLDEST`] or later: the directory that `REDTAG_POSTGRES_BIN` names
/// and no other; else those on PATH and where Debian keeps them.
pub fn found() -> Result<Bin, Missing> {
    if let Some(directory) = env::var_os("REDTAG_POSTGRES_BIN") {
        return Bin::in_directory(Path::new(&directory))
            .map_err(|words| Missing(format!("REDTAG_POSTGRES_BIN: {words}")));
    }
    let mut words = Vec::new();
    let mut found: Option<Bin> = None;
    for directory in on_path().into_iter().chain(of_debian()) {
        match Bin::in_directory(&directory) {
            Ok(bin) if found.as_ref().is_none_or(|it| it.version < bin.version) => {
                found = Some(bin);
            }
            Ok(_) => {}
            Err(why) => words.push(why),
        }
    }
    found.ok_or_else(|| {
        if words.is_empty() {
            words.push("it is not installed".to_owned());
        }
        let words = words.join("; ");
        Missing(format!(
            "needs PostgreSQL {OLDEST} or newer (Debian's package postgresql): {words}"
        ))
    })
}

/// Why tests that need PostgreSQL are ignored here; none where they are to run. With
/// `REDTAG_REQUIRE=all` they are never ignored: they fail where it is missing.
pub fn ignored() -> Option<Missing> {
    if env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all") {
        return None;
    }
    found().err()
}

impl Bin {
    /// Where they lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// One of the programs, such as `pgbench`: the one beside the others, or for a client any that
    /// is here, for clients speak to servers of every version. Whether there is one is the caller's
    /// to see.
    pub fn program(&self, name: &str) -> PathBuf {
        let beside = self.directory.join(name);
        if beside.is_file() {
            return beside;
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let others = env::split_paths(&path).chain(of_debian());
        let mut others = others.map(|directory| directory.join(name));
        others.find(|it| it.is_file()).unwrap_or(beside)
    }

    fn in_directory(directory: &Path) -> Result<Self, String> {
        for program in PROGRAMS {
            if !directory.join(program).is_file() {
                return Err(format!("no {program} in {}", directory.display()));
            }
        }
        let postgres = directory.join("postgres");
        let told = Command::new(&postgres).arg("--version").output();
        let told = told.map_err(|error| format!("{}: {error}", postgres.display()))?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let version = major(&told)
            .ok_or_else(|| format!("{} tells no version: {told:?}", postgres.display()))?;
        if version < OLDEST {
            return Err(format!(
                "{} is of version {version}, and {OLDEST} is the oldest that serves",
                postgres.display()
            ));
        }
        let bin = Self {
            directory: directory.to_owned(),
            version,
        };
        if !bin.program("psql").is_file() {
            return Err(format!("no psql in {} nor on PATH", directory.display()));
        }
        Ok(bin)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// The major version in `postgres (PostgreSQL) 15.14 (Debian …)`.
fn major(told: &str) -> Option<u32> {
    let (_, version) = told.split_once("(PostgreSQL) ")?;
    let digits = version.find(|it: char| !it.is_ascii_digit());
    version[..digits.unwrap_or(version.len())].parse().ok()
}

/// Where the programs on PATH really lie: a link to one of them stands without its siblings.
fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .filter_map(|directory| fs::canonicalize(directory.join("postgres")).ok())
        .filter_map(|postgres| postgres.parent().map(Path::to_owned))
        .collect()
}

fn of_debian() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql");
    versions
        .into_iter()
        .flatten()
        .flatten()
        .filter(|version| is_number(&version.file_name()))
        .map(|version| version.path().join("bin"))
        .filter(|directory| directory.is_dir())
        .collect()
}

fn is_number(name: &OsStr) -> bool {
    name.to_str().is_some_and(|it| it.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests;
