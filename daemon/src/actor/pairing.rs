//! Being let in by a person with a browser: the code first, then the wait, then the account. While the
//! person takes their time nothing is held that others need, and whoever closes the connection gives
//! up.

use std::path::Path;

use redtag_protocol::{
    api::error::code,
    ids::DeviceId,
    ipc::{Failure, FailureCode, Pair, Pairing, Reply},
};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep},
};

use super::{
    Actor, clock,
    event::Event,
    sign_in::{self, Desk, Device, Guest, Line, internal, random},
};
use crate::{
    core::Asking,
    ipc::ConnId,
    remote::{DeviceKey, Remote, RemoteError, Trust, Waiting, Word},
    secret,
};

/// A bench that waits, on the connection that began it.
pub(super) struct Offer {
    line: Line,
    secrets: secret::Store,
    device: Device,
    waiting: Waiting,
}

/// Work that ends with its owner.
pub(super) struct Work {
    /// The request that it answers.
    request: u64,
    task: AbortHandle,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Actor {
    pub(super) fn pair(&mut self, conn: ConnId, id: u64, ask: Pair) {
        let (mut desk, events) = (self.desk(), self.events.clone());
        // It asks nothing of them, and a cache whose handle is held cannot be closed.
        desk.accounts.clear();
        let work = tokio::spawn(async move {
            let result = begin(&desk, ask).await.map(Box::new);
            let _ = events.send(Event::Offered {
                conn,
                request: id,
                result,
            });
        });
        self.works(conn, id, work.abort_handle());
    }

    pub(super) fn offered(&mut self, conn: ConnId, id: u64, result: Result<Box<Offer>, Failure>) {
        if !self.has_worked(conn, id) {
            return;
        }
        let result = result.map(|offer| {
            let shown = Pairing {
                page: offer.waiting.page.clone(),
                code: offer.waiting.code.clone(),
                left: offer.waiting.left.as_secs(),
            };
            if let Some(conn) = self.conns.get_mut(&conn) {
                conn.offer = Some(offer);
            }
            Reply::Pairing(shown)
        });
        self.reply(conn, id, result);
    }

    pub(super) fn paired(&mut self, conn: ConnId, id: u64) {
        let offer = self.conns.get_mut(&conn).and_then(|it| it.offer.take());
        let Some(offer) = offer else {
            let words = "nothing waits to be let in on this connection; begin anew";
            let failure = Failure::new(FailureCode::Invalid, words);
            return self.reply(conn, id, Err(failure));
        };
        let events = self.events.clone();
        let work = tokio::spawn(async move {
            let result = wait(*offer).await.map(Box::new);
            let _ = events.send(Event::LetIn {
                conn,
                request: id,
                result,
            });
        });
        self.works(conn, id, work.abort_handle());
    }

    /// The person has said a word.
    pub(super) fn let_in(&mut self, conn: ConnId, id: u64, result: Result<Box<Guest>, Failure>) {
        if !self.has_worked(conn, id) {
            return;
        }
        match result {
            Ok(guest) => self.take_in(conn, id, guest),
            Err(failure) => self.reply(conn, id, Err(failure)),
        }
    }

    /// The account is made as at any other sign-in, when its turn comes.
    pub(super) fn take_in(&mut self, conn: ConnId, id: u64, guest: Box<Guest>) {
        if self.signing_in.is_some() {
            self.guests.push_back((conn, id, guest));
            return;
        }
        let (desk, events) = (self.desk(), self.events.clone());
        self.signing_in = Some(tokio::spawn(async move {
            let result = sign_in::settle(desk, *guest).await.map(Box::new);
            let _ = events.send(Event::SignIn {
                conn,
                request: id,
                result,
            });
        }));
    }

    /// Whoever begins anew on a connection gives up what was begun on it before.
    fn works(&mut self, conn: ConnId, request: u64, task: AbortHandle) {
        let work = Work { request, task };
        let former = self.conns.get_mut(&conn).and_then(|it| {
            it.offer = None;
            it.work.replace(work)
        });
        if let Some(former) = former {
            let words = "given up, for another sign-in was begun on this connection";
            let failure = Failure::new(FailureCode::Invalid, words);
            self.reply(conn, former.request, Err(failure));
        }
    }

    /// Whether what came is of the work that a connection waits for, which is done with that.
    fn has_worked(&mut self, conn: ConnId, request: u64) -> bool {
        let conn = self.conns.get_mut(&conn);
        conn.is_some_and(|it| it.work.take_if(|it| it.request == request).is_some())
    }
}

async fn begin(desk: &Desk, ask: Pair) -> Result<Offer, Failure> {
    let secrets = desk.secrets(ask.insecure_storage, false).await?;
    let own = ask.ca.as_deref().map(|path| Trust::read(Path::new(path)));
    let own = own.transpose()?;
    let usual = match &own {
        Some(_) => None,
        None => desk.ca.as_deref().map(Trust::read).transpose()?,
    };
    let remote = Remote::new(&ask.url, own.as_ref().or(usual.as_ref()))?;
    let device = Device {
        id: DeviceId::from_parts(clock::wall().0, random()?),
        key: DeviceKey::generate().map_err(internal)?,
    };
    let waiting = remote.pair(&desk.bench, device.id, &device.key).await?;
    Ok(Offer {
        line: Line { remote, trust: own },
        secrets,
        device,
        waiting,
    })
}

async fn wait(offer: Offer) -> Result<Guest, Failure> {
    let Offer {
        line,
        secrets,
        device,
        waiting,
    } = offer;
    let mut asking = Asking::new(waiting.pause, waiting.left);
    let mut last = Instant::now();
    let mut pause = asking.first();
    loop {
        sleep(pause).await;
        let heard = match line.remote.word(&waiting, &device.key).await? {
            Word::In(found, email) => {
                return Ok(Guest {
                    line,
                    secrets,
                    device,
                    email,
                    found: found.value,
                    // Asked for with the password alone.
                    forget_pin: false,
                });
            }
            Word::NotYet(heard) => heard,
        };
        let now = Instant::now();
        pause = asking.after(heard, now - last).ok_or_else(too_late)?;
        last = now;
    }
}

fn too_late() -> Failure {
    RemoteError::Rejected {
        code: code::EXPIRED_TOKEN.to_owned(),
        words: "nobody let this bench in in time; begin again".to_owned(),
        shops: Vec::new(),
    }
    .into()
}
