//! Several accounts in one daemon. None of them is signed in, so nothing leaves the machine.

use std::sync::Arc;

use redtag_protocol::{
    ids::DeviceId,
    ipc::{Connection, Failure, FailureCode, FromClient, FromDaemon, Push, Reply, Request},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    actor::Setup,
    cache::{self, Meta},
    config::Settings,
    ipc::{ConnId, Inbound, Outbox},
    secret,
};

/// A daemon without a socket.
pub(super) struct Daemon {
    inbound: mpsc::Sender<Inbound>,
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
    pub(super) settings: watch::Sender<Settings>,
}

pub(super) struct Client {
    conn: ConnId,
    said: mpsc::Receiver<FromDaemon>,
}

impl Daemon {
    pub(super) fn start(paths: Paths) -> Self {
        let (settings, seen) = watch::channel(Settings::default());
        let (inbound, requests) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let setup = Setup {
            paths: Arc::new(paths),
            log: None,
            bench: "bench".to_owned(),
            settings: seen,
        };
        Self {
            inbound,
            running: tokio::spawn(actor::run(setup, requests, stop.clone())),
            stop,
            settings,
        }
    }

    pub(super) async fn client(&self, number: u64) -> Client {
        let (outbox, said) = Outbox::new(CancellationToken::new());
        let conn = ConnId(number);
        let opened = Inbound::Opened {
            conn,
            outbox,
            uid: 0,
        };
        self.inbound.send(opened).await.unwrap();
        Client { conn, said }
    }

    /// Asks and passes over what is pushed.
    pub(super) async fn ask(
        &self,
        client: &mut Client,
        account: Option<&str>,
        request: Request,
    ) -> Result<Reply, Failure> {
        self.begin(client, account, request).await;
        client.answer().await
    }

    /// Asks and does not wait.
    pub(super) async fn begin(&self, client: &Client, account: Option<&str>, request: Request) {
        let conn = client.conn;
        let request = FromClient {
            id: 7,
            account: account.map(str::to_owned),
            request,
        };
        let asked = Inbound::Request { conn, request };
        self.inbound.send(asked).await.unwrap();
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
    }
}

impl Client {
    /// The next answer; passes over what is pushed.
    pub(super) async fn answer(&mut self) -> Result<Reply, Failure> {
        loop {
            if let FromDaemon::Reply { result, .. } = self.said.recv().await.unwrap() {
                return result;
            }
        }
    }

    /// What comes next of what is left; none at the end.
    pub(super) async fn rest(&mut self) -> Option<FromDaemon> {
        self.said.recv().await
    }

    /// What comes next.
    pub(super) async fn pushed(&mut self) -> FromDaemon {
        self.said.recv().await.unwrap()
    }
}

/// Accounts `one` and `two`; the first is the default one.
pub(super) fn accounts(dir: &TempDir) -> Paths {
    let paths = paths(dir);
    paths.make().unwrap();
    let home = Home::open(&paths).unwrap();
    let secrets = secret::Store::choose(&paths, true).unwrap();
    for id in ["one", "two"] {
        let mut file = file(id);
        file.email = format!("{id}@example.com");
        let at = home.begin(id).unwrap();
        let key = secrets.make(id).unwrap();
        let device = DeviceId::from_bytes([3; 16]);
        let meta = Meta::new(file.person, file.shop, file.role, device, vec![9; 32]);
        cache::create(&at, &key, meta).unwrap().close();
        home.finish(&file).unwrap();
    }
    home.set_default("one").unwrap();
    paths
}

