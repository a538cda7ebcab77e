//! Closing work that leaves the cache: to the shop's key where a membership has ended, or under a
//! person's passphrase. The format is age's (<https://age-encryption.org/v1>), armoured, so that the
//! `age` program opens it as well.

use std::{io::Write as _, str::FromStr as _};

use age::{
    DecryptError, Encryptor,
    armor::{ArmoredWriter, Format},
    scrypt, x25519,
};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// How every armoured file begins.
const ARMOUR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// The most work that opening may take, as a power of two: a file from outside must not keep the
/// daemon busy for minutes or fill its memory. Ours take about 2^18.
const WORK: u8 = 20;

/// Why something was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The shop's public key cannot be read.
    #[error("the shop's key for sealing cannot be read")]
    Recipient,
    /// Another passphrase.
    #[error("that is not its passphrase")]
    Passphrase,
    /// Sealed to a shop's key.
    #[error("it is sealed to a shop; an owner opens it with “redtag-server shop unseal FILE”")]
    ToShop,
    /// Cut off, altered, or something else.
    #[error("it is damaged or was not made by redtag: {0}")]
    Damaged(String),
    /// Encrypting failed, which memory alone can bring about.
    #[error("it could not be encrypted: {0}")]
    Failed(String),
}

/// Whether a text is something sealed.
pub fn is_sealed(text: &str) -> bool {
    text.trim_start().starts_with(ARMOUR)
}

/// Seals to a shop's public key, `age1…`: only the shop opens it.
pub fn to_shop(recipient: &str, plain: &[u8]) -> Result<String, SealError> {
    let recipient = x25519::Recipient::from_str(recipient).map_err(|_| SealError::Recipient)?;
    age::encrypt_and_armor(&recipient, plain).map_err(|error| SealError::Failed(error.to_string()))
}

/// Seals under a passphrase. Takes about a second on purpose: that is what a guess costs.
pub fn under_passphrase(passphrase: SecretString, plain: &[u8]) -> Result<String, SealError> {
    let seal = || -> std::io::Result<Vec<u8>> {
        let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = Encryptor::with_user_passphrase(passphrase).wrap_output(armour)?;
        writer.write_all(plain)?;
        writer.finish()?.finish()
    };
    let sealed = seal().map_err(|error| SealError::Failed(error.to_string()))?;
    String::from_utf8(sealed).map_err(|error| SealError::Failed(error.to_string()))
}

/// Opens what was sealed under a passphrase.
pub fn open(passphrase: SecretString, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut identity = scrypt::Identity::new(passphrase);
    identity.set_max_work_factor(WORK);
    match age::decrypt(&identity, sealed.trim().as_bytes()) {
        Ok(plain) => Ok(Zeroizing::new(plain)),
        Err(DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed) => {
            Err(SealError::Passphrase)
        }
        Err(DecryptError::NoMatchingKeys) => Err(SealError::ToShop),
        Err(error) => Err(SealError::Damaged(error.to_string())),
    }
}

#[cfg(test)]
mod tests;
