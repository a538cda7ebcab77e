//! What a client wants remembered of its own, such as where it was and what it looked for. It names
//! customers and plates, so it lies in the encrypted cache and goes with it.

use redtag_protocol::ipc::{Failure, FailureCode, REMEMBERED};

use super::{CacheError, Store, meta};

const NAME: &str = "client";

impl Store {
    /// Keeps a text in the place of the former one. It may be lost in a power cut.
    pub fn remember_text(&mut self, text: &str) -> Result<(), Failure> {
        if text.len() > REMEMBERED {
            return Err(Failure::new(
                FailureCode::Invalid,
                format!("a client may have {REMEMBERED} bytes remembered and no more"),
            ));
        }
        self.lazily(|store| store.transact(|tx| meta::write(tx, NAME, &text)))?;
        Ok(())
    }

    /// The text that was kept last.
    pub fn remembered_text(&self) -> Result<Option<String>, CacheError> {
        meta::read(&self.conn, NAME)
    }
}
