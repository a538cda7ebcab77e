//! Benches without a cache, all in one process: each listens, and pulls when it hears a hint. Each
//! shop has one that edits as well.

use std::{
    ffi::OsString,
    io::Write as _,
    net::IpAddr,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    api::ops,
    ids::{DeviceId, InspectionId, ShopId},
    inspection::InspectionWrite,
    op::{Edit, Operation, SCHEMA},
    stamp::{Seq, Stamp},
};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use tokio::{
    runtime::Builder,
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{now, perf::process};

/// What the generator is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Load {
    pub(super) url: String,
    pub(super) places: Vec<Place>,
    /// In each place.
    pub(super) benches: usize,
    /// In a second, over all places.
    pub(super) edits: u32,
    pub(super) seconds: u64,
}

/// A shop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) shop: ShopId,
    pub(super) token: String,
    pub(super) device: DeviceId,
    pub(super) inspection: InspectionId,
    /// The device's last number.
    pub(super) number: u64,
}

/// What it saw.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// From a hint until the pull that brought it was whole, in microseconds.
    pub(super) delays: Vec<u64>,
    /// Accepted.
    pub(super) edits: u64,
    /// In words, the first hundred.
    pub(super) errors: Vec<String>,
    /// Seconds of work of this process while it measured.
    pub(super) worked: f64,
}

/// The part that the process plays: `crowd FILE`.
pub(in crate::perf) fn play(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let done = (|| -> Result<()> {
        let file = args.next().context("no load")?;
        let load: Load = serde_json::from_slice(&std::fs::read(file)?)?;
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let seen = runtime.block_on(run(load))?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", serde_json::to_string(&seen)?)?;
        Ok(out.flush()?)
    })();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "crowd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What all benches share.
struct Crowd {
    load: Load,
    seen: Mutex<Seen>,
    listening: AtomicU64,
    /// Whether what happens now counts.
    counting: watch::Sender<bool>,
}

/// A shop's benches: they share one line out, as behind a shop's own router, and so what the API
/// grants to one address is theirs alone.
#[derive(Clone)]
struct Shop {
    place: Place,
    http: Client,
}

impl Shop {
    fn new(place: &Place, at: u8) -> Result<Self> {
        let http = Client::builder()
            .tls_certs_only([])
            .tcp_nodelay(true)
            .local_address(IpAddr::from([127, 0, 1, at + 1]));
        Ok(Self {
            place: place.clone(),
            http: http.build()?,
        })
    }
}

impl Crowd {
    fn fault(&self, error: &anyhow::Error) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.errors.len() < 100 {
            seen.errors.push(format!("{error:#}"));
        }
    }

    fn counts(&self) -> bool {
        *self.counting.borrow()
    }
}

