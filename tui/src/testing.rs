//! A small daemon for tests, and an inspection to look at: real frames over a real socket.

mod bench;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use redtag_protocol::ipc::{
    Failure, FromClient, FromDaemon, Hello, IPC, Push, Reply, Request, Welcome,
    frame::{self, Decoder},
};
use serde::{Serialize, de::DeserializeOwned};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    sync::{broadcast, mpsc},
    task::JoinSet,
};

pub(crate) use bench::{account, customer, register, status, template, view};

use crate::link;

/// What the daemon answers to a request; none leaves it unanswered.
type Answer = Arc<dyn Fn(&Request) -> Option<Result<Reply, Failure>> + Send + Sync>;

/// A daemon that answers by a function, on a socket in a directory of its own.
pub(crate) struct Daemon {
    home: TempDir,
    answer: Answer,
    welcome: Welcome,
    tasks: JoinSet<()>,
    pushes: broadcast::Sender<Push>,
    hang_up: broadcast::Sender<()>,
    /// How many connections more are let in and never greeted.
    mute: Arc<AtomicUsize>,
    seen: mpsc::UnboundedSender<FromClient>,
    /// Every request, as it came.
    pub(crate) requests: mpsc::UnboundedReceiver<FromClient>,
}

impl Daemon {
    /// Listens and answers.
    pub(crate) fn new(
        answer: impl Fn(&Request) -> Option<Result<Reply, Failure>> + Send + Sync + 'static,
    ) -> Self {
        Self::greeting(
            Welcome::Welcome {
                ipc: IPC.max,
                version: "9.9.9".to_owned(),
                pid: 42,
            },
            answer,
        )
    }

    /// Listens and greets so.
    pub(crate) fn greeting(
        welcome: Welcome,
        answer: impl Fn(&Request) -> Option<Result<Reply, Failure>> + Send + Sync + 'static,
    ) -> Self {
        let (seen, requests) = mpsc::unbounded_channel();
        let mut daemon = Self {
            home: tempfile::tempdir().unwrap(),
            answer: Arc::new(answer),
            welcome,
            tasks: JoinSet::new(),
            pushes: broadcast::channel(16).0,
            hang_up: broadcast::channel(1).0,
            mute: Arc::default(),
            seen,
            requests,
        };
        daemon.start();
        daemon
    }

    /// Begins to listen, again after [`Daemon::stop`].
    pub(crate) fn start(&mut self) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        let (answer, welcome) = (Arc::clone(&self.answer), self.welcome.clone());
        let (pushes, seen) = (self.pushes.clone(), self.seen.clone());
        let (hang_up, mute) = (self.hang_up.clone(), Arc::clone(&self.mute));
        self.tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let less = |left: usize| left.checked_sub(1);
                if mute.fetch_update(SeqCst, SeqCst, less).is_ok() {
                    continue;
                }
                let mut ended = hang_up.subscribe();
                let serving = serve(
                    stream,
                    Arc::clone(&answer),
                    welcome.clone(),
                    pushes.subscribe(),
                    seen.clone(),
                );
                connections.spawn(async move {
                    tokio::select! {
                        () = serving => {}
                        _ = ended.recv() => {}
                    }
                });
            }
        });
    }

    /// Ends every connection and goes on listening, as a successor would.
    pub(crate) fn hang_up(&self) {
        self.hang_up.send(()).unwrap();
    }

    /// Ends so many of the next connections before the greeting.
    pub(crate) fn mute(&self, connections: usize) {
        self.mute.store(connections, SeqCst);
    }

    /// Hangs up and stops listening.
    pub(crate) async fn stop(&mut self) {
        self.tasks.shutdown().await;
        std::fs::remove_file(self.socket()).unwrap();
    }

    /// Tells everybody who is connected.
    pub(crate) fn push(&self, push: Push) {
        let _ = self.pushes.send(push);
    }

    /// How a client reaches it.
    pub(crate) fn options(&self) -> link::Options {
        link::Options {
            sockets: vec![self.socket()],
            account: Some("tech@example.com".to_owned()),
            daemon: None,
            subscribe: false,
        }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.home.path().join("daemon.sock")
    }
}

async fn serve(
    mut stream: UnixStream,
    answer: Answer,
    welcome: Welcome,
    mut pushes: broadcast::Receiver<Push>,
    seen: mpsc::UnboundedSender<FromClient>,
) {
    let mut decoder = Decoder::new();
    let _hello: Hello = next(&mut stream, &mut decoder).await.unwrap();
    send(&mut stream, &welcome).await;
    loop {
        tokio::select! {
            push = pushes.recv() => send(&mut stream, &FromDaemon::Push(push.unwrap())).await,
            asked = next::<FromClient>(&mut stream, &mut decoder) => {
                let Some(asked) = asked else { return };
                let id = asked.id;
                let result = answer(&asked.request);
                seen.send(asked).unwrap();
                if let Some(result) = result {
                    send(&mut stream, &FromDaemon::Reply { id, result }).await;
                }
            }
        }
    }
}

async fn send<T: Serialize>(stream: &mut UnixStream, message: &T) {
    let frame = frame::encode(message).unwrap();
    // A client may have hung up already.
    let _ = stream.write_all(&frame).await;
}

async fn next<T: DeserializeOwned>(stream: &mut UnixStream, decoder: &mut Decoder) -> Option<T> {
    let mut buffer = vec![0; 4096];
    loop {
        if let Some(message) = decoder.next().unwrap() {
            return Some(message);
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => decoder.feed(&buffer[..read]),
        }
    }
}
