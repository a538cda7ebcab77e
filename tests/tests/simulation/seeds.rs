//! Many seeds, on as many threads as there are processors; each world lives in one thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::run::{self, Counts, Told};

/// How many seeds a run of all tests lives through in CI, at least, and how long that may take.
const CI: u64 = 10_000;
const LIMIT: Duration = Duration::from_mins(5);
/// On so many processors, with nothing else to do: what else the machine does is not counted.
const PROCESSORS: u32 = 2;
/// How many elsewhere, where somebody waits for it.
const USUAL: u64 = 500;

/// Which seeds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    from: u64,
    seeds: u64,
    /// Whether the command line named them: then nothing else is run, and they are reported.
    pub(crate) by_hand: bool,
    /// Whether it is a run in CI, which asks for everything.
    ci: bool,
    trace: bool,
}

impl Asked {
    /// Takes what is ours from the command line; the rest is the runner's.
    pub(crate) fn read(
        mut args: impl Iterator<Item = String>,
        rest: &mut Vec<String>,
    ) -> Result<Self, String> {
        let named = |name: &str| std::env::var(name).ok().and_then(|it| it.parse().ok());
        let ci = std::env::var("REDTAG_REQUIRE").is_ok_and(|it| it == "all");
        let mut asked = Self {
            from: named("REDTAG_SIM_FROM").unwrap_or(0),
            seeds: named("REDTAG_SIM_SEEDS").unwrap_or(if ci { CI } else { USUAL }),
            by_hand: false,
            ci,
            trace: false,
        };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seeds" | "--from" => {
                    let number = args.next().and_then(|it| it.parse().ok());
                    let number = number.ok_or_else(|| format!("{arg} wants a number"))?;
                    asked.by_hand = true;
                    match arg.as_str() {
                        "--seeds" => asked.seeds = number,
                        _ => asked.from = number,
                    }
                }
                "--trace" => asked.trace = true,
                _ => rest.push(arg),
            }
        }
        Ok(asked)
    }

    /// Lives them all through, and says what the first that failed did.
    pub(crate) fn live(self) -> Result<(), String> {
        let (begun, before) = (Instant::now(), worked());
        let next = AtomicU64::new(0);
        let sum = Mutex::new((Counts::default(), 0_u64));
        let fault: Mutex<Option<(u64, String)>> = Mutex::new(None);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        quietly();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let _clock = stopped_clock();
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        if place >= self.seeds || lock(&fault).is_some() {
                            return;
                        }
                        let seed = self.from + place;
                        match one(seed, false) {
                            Ok(counts) => add(&mut lock(&sum), counts),
                            Err(words) => {
                                let mut fault = lock(&fault);
                                if fault.as_ref().is_none_or(|(first, _)| seed < *first) {
                                    *fault = Some((seed, words));
                                }
                                return;
                            }
                        }
                    }
                });
            }
        });
        let (counts, lived) = *lock(&sum);
        println!(
            "{lived} seeds from {} in {:.1} s, {:.1} s of processor time: {} edits saved, {} events in the timelines, {} \
             restores, {} steps",
            self.from,
            begun.elapsed().as_secs_f64(),
            worked().saturating_sub(before).as_secs_f64(),
            counts.saved,
            counts.events,
            counts.restores,
            counts.steps,
        );
        let found = lock(&fault).take();
        if self.trace && found.is_none() {
            let _clock = stopped_clock();
            println!("{}", run::live(self.from, true).trace.join("\n"));
        }
        match found {
            None => self.enough(lived, worked().saturating_sub(before) / PROCESSORS),
            Some((seed, words)) => {
                let _clock = stopped_clock();
                let trace = match catch_unwind(AssertUnwindSafe(|| run::live(seed, true))) {
                    Ok(Told { trace, .. }) => trace.join("\n"),
                    Err(_) => LAST.with_borrow(|last| last.join("\n")),
                };
                println!("{trace}\n\nseed {seed}: {words}");
                println!(
                    "live it again: cargo test -p redtag-tests --test simulation -- --seeds 1 \
                     --from {seed}"
                );
                Err(format!("seed {seed}: {words}"))
            }
        }
    }

    /// A run of CI is worth its name: no fewer worlds than are promised, in the time that is.
    /// `took`: on [`PROCESSORS`].
    fn enough(self, lived: u64, took: Duration) -> Result<(), String> {
        if lived < self.seeds {
            return Err(format!("{lived} worlds were lived of {}", self.seeds));
        }
        if !self.ci || self.by_hand {
            return Ok(());
        }
        if lived < CI {
            return Err(format!("{lived} worlds were lived, and CI wants {CI}"));
        }
        let each = LIMIT / u32::try_from(CI).unwrap_or(u32::MAX);
        let limit = each * u32::try_from(lived).unwrap_or(u32::MAX);
        if took > limit {
            return Err(format!(
                "{lived} worlds took {took:.0?}; {limit:.0?} are given"
            ));
        }
        Ok(())
    }
}

/// The check of what CI is worth can fail.
pub(crate) fn enough_can_fail() {
    let asked = |seeds, ci| Asked {
        from: 0,
        seeds,
        by_hand: false,
        ci,
        trace: false,
    };
    assert!(asked(CI, true).enough(CI, LIMIT).is_ok());
    assert!(asked(CI, true).enough(CI - 1, LIMIT).is_err());
    assert!(asked(CI - 1, true).enough(CI - 1, LIMIT / 2).is_err());
    assert!(asked(CI, true).enough(CI, LIMIT * 2).is_err());
    assert!(asked(USUAL, false).enough(USUAL, LIMIT).is_ok());
    assert!(asked(USUAL, false).enough(USUAL - 1, LIMIT).is_err());
}

thread_local! {
    /// Where a world that panics leaves what it had to say.
    pub(crate) static LAST: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// A panic is told with its seed; its own words would come in between.
fn quietly() {
    std::panic::set_hook(Box::new(|_| {}));
}

fn add((sum, lived): &mut (Counts, u64), it: Counts) {
    sum.saved += it.saved;
    sum.events += it.events;
    sum.restores += it.restores;
    sum.steps += it.steps;
    *lived += 1;
}

/// How long this process has worked, on all processors together.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a process works for longer than nothing")
}

/// A clock that stands still, for the few places that ask one how long they took.
fn stopped_clock() -> impl Sized {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    // Left where it is: the guard borrows it for as long as the thread lives.
    let runtime: &'static tokio::runtime::Runtime = Box::leak(Box::new(runtime));
    runtime.enter()
}

fn one(seed: u64, traced: bool) -> Result<Counts, String> {
    let told = catch_unwind(AssertUnwindSafe(|| run::live(seed, traced)));
    match told {
        Ok(told) => match told.violations.first() {
            None => Ok(told.counts),
            Some(violation) => Err(violation.to_string()),
        },
        Err(panic) => {
            let words = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
            Err(format!("a panic: {}", words.unwrap_or_default()))
        }
    }
}

/// What reproduces at all is worth something: a trace is the same at every living.
pub(crate) fn same_twice() {
    let _clock = stopped_clock();
    for seed in 0..20 {
        let (one, two) = (run::live(seed, true), run::live(seed, true));
        let differs = one.trace.iter().zip(&two.trace).find(|(a, b)| a != b);
        assert!(differs.is_none(), "seed {seed}: {differs:?}");
        assert_eq!(one.trace.len(), two.trace.len(), "seed {seed}");
    }
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