#[tokio::test]
async fn an_account_that_cannot_be_opened_is_named_and_kept_and_nobody_lands_in_another() {
    let dir = TempDir::new().unwrap();
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    std::fs::remove_file(paths.state.join("keys/one.wrapped")).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let discard = || Request::SignOut {
        discard: true,
        exported: None,
    };
    for (account, request) in [
        (None, Request::Members),
        (None, discard()),
        (Some("one"), discard()),
        (Some("ONE@example.com"), discard()),
    ] {
        let failure = daemon.ask(&mut client, account, request).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::NoSecretStore, "{failure}");
        let place = home.at("one").display().to_string();
        assert!(failure.words.contains(&place), "{failure}");
        assert!(failure.words.contains("one@example.com"), "{failure}");
    }
    assert!(home.at("one").join("cache.db").exists());
    let status = daemon.ask(&mut client, None, Request::Status).await;
    let Ok(Reply::Status(status)) = status else {
        panic!("{status:?}");
    };
    let account = status.account.unwrap();
    assert_eq!((account.id.as_str(), account.default), ("one", true));
    assert!(account.shut.unwrap().contains("cannot be opened"));
    let all = daemon.ask(&mut client, None, Request::Accounts).await;
    let Ok(Reply::Accounts(all)) = all else {
        panic!("{all:?}");
    };
    let shut: Vec<_> = all
        .iter()
        .map(|it| (it.id.as_str(), it.shut.is_some()))
        .collect();
    assert_eq!(shut, [("two", false), ("one", true)]);
    let other = daemon.ask(&mut client, Some("two"), Request::Members).await;
    assert!(matches!(other, Ok(Reply::Members(_))), "{other:?}");
    daemon.stop().await;
}

#[tokio::test]
async fn signing_out_of_one_account_is_no_news_to_those_of_another() {
    let dir = TempDir::new().unwrap();
    let daemon = Daemon::start(accounts(&dir));
    let mut listener = daemon.client(1).await;
    let mut concerned = daemon.client(2).await;
    for (client, account) in [(&mut listener, "one"), (&mut concerned, "two")] {
        let reply = daemon.ask(client, Some(account), Request::Subscribe).await;
        assert!(matches!(reply, Ok(Reply::Status(_))), "{reply:?}");
    }
    let mut other = daemon.client(3).await;
    let discard = Request::SignOut {
        discard: false,
        exported: None,
    };
    let out = daemon.ask(&mut other, Some("two"), discard).await;
    assert!(matches!(out, Ok(Reply::Done)), "{out:?}");
    daemon.stop().await;
    let no_account = |message: &FromDaemon| {
        matches!(message, FromDaemon::Push(Push::Status(status))
            if status.connection == Connection::NoAccount)
    };
    let mut told = 0;
    while let Some(message) = concerned.said.recv().await {
        told += usize::from(no_account(&message));
    }
    assert_eq!(told, 1);
    while let Some(message) = listener.said.recv().await {
        assert!(!no_account(&message), "{message:?}");
    }
}

#[tokio::test]
async fn removing_a_large_account_keeps_nobody_waiting() {
    let dir = TempDir::new().unwrap();
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    let (many, key) = (home.at("two").join("many"), paths.state.join("keys"));
    std::fs::create_dir(&many).unwrap();
    for number in 0..20_000 {
        std::fs::write(many.join(number.to_string()), b"").unwrap();
    }
    let going = home.at("two").with_file_name(".gone-two");
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let out = Request::SignOut {
        discard: false,
        exported: None,
    };
    daemon.begin(&client, Some("two"), out).await;
    // On the runtime's one thread nobody else would find it half gone, for nobody else would run.
    let ran = async {
        loop {
            if going.exists() {
                return key.join("two.wrapped").exists();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        had_key = ran => assert!(had_key, "the key goes after what it opens"),
        answer = client.answer() => panic!("nobody else ran: {answer:?}"),
    }
    // Whoever asks for it now hears that it is not there.
    let mut other = daemon.client(2).await;
    let asked = daemon.ask(&mut other, Some("two"), Request::Members);
    let failure = asked.await.unwrap_err();
    assert_eq!(failure.code, FailureCode::NotSignedIn, "{failure}");
    assert!(matches!(client.answer().await, Ok(Reply::Done)));
    assert!(!going.exists() && !home.at("two").exists());
    assert!(!key.join("two.wrapped").exists());
    daemon.stop().await;
}
