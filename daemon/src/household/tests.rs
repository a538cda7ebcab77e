use std::{ffi::OsString, os::unix::fs::PermissionsExt, time::Duration};

use redtag_protocol::ipc::{FailureCode, FromClient, FromDaemon, Reply, Request};
use tokio::task::JoinHandle;

use super::*;
use crate::ipc::{ConnId, Outbox};

struct House {
    knocks: mpsc::Sender<Knock>,
    rolls: mpsc::Sender<Roll>,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
    _settings: watch::Sender<Settings>,
}

impl House {
    fn open(paths: Paths) -> Self {
        let (settings, seen) = watch::channel(Settings::default());
        let ((knocks, knocked), (rolls, called)) = (mpsc::channel(1), mpsc::channel(1));
        let stop = CancellationToken::new();
        let household = Household {
            paths: Arc::new(paths),
            log: None,
            bench: "bench".to_owned(),
            settings: seen,
        };
        Self {
            knocks,
            rolls,
            running: tokio::spawn(run(household, knocked, called, stop.clone())),
            stop,
            _settings: settings,
        }
    }

    async fn enter(&self, uid: u32) -> Result<mpsc::Sender<Inbound>, String> {
        let (answer, answered) = oneshot::channel();
        let knock = Knock { uid, answer };
        self.knocks.send(knock).await.unwrap();
        answered.await.unwrap()
    }

    async fn doors(&self) -> usize {
        let (roll, doors) = oneshot::channel();
        self.rolls.send(roll).await.unwrap();
        doors.await.unwrap().len()
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
    }
}

async fn ask(door: &mpsc::Sender<Inbound>, uid: u32, request: Request) -> FromDaemon {
    let (outbox, mut said) = Outbox::new(CancellationToken::new());
    let conn = ConnId(u64::from(uid));
    door.send(Inbound::Opened { conn, outbox, uid })
        .await
        .unwrap();
    let request = FromClient {
        id: 1,
        account: None,
        request,
    };
    door.send(Inbound::Request { conn, request }).await.unwrap();
    said.recv().await.unwrap()
}

fn system(dir: &tempfile::TempDir) -> Paths {
    let state: OsString = dir.path().join("state").into();
    Paths::find(true, &|name| {
        (name == "STATE_DIRECTORY").then(|| state.clone())
    })
    .unwrap()
}

#[tokio::test]
async fn each_user_of_the_system_service_has_an_actor_and_directories_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let paths = system(&dir);
    paths.make().unwrap();
    let house = House::open(paths.clone());
    let (one, two) = (
        house.enter(1001).await.unwrap(),
        house.enter(1002).await.unwrap(),
    );
    assert!(!one.same_channel(&two));
    assert!(one.same_channel(&house.enter(1001).await.unwrap()));
    assert_eq!(house.doors().await, 2);
    for uid in [1001, 1002] {
        let share = paths.of_user(uid);
        assert!(share.data.ends_with(uid.to_string()), "{share:?}");
        for dir in [&share.data, &share.state] {
            let mode = fs::metadata(dir).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", dir.display());
        }
    }
    house.end().await;
    // Who came once is served from the start of the next one on.
    let house = House::open(paths);
    assert_eq!(house.doors().await, 2);
    house.end().await;
}

#[tokio::test]
async fn no_user_stops_the_service_of_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let paths = system(&dir);
    paths.make().unwrap();
    let house = House::open(paths);
    let door = house.enter(1001).await.unwrap();
    match ask(&door, 1001, Request::Stop).await {
        FromDaemon::Reply {
            result: Err(failure),
            ..
        } => {
            assert_eq!(failure.code, FailureCode::NotAllowed);
            assert!(failure.words.contains("systemctl"), "{failure}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!house.running.is_finished());
    house.end().await;
}

#[tokio::test]
async fn one_users_unusable_place_does_not_keep_the_others_out() {
    let dir = tempfile::tempdir().unwrap();
    let paths = system(&dir);
    paths.make().unwrap();
    fs::create_dir_all(paths.users()).unwrap();
    // Somebody else's directory, as far as a link tells.
    fs::write(paths.users().join("1001"), "no directory").unwrap();
    let house = House::open(paths);
    let words = house.enter(1001).await.unwrap_err();
    assert!(words.contains("your accounts' place"), "{words}");
    house.enter(1002).await.unwrap();
    house.end().await;
}

#[tokio::test]
async fn a_persons_own_daemon_ends_when_it_is_told_to() {
    let dir = tempfile::tempdir().unwrap();
    let home: OsString = dir.path().into();
    let paths = Paths::find(false, &|name| (name == "REDTAG_HOME").then(|| home.clone())).unwrap();
    paths.make().unwrap();
    let house = House::open(paths);
    // Root comes to the person's own accounts.
    let door = house.enter(geteuid().as_raw()).await.unwrap();
    assert!(door.same_channel(&house.enter(0).await.unwrap()));
    match ask(&door, 0, Request::Stop).await {
        FromDaemon::Reply { result, .. } => assert!(matches!(result, Ok(Reply::Done))),
        other @ FromDaemon::Push(_) => panic!("{other:?}"),
    }
    let ended = tokio::time::timeout(Duration::from_secs(20), house.running).await;
    ended.unwrap().unwrap().unwrap();
}
