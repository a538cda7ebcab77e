//! The timeline of any document. One sees at once what is here of it, and whether there is more; what
//! is not, as of a closed inspection in a new copy, is asked of the API behind that.

use redtag_protocol::{
    api::changes::Line,
    entity::EntityRef,
    event::Link,
    ids::InspectionId,
    ipc::{Connection, Failure, FailureCode, History, Reply, TimelineEntry},
};

use super::{Actor, account::Account, event::News, hands::Hands};
use crate::{
    cache::Store,
    ipc::ConnId,
    remote::{AccessToken, RemoteError},
    view,
};

impl Actor {
    /// Answers at once with what is here of an inspection's timeline. What is missing is fetched
    /// behind it and told as a change, so that whoever looks asks again.
    pub(super) fn timeline(&mut self, conn: ConnId, id: u64, at: &str, inspection: InspectionId) {
        let of = EntityRef::Inspection(inspection);
        self.tell_timeline(conn, id, at, of, |entries, _| Reply::Timeline(entries));
    }

    /// The same of any document, and whether something is missing.
    pub(super) fn history(&mut self, conn: ConnId, id: u64, at: &str, of: EntityRef) {
        let connection = self.accounts.get(at).map(Account::connection);
        let why = match connection {
            Some(Connection::Online) => {
                "the API is asked for them now; look again in a moment".to_owned()
            }
            Some(Connection::Offline { why, .. } | Connection::SignedOut { why }) => {
                format!("they are on the API, which needs the network: {why}")
            }
            _ => "they are on the API, which is not reached at the moment".to_owned(),
        };
        self.tell_timeline(conn, id, at, of, move |entries, missing| {
            let missing = missing.then(|| format!("older lines are not on this machine: {why}"));
            Reply::History(History { entries, missing })
        });
    }

    fn tell_timeline(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        of: EntityRef,
        tell: impl FnOnce(Vec<TimelineEntry>, bool) -> Reply + Send + 'static,
    ) {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let missing = hands.cache.call(move |store| {
            let found = here(store, &of);
            let missing = found.as_ref().is_ok_and(|(_, missing)| *missing);
            answer.give(found.map(|(entries, missing)| tell(entries, missing)));
            missing
        });
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let access = account.access_token();
        account.spawn(async move {
            if !matches!(missing.await, Ok(true)) {
                return;
            }
            match fetch(&hands, access, of).await {
                Ok(()) => hands.tell(News::Changed(vec![of], Vec::new())),
                // It is asked again when somebody looks again.
                Err(why) => tracing::debug!(%why, "a timeline was not fetched"),
            }
        });
    }
}

/// What is here, and whether the API has more.
fn here(store: &Store, of: &EntityRef) -> Result<(Vec<TimelineEntry>, bool), Failure> {
    let entries = entries(store, of)?;
    // It has nothing of what was not sent.
    let missing = store.confirmed(of)?.is_some() && !store.timeline_whole(of)?;
    Ok((entries, missing))
}

fn entries(store: &Store, key: &EntityRef) -> Result<Vec<TimelineEntry>, Failure> {
    if store.shown(key)?.is_none() {
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
