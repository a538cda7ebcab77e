//! What no move is made of.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use redtag_server::storage::{
    Control as _, StorageError,
    sqlite::{Alone, Moved, ServeLock},
    transfer::{self, Done, MoveError, Step, Target},
};

use super::{Database, go, source::Source, target, try_open, whole};

/// A database that a server has opened, and one that is filled from another source.
pub(super) async fn taken(database: Database) {
    let source = Source::small(&database).await;
    let epoch = database.open().await.epoch();
    let refused = whole(&source.alone().await, &database).await;
    assert!(
        matches!(refused, Err(MoveError::Taken { .. })),
        "{refused:?}"
    );
    assert_eq!(database.open().await.epoch(), epoch);

    let database = Database::fresh().await;
    let alone = source.alone().await;
    let stopped = go(&alone, &database, |_| ControlFlow::Break(())).await;
    assert!(matches!(stopped, Err(MoveError::Stopped)));
    drop(alone);
    let other = Source::small(&database).await;
    let refused = whole(&other.alone().await, &database).await;
    assert!(
        matches!(refused, Err(MoveError::Taken { .. })),
        "{refused:?}"
    );
    whole(&source.alone().await, &database).await.unwrap();
    let refused = whole(&other.alone().await, &database).await;
    assert!(
        matches!(refused, Err(MoveError::Taken { .. })),
        "{refused:?}"
    );
    other.open().await.unwrap();
}

/// Once moved it stays there, unless it is taken back; and then it is another's.
pub(super) async fn elsewhere(database: Database) {
    let source = Source::small(&database).await;
    let epoch = source.alone().await.epoch();
    whole(&source.alone().await, &database).await.unwrap();
    let second = Database::fresh().await;
    let refused = whole(&source.alone().await, &second).await.unwrap_err();
    let words = refused.to_string();
    assert!(matches!(refused, MoveError::Elsewhere { .. }), "{words}");
    assert!(words.contains(&database.name), "{words}");
    assert_eq!(second.sql("SELECT count(*) FROM arrival"), "0");

    source.alone().await.take_back().await.unwrap();
    assert_ne!(source.open().await.unwrap().epoch(), epoch);
    let refused = whole(&source.alone().await, &database).await;
    assert!(
        matches!(refused, Err(MoveError::Taken { .. })),
        "{refused:?}"
    );
    assert_eq!(database.open().await.epoch(), epoch);
    whole(&source.alone().await, &second).await.unwrap();
}

/// Begun into one, finished into another, gone on with into the first: that one is never served.
pub(super) async fn two_begun(second: Database) {
    let source = Source::small(&second).await;
    let stop_at = |copied: bool| {
        move |step: Step<'_>| match step {
            Step::Copied if copied => ControlFlow::Break(()),
            Step::Left => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let stopped = go(&source.alone().await, &second, stop_at(true)).await;
    assert!(matches!(stopped, Err(MoveError::Stopped)), "{stopped:?}");
    let third = Database::fresh().await;
    // Also where the other one is left for and not finished yet.
    let stopped = go(&source.alone().await, &third, stop_at(false)).await;
    assert!(matches!(stopped, Err(MoveError::Stopped)), "{stopped:?}");
    for _ in 0..2 {
        let refused = whole(&source.alone().await, &second).await;
        let Err(MoveError::Elsewhere { to, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert!(to.contains(&third.name), "{to}");
        let opened = try_open(&second).await;
        assert!(matches!(opened, Err(StorageError::Arriving)), "{opened:?}");
        whole(&source.alone().await, &third).await.unwrap();
    }
    third.open().await;
    // The same database by another name is the same one.
    let moved = source.alone().await.moved_to().unwrap().unwrap();
    let renamed = Moved {
        to: "elsewhere, as it seems".to_owned(),
        ..moved
    };
    source.alone().await.mark_moved(&renamed).unwrap();
    let again = whole(&source.alone().await, &third).await;
    assert!(matches!(again, Ok(Done::Before)), "{again:?}");
}

/// Taken back with the database named: no server opens that any more, and none may be at work there.
pub(super) async fn withdrawn(database: Database) {
    let source = Source::small(&database).await;
    whole(&source.alone().await, &database).await.unwrap();
    let other = Database::fresh().await;
    let mut wrong = target(&other).await.unwrap();
    let refused = transfer::withdraw(&source.alone().await, &mut wrong).await;
    assert!(
        matches!(refused, Err(MoveError::Elsewhere { .. })),
        "{refused:?}"
    );
    let server = database.open().await;
    let mut there = target(&database).await.unwrap();
    let refused = transfer::withdraw(&source.alone().await, &mut there).await;
    assert!(
        matches!(refused, Err(MoveError::Served { .. })),
        "{refused:?}"
    );
    drop(server);
    let alone = source.alone().await;
    withdraw_soon(&alone, &mut there).await;
    // Killed here, it is served from neither side.
    let refused = try_open(&database).await;
    assert!(
        matches!(refused, Err(StorageError::Arriving)),
        "{refused:?}"
    );
    withdraw_soon(&alone, &mut there).await;
    alone.take_back().await.unwrap();
    drop(there);
    source.open().await.unwrap();
    let refused = try_open(&database).await;
    assert!(
        matches!(refused, Err(StorageError::Arriving)),
        "{refused:?}"
    );
}

/// Withdraws as soon as the connections of those who had it open are gone, which may need a moment.
async fn withdraw_soon(alone: &Alone, there: &mut Target) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = transfer::withdraw(alone, there).await {
        assert!(
            matches!(error, MoveError::Served { .. }) && Instant::now() < deadline,
            "{error}"
        );
    }
}

pub(super) async fn at_once(database: Database) {
    let source = Source::small(&database).await;
    let served = ServeLock::take(source.path()).unwrap();
    let alone = Alone::take(source.options()).await;
    assert!(alone.is_err());
    drop(served);
    let first = target(&database).await.unwrap();
    let refused = whole(&source.alone().await, &database).await;
    assert!(
        matches!(refused, Err(MoveError::Underway { .. })),
        "{refused:?}"
    );
    drop(first);
}

/// A server opens the new database in the very moment in which a move begins: whoever comes first,
/// the other gives way.
pub(super) async fn racing(database: Database) {
    let source = Source::small(&database).await;
    for first in [true, false].repeat(4) {
        let database = Database::fresh().await;
        let alone = source.alone().await;
        let moving = go(&alone, &database, |step| match step {
            Step::Begun { .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        let (moved, opened) = if first {
            tokio::join!(moving, try_open(&database))
        } else {
            let (opened, moved) = tokio::join!(try_open(&database), moving);
            (moved, opened)
        };
        match (moved, opened) {
            (Err(MoveError::Stopped), Err(StorageError::Arriving))
            | (Err(MoveError::Taken { .. }), Ok(_)) => {}
            (moved, opened) => panic!("{moved:?}, {opened:?}"),
        }
    }
}
