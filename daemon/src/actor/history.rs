//! The timeline of any document. What is not here of it, as of a closed inspection in a new copy, is
//! asked of the API; without it one sees what is here and that there is more.

use std::time::Duration;

use redtag_protocol::{
    api::changes::Line,
    entity::EntityRef,
    event::Link,
    ipc::{Failure, FailureCode, History, Reply},
};

use super::{Account, Actor, hands::Hands};
use crate::{
    cache::Store,
    ipc::ConnId,
    remote::{AccessToken, RemoteError},
    view,
};

/// How long a person waits for the rest.
const PATIENCE: Duration = Duration::from_secs(5);

impl Actor {
    /// Answers with a document's timeline.
    pub(super) fn history(&mut self, conn: ConnId, id: u64, at: &str, of: EntityRef) {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let access = self.accounts.get(at).and_then(Account::access_token);
        let whole = hands.cache.call(move |store| store.timeline_whole(&of));
        tokio::spawn(async move {
            let missing = match whole.await {
                Ok(Ok(true)) => None,
                Ok(Ok(false)) => {
                    match tokio::time::timeout(PATIENCE, fetch(&hands, access, of)).await {
                        Ok(Ok(())) => None,
                        Ok(Err(words)) => Some(words),
                        Err(_) => Some("the API takes long to answer".to_owned()),
                    }
                }
                Ok(Err(error)) | Err(error) => Some(error.to_string()),
            };
            let seen = hands.cache.call(move |store| here(store, &of, missing));
            answer.give(seen.await.map_err(Failure::from).and_then(|it| it));
        });
    }
}

/// What is here of it.
fn here(store: &Store, key: &EntityRef, missing: Option<String>) -> Result<Reply, Failure> {
    if store.local(key)?.is_none() {
        return Err(Failure::new(
            FailureCode::NotFound,
            "there is no such document in the cache",
        ));
    }
    Ok(Reply::History(History {
        entries: view::timeline(store, key)?,
        missing: missing.map(|why| format!("older lines are not on this machine: {why}")),
    }))
}

async fn fetch(hands: &Hands, access: Option<AccessToken>, of: EntityRef) -> Result<(), String> {
    let access = access.ok_or("the API is not reached at the moment")?;
    let links = hands
        .timeline(&access, of)
        .await
        .map_err(|e| e.to_string())?;
    let kept = hands
        .cache
        .call(move |store| store.lazily(|store| store.take_timeline(&of, &links)));
    match kept.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) | Err(error) => Err(error.to_string()),
    }
}

impl Hands {
    /// All events of a document.
    async fn timeline(
        &self,
        access: &AccessToken,
        of: EntityRef,
    ) -> Result<Vec<Link>, RemoteError> {
        let answer = self.remote.timeline(access, self.shop, &of).await?;
        let page = answer.value.whole().await?;
        let mut links = Vec::new();
        for line in page.lines() {
            if let Line::Event(link) = line? {
                links.push(link);
            }
        }
        Ok(links)
    }
}
