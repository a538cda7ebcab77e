//! A database URL taken apart before the driver reads it: what the driver knows is handed on, what
//! it does not know is read here, and nothing of it is repeated that could be a password.

use std::path::{Path, PathBuf};

use tokio_postgres::Config;

use super::{AddressError, Named};

/// What the driver's parser takes, and what it does not.
pub(super) struct Split {
    pub(super) url: String,
    pub(super) mode: Mode,
    pub(super) root: Option<Root>,
}

/// Whether `sslmode` asks for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Unsaid,
    Plain(&'static str),
    Encrypted,
}

/// Which authority may vouch for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    System,
    File(PathBuf),
}

impl Root {
    pub(super) fn from_path(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

/// The driver's parser is generous and repeats what it does not know, so the URL is taken apart
/// here first.
pub(super) fn split(url: &str) -> Result<Split, AddressError> {
    let rest = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
        .ok_or(AddressError::Scheme)?;
    let (credentials, rest) = match rest.split_once('@') {
        Some((credentials, rest)) => (Some(credentials), rest),
        None => (None, rest),
    };
    let user = credentials.map(|it| it.split_once(':').map_or(it, |(user, _)| user));
    if rest.contains('@') || user.is_some_and(|user| user.contains(['/', '?'])) {
        return Err(AddressError::Split);
    }
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    // Behind the only @ nothing can be a piece of a password, unless one stands there by its name.
    let nameable = credentials.is_some() && !query.contains("password");
    let mut split = Split {
        url: String::new(),
        mode: Mode::Unsaid,
        root: None,
    };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "sslmode" => split.mode = mode(value)?,
            "sslrootcert" => split.root = Some(root(value)?),
            name if TAKEN.contains(&name) => kept.push(pair),
            name => {
                let plain = |c: char| c.is_ascii_lowercase() || c == '_';
                let named = nameable && !name.is_empty() && name.chars().all(plain);
                return Err(AddressError::Parameter(Named(
                    named.then(|| name.to_owned()),
                )));
            }
        }
    }
    let at = credentials.map(|it| format!("{it}@")).unwrap_or_default();
    split.url = format!("postgres://{at}{place}?{}", kept.join("&"));
    Ok(split)
}

/// Left out on purpose: `options`, which could set what the server sets itself, and `hostaddr`,
/// which would let a name be verified that was never asked.
const TAKEN: [&str; 16] = [
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
    "sslnegotiation",
];

fn mode(value: &str) -> Result<Mode, AddressError> {
    Ok(match value {
        "disable" => Mode::Plain("disable"),
        "allow" => Mode::Plain("allow"),
        "prefer" => Mode::Plain("prefer"),
        "require" | "verify-ca" | "verify-full" => Mode::Encrypted,
        _ => return Err(AddressError::Mode),
    })
}

fn root(value: &str) -> Result<Root, AddressError> {
    // Decoded as the driver decodes the others: as the name of a database, which may be anything.
    let config = format!("postgres:///?dbname={value}").parse::<Config>();
    let config = config.map_err(|error| unread(&error))?;
    Ok(match config.get_dbname().unwrap_or_default() {
        "" => return Err(AddressError::Value("sslrootcert names no file".into())),
        "system" => Root::System,
        path => Root::File(PathBuf::from(path)),
    })
}

/// The driver's complaint, as far as it is of fixed words.
pub(super) fn unread(error: &tokio_postgres::Error) -> AddressError {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let words = cause.filter(|it| it.starts_with("invalid value for option"));
    AddressError::Value(words.unwrap_or_else(|| "a part of it cannot be read".into()))
}
