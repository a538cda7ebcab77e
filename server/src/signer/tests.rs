use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use redtag_protocol::ids::{DeviceId, PersonId, SessionId, ShopId};

use super::*;
use crate::{
    error::ApiError,
    keys::{MasterKey, ServerKeys, random},
    storage::{
        conformance::Place as _,
        sqlite::{SqliteStorage, tests::Here},
    },
    testing::{Ailing, Ailment},
};

const NOW: u64 = 1_800_000_000;

fn signer() -> Signer {
    Signer::new(ServerKeys::derive(&MasterKey::of([7; 32])).wrapping)
}

async fn storage() -> (Here, SqliteStorage) {
    let here = Here::new();
    let storage = here.open().await;
    (here, storage)
}

fn grant() -> Grant {
    Grant {
        person: PersonId::from_parts(1, random()),
        shop: ShopId::from_parts(1, random()),
        session: SessionId::from_parts(1, random()),
        device: DeviceId::from_parts(1, random()),
    }
}

#[tokio::test]
async fn keys_that_nobody_has_cost_one_look_a_second() {
    let (_here, elsewhere) = storage().await;
    let foreign = signer().sign(&elsewhere, grant(), NOW).await.unwrap();
    let (_there, inner) = storage().await;
    let inner = Arc::new(inner);
    let own = signer().sign(&*inner, grant(), NOW).await.unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looks);
    let storage = Ailing::new(inner, move |call| {
        count.fetch_add(usize::from(call == "secrets"), Ordering::SeqCst);
        None
    });
    let signer = signer();
    let begun = Instant::now();
    for round in 1..=2 {
        let all = (0..50).map(|_| signer.check(&storage, &foreign, NOW));
        for checked in join_all(all).await {
            assert!(matches!(checked, Ok(Err(Refused::UnknownKey))));
        }
        let looks = looks.load(Ordering::SeqCst);
        // The one who looks first does so for those who ask a moment later too, if they are late.
        assert!((round..=2 * round).contains(&looks), "{looks}");
        assert!(begun.elapsed() >= PAUSE * u32::try_from(looks - 1).unwrap());
    }
    let known = signer.check(&storage, &own, NOW).await;
    assert!(matches!(known, Ok(Ok(_))));
}

#[tokio::test]
async fn a_database_that_is_busy_is_no_fault_of_the_servers() {
    let (_here, elsewhere) = storage().await;
    let token = signer().sign(&elsewhere, grant(), NOW).await.unwrap();
    let elsewhere = Arc::new(elsewhere);
    for lost in [false, true] {
        let storage = Ailing::new(elsewhere.clone(), move |_| {
            let error = if lost {
                StorageError::Lost
            } else {
                StorageError::Busy
            };
            Some(Ailment::Fails(error))
        });
        // As a process that has just begun knows no key.
        let checked = signer().check(&storage, &token, NOW).await;
        let signed = signer().sign(&storage, grant(), NOW).await;
        for error in [checked.unwrap_err(), signed.unwrap_err()] {
            let error = ApiError::from(error);
            assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
            let answer = error.render("1");
            assert_eq!(answer.headers()["retry-after"], "1");
        }
    }
}
