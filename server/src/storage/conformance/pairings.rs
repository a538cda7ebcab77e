use std::sync::Arc;

use redtag_protocol::{ids::SessionId, stamp::Stamp};

use super::{NOW, Place, device, random};
use crate::storage::{Pairing, Pairings as _, StorageError};

fn pairing() -> Pairing {
    Pairing {
        secret: random(),
        code: random(),
        client: "a client".to_owned(),
        name: "bench 1".to_owned(),
        device: device(),
        device_key: Some(random()),
        address: "2001:db8::".to_owned(),
        created: NOW,
        pause: 5,
        polled: None,
        decided: None,
        session: None,
        fetched: None,
    }
}

fn later(millis: u64) -> Stamp {
    Stamp(NOW.0 + millis)
}

pub async fn a_device_that_waits_is_found_by_its_secret_and_by_its_code(place: &impl Place) {
    let storage = place.open().await;
    let (one, keyless) = (
        pairing(),
        Pairing {
            device_key: None,
            ..pairing()
        },
    );
    for it in [&one, &keyless] {
        storage.pairing_create(it.clone()).await.unwrap();
        let found = storage.pairing(it.secret).await.unwrap();
        assert_eq!(found.as_ref(), Some(it));
        let found = storage.pairing_by_code(it.code).await.unwrap();
        assert_eq!(found.as_ref(), Some(it));
    }
    assert_eq!(storage.pairing(one.code).await.unwrap(), None);
    assert_eq!(storage.pairing_by_code(one.secret).await.unwrap(), None);
    for taken in [
        Pairing {
            code: one.code,
            ..pairing()
        },
        Pairing {
            secret: one.secret,
            ..pairing()
        },
    ] {
        let refused = storage.pairing_create(taken).await;
        assert!(
            matches!(refused, Err(StorageError::Exists(_))),
            "{refused:?}"
        );
    }
}

pub async fn a_device_asks_after_the_time_that_it_last_asked(place: &impl Place) {
    let storage = place.open().await;
    let it = pairing();
    storage.pairing_create(it.clone()).await.unwrap();
    let polled = |last, at, pause| storage.pairing_polled(it.secret, last, at, pause);
    assert!(polled(None, later(1), 5).await.unwrap());
    assert!(!polled(None, later(2), 5).await.unwrap());
    assert!(polled(Some(later(1)), later(3), 10).await.unwrap());
    let found = storage.pairing(it.secret).await.unwrap().unwrap();
    assert_eq!((found.polled, found.pause), (Some(later(3)), 10));
    let unknown = storage.pairing_polled(random(), None, later(1), 5);
    assert!(!unknown.await.unwrap());
}

pub async fn the_first_word_about_a_device_stands(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let it = pairing();
    storage.pairing_create(it.clone()).await.unwrap();
    assert!(!storage.pairing_fetched(it.secret, later(1)).await.unwrap());
    let racers = (0..8).map(|_| {
        let (storage, secret) = (storage.clone(), it.secret);
        let session = SessionId::from_parts(NOW.0, random());
        tokio::spawn(async move {
            let decided = storage.pairing_decide(secret, Some(session), NOW);
            decided.await.unwrap().then_some(session)
        })
    });
    let mut won = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        won.extend(racer.await.unwrap());
    }
    assert_eq!(won.len(), 1);
    let refused = storage.pairing_decide(it.secret, None, later(9));
    assert!(!refused.await.unwrap());
    let found = storage.pairing(it.secret).await.unwrap().unwrap();
    assert_eq!((found.decided, found.session), (Some(NOW), Some(won[0])));
    assert!(storage.pairing_fetched(it.secret, later(2)).await.unwrap());
    assert!(!storage.pairing_fetched(it.secret, later(3)).await.unwrap());
    let refused = pairing();
    storage.pairing_create(refused.clone()).await.unwrap();
    let decided = storage.pairing_decide(refused.secret, None, NOW);
    assert!(decided.await.unwrap());
    assert!(!storage.pairing_fetched(refused.secret, NOW).await.unwrap());
}

pub async fn old_devices_are_forgotten_and_unheard_sign_ins_named(place: &impl Place) {
    let storage = place.open().await;
    let session = || Some(SessionId::from_parts(NOW.0, random()));
    let (heard, unheard, refused) = (pairing(), pairing(), pairing());
    let young = Pairing {
        created: later(1),
        ..pairing()
    };
    for it in [&heard, &unheard, &refused, &young] {
        storage.pairing_create(it.clone()).await.unwrap();
    }
    let left = session();
    for (it, session) in [
        (&heard, session()),
        (&unheard, left),
        (&refused, None),
        (&young, session()),
    ] {
        let decided = storage.pairing_decide(it.secret, session, NOW);
        assert!(decided.await.unwrap());
    }
    assert!(storage.pairing_fetched(heard.secret, NOW).await.unwrap());
    let forgotten = storage.pairings_forget(later(1)).await.unwrap();
    assert_eq!(forgotten, [left.unwrap()]);
    assert_eq!(storage.pairing(heard.secret).await.unwrap(), None);
    assert!(storage.pairing(young.secret).await.unwrap().is_some());
    assert_eq!(storage.pairings_forget(later(1)).await.unwrap(), []);
}
