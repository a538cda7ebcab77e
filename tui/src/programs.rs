//! Where the three programs are and how each is called.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// How to call each of the three programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `redtag`.
    pub tui: Call,
    /// `redtagd`.
    pub daemon: Call,
    /// `redtag-server`.
    pub server: Call,
}

/// How to call one program: by name, looked for beside our own executable and then on PATH, or as
/// an executable with arguments that come before all others.
#[derive(Debug, Clone)]
pub struct Call {
    name: String,
    fixed: Option<(PathBuf, Vec<OsString>)>,
}

/// A program that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} is needed and was found neither beside this program nor on PATH; install it there, \
     from the same release"
)]
pub struct Missing {
    /// The program.
    pub name: String,
}

impl Programs {
    /// The programs as they are installed: three executables beside each other, or on PATH.
    pub fn installed() -> Self {
        let named = |_| Call::named("redtag");
        Self {
            // This very program, whatever it is called here.
            tui: env::current_exe().map_or_else(named, |own| Call::exactly("redtag", &own, [])),
            daemon: Call::named("redtagd"),
            server: Call::named("redtag-server"),
        }
    }

    /// All three in the executable that is running, which takes `tui`, `daemon` or `server` as its
    /// first argument.
    pub fn within_this() -> Self {
        let own = env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"));
        let role = |name: &str, role: &str| Call::exactly(name, &own, [role.into()]);
        Self {
            tui: role("redtag", "tui"),
            daemon: role("redtagd", "daemon"),
            server: role("redtag-server", "server"),
        }
    }
}

impl Call {
    /// A program by its name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            fixed: None,
        }
    }

    /// This executable, with these arguments first.
    pub fn exactly(name: &str, path: &Path, first: impl Into<Vec<OsString>>) -> Self {
        Self {
            name: name.to_owned(),
            fixed: Some((path.to_owned(), first.into())),
        }
    }

    /// The program's name, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A command that calls it, without arguments of its own yet.
    pub fn command(&self) -> Result<Command, Missing> {
        if let Some((path, first)) = &self.fixed {
            let mut command = Command::new(path);
            command.args(first);
            return Ok(command);
        }
        let own = env::current_exe().ok();
        let beside = own.as_deref().and_then(Path::parent).map(Path::to_owned);
        let path = env::var_os("PATH").unwrap_or_default();
        beside
            .into_iter()
            .chain(env::split_paths(&path))
            .map(|directory| directory.join(&self.name))
            .find(|candidate| is_executable(candidate))
            .map(Command::new)
            .ok_or_else(|| Missing {
                name: self.name.clone(),
            })
    }
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests;
