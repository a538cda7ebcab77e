//! The last rung, and the only one under `REDTAG_HOME`: the wrapping key in a file of mode 0600.

use std::{
    fs::OpenOptions,
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{SecretError, WrappingKey, error::file_error};
use crate::paths::replace_file;

/// `O_NOFOLLOW` as the standard library takes it.
const NOFOLLOW: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// The key in the file; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<WrappingKey>, SecretError> {
    let failed = |error: io::Error| file_error("the key file", path, &error);
    // A link in its place would be somebody's attempt to have another file taken for the key.
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(NOFOLLOW)
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mode = file.metadata().map_err(failed)?.mode();
    if mode & 0o077 != 0 {
        return Err(SecretError::File {
            words: format!(
                "others may read the key file {} (mode {:o}); if nobody has, run \
                 `chmod 600` on it and try again",
                path.display(),
                mode & 0o777
            ),
        });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    file.take(33).read_to_end(&mut bytes).map_err(failed)?;
    WrappingKey::from_slice(&bytes)
        .map(Some)
        .ok_or_else(|| SecretError::Lost {
            words: format!(
                "the key file {} is damaged; put it back from a backup, for the caches \
                 cannot be read without it",
                path.display()
            ),
        })
}

/// Writes the key, durably.
pub(super) fn write(path: &Path, key: &WrappingKey) -> Result<(), SecretError> {
    replace_file(path, key.expose()).map_err(|error| file_error("the key file", path, &error))
}
