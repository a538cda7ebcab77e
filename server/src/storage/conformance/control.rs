use std::sync::Arc;

use redtag_protocol::{
    ids::{DeviceId, ShopId},
    stamp::Stamp,
};

use super::{NOW, Place, device, is_constraint, new_shop, person, random};
use crate::storage::{Control as _, Device, Secret, ShopRow, Shops as _, StorageError};

pub async fn addresses_are_unique_whatever_their_case(place: &impl Place) {
    let storage = place.open().await;
    let rosa = person("Rosa@Example.com");
    storage.person_create(rosa.clone()).await.unwrap();
    let again = storage.person_create(person("rosa@example.COM")).await;
    assert!(matches!(again, Err(StorageError::EmailTaken)));
    let found = storage.person_by_email("ROSA@example.com".to_owned()).await;
    let found = found.unwrap().unwrap();
    assert_eq!(
        (found.id, found.email.as_str()),
        (rosa.id, "Rosa@Example.com")
    );
    let none = storage.person_by_email("rosa@example.org".to_owned()).await;
    assert!(none.unwrap().is_none());
}

pub async fn an_address_that_cannot_be_is_nobodys(place: &impl Place) {
    let storage = place.open().await;
    let long = format!("{}@example.com", "a".repeat(243));
    for email in ["a\0b", "rosa\u{7}@example.com", &long] {
        let found = storage.person_by_email(email.to_owned()).await;
        assert!(found.unwrap().is_none(), "{email:?}");
        let refused = storage.person_create(person(email)).await;
        assert!(is_constraint(&refused), "{email:?}");
    }
    // The longest that can be.
    storage.person_create(person(&long[1..])).await.unwrap();
    let found = storage.person_by_email(long[1..].to_owned()).await;
    assert!(found.unwrap().is_some());
}

pub async fn racing_persons_one_wins(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let racers = (0..8).map(|_| {
        let storage = storage.clone();
        tokio::spawn(async move { storage.person_create(person("rosa@example.com")).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert!(matches!(error, StorageError::EmailTaken), "{error}"),
        }
    }
    assert_eq!(won, 1);
}

pub async fn shops_appear_when_they_are_ready(place: &impl Place) {
    let storage = place.open().await;
    let id = ShopId::from_parts(NOW.0, random());
    let row = ShopRow {
        id,
        name: "Quayside".to_owned(),
        created: NOW,
    };
    storage.shop_create(row.clone()).await.unwrap();
    assert_eq!(storage.shop(id).await.unwrap(), None);
    assert_eq!(storage.shops().await.unwrap(), []);
    storage.head(id).await.unwrap();
    storage.shop_ready(id).await.unwrap();
    storage.shop_ready(id).await.unwrap();
    assert_eq!(storage.shop(id).await.unwrap(), Some(row.clone()));
    assert_eq!(storage.shops().await.unwrap(), [row]);
}

pub async fn a_shop_id_is_used_once(place: &impl Place) {
    let storage = place.open().await;
    let id = new_shop(&storage, "Quayside").await;
    let row = ShopRow {
        id,
        name: "Another".to_owned(),
        created: NOW,
    };
    let again = storage.shop_create(row).await;
    assert!(matches!(again, Err(StorageError::Exists(_))));
    assert_eq!(storage.shop(id).await.unwrap().unwrap().name, "Quayside");
}

pub async fn memberships_name_ready_shops(place: &impl Place) {
    let storage = place.open().await;
    let (b, a) = (new_shop(&storage, "B").await, new_shop(&storage, "A").await);
    let hidden = ShopId::from_parts(NOW.0, random());
    let row = ShopRow {
        id: hidden,
        name: "half made".to_owned(),
        created: NOW,
    };
    storage.shop_create(row).await.unwrap();
    let rosa = person("rosa@example.com");
    let kit = person("kit@example.com");
    storage.person_create(rosa.clone()).await.unwrap();
    storage.person_create(kit.clone()).await.unwrap();
    for shop in [a, b, hidden, a] {
        storage.membership_add(rosa.id, shop).await.unwrap();
    }
    let names = |rows: Vec<ShopRow>| rows.into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(names(storage.memberships(rosa.id).await.unwrap()), [a, b]);
    assert_eq!(names(storage.memberships(kit.id).await.unwrap()), []);
    storage.membership_remove(rosa.id, a).await.unwrap();
    storage.membership_remove(rosa.id, a).await.unwrap();
    assert_eq!(names(storage.memberships(rosa.id).await.unwrap()), [b]);
}

pub async fn devices_belong_to_one_person(place: &impl Place) {
    let storage = place.open().await;
    let (shop, other) = (new_shop(&storage, "A").await, new_shop(&storage, "B").await);
    let rosa = person("rosa@example.com");
    let kit = person("kit@example.com");
    storage.person_create(rosa.clone()).await.unwrap();
    storage.person_create(kit.clone()).await.unwrap();
    let id: DeviceId = device();
    let bench = |person, shop, name: &str, created| Device {
        id,
        shop,
        person,
        name: name.to_owned(),
        created,
        destroyed: None,
    };
    let first = bench(rosa.id, shop, "bench 1", NOW);
    storage.device_register(first).await.unwrap();
    let later = Stamp(NOW.0 + 1);
    let renamed = bench(rosa.id, shop, "bench one", later);
    storage.device_register(renamed).await.unwrap();
    let taken = storage
        .device_register(bench(kit.id, shop, "mine", later))
        .await;
    assert!(matches!(taken, Err(StorageError::DeviceTaken)));
    // The wall: the same id in another shop says nothing about this one.
    let elsewhere = bench(kit.id, other, "mine", later);
    storage.device_register(elsewhere).await.unwrap();
    let found = storage.device(shop, id).await.unwrap().unwrap();
    assert_eq!(found, bench(rosa.id, shop, "bench one", NOW));
    assert_eq!(storage.device(shop, device()).await.unwrap(), None);
}

pub async fn one_secret_stands_under_a_name(place: &impl Place) {
    let storage = place.open().await;
    let secret = |name: &str, wrapped: u8, at: u64| Secret {
        name: name.to_owned(),
        purpose: "signing".to_owned(),
        wrapped: vec![wrapped; 4],
        created: Stamp(at),
    };
    let first = storage.secret_keep(secret("k1", 1, 10)).await.unwrap();
    assert_eq!(first, secret("k1", 1, 10));
    let loser = storage.secret_keep(secret("k1", 2, 20)).await.unwrap();
    assert_eq!(loser, secret("k1", 1, 10));
    storage.secret_keep(secret("k2", 3, 30)).await.unwrap();
    let listed = storage.secrets("signing".to_owned()).await.unwrap();
    assert_eq!(listed, [secret("k2", 3, 30), secret("k1", 1, 10)]);
    assert_eq!(storage.secrets("other".to_owned()).await.unwrap(), []);
}

pub async fn the_epoch_stays(place: &impl Place) {
    let epoch = place.open().await.epoch();
    assert_eq!(place.open().await.epoch(), epoch);
}
