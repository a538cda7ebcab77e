use std::sync::Arc;

use redtag_protocol::{
    ids::{PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};

use super::{NOW, Place, device, new_session, new_shop, person, random};
use crate::storage::{
    Control as _, Credentials as _, Device, Identity, Pass, SecondFactor, Session, StorageError,
};

const LATER: Stamp = Stamp(NOW.0 + 1);

fn factor(person: PersonId) -> SecondFactor {
    SecondFactor {
        person,
        version: 1,
        wrapped: vec![1, 2, 3],
        confirmed: None,
        step: 0,
        codes: Vec::new(),
        created: NOW,
    }
}

pub async fn a_second_factor_changes_once_a_version(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let rosa = person("rosa@example.com");
    let id = rosa.id;
    storage.person_create(rosa).await.unwrap();
    assert_eq!(storage.second_factor(id).await.unwrap(), None);
    let second = SecondFactor {
        version: 2,
        ..factor(id)
    };
    assert!(!storage.second_factor_put(second.clone()).await.unwrap());
    assert!(storage.second_factor_put(factor(id)).await.unwrap());
    assert!(!storage.second_factor_put(factor(id)).await.unwrap());
    assert_eq!(storage.second_factor(id).await.unwrap(), Some(factor(id)));
    let racers = (0..8).map(|step| {
        let storage = storage.clone();
        let changed = SecondFactor {
            wrapped: vec![9; 40],
            confirmed: Some(LATER),
            step,
            codes: vec![[7; 32], [8; 32]],
            created: LATER,
            ..second.clone()
        };
        tokio::spawn(async move {
            let put = storage.second_factor_put(changed.clone()).await.unwrap();
            put.then_some(changed)
        })
    });
    let mut won = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        won.extend(racer.await.unwrap());
    }
    let [won] = <[_; 1]>::try_from(won).unwrap();
    let stands = storage.second_factor(id).await.unwrap().unwrap();
    let wanted = SecondFactor {
        created: NOW,
        ..won
    };
    assert_eq!(stands, wanted);
    assert!(!storage.second_factor_remove(id, 1).await.unwrap());
    assert!(storage.second_factor_remove(id, 2).await.unwrap());
    assert_eq!(storage.second_factor(id).await.unwrap(), None);
    assert!(storage.second_factor_put(factor(id)).await.unwrap());
}

pub async fn a_hash_of_the_same_password_ends_nothing(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let words = |it: &str| it.to_owned();
    let another = storage.person_rehash(session.person, words("other"), words("new"));
    assert!(!another.await.unwrap());
    let same = storage.person_rehash(session.person, words("hash"), words("new"));
    assert!(same.await.unwrap());
    let found = storage.person(session.person).await.unwrap().unwrap();
    assert_eq!(found.password, "new");
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!(found.ended, None);
}

pub async fn a_new_password_may_keep_one_session(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let elsewhere = Session {
        id: SessionId::from_parts(NOW.0, random()),
        shop: new_shop(&storage, "Another").await,
        ..session.clone()
    };
    storage.session_create(elsewhere.clone()).await.unwrap();
    let new = "another hash".to_owned();
    let (person, keep) = (session.person, Some(session.id));
    let replaced = storage.person_password_from(person, "hash".to_owned(), new, keep, LATER);
    assert!(replaced.await.unwrap());
    let found = storage.person(session.person).await.unwrap().unwrap();
    assert_eq!(found.password, "another hash");
    for (id, ended) in [(session.id, None), (elsewhere.id, Some(LATER))] {
        let found = storage.session(id).await.unwrap().unwrap();
        assert_eq!(found.ended, ended);
    }
}

