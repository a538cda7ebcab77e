//! Where the master key comes from.

use std::{
    fs, io,
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{Secret32, random};

/// The key from which all others are derived. It is in no backup.
pub struct MasterKey(Secret32);

/// Where the master key is looked for, in this order.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// `--key-file` or `REDTAG_SERVER_KEY_FILE`.
    pub file: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`, as systemd sets it.
    pub credentials: Option<PathBuf>,
}

/// Where the master key was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file that the operator named.
    File(PathBuf),
    /// A credential that systemd handed over.
    Credential(PathBuf),
    /// `master.key` beside the data that it protects.
    BesideData(PathBuf),
    /// The same, made just now.
    Made(PathBuf),
}

impl Place {
    /// Whether a key is named or handed over, so that none beside the data is looked for.
    pub fn is_told(&self) -> bool {
        self.file.is_some() || self.credential().is_some()
    }

    /// The one that systemd handed over.
    fn credential(&self) -> Option<PathBuf> {
        let handed = self.credentials.as_ref().map(|dir| dir.join("master.key"));
        handed.filter(|path| path.exists())
    }
}

impl Origin {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path)
            | Self::Credential(path)
            | Self::BesideData(path)
            | Self::Made(path) => path,
        }
    }

    /// Whether the key lies beside the data.
    pub fn is_beside_data(&self) -> bool {
        matches!(self, Self::BesideData(_) | Self::Made(_))
    }

    /// What this place does not protect from, where that needs saying.
    pub fn caution(&self) -> Option<&'static str> {
        match self {
            Self::File(_) | Self::Credential(_) => None,
            Self::BesideData(_) | Self::Made(_) => Some(
                "the master key lies beside the data: whoever copies the whole data directory \
                 can read it; name a key elsewhere with --key-file, or hand it over as the \
                 systemd credential master.key",
            ),
        }
    }
}

/// Why there is no master key. The data is untouched.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file is there and cannot be read, or cannot be made.
    #[error("the master key {path} cannot be read or made: {source}; the data is untouched")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else may read it.
    #[error(
        "the master key {path} can be read by others (mode {mode:o}); \
         run “chmod 600” on it, and think about who may have read it"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not a key.
    #[error("{path} is no master key: it must hold 32 raw bytes or 64 hexadecimal digits")]
    Shape {
        /// The file.
        path: PathBuf,
    },
    /// There is data that some other key protects.
    #[error(
        "there is data in {data} but no master key: put the key back as {path}, or name it with \
         --key-file; a new key could not open what is there, so none was made"
    )]
    Lost {
        /// The data directory, or the database.
        data: String,
        /// Where the key should be.
        path: PathBuf,
    },
}

/// The longest key file worth reading: 64 digits and a line end.
const LONGEST: u64 = 66;

impl MasterKey {
    /// Reads the key, or makes `master.key` in a data directory where there is no data yet.
    ///
    /// `protected` names the database that only the right key can open, where there is one.
    pub fn find(
        place: &Place,
        data: &Path,
        protected: Option<String>,
    ) -> Result<(Self, Origin), MasterKeyError> {
        if let Some(path) = &place.file {
            let key = read(path, true)?;
            return Ok((key, Origin::File(path.clone())));
        }
        if let Some(path) = place.credential() {
            // systemd grants the service user its credentials by an access list, which shows up as
            // group bits; who may read them is systemd's business.
            let key = read(&path, false)?;
            return Ok((key, Origin::Credential(path)));
        }
        let path = data.join("master.key");
        if path.exists() {
            return Ok((read(&path, true)?, Origin::BesideData(path)));
        }
        if let Some(data) = protected {
            return Err(MasterKeyError::Lost { data, path });
        }
        let made = make(&path).map_err(|source| MasterKeyError::Io {
            path: path.clone(),
            source,
        })?;
        let key = read(&path, true)?;
        let origin = if made {
            Origin::Made(path)
        } else {
            Origin::BesideData(path)
        };
        Ok((key, origin))
    }

    /// The key of these bytes.
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

fn read(path: &Path, ours: bool) -> Result<MasterKey, MasterKeyError> {
    let failed = |source| MasterKeyError::Io {
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode() & 0o777;
    if ours && mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(MasterKeyError::Open { path, mode });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(80));
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    parse(&bytes)
        .map(MasterKey)
        .ok_or_else(|| MasterKeyError::Shape {
            path: path.to_owned(),
        })
}

fn parse(bytes: &[u8]) -> Option<Secret32> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Some(Zeroizing::new(raw));
    }
    let text = str::from_utf8(bytes).ok()?;
    let digits = text.trim_end_matches(['\n', '\r']).as_bytes();
    let mut key = Zeroizing::new([0; 32]);
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(key)
}

/// Makes the file so that it is there whole or not at all, even across a power cut, and so that of
/// two programs that begin at once the first one's key stands for both. Says whether it is ours.
fn make(path: &Path) -> io::Result<bool> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mark = u64::from_be_bytes(random());
    let draft = dir.join(format!(".master.key.{mark:016x}"));
    let done = write(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        other => other.map(|()| true),
    });
    // The link stands or has failed; either way the draft's name is of no more use.
    let _ = fs::remove_file(&draft);
    let made = done?;
    fs::File::open(dir)?.sync_all()?;
    Ok(made)
}

fn write(path: &Path) -> io::Result<()> {
    let key = Zeroizing::new(random::<32>());
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(key.as_slice())?;
    file.sync_all()
}
