use std::sync::Arc;

use redtag_protocol::{ids::SessionId, stamp::Stamp};

use super::{NOW, Place, device, new_session, new_shop, person, random};
use crate::storage::{Control as _, Session, StorageError};

pub async fn a_generation_advances_once(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let session = new_session(&*storage).await;
    let at = Stamp(NOW.0 + 5);
    let racers = (0..8).map(|_| {
        let storage = storage.clone();
        tokio::spawn(async move { storage.session_advance(session.id, 1, 2, at).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        won += u32::from(racer.await.unwrap().unwrap());
    }
    assert_eq!(won, 1);
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!((found.generation, found.used), (2, at));
    // A restored database adopts a higher one.
    assert!(storage.session_advance(session.id, 2, 9, at).await.unwrap());
    assert!(!storage.session_advance(session.id, 2, 3, at).await.unwrap());
    let unknown = SessionId::from_parts(NOW.0, random());
    assert!(!storage.session_advance(unknown, 1, 2, at).await.unwrap());
    let again = storage.session_create(session).await;
    assert!(matches!(again, Err(StorageError::Exists(_))));
}

pub async fn an_ended_session_stays_ended(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    storage.session_end(session.id, NOW).await.unwrap();
    let later = Stamp(NOW.0 + 9);
    storage.session_end(session.id, later).await.unwrap();
    assert!(
        !storage
            .session_advance(session.id, 1, 2, later)
            .await
            .unwrap()
    );
    assert!(!storage.session_device(session.id, device()).await.unwrap());
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!((found.generation, found.ended), (1, Some(NOW)));
}

pub async fn a_session_moves_to_another_device(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let device = device();
    assert!(storage.session_device(session.id, device).await.unwrap());
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!(found, Session { device, ..session });
}

pub async fn a_new_password_ends_the_persons_sessions(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let elsewhere = Session {
        id: SessionId::from_parts(NOW.0, random()),
        shop: new_shop(&storage, "Another").await,
        ..session.clone()
    };
    storage.session_create(elsewhere.clone()).await.unwrap();
    let other = person("other@example.com");
    let others = Session {
        id: SessionId::from_parts(NOW.0, random()),
        person: other.id,
        ..session.clone()
    };
    storage.person_create(other).await.unwrap();
    storage.session_create(others.clone()).await.unwrap();
    let (new, later) = ("another hash".to_owned(), Stamp(NOW.0 + 1));
    let replaced = storage.person_password(session.person, new, later);
    replaced.await.unwrap();
    let found = storage.person(session.person).await.unwrap().unwrap();
    assert_eq!(found.password, "another hash");
    for (id, ended) in [
        (session.id, Some(later)),
        (elsewhere.id, Some(later)),
        (others.id, None),
    ] {
        let found = storage.session(id).await.unwrap().unwrap();
        assert_eq!(found.ended, ended);
    }
}

pub async fn members_sessions_end_together(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let second = Session {
        id: SessionId::from_parts(NOW.0, random()),
        ..session.clone()
    };
    storage.session_create(second.clone()).await.unwrap();
    storage.session_end(second.id, NOW).await.unwrap();
    let later = Stamp(NOW.0 + 1);
    let ended = storage.sessions_end(session.person, session.shop, later);
    assert_eq!(ended.await.unwrap(), 1);
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!(found.ended, Some(later));
}