pub async fn of_racing_passwords_one_stands(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let session = new_session(&*storage).await;
    let person = session.person;
    let racers = (0..8).map(|number| {
        let storage = storage.clone();
        tokio::spawn(async move {
            let hash = format!("hash of racer {number}");
            let from = "hash".to_owned();
            let put = storage.person_password_from(person, from, hash.clone(), None, LATER);
            put.await.unwrap().then_some(hash)
        })
    });
    let mut won = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        won.extend(racer.await.unwrap());
    }
    let [won] = <[_; 1]>::try_from(won).unwrap();
    let stands = storage.person(person).await.unwrap().unwrap();
    assert_eq!(stands.password, won);
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!(found.ended, Some(LATER));
    // Whoever comes too late ends nothing either.
    let since = Session {
        id: SessionId::from_parts(NOW.0, random()),
        ..session
    };
    storage.session_create(since.clone()).await.unwrap();
    let late =
        storage.person_password_from(person, "hash".to_owned(), "late".to_owned(), None, LATER);
    assert!(!late.await.unwrap());
    let found = storage.session(since.id).await.unwrap().unwrap();
    assert_eq!(found.ended, None);
    let nobody = PersonId::from_parts(NOW.0, random());
    let nobodys =
        storage.person_password_from(nobody, "hash".to_owned(), "x".to_owned(), None, LATER);
    assert!(!nobodys.await.unwrap());
}

pub async fn one_sign_in_at_a_provider_is_one_person(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let (rosa, otto) = (person("rosa@example.com"), person("otto@example.com"));
    let (rosas, ottos) = (rosa.id, otto.id);
    storage.person_create(rosa).await.unwrap();
    storage.person_create(otto).await.unwrap();
    let identity = |issuer: &str, subject: &str, person| Identity {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        person,
        created: NOW,
    };
    let racers = [rosas, ottos, rosas, ottos].map(|person| {
        let (storage, wanted) = (
            storage.clone(),
            identity("https://id.example", "s1", person),
        );
        tokio::spawn(async move {
            let linked = storage.identity_link(wanted.clone()).await.unwrap();
            linked.then_some(wanted)
        })
    });
    let mut won = Vec::new();
    for racer in racers {
        won.extend(racer.await.unwrap());
    }
    let [won] = <[_; 1]>::try_from(won).unwrap();
    let find = async |issuer: &str, subject: &str| {
        let found = storage.identity(issuer.to_owned(), subject.to_owned());
        found.await.unwrap()
    };
    assert_eq!(find("https://id.example", "s1").await, Some(won.clone()));
    // Letters of another case are another one's, and so is another provider.
    assert_eq!(find("https://id.example", "S1").await, None);
    assert_eq!(find("https://other.example", "s1").await, None);
    // One at each provider.
    let second = identity("https://id.example", "s2", won.person);
    assert!(!storage.identity_link(second).await.unwrap());
    let elsewhere = identity("https://other.example", "s1", won.person);
    assert!(storage.identity_link(elsewhere).await.unwrap());
    let nobody = PersonId::from_parts(NOW.0, random());
    assert_eq!(storage.identities_unlink(nobody).await.unwrap(), 0);
    assert_eq!(storage.identities_unlink(won.person).await.unwrap(), 2);
    assert_eq!(find("https://id.example", "s1").await, None);
}

pub async fn the_sign_ins_of_a_shop_are_listed(place: &impl Place) {
    let storage = place.open().await;
    let first = new_session(&storage).await;
    let more = |shop: ShopId, created: Stamp| Session {
        id: SessionId::from_parts(NOW.0, random()),
        shop,
        created,
        ..first.clone()
    };
    let other = new_shop(&storage, "Another").await;
    let (second, ended) = (more(first.shop, LATER), more(first.shop, LATER));
    let elsewhere = more(other, LATER);
    for it in [&second, &ended, &elsewhere] {
        storage.session_create(it.clone()).await.unwrap();
    }
    storage.session_end(ended.id, LATER).await.unwrap();
    let listed = storage.sessions(first.shop).await.unwrap();
    assert_eq!(listed, [second, first]);
    assert_eq!(storage.sessions(other).await.unwrap(), [elsewhere]);
}

pub async fn a_revoked_session_has_ended(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let other = new_shop(&storage, "Another").await;
    let foreign = storage.session_revoke(other, session.id, LATER).await;
    assert!(!foreign.unwrap());
    let shop = session.shop;
    assert!(
        storage
            .session_revoke(shop, session.id, LATER)
            .await
            .unwrap()
    );
    let again = storage.session_revoke(shop, session.id, Stamp(NOW.0 + 9));
    assert!(!again.await.unwrap());
    let found = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!((found.ended, found.revoked), (Some(LATER), Some(LATER)));
    // One that had ended by itself: the device may still hold what it was let see.
    let ended = Session {
        id: SessionId::from_parts(NOW.0, random()),
        ..session
    };
    storage.session_create(ended.clone()).await.unwrap();
    storage.session_end(ended.id, NOW).await.unwrap();
    assert!(storage.session_revoke(shop, ended.id, LATER).await.unwrap());
    let found = storage.session(ended.id).await.unwrap().unwrap();
    assert_eq!((found.ended, found.revoked), (Some(NOW), Some(LATER)));
}

