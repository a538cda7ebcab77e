//! The rung of the system service: a file of 32 bytes that systemd decrypts for it at the start
//! (systemd.exec(5), `LoadCredentialEncrypted=`), in a directory that only the service can read.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use zeroize::Zeroizing;

use super::{SecretError, WrappingKey, error::file_error};

/// The name of the credential.
pub(super) const NAME: &str = "redtagd.key";

/// The key that systemd handed over; none where it handed none over.
pub(super) fn read(dir: Option<&Path>) -> Result<Option<WrappingKey>, SecretError> {
    let Some(path) = dir.map(|dir| dir.join(NAME)) else {
        return Ok(None);
    };
    let failed = |error: io::Error| file_error("the credential", &path, &error);
    let file = match fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    file.take(33).read_to_end(&mut bytes).map_err(failed)?;
    let key = WrappingKey::from_slice(&bytes);
    key.map(Some).ok_or_else(|| SecretError::Locked {
        words: format!(
            "the credential {NAME} that systemd handed over is not a key of 32 bytes; an \
             administrator puts the right one back or, where none was in use yet, makes one with \
             systemd-creds. What was saved here is safe"
        ),
    })
}
