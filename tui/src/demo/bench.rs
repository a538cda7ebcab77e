//! A bench of the demo: a daemon with a home of its own, and a line to it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use redtag_protocol::ipc::{InspectionView, Reply, Request, SignIn, Status};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::process::{Process, Run};
use crate::{
    link::{Event, Link, Options},
    paths::Paths,
    programs::Programs,
};

/// How long anything of the demo may take to come true. Generous, for slow machines; nothing waits
/// longer than it must.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A daemon that ends sooner than this is started again only after as long.
const SHORT: Duration = Duration::from_secs(1);

/// A running bench.
#[derive(Debug)]
pub(super) struct Bench {
    home: PathBuf,
    daemon: Process,
    /// The line to the daemon.
    pub(super) link: Link,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Bench {
    /// Starts the daemon and waits until it answers.
    pub(super) async fn start(programs: &Programs, home: PathBuf) -> Result<Self, String> {
        let daemon = daemon(programs, &home)?;
        let (link, events) = line(&home);
        let mut bench = Self {
            home,
            daemon,
            link,
            events,
        };
        bench.answers().await?;
        Ok(bench)
    }

    /// Where the bench's files lie.
    pub(super) fn paths(&self) -> Paths {
        Paths::under(&self.home)
    }

    /// Another line to the daemon, for the screen.
    pub(super) fn line(&self) -> (Link, mpsc::UnboundedReceiver<Event>) {
        line(&self.home)
    }

    /// Stops the daemon and starts it again.
    pub(super) async fn restart(&mut self, programs: &Programs) -> Result<(), String> {
        self.daemon.stop().await?;
        self.daemon = daemon(programs, &self.home)?;
        self.answers().await
    }

    /// Starts the daemon again whenever it ends, as a client of an installed one would. Never
    /// returns; dropped in the middle, it leaves the daemon as it is.
    pub(super) async fn keep(&mut self, programs: &Programs) {
        loop {
            let begun = Instant::now();
            self.daemon.over().await;
            if begun.elapsed() < SHORT {
                // One that cannot live is not started without end.
                sleep(SHORT).await;
            }
            tracing::warn!("a daemon of the demo has ended and is started again");
            match daemon(programs, &self.home) {
                Ok(daemon) => self.daemon = daemon,
                Err(words) => {
                    tracing::error!("{words}");
                    sleep(SHORT).await;
                }
            }
        }
    }

    /// Stops the daemon.
    pub(super) async fn stop(&mut self) -> Result<(), String> {
        self.daemon.stop().await
    }

    /// Asks, and gives the answer or why there is none.
    pub(super) async fn ask(&self, request: Request) -> Result<Reply, String> {
        let reply = timeout(PATIENCE, self.link.request(request)).await;
        let reply = reply.map_err(|_| "the daemon does not answer".to_owned())?;
        reply.map_err(|error| error.to_string())
    }

    /// Signs in.
    pub(super) async fn sign_in(&self, url: &str, who: &str, password: &str) -> Result<(), String> {
        let sign_in = SignIn {
            url: url.to_owned(),
            email: who.to_owned(),
            password: password.to_owned(),
            code: None,
            enroll: None,
            shop: None,
            // The home is gone at the end, and with REDTAG_HOME no keyring is touched.
            insecure_storage: true,
            ca: None,
            forget_pin: false,
        };
        match self.ask(Request::SignIn(sign_in)).await? {
            Reply::Account(_) => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// How things stand.
    pub(super) async fn status(&self) -> Result<Status, String> {
        match self.ask(Request::Status).await? {
            Reply::Status(status) => Ok(*status),
            other => Err(unexpected(&other)),
        }
    }

    /// One inspection by what a person calls it.
    pub(super) async fn find(&self, ticket: &str) -> Result<InspectionView, String> {
        let ticket = ticket.to_owned();
        match self.ask(Request::Find { ticket }).await? {
            Reply::Inspection(view) => Ok(*view),
            other => Err(unexpected(&other)),
        }
    }

    /// Waits until `look` gives something, looking again whenever the daemon has news.
    pub(super) async fn until<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&Self) -> Result<Option<T>, String>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self).await? {
                return Ok(found);
            }
            if let Some(ended) = self.daemon.ended() {
                return Err(ended);
            }
            if Instant::now() >= deadline {
                return Err(format!("{what}: not within {} seconds", PATIENCE.as_secs()));
            }
            // Another bench's news are not told here, so look now and then in any case.
            let _ = timeout(Duration::from_millis(100), self.events.recv()).await;
        }
    }

    async fn answers(&mut self) -> Result<(), String> {
        let look = async |bench: &Self| Ok(bench.status().await.ok());
        self.until("the daemon answers", look).await.map(drop)
    }
}

fn line(home: &Path) -> (Link, mpsc::UnboundedReceiver<Event>) {
    Link::open(Options {
        sockets: Paths::under(home).sockets(),
        account: None,
        // The demo starts it itself, so that it ends with the demo.
        daemon: None,
        subscribe: true,
    })
}

fn daemon(programs: &Programs, home: &Path) -> Result<Process, String> {
    std::fs::create_dir_all(home).map_err(|error| format!("{}: {error}", home.display()))?;
    let run = Run {
        call: &programs.daemon,
        args: vec!["run".to_owned()],
        home,
        log: home.with_extension("log"),
    };
    run.start(programs)
}

/// An answer to another question.
pub(super) fn unexpected(reply: &Reply) -> String {
    crate::command::unexpected(reply).words
}
