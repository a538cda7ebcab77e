//! Our side: a bench that signs in with nothing.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardQuery, Reply, Request, SignIn},
};

use super::floor::Floor;
use crate::{
    harness::{Client, Device, PASSWORD, Stack, within},
    perf::{corpus::Seeded, process},
};

/// A shop of any size is whole before this is over.
const PATIENCE: Duration = Duration::from_mins(20);

/// A bench that has not begun with its search so long after the documents has none.
const GRACE: Duration = Duration::from_secs(2);

/// The rows of a person's first screen.
const SCREEN: u32 = 50;

/// How one bench was filled. Times count from the answer to the sign-in.
pub(super) struct Filled {
    /// Until every document is durable and can be opened.
    pub(super) whole: Duration,
    /// Until the first screen of the board stood as it does in the end.
    pub(super) usable: Duration,
    /// Until the search is whole; none where there is none.
    pub(super) searched: Option<Duration>,
    /// Memory, in MiB: peak of the daemon, idle after it, peak of the API.
    pub(super) filling: f64,
    pub(super) idle: f64,
    pub(super) api: f64,
}

impl Filled {
    /// How long the search alone took, here and at the floor.
    pub(super) fn phases(rounds: &[(Self, Floor)]) -> String {
        let Some((ours, floor)) = rounds.last() else {
            return String::new();
        };
        let behind = ours.searched.unwrap_or_default().saturating_sub(ours.whole);
        let filled = floor.searched.saturating_sub(floor.whole);
        format!(
            "in the last round {} ms after the documents, the floor {} ms",
            behind.as_millis(),
            filled.as_millis()
        )
    }
}

pub(super) fn fill(stack: &Stack, name: &str, seeded: &Seeded) -> Result<Filled> {
    fill_at(stack, name, seeded, &stack.url())
}

/// Fills a new bench over a line.
pub(super) fn fill_at(stack: &Stack, name: &str, seeded: &Seeded, url: &str) -> Result<Filled> {
    let mut bench = Device::new(stack.ground(), name)?;
    bench.start()?;
    let mut client = bench.client()?;
    let daemon = process::Peak::of(client.pid());
    let api = process::Peak::of(stack.pid()?);
    sign_in(&mut client, stack, url)?;
    let began = Instant::now();
    let watched = watch(&mut client, seeded, began).with_context(|| bench.log())?;
    let (filling, api) = (daemon.end()?, api.end()?);
    let idle = idle(client.pid())?;
    bench.stop()?;
    Ok(Filled {
        whole: watched.whole,
        usable: watched.usable()?,
        searched: watched.searched,
        filling,
        idle,
        api,
    })
}

struct Watched {
    whole: Duration,
    searched: Option<Duration>,
    /// The first screens that were seen, each with when.
    screens: Vec<(Duration, Vec<InspectionId>)>,
    last: Vec<InspectionId>,
}

impl Watched {
    /// When the screen first was as it is in the end.
    fn usable(&self) -> Result<Duration> {
        let found = self.screens.iter().find(|(_, screen)| *screen == self.last);
        found.map(|it| it.0).context("the board never stood still")
    }
}

fn watch(client: &mut Client, seeded: &Seeded, began: Instant) -> Result<Watched> {
    let mut whole = None;
    let mut screens: Vec<(Duration, Vec<InspectionId>)> = Vec::new();
    let mut looked = Duration::ZERO;
    let mut searching = false;
    let searched = within(PATIENCE, "the first copy", || {
        let status = client.status()?;
        let now = began.elapsed();
        if status.documents >= seeded.documents {
            whole.get_or_insert(now);
        }
        // Often in the first second, for that is the promise, and then as often as a person would.
        if whole.is_none()
            && (now < Duration::from_secs(2) || now > looked + Duration::from_secs(1))
        {
            looked = now;
            let screen = board(client)?;
            if screens.last().is_none_or(|(_, last)| *last != screen) {
                screens.push((began.elapsed(), screen));
            }
        }
        ensure!(
            whole.is_some() && !status.filling,
            "{} of {} documents",
            status.documents,
            seeded.documents
        );
        if let Some((done, all)) = status.indexed {
            searching = true;
            bail!("{done} of {all} in the search");
        }
        let begins = now < whole.unwrap_or(now) + GRACE;
        ensure!(searching || !begins, "the search is not begun yet");
        Ok(searching.then_some(now))
    })?;
    let last = board(client)?;
    screens.push((began.elapsed(), last.clone()));
    let whole = whole.context("the documents were never counted")?;
    Ok(Watched {
        whole,
        searched,
        screens,
        last,
    })
}

fn board(client: &mut Client) -> Result<Vec<InspectionId>> {
    let query = BoardQuery {
        limit: SCREEN,
        ..BoardQuery::default()
    };
    match client.must(Request::Board(query))? {
        Reply::Board(page) => Ok(page.rows.into_iter().map(|row| row.id).collect()),
        other => bail!("a board was expected, not {other:?}"),
    }
}

/// Memory once it has stood still for a second, or after ten.
fn idle(pid: u32) -> Result<f64> {
    let began = Instant::now();
    let mut last = (began, process::anonymous(pid)?);
    within(PATIENCE, "the daemon to be idle", || {
        let now = process::anonymous(pid)?;
        if (now - last.1).abs() > 0.5 {
            last = (Instant::now(), now);
        }
        let still = last.0.elapsed() >= Duration::from_secs(1);
        ensure!(
            still || began.elapsed() > Duration::from_secs(10),
            "{now} MiB"
        );
        Ok(now)
    })
}

/// Signs in, over this line, as the technician.
pub(in crate::perf) fn sign_in(client: &mut Client, stack: &Stack, url: &str) -> Result<()> {
    let reply = client.must(Request::SignIn(SignIn {
        url: url.to_owned(),
        email: "technician@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        code: None,
        enroll: None,
        shop: Some(stack.shop()),
        insecure_storage: true,
        ca: None,
        forget_pin: false,
    }))?;
    match reply {
        Reply::Account(_) => Ok(()),
        other => bail!("an account was expected, not {other:?}"),
    }
}