pub async fn a_device_destroys_its_key_once(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let other = new_shop(&storage, "Another").await;
    let bench = |id, shop| Device {
        id,
        shop,
        person: session.person,
        name: "bench".to_owned(),
        created: NOW,
        destroyed: None,
    };
    let (one, two) = (device(), device());
    for (id, shop) in [(one, session.shop), (two, session.shop), (one, other)] {
        storage.device_register(bench(id, shop)).await.unwrap();
    }
    let shop = session.shop;
    assert!(storage.device_destroyed(shop, one, LATER).await.unwrap());
    assert!(!storage.device_destroyed(shop, one, NOW).await.unwrap());
    assert!(!storage.device_destroyed(shop, device(), NOW).await.unwrap());
    let mut wanted = vec![
        Device {
            destroyed: Some(LATER),
            ..bench(one, shop)
        },
        bench(two, shop),
    ];
    wanted.sort_by_key(|it| *it.id.as_bytes());
    assert_eq!(storage.devices(shop).await.unwrap(), wanted);
    assert_eq!(storage.devices(other).await.unwrap(), [bench(one, other)]);
}

fn pass(shop: ShopId, person: Option<PersonId>, created: Stamp) -> Pass {
    Pass {
        shop,
        id: PassId::from_parts(NOW.0, random()),
        kind: "kiosk".to_owned(),
        person,
        digest: random(),
        name: "Bay 3".to_owned(),
        gives: "viewer".to_owned(),
        created,
        expires: Stamp(NOW.0 + 99),
        used: None,
        ended: None,
    }
}

pub async fn a_pass_is_used_once(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let shop = new_shop(&*storage, "Quayside").await;
    let (one, ended) = (pass(shop, None, NOW), pass(shop, None, NOW));
    storage.pass_create(one.clone()).await.unwrap();
    storage.pass_create(ended.clone()).await.unwrap();
    let again = storage.pass_create(one.clone()).await;
    assert!(matches!(again, Err(StorageError::Exists(_))));
    let racers = (0..8).map(|_| {
        let (storage, id) = (storage.clone(), one.id);
        tokio::spawn(async move { storage.pass_use(shop, id, LATER).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        won += u32::from(racer.await.unwrap().unwrap());
    }
    assert_eq!(won, 1);
    assert!(storage.pass_end(shop, ended.id, LATER).await.unwrap());
    assert!(!storage.pass_end(shop, ended.id, NOW).await.unwrap());
    assert!(!storage.pass_use(shop, ended.id, LATER).await.unwrap());
    let used = Some(LATER);
    let found = storage.pass(shop, one.id).await.unwrap();
    assert_eq!(found, Some(Pass { used, ..one }));
    let found = storage.pass(shop, ended.id).await.unwrap().unwrap();
    assert_eq!((found.used, found.ended), (None, Some(LATER)));
}

pub async fn passes_are_of_their_shop(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let other = new_shop(&storage, "Another").await;
    let first = pass(session.shop, Some(session.person), NOW);
    let second = pass(session.shop, None, LATER);
    let elsewhere = Pass {
        id: first.id,
        ..pass(other, None, NOW)
    };
    for it in [&first, &second, &elsewhere] {
        storage.pass_create(it.clone()).await.unwrap();
    }
    let listed = storage.passes(session.shop).await.unwrap();
    assert_eq!(listed, [second.clone(), first.clone()]);
    assert_eq!(storage.passes(other).await.unwrap(), [elsewhere]);
    assert_eq!(storage.pass(other, second.id).await.unwrap(), None);
    assert!(!storage.pass_end(other, second.id, NOW).await.unwrap());
    assert!(!storage.pass_use(other, second.id, NOW).await.unwrap());
}
