//! Texts that are larger than a message goes: an export is given in parts, and one that is taken over
//! comes in parts. Both are kept with the connection, so that they go with it, and each part says
//! where it belongs, so that none is ever missing.

use redtag_protocol::ipc::{Exported, Failure, FailureCode, MOST, Reply, part};

use super::{Actor, requests::Answer};
use crate::ipc::ConnId;

/// What a connection has on its way.
#[derive(Default)]
pub(super) struct Parts {
    /// An export, and how much of it was given.
    leaving: Option<(Exported, usize)>,
    /// What came of a text that is to be taken over.
    coming: String,
}

impl Parts {
    /// The next part from a place; the text is let go of with its last one.
    fn next(&mut self, at: u64) -> Result<Reply, Failure> {
        let here = self.leaving.take().filter(|(_, given)| *given as u64 == at);
        let Some((exported, given)) = here else {
            return Err(Failure::new(
                FailureCode::Invalid,
                "the export was interrupted, so it is not whole; nothing changed here. Export once \
                 more",
            ));
        };
        let text = part(&exported.text[given..]).to_owned();
        let given = given + text.len();
        let rest = (exported.text.len() - given) as u64;
        let told = Exported {
            text,
            edits: exported.edits,
            encrypted: exported.encrypted,
            receipt: exported.receipt.clone(),
            rest,
        };
        if rest > 0 {
            self.leaving = Some((exported, given));
        }
        Ok(Reply::Exported(told))
    }

    fn come(&mut self, text: &str, at: u64) -> Result<Reply, Failure> {
        if at == 0 {
            self.coming.clear();
        }
        self.fits(at)?;
        if at + text.len() as u64 > MOST {
            self.coming = String::new();
            return Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "that is larger than {} MiB, so it is no export of this program; nothing was \
                     taken over",
                    MOST >> 20
                ),
            ));
        }
        self.coming.push_str(text);
        Ok(Reply::Done)
    }

    /// The whole text with its last part.
    pub(super) fn whole(&mut self, last: String, after: u64) -> Result<String, Failure> {
        if after == 0 {
            self.coming = String::new();
            return Ok(last);
        }
        self.fits(after)?;
        let mut text = std::mem::take(&mut self.coming);
        text.push_str(&last);
        Ok(text)
    }

    fn fits(&self, at: u64) -> Result<(), Failure> {
        if self.coming.len() as u64 == at {
            return Ok(());
        }
        Err(Failure::new(
            FailureCode::Invalid,
            "the file did not come whole, so nothing was taken over; try again",
        ))
    }
}

impl Actor {
    /// Answers with an export, or its first part.
    pub(super) fn exported(
        &mut self,
        conn: ConnId,
        account: &str,
        mut answer: Answer,
        result: Result<Exported, Failure>,
    ) {
        if !self.is_shown(conn, account)
            && let Some(account) = self.accounts.get(account)
        {
            return answer.give(Err(super::lock::refusal(account)));
        }
        let Some(conn) = self.conns.get_mut(&conn) else {
            return;
        };
        answer.give(result.and_then(|exported| {
            conn.parts.leaving = Some((exported, 0));
            conn.parts.next(0)
        }));
    }

    /// Answers with the next part.
    pub(super) fn export_rest(&mut self, conn: ConnId, id: u64, at: u64) {
        if let Some(it) = self.conns.get_mut(&conn) {
            let result = it.parts.next(at);
            self.reply(conn, id, result);
        }
    }

    /// Keeps a part of what is to be taken over.
    pub(super) fn adopt_part(&mut self, conn: ConnId, id: u64, text: &str, at: u64) {
        if let Some(it) = self.conns.get_mut(&conn) {
            let result = it.parts.come(text, at);
            self.reply(conn, id, result);
        }
    }
}
