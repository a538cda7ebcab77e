use redtag_protocol::{
    ids::{DeviceId, KeyCopyId, PersonId, ShopId},
    stamp::Stamp,
};

use super::{NOW, Place, device, new_session, new_shop, person, random};
use crate::storage::{KEY_COPIES, KeyCopies as _, KeyCopy, Session, Storage};

fn copy(shop: ShopId, person: PersonId, device: DeviceId, after: u64) -> KeyCopy {
    let created = Stamp(NOW.0 + after);
    KeyCopy {
        shop,
        id: KeyCopyId::from_parts(created.0, random()),
        person,
        device,
        wrapped: random::<60>().to_vec(),
        created,
    }
}

fn of(session: &Session, after: u64) -> KeyCopy {
    copy(session.shop, session.person, session.device, after)
}

async fn colleague(storage: &impl Storage) -> PersonId {
    let otto = person("otto@example.com");
    let id = otto.id;
    storage.person_create(otto).await.unwrap();
    id
}

/// Whether it stands there as it was put.
async fn stands(storage: &impl Storage, copy: &KeyCopy) -> bool {
    let found = storage.key_copy(copy.shop, copy.id).await.unwrap();
    found.as_ref() == Some(copy)
}

pub async fn a_key_is_kept_and_kept_anew(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let first = of(&session, 0);
    assert_eq!(storage.key_copy(first.shop, first.id).await.unwrap(), None);
    assert!(storage.key_copy_put(first.clone()).await.unwrap());
    assert!(stands(&storage, &first).await);
    let second = KeyCopy {
        id: first.id,
        device: device(),
        ..of(&session, 7)
    };
    assert!(storage.key_copy_put(second.clone()).await.unwrap());
    assert!(stands(&storage, &second).await);
    drop(storage);
    let storage = place.open().await;
    assert!(stands(&storage, &second).await);
    let (shop, id, person) = (second.shop, second.id, second.person);
    assert!(storage.key_copy_forget(shop, id, person).await.unwrap());
    assert!(!storage.key_copy_forget(shop, id, person).await.unwrap());
    assert_eq!(storage.key_copy(shop, id).await.unwrap(), None);
}

pub async fn another_persons_key_is_neither_pushed_out_nor_forgotten(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let rosas = of(&session, 0);
    assert!(storage.key_copy_put(rosas.clone()).await.unwrap());
    let otto = colleague(&storage).await;
    // Otto has as many as he may, and loses none of them by what is refused.
    let mut ottos = Vec::new();
    for after in 0..u64::from(KEY_COPIES) {
        ottos.push(copy(rosas.shop, otto, session.device, after));
    }
    for it in &ottos {
        assert!(storage.key_copy_put(it.clone()).await.unwrap());
    }
    let taken = KeyCopy {
        id: rosas.id,
        ..copy(rosas.shop, otto, device(), 99)
    };
    assert!(!storage.key_copy_put(taken).await.unwrap());
    let forgotten = storage.key_copy_forget(rosas.shop, rosas.id, otto);
    assert!(!forgotten.await.unwrap());
    for it in ottos.iter().chain([&rosas]) {
        assert!(stands(&storage, it).await);
    }
}

pub async fn a_persons_newest_keys_stay(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let otto = colleague(&storage).await;
    let elsewhere = new_shop(&storage, "Another").await;
    // Older than any other, but not of that person in that shop.
    let others = [
        copy(session.shop, otto, session.device, 0),
        copy(elsewhere, session.person, session.device, 0),
    ];
    let most = u64::from(KEY_COPIES);
    let own: Vec<_> = (1..=most + 2).map(|after| of(&session, after)).collect();
    let (full, late) = own.split_at(KEY_COPIES as usize);
    for it in others.iter().chain(full) {
        assert!(storage.key_copy_put(it.clone()).await.unwrap());
    }
    // The oldest is kept anew, so that it is the newest.
    let anew = KeyCopy {
        created: Stamp(NOW.0 + 1_000),
        ..full[0].clone()
    };
    assert!(storage.key_copy_put(anew.clone()).await.unwrap());
    for it in others.iter().chain([&anew]).chain(&full[1..]) {
        assert!(stands(&storage, it).await);
    }
    for it in late {
        assert!(storage.key_copy_put(it.clone()).await.unwrap());
    }
    for gone in &full[1..3] {
        let found = storage.key_copy(gone.shop, gone.id).await.unwrap();
        assert_eq!(found, None);
    }
    let left = || others.iter().chain([&anew]).chain(&full[3..]).chain(late);
    for it in left() {
        assert!(stands(&storage, it).await);
    }
    // By a clock that is behind: what is said to be kept is kept.
    let behind = of(&session, 0);
    assert!(storage.key_copy_put(behind.clone()).await.unwrap());
    assert!(stands(&storage, &behind).await);
    let found = storage.key_copy(full[3].shop, full[3].id).await.unwrap();
    assert_eq!(found, None);
}

pub async fn what_a_device_kept_is_forgotten_with_it(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let elsewhere = new_shop(&storage, "Another").await;
    let own = [of(&session, 0), of(&session, 1)];
    let others = [
        copy(session.shop, session.person, device(), 0),
        copy(elsewhere, session.person, session.device, 0),
    ];
    for it in own.iter().chain(&others) {
        assert!(storage.key_copy_put(it.clone()).await.unwrap());
    }
    // What another device has kept anew is that one's.
    let moved = KeyCopy {
        device: device(),
        ..own[1].clone()
    };
    assert!(storage.key_copy_put(moved.clone()).await.unwrap());
    for count in [1, 0] {
        let forgotten = storage.key_copies_forget_of(session.shop, session.device);
        assert_eq!(forgotten.await.unwrap(), count);
    }
    let found = storage.key_copy(own[0].shop, own[0].id).await.unwrap();
    assert_eq!(found, None);
    for it in others.iter().chain([&moved]) {
        assert!(stands(&storage, it).await);
    }
}

pub async fn keys_are_of_their_shop(place: &impl Place) {
    let storage = place.open().await;
    let session = new_session(&storage).await;
    let other = new_shop(&storage, "Another").await;
    let first = of(&session, 0);
    assert!(storage.key_copy_put(first.clone()).await.unwrap());
    assert_eq!(storage.key_copy(other, first.id).await.unwrap(), None);
    let forgotten = storage.key_copy_forget(other, first.id, first.person);
    assert!(!forgotten.await.unwrap());
    // The same id there is another key.
    let same = KeyCopy {
        id: first.id,
        ..copy(other, session.person, session.device, 5)
    };
    assert!(storage.key_copy_put(same.clone()).await.unwrap());
    assert!(stands(&storage, &first).await);
    assert!(stands(&storage, &same).await);
    let forgotten = storage.key_copy_forget(other, same.id, same.person);
    assert!(forgotten.await.unwrap());
    assert!(stands(&storage, &first).await);
}
