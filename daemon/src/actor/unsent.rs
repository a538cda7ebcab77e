//! What the API has not taken: listed, exported, taken over.

use std::sync::Arc;

use redtag_protocol::ipc::{Exported, Failure, FailureCode, Passphrase, Reply};
use secrecy::SecretString;

use super::{
    Actor, clock,
    event::{Event, News},
    hands::Hands,
};
use crate::{
    cache::{Clock, Export, Store, nothing_adopted},
    core::Input,
    ipc::ConnId,
    sealing, view,
};

/// A part of what waits, is on its way or was refused.
pub(super) fn outbox(store: &Store, offset: u32, limit: u32) -> Result<Reply, Failure> {
    Ok(Reply::Outbox(view::outbox(store, offset, limit)?))
}

/// What an export is made of, taken in one look.
struct Found {
    export: Export,
    receipt: Option<String>,
}

impl Actor {
    /// Answers with a text that holds what is unsent.
    pub(super) fn export(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        number: Option<u64>,
        passphrase: Option<Passphrase>,
    ) {
        let Some((answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let found = hands.cache.call(move |store| {
            Ok::<_, Failure>(Found {
                export: store.export(number)?,
                receipt: number.is_none().then(|| store.receipt()).transpose()?,
            })
        });
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        // Where the account ends meanwhile it is said not to be done.
        account.spawn(async move {
            let found = found.await.map_err(Failure::from).and_then(|it| it);
            let result = match found {
                Ok(found) => blocking(move || write(&found, number, passphrase)).await,
                Err(failure) => Err(failure),
            };
            // Through the actor, who keeps what does not go into one message.
            let _ = hands.events.send(Event::Exported {
                conn,
                account: hands.account.clone(),
                answer,
                result,
            });
        });
    }

    /// Takes an export over.
    pub(super) fn adopt(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        (text, after): (String, u64),
        passphrase: Option<Passphrase>,
    ) {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let Some(it) = self.conns.get_mut(&conn) else {
            return;
        };
        let text = match it.parts.whole(text, after) {
            Ok(text) => text,
            Err(failure) => return answer.give(Err(failure)),
        };
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        // Where the account ends meanwhile it is said not to be done.
        account.adopt(async move {
            let result = match blocking(move || Export::read(&open(text, passphrase)?)).await {
                Ok(export) => adopt(&hands, export).await,
                Err(failure) => Err(failure),
            };
            answer.give(result);
        });
    }
}

/// Stroke by stroke, each in its turn: a large export must not hold up what people do meanwhile.
/// What was taken over before a stroke that failed is sent all the same.
async fn adopt(hands: &Hands, export: Export) -> Result<Reply, Failure> {
    let clock = Clock(clock::wall());
    let export = Arc::new(export);
    let mut done = nothing_adopted();
    let mut result = Ok(());
    for at in 0..export.strokes().max(1) {
        let (telling, export, mut sum) = (hands.clone(), Arc::clone(&export), done.clone());
        let stroke = hands.cache.call(move |store| {
            store.adopt_one(&export, at, clock, &mut sum)?;
            let (waiting, _) = store.pending().unsettled();
            telling.tell(News::Input(Input::Edited { waiting }));
            Ok::<_, Failure>(sum)
        });
        match stroke.await.map_err(Failure::from).and_then(|it| it) {
            Ok(sum) => done = sum,
            Err(failure) => {
                result = Err(failure);
                break;
            }
        }
    }
    // Which documents they are about is more than anybody wants named.
    hands.tell(News::Changed(Vec::new(), Vec::new()));
    result.map(|()| Reply::Adopted(done))
}

/// Encryption takes about a second on purpose, and not on the runtime's threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "an export failed");
        Failure::new(
            FailureCode::Internal,
            "a fault in this program; the log has it",
        )
    })?
}

fn write(
    found: &Found,
    number: Option<u64>,
    passphrase: Option<Passphrase>,
) -> Result<Exported, Failure> {
    let edits = found.export.edits();
    if let (Some(number), 0) = (number, edits) {
        return Err(Failure::new(
            FailureCode::NotFound,
            format!("nothing that is unsent or refused has the number {number}"),
        ));
    }
    let plain = found.export.text()?;
    let encrypted = passphrase.is_some();
    let text = match passphrase {
        Some(passphrase) => {
            sealing::under_passphrase(SecretString::from(passphrase.0), plain.as_bytes())
                .map_err(|error| failed(&error))?
        }
        None => plain,
    };
    Ok(Exported {
        text,
        edits,
        encrypted,
        receipt: found.receipt.clone(),
        rest: 0,
    })
}

fn open(text: String, passphrase: Option<Passphrase>) -> Result<String, Failure> {
    if !sealing::is_sealed(&text) {
        return Ok(text);
    }
    let Some(passphrase) = passphrase else {
        return Err(Failure::new(
            FailureCode::Invalid,
            "that export is encrypted; its passphrase is needed",
        ));
    };
    let plain =
        sealing::open(SecretString::from(passphrase.0), &text).map_err(|error| failed(&error))?;
    String::from_utf8(plain.to_vec()).map_err(|_| {
        Failure::new(
            FailureCode::Invalid,
            "that is no export of unsent edits; nothing was taken over",
        )
    })
}

fn failed(error: &sealing::SealError) -> Failure {
    let words = format!("{error}. Nothing was changed here");
    Failure::new(FailureCode::Invalid, words)
}
