//! What an export is encrypted with.

use std::io;

use redtag_protocol::ipc::Passphrase;

use super::{
    fault::Fault,
    prompt::{ask_secret, secret_from},
};

/// How the first line of an encrypted export begins.
const ARMOUR: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// How an export is protected.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct Protection {
    /// Read the passphrase from standard input instead of asking for it
    #[arg(long, conflicts_with = "plain")]
    pub(super) passphrase_stdin: bool,
    /// Do not encrypt: whoever has the file can read it
    #[arg(long)]
    pub(super) plain: bool,
}

impl Protection {
    /// The passphrase for a new export; none where it is to be plain. Asked for twice at a
    /// terminal, because nobody can open the file without it.
    pub(super) fn passphrase(self) -> Result<Option<Passphrase>, Fault> {
        const FLAG: &str = "--passphrase-stdin or --plain";
        if self.plain {
            return Ok(None);
        }
        if self.passphrase_stdin {
            return secret_from(io::stdin().lock(), "--passphrase-stdin")
                .map(|it| Some(Passphrase(it)));
        }
        let first = ask_secret("Passphrase for the file: ", FLAG)?;
        if first.is_empty() {
            return Err(Fault::usage(
                "nothing was typed, so nothing was exported; --plain exports without a passphrase",
            ));
        }
        if ask_secret("The same once more: ", FLAG)? != first {
            return Err(Fault::usage(
                "the two are not the same, so nothing was exported; try again",
            ));
        }
        Ok(Some(Passphrase(first)))
    }
}

/// The passphrase for opening an export; none where it is plain.
pub(super) fn opening(text: &str, from_input: bool) -> Result<Option<Passphrase>, Fault> {
    if from_input {
        return secret_from(io::stdin().lock(), "--passphrase-stdin")
            .map(|it| Some(Passphrase(it)));
    }
    if !text.trim_start().starts_with(ARMOUR) {
        return Ok(None);
    }
    ask_secret("Passphrase of the file: ", "--passphrase-stdin").map(|it| Some(Passphrase(it)))
}
