//! Ended anywhere and begun again.

use std::ops::ControlFlow;

use redtag_protocol::role::Role;
use redtag_server::{
    core::members,
    storage::{
        Control as _, Shops as _, StorageError,
        transfer::{Done, MoveError, Step},
    },
};

use super::{Database, NOW, go, source::Source, try_open, whole};

/// Stops at the first new step of each kind in turn: with rows written and not committed, after each
/// commit, and at every mark.
pub(super) async fn anywhere(database: Database) {
    let source = Source::new(&database).await;
    let mut stops = Vec::new();
    let mut last = 0;
    for attempt in 0.. {
        let alone = source.alone().await;
        let mut stopped = None;
        let done = go(&alone, &database, |step| {
            let (stop, name) = match step {
                Step::Begun { resumed } => (!resumed, "begun"),
                Step::Shop { .. } | Step::Same { .. } => (false, ""),
                Step::Written { .. } => (attempt % 2 == 0, "written"),
                Step::Committed { .. } => (attempt % 2 == 1, "committed"),
                Step::Copied => (!stops.contains(&"copied"), "copied"),
                Step::Compared => (!stops.contains(&"compared"), "compared"),
                Step::Left => (!stops.contains(&"left"), "left"),
            };
            if stop {
                stopped = Some(name);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        let done = done.await;
        let Some(name) = stopped else {
            assert!(matches!(done, Ok(Done::Moved(_))), "{done:?}");
            break;
        };
        assert!(matches!(done, Err(MoveError::Stopped)), "{done:?}");
        let rows = database
            .sql("SELECT count(*) FROM payload")
            .parse()
            .unwrap();
        let grows = if name == "written" {
            rows == last
        } else {
            rows >= last
        };
        assert!(grows, "{rows} after {last} at {name}");
        last = rows;
        stops.push(name);
        drop(alone);
        never_both(&source, &database, stops.contains(&"left")).await;
    }
    for name in [
        "begun",
        "written",
        "committed",
        "copied",
        "compared",
        "left",
    ] {
        assert!(stops.contains(&name), "{name} was never a stop");
    }
    database.open().await.head(source.demo).await.unwrap();
    let refused = source.open().await;
    assert!(matches!(refused, Err(StorageError::Moved { .. })));
    let again = whole(&source.alone().await, &database).await;
    assert!(matches!(again, Ok(Done::Before)));
}

/// Of a move that is not finished the new side never serves, and the old one until it is left.
async fn never_both(source: &Source, database: &Database, left: bool) {
    let refused = try_open(database).await;
    assert!(
        matches!(refused, Err(StorageError::Arriving)),
        "{refused:?}"
    );
    match source.open().await {
        Ok(_) => assert!(!left),
        Err(error) => assert!(
            left && matches!(error, StorageError::Moved { .. }),
            "{error}"
        ),
    }
}

/// A server ran on the old data after a move into the new had begun.
pub(super) async fn went_on(database: Database) {
    let source = Source::small(&database).await;
    let alone = source.alone().await;
    let stopped = go(&alone, &database, |step| match step {
        Step::Copied => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert!(matches!(stopped.await, Err(MoveError::Stopped)));
    drop(alone);
    let storage = source.open().await.unwrap();
    let (shop, person) = (source.second, source.person);
    members::put(&storage, shop, person, "Zoë R.", Role::Owner, NOW)
        .await
        .unwrap();
    drop(storage);
    // Before anything is copied once more.
    let alone = source.alone().await;
    let refused = go(&alone, &database, |step| match step {
        Step::Begun { .. } => ControlFlow::Continue(()),
        other => panic!("{other:?}"),
    });
    let refused = refused.await.unwrap_err();
    let words = refused.to_string();
    assert!(matches!(refused, MoveError::WentOn { .. }), "{words}");
    for it in [&shop.to_string(), "the server ran again", "--name"] {
        assert!(words.contains(it), "{words}");
    }
    drop(alone);
    source
        .open()
        .await
        .unwrap()
        .session(source.sessions[0])
        .await
        .unwrap();
}