async fn run(load: Load) -> Result<Seen> {
    let all = u64::try_from(load.benches * load.places.len())?;
    let crowd = Arc::new(Crowd {
        load,
        seen: Mutex::default(),
        listening: AtomicU64::new(0),
        counting: watch::Sender::new(false),
    });
    let mut tasks = JoinSet::new();
    let places = (0..).zip(&crowd.load.places);
    let shops = places.map(|(at, place)| Shop::new(place, at));
    let shops = shops.collect::<Result<Vec<_>>>()?;
    for shop in &shops {
        for _ in 0..crowd.load.benches {
            let (crowd, shop) = (crowd.clone(), shop.clone());
            tasks.spawn(async move {
                if let Err(error) = listen(&crowd, &shop).await {
                    crowd.fault(&error);
                }
            });
        }
    }
    let there = async {
        while crowd.listening.load(Ordering::Relaxed) < all {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let came = timeout(Duration::from_secs(90), there).await;
    let listening = crowd.listening.load(Ordering::Relaxed);
    let error = crowd
        .seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .errors
        .first()
        .cloned();
    ensure!(came.is_ok(), "{listening} of {all} listen: {error:?}");
    let places = u32::try_from(crowd.load.places.len())?;
    for (at, shop) in (0..).zip(&shops) {
        let (crowd, shop) = (crowd.clone(), shop.clone());
        let every = Duration::from_secs(1) * places / crowd.load.edits;
        // Shops do not edit all at the same moment.
        let first = every * at / places;
        tasks.spawn(async move {
            sleep(first).await;
            if let Err(error) = edit(&crowd, &shop, every).await {
                crowd.fault(&error);
            }
        });
    }
    let pid = std::process::id();
    // The first second warms caches and counts for nothing.
    sleep(Duration::from_secs(1)).await;
    let before = process::worked(pid)?;
    crowd.counting.send_replace(true);
    sleep(Duration::from_secs(crowd.load.seconds)).await;
    crowd.counting.send_replace(false);
    let worked = process::worked(pid)? - before;
    tasks.shutdown().await;
    let mut seen = crowd.seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.worked = worked;
    Ok(std::mem::take(&mut *seen))
}

/// One bench: a copy, then hints and pulls.
async fn listen(crowd: &Crowd, at: &Shop) -> Result<()> {
    let mut cursor = None;
    while pull(crowd, at, &mut cursor).await? {}
    let url = format!("{}/v1/shops/{}/live", crowd.load.url, at.place.shop);
    let ask = at.http.get(url).bearer_auth(&at.place.token);
    let mut live = ask.send().await?.error_for_status()?;
    let mut counted = false;
    let mut seen = 0;
    loop {
        let piece = live.chunk().await?.context("the live stream ended")?;
        let heard = Instant::now();
        let newest = std::str::from_utf8(&piece)?
            .lines()
            .filter_map(|line| line.strip_prefix("data:")?.trim().parse::<u64>().ok())
            .max();
        if !counted {
            crowd.listening.fetch_add(1, Ordering::Relaxed);
            counted = true;
        }
        let Some(newest) = newest.filter(|newest| *newest > seen) else {
            continue;
        };
        while pull(crowd, at, &mut cursor).await? {}
        seen = newest;
        if crowd.counts() {
            let took = u64::try_from(heard.elapsed().as_micros())?;
            let mut all = crowd.seen.lock().unwrap_or_else(PoisonError::into_inner);
            all.delays.push(took);
        }
    }
}

/// One page; says whether there is more.
async fn pull(crowd: &Crowd, at: &Shop, cursor: &mut Option<String>) -> Result<bool> {
    #[derive(Deserialize)]
    struct End {
        cursor: String,
        more: bool,
    }
    let mut url = format!("{}/v1/shops/{}/changes", crowd.load.url, at.place.shop);
    if let Some(cursor) = cursor {
        url.push_str("?cursor=");
        url.push_str(cursor);
    }
    let ask = at.http.get(url).bearer_auth(&at.place.token);
    let page = ask.send().await?.error_for_status()?.bytes().await?;
    let last = page
        .rsplit(|byte| *byte == b'\n')
        .find(|line| !line.is_empty());
    let end: End = serde_json::from_slice(last.context("an empty page")?)?;
    *cursor = Some(end.cursor);
    Ok(end.more)
}

/// Edits at a steady pace.
async fn edit(crowd: &Crowd, at: &Shop, every: Duration) -> Result<()> {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let url = format!("{}/v1/shops/{}/ops", crowd.load.url, at.place.shop);
    for number in at.place.number + 1.. {
        beat.tick().await;
        let operation = Operation {
            number,
            group: number,
            stamp: Stamp(now()),
            base: Seq(0),
            seen: None,
            schema: SCHEMA,
            edit: Edit::Inspection {
                id: at.place.inspection,
                write: InspectionWrite::Note {
                    point: "lights.horn".parse()?,
                    note: Some(format!("a note of some words, {number}")),
                },
            },
        };
        let batch = ops::Batch {
            device: at.place.device,
            ops: vec![to_raw_value(&operation)?],
        };
        let ask = at.http.post(&url).bearer_auth(&at.place.token).json(&batch);
        let answer: ops::Answer = ask.send().await?.error_for_status()?.json().await?;
        ensure!(
            answer.ending.is_none() && answer.outcomes.len() == 1,
            "{answer:?}"
        );
        if crowd.counts() {
            let mut seen = crowd.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.edits += 1;
        }
    }
    Ok(())
}
