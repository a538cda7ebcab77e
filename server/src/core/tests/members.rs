use std::{sync::Arc, time::Duration};

use redtag_protocol::{
    ids::{DeviceId, PersonId, SessionId},
    role::Role,
};
use tokio::{sync::Notify, time::timeout};

use super::{NOW, Stage, member, people};
use crate::{
    core::{author, members::MemberError},
    keys::random,
    storage::{Control as _, Session, Shops as _, conformance::Place as _},
    testing::{Ailing, Ailment},
};

#[tokio::test]
async fn a_member_comes_changes_and_goes() {
    let stage = Stage::new().await;
    let (storage, shop) = (&stage.storage, stage.shop);
    let vera = member(storage, shop, "vera", Role::Viewer).await;
    assert_eq!(
        author(storage, shop, vera).await.unwrap(),
        Some(Role::Viewer)
    );
    let seq = stage.seq().await;
    let same = people::put(storage, shop, vera, "vera", Role::Viewer, NOW).await;
    assert_eq!(same.unwrap(), None, "nothing changed, so no event");
    let risen = people::put(storage, shop, vera, "vera", Role::Dispatcher, NOW).await;
    assert_eq!(risen.unwrap(), Some(seq.next()));
    assert_eq!(storage.memberships(vera).await.unwrap().len(), 1);

    let session = Session {
        id: SessionId::from_parts(NOW.0, random()),
        person: vera,
        shop,
        device: DeviceId::from_parts(NOW.0, random()),
        device_key: Some(random()),
        generation: 1,
        created: NOW,
        used: NOW,
        ended: None,
        revoked: None,
    };
    storage.session_create(session.clone()).await.unwrap();
    people::remove(storage, shop, vera, NOW).await.unwrap();
    assert_eq!(author(storage, shop, vera).await.unwrap(), None);
    assert_eq!(storage.memberships(vera).await.unwrap(), []);
    let session = storage.session(session.id).await.unwrap().unwrap();
    assert_eq!(session.ended, Some(NOW));
    let again = people::remove(storage, shop, vera, NOW).await;
    assert!(matches!(again, Err(MemberError::NotAMember)));
    let listed = people::list(storage, shop).await.unwrap();
    let found = listed.iter().find(|it| it.id == vera).unwrap();
    assert!(found.removed && found.name == "vera", "the name stays");

    // A sign-in that was under way while she was removed is not there for her return.
    let late = Session {
        id: SessionId::from_parts(NOW.0, random()),
        ended: None,
        revoked: None,
        ..session
    };
    storage.session_create(late.clone()).await.unwrap();
    people::put(storage, shop, vera, "vera", Role::Viewer, NOW)
        .await
        .unwrap();
    let late = storage.session(late.id).await.unwrap().unwrap();
    assert_eq!(late.ended, Some(NOW));
}

/// Callers who hold the shop's counter and want another connection would wait for each other.
#[tokio::test]
async fn sign_ins_are_ended_without_the_shops_counter() {
    let stage = Stage::new().await;
    let (shop, tomas) = (stage.shop, stage.technician);
    people::remove(&stage.storage, shop, tomas, NOW)
        .await
        .unwrap();
    let ending = Arc::new(Notify::new());
    let reached = Arc::clone(&ending);
    let storage = Ailing::new(Arc::new(stage.here.open().await), move |call| {
        (call == "sessions_end").then(|| {
            reached.notify_one();
            Ailment::Hangs
        })
    });
    let back = people::put(&storage, shop, tomas, "tomas", Role::Viewer, NOW);
    let others = async {
        ending.notified().await;
        let begun = timeout(Duration::from_secs(5), stage.storage.begin(shop)).await;
        assert!(begun.unwrap().is_ok());
    };
    tokio::select! {
        _ = back => unreachable!("the sign-ins are not ended"),
        () = others => {}
    }
    // Nor is anybody let in before they are.
    assert_eq!(author(&stage.storage, shop, tomas).await.unwrap(), None);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let stage = Stage::new().await;
    let (storage, shop) = (&stage.storage, stage.shop);
    let gone = people::remove(storage, shop, stage.owner, NOW).await;
    assert!(matches!(gone, Err(MemberError::LastOwner)));
    let fallen = people::put(storage, shop, stage.owner, "olga", Role::Viewer, NOW).await;
    assert!(matches!(fallen, Err(MemberError::LastOwner)));
    member(storage, shop, "second", Role::Owner).await;
    people::remove(storage, shop, stage.owner, NOW)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_stranger_has_no_role() {
    let stage = Stage::new().await;
    let nobody = PersonId::from_parts(NOW.0, random());
    let (storage, shop) = (&stage.storage, stage.shop);
    assert_eq!(author(storage, shop, nobody).await.unwrap(), None);
    let nowhere = redtag_protocol::ids::ShopId::from_parts(NOW.0, random());
    assert_eq!(author(storage, nowhere, stage.owner).await.unwrap(), None);
    assert!(storage.head(nowhere).await.is_err());
}
