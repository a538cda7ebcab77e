use std::fs;

use redtag_protocol::ipc::{Exported, Status};

use super::*;
use crate::{
    link::Link,
    testing::{self, Daemon},
};

fn unsent() -> Failure {
    Failure::new(
        FailureCode::Unsent,
        "2 edits are not acknowledged by the API",
    )
}

/// A daemon with two unsent edits, which lets go of them for a receipt only.
fn daemon(waiting: u64) -> Daemon {
    Daemon::new(move |request| {
        Some(match request {
            Request::Status => Ok(Reply::Status(Box::new(Status {
                waiting,
                ..testing::status()
            }))),
            Request::Export { .. } => Ok(Reply::Exported(Exported {
                text: "the work".to_owned(),
                edits: waiting,
                encrypted: false,
                receipt: Some("r1".to_owned()),
                rest: 0,
            })),
            Request::SignOut { discard, exported } => {
                if *discard || exported.as_deref() == Some("r1") || waiting == 0 {
                    Ok(Reply::Done)
                } else {
                    Err(unsent())
                }
            }
            _ => Ok(Reply::Done),
        })
    })
}

fn line(daemon: &Daemon) -> Line {
    Line::over(Link::open(daemon.options()).0)
}

fn args(export: Option<PathBuf>) -> Args {
    Args {
        discard: false,
        export,
        protection: Protection {
            plain: true,
            ..Protection::default()
        },
    }
}

fn signed_out(daemon: &mut Daemon) -> bool {
    std::iter::from_fn(|| daemon.requests.try_recv().ok())
        .any(|it| matches!(it.request, Request::SignOut { .. }))
}

#[tokio::test]
async fn unsent_work_stands_in_the_way_and_the_way_out_is_said() {
    let daemon = daemon(2);
    let mut bare = args(None);
    bare.protection.plain = false;
    let fault = run(&bare, &line(&daemon)).await.unwrap_err();
    assert_eq!(fault.exit, Exit::Error);
    assert!(fault.words.contains("--export FILE"), "{fault:?}");
    bare.discard = true;
    run(&bare, &line(&daemon)).await.unwrap();
}

#[tokio::test]
async fn the_file_lies_there_before_the_cache_goes() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("work.json");
    let mut daemon = daemon(2);
    run(&args(Some(file.clone())), &line(&daemon))
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "the work");
    assert!(signed_out(&mut daemon));
    // A file that is there is left alone, and one stays signed in.
    let fault = run(&args(Some(file)), &line(&daemon)).await.unwrap_err();
    assert!(fault.words.contains("still signed in"), "{fault:?}");
    assert!(!signed_out(&mut daemon));
}

#[tokio::test]
async fn with_nothing_unsent_no_file_is_written() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("work.json");
    let daemon = daemon(0);
    run(&args(Some(file.clone())), &line(&daemon))
        .await
        .unwrap();
    assert!(!file.exists());
}
