use crate::ipc::Turned;

use super::*;

/// Answers every roll with these doors.
fn household(doors: Vec<mpsc::Sender<Inbound>>) -> mpsc::Sender<Roll> {
    let (rolls, mut called) = mpsc::channel::<Roll>(1);
    tokio::spawn(async move {
        while let Some(roll) = called.recv().await {
            let _ = roll.send(doors.clone());
        }
    });
    rolls
}

fn actor(turns: bool) -> mpsc::Sender<Inbound> {
    let (door, mut inbound) = mpsc::channel(1);
    tokio::spawn(async move {
        if !turns {
            // Stuck: what comes lies there for ever.
            std::future::pending::<()>().await;
        }
        while let Some(event) = inbound.recv().await {
            if let Inbound::Turn { answer } = event {
                let _ = answer.send(Turned { open: 2, shut: 1 });
            }
        }
    });
    door
}

#[tokio::test]
async fn a_stuck_actor_stops_the_watchdogs_food() {
    let all = household(vec![actor(true), actor(true)]);
    let words = turn(&all).await.unwrap();
    assert_eq!(words, "Accounts: 4, and 2 that cannot be opened");

    let one_stuck = household(vec![actor(true), actor(false)]);
    let waited = time::timeout(Duration::from_millis(300), turn(&one_stuck)).await;
    assert!(waited.is_err(), "{waited:?}");
}

#[tokio::test]
async fn an_actor_that_has_ended_is_not_stuck() {
    let (door, inbound) = mpsc::channel(1);
    drop(inbound);
    let words = turn(&household(vec![door])).await.unwrap();
    assert_eq!(words, "Nobody is signed in");
}
