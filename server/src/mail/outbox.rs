//! The addresses whose owners asked for a new password, on their way to the SMTP server.
//!
//! A page puts an address in as it was typed, and whether it is anybody's is looked at here. So a page
//! takes as long for an address that is nobody's as for any other.

use std::time::Duration;

use tokio::{
    sync::mpsc::{self, Receiver, Sender, error::TrySendError},
    task::JoinSet,
    time::sleep,
};
use zeroize::Zeroizing;

use super::{Letter, Mailer};
use crate::{
    app::App,
    auth::{
        self,
        link::{Link, Purpose},
    },
    core::kiosks,
    error::ApiError,
};

/// So many wait at most; more are not taken.
const WAITING: usize = 200;

/// So many are under way at once at most.
const AT_ONCE: usize = 16;

/// How long is waited before each try: a quarter of an hour in all.
pub const PAUSES: &[Duration] = &[
    Duration::ZERO,
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(4),
    Duration::from_mins(10),
];

/// Where pages put what is to be mailed.
#[derive(Debug, Clone)]
pub struct Outbox(Sender<Zeroizing<String>>);

/// An outbox, and the end that [`run`] takes from.
pub fn outbox() -> (Outbox, Receiver<Zeroizing<String>>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Outbox(sender), receiver)
}

impl Outbox {
    /// Sends a link for a new password to this address, if it is a member's.
    pub fn forgotten(&self, address: &str) {
        match self.0.try_send(Zeroizing::new(address.to_owned())) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => {
                tracing::warn!("too many mails wait already; one was not taken");
            }
        }
    }
}

/// Sends until the server is to end, with these [`PAUSES`]. What waits then is forgotten.
pub async fn run(
    app: App,
    mailer: Mailer,
    mut asked: Receiver<Zeroizing<String>>,
    pauses: &'static [Duration],
) {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = app.ending.cancelled() => return,
            Some(_) = under_way.join_next() => {}
            Some(address) = asked.recv(), if under_way.len() < AT_ONCE => {
                under_way.spawn(deliver(app.clone(), mailer.clone(), address, pauses));
            }
        }
    }
}

async fn deliver(
    app: App,
    mailer: Mailer,
    address: Zeroizing<String>,
    pauses: &'static [Duration],
) {
    for pause in pauses {
        sleep(*pause).await;
        if attempt(&app, &mailer, &address).await {
            return;
        }
    }
    tracing::warn!("a mail waited too long and is given up");
}

/// Whether nothing is left to do.
async fn attempt(app: &App, mailer: &Mailer, address: &str) -> bool {
    // Anew each time: a password may have been chosen meanwhile.
    let letter = match letter(app, address).await {
        Ok(Some(letter)) => letter,
        Ok(None) => return true,
        Err(error) => {
            let error = error.cause().map(|cause| format!("{cause:#}"));
            tracing::warn!(error, "a mail waits, for its person could not be read");
            return false;
        }
    };
    match mailer.send(&letter).await {
        Ok(()) => {
            tracing::info!("a link for a new password was mailed");
            true
        }
        Err(error) if error.is_final() => {
            tracing::warn!(error = error.kind(), "a mail was not taken and is given up");
            true
        }
        Err(error) => {
            tracing::warn!(error = error.kind(), "a mail waits");
            false
        }
    }
}

/// The letter for an address; none where nobody there can choose a password.
async fn letter(app: &App, address: &str) -> Result<Option<Letter>, ApiError> {
    let found = app.storage.person_by_email(address.to_owned()).await?;
    let Some(person) = found.filter(|it| !kiosks::is_kiosk(&it.email)) else {
        return Ok(None);
    };
    let shops = auth::person::shops(app, person.id, None).await?;
    let (false, Some(url)) = (shops.is_empty(), &app.settings.public_url) else {
        return Ok(None);
    };
    let names: Vec<&str> = shops.iter().map(|it| it.name.as_str()).collect();
    let link = Link::new(person.id, Purpose::Reset, app.clock.seconds());
    let text = link.text(&app.keys.links, &person, app.storage.epoch());
    let url = Zeroizing::new(format!("{url}/link/{}", &*text));
    let (to, name) = (&person.email, &person.name);
    let letter = Letter::with_link(to, name, &names.join(", "), Purpose::Reset, &url);
    Ok(Some(letter))
}
