//! The timeline of any document. What is not here of it, as of a closed inspection in a new copy, is
//! asked of the API; without it one sees what is here and that there is more.

use std::time::Duration;

use redtag_protocol::{
    api::changes::Line,
    entity::EntityRef,
    event::Link,
    ids::InspectionId,
    ipc::{Failure, FailureCode, History, Reply, TimelineEntry},
};

use super::{Actor, event::News, hands::Hands};
use crate::{
    cache::{CacheError, Store},
    ipc::ConnId,
    remote::{AccessToken, RemoteError},
    view,
};

/// How long a person waits for the rest.
const PATIENCE: Duration = Duration::from_secs(5);

impl Actor {
    /// Answers at once with what is here of an inspection's timeline. What is missing is fetched
    /// behind it and told as a change, so that whoever looks asks again.
    pub(super) fn timeline(&mut self, conn: ConnId, id: u64, at: &str, inspection: InspectionId) {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let of = EntityRef::Inspection(inspection);
        let missing = hands.cache.call(move |store| {
            answer.give(entries(store, &of).map(Reply::Timeline));
            // The API has nothing of what was not sent.
            Ok::<_, CacheError>(store.confirmed(&of)?.is_some() && !store.timeline_whole(&of)?)
        });
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let access = account.access_token();
        account.spawn(async move {
            if !matches!(missing.await, Ok(Ok(true))) {
                return;
            }
            match fetch(&hands, access, of).await {
                Ok(()) => hands.tell(News::Changed(vec![of])),
                // It is asked again when somebody looks again.
                Err(why) => tracing::debug!(%why, "a timeline was not fetched"),
            }
        });
    }

    /// Answers with a document's timeline.
    pub(super) fn history(&mut self, conn: ConnId, id: u64, at: &str, of: EntityRef) {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let access = account.access_token();
        let whole = hands.cache.call(move |store| store.timeline_whole(&of));
        account.spawn(async move {
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
    Ok(Reply::History(History {
        entries: entries(store, key)?,
        missing: missing.map(|why| format!("older lines are not on this machine: {why}")),
    }))
}

fn entries(store: &Store, key: &EntityRef) -> Result<Vec<TimelineEntry>, Failure> {
    if store.local(key)?.is_none() {
        let what = match key {
            EntityRef::Inspection(_) => "inspection",
            _ => "document",
        };
        return Err(Failure::new(
            FailureCode::NotFound,
            format!("there is no such {what} in the cache"),
        ));
    }
    Ok(view::timeline(store, key)?)
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
