//! A line between a bench and the API that can be cut, slowed and silenced.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// A TCP proxy on a loopback port of its own, in front of another address.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    line: Arc<Line>,
}

/// The line's state, shared by the threads that pump bytes: here a lock is the plain way, for a
/// thread that is blocked on one socket cannot also listen to a channel.
#[derive(Debug)]
struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    target: SocketAddr,
    mode: Mode,
    delay: Duration,
    /// How many bytes may still pass towards the API before the line is cut.
    budget: Option<usize>,
    /// How many bytes may still come back before the line is cut.
    answers: Option<usize>,
    /// Whether the next piece that comes back does so twice.
    twice: bool,
    /// A request that begins so is passed on, and its answer is lost.
    lose: Option<Vec<u8>>,
    /// Whether the line is cut with the answer that is lost.
    then_cut: bool,
    /// How many answers were lost.
    lost: u64,
    /// Both ends of every connection.
    streams: Vec<TcpStream>,
    /// How many connections there were.
    accepted: u64,
    /// Bytes that went towards the API, and that came back.
    carried: (u64, u64),
    closed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Open,
    /// Connections are reset, new ones at once.
    Cut,
    /// Connections stand and nothing passes.
    Silent,
}

impl Proxy {
    /// A line that passes everything to the target.
    pub fn before(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for the proxy")?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            state: Mutex::new(State {
                target,
                mode: Mode::Open,
                delay: Duration::ZERO,
                budget: None,
                answers: None,
                twice: false,
                lose: None,
                then_cut: false,
                lost: 0,
                streams: Vec::new(),
                accepted: 0,
                carried: (0, 0),
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&line);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { address, line })
    }

    /// The address to use instead of the target's, below HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to use instead of the target's.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Resets all connections; new ones are reset too.
    pub fn cut(&self) {
        self.line.turn(Mode::Cut);
    }

    /// Connections stand, new ones as well, and not a byte passes.
    pub fn silence(&self) {
        self.line.turn(Mode::Silent);
    }

    /// Everything passes again.
    pub fn restore(&self) {
        let mut state = self.line.state();
        (state.budget, state.answers, state.twice) = (None, None, false);
        drop(state);
        self.line.turn(Mode::Open);
    }

    /// Holds every piece of data back for so long, each way.
    pub fn delay(&self, delay: Duration) {
        self.line.state().delay = delay;
    }

    /// Cuts the line once so many more bytes have gone towards the API; the last of them still
    /// arrive there, and their answer never comes back.
    pub fn cut_after(&self, bytes: usize) {
        self.line.state().budget = Some(bytes);
    }

    /// Cuts the line once so many more bytes have come back: an answer breaks off in its middle.
    pub fn cut_answers_after(&self, bytes: usize) {
        self.line.state().answers = Some(bytes);
    }

    /// The next piece of an answer comes back twice.
    pub fn repeat_answer(&self) {
        self.line.state().twice = true;
    }

    /// The next request that begins with this text reaches the API whole; its connection is reset
    /// when the answer begins, so that nothing of the answer comes back.
    pub fn lose_answer_to(&self, request: &str) {
        self.line.state().lose = Some(request.as_bytes().to_vec());
    }

    /// As [`Self::lose_answer_to`], and the line is cut with it: nobody asks again.
    pub fn cut_at_answer_to(&self, request: &str) {
        self.line.state().then_cut = true;
        self.lose_answer_to(request);
    }

    /// How many answers were lost so far.
    pub fn lost(&self) -> u64 {
        self.line.state().lost
    }

    /// Whether the line is cut.
    pub fn is_cut(&self) -> bool {
        self.line.state().mode == Mode::Cut
    }

    /// How many connections have been made.
    pub fn accepted(&self) -> u64 {
        self.line.state().accepted
    }

    /// How many bytes have gone towards the API, and how many have come back.
    pub fn carried(&self) -> (u64, u64) {
        self.line.state().carried
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.state().closed = true;
        self.line.turn(Mode::Cut);
        // Wakes the thread that accepts; it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked has failed its test already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, mode: Mode) {
        let mut state = self.state();
        state.mode = mode;
        if mode == Mode::Cut {
            for stream in state.streams.drain(..) {
                // It may have ended already.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until a piece of so many bytes may pass; none when the line is cut. What comes back is
    /// how much of it passes before the cut.
    fn admit(&self, bytes: usize, towards_api: bool) -> Option<usize> {
        let mut state = self.state();
        let due = Instant::now() + state.delay;
        loop {
            let wait = match state.mode {
                Mode::Cut => return None,
                Mode::Silent => Duration::from_hours(1),
                Mode::Open => due.saturating_duration_since(Instant::now()),
            };
            if wait.is_zero() {
                break;
            }
            let woken = self.changed.wait_timeout(state, wait);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        let budget = if towards_api {
            &mut state.budget
        } else {
            &mut state.answers
        };
        let pass = match budget {
            Some(budget) => {
                let pass = bytes.min(*budget);
                *budget -= pass;
                pass
            }
            None => bytes,
        };
        let carried = if towards_api {
            &mut state.carried.0
        } else {
            &mut state.carried.1
        };
        *carried = carried.saturating_add(u64::try_from(pass).unwrap_or(u64::MAX));
        Some(pass)
    }

    /// Whether the piece begins the request whose answer shall be lost; true once.
    fn must_lose(&self, piece: &[u8]) -> bool {
        let mut state = self.state();
        let wanted = |lose: &mut Vec<u8>| piece.starts_with(lose);
        state.lose.take_if(wanted).is_some()
    }

    fn is_spent(&self) -> bool {
        let state = self.state();
        state.budget == Some(0) || state.answers == Some(0)
    }
}

fn accept(listener: &TcpListener, line: &Arc<Line>) {
    for inbound in listener.incoming() {
        let target = {
            let mut state = line.state();
            if state.closed {
                return;
            }
            state.accepted += 1;
            (state.mode != Mode::Cut).then_some(state.target)
        };
        let (Ok(inbound), Some(target)) = (inbound, target) else {
            continue;
        };
        let Ok(outbound) = TcpStream::connect(target) else {
            continue;
        };
        // Small pieces must not wait for each other, or every measurement through here lies.
        let _ = inbound.set_nodelay(true);
        let _ = outbound.set_nodelay(true);
        let ends = (inbound.try_clone(), outbound.try_clone());
        let (Ok(inbound_back), Ok(outbound_back)) = ends else {
            continue;
        };
        let kept = (inbound.try_clone(), outbound.try_clone());
        if let (Ok(one), Ok(other)) = kept {
            line.state().streams.extend([one, other]);
        }
        let doomed = Arc::new(AtomicBool::new(false));
        let (there, back) = (Arc::clone(line), Arc::clone(line));
        let marked = Arc::clone(&doomed);
        thread::spawn(move || ask(inbound, outbound, &there, &marked));
        thread::spawn(move || answer(outbound_back, inbound_back, &back, &doomed));
    }
}

/// What goes towards the API. Marks the connection whose answer shall be lost.
fn ask(mut from: TcpStream, mut to: TcpStream, line: &Line, doomed: &AtomicBool) {
    let mut buffer = vec![0; 32 << 10];
    while let Some(read) = some(from.read(&mut buffer)) {
        let piece = &buffer[..read];
        if line.must_lose(piece) {
            doomed.store(true, Ordering::SeqCst);
        }
        let Some(pass) = line.admit(read, true) else {
            break;
        };
        if to.write_all(&piece[..pass]).is_err() {
            break;
        }
        if line.is_spent() {
            line.turn(Mode::Cut);
            break;
        }
    }
    end(&from, &to);
}

/// What comes back.
fn answer(mut from: TcpStream, mut to: TcpStream, line: &Line, doomed: &AtomicBool) {
    let mut buffer = vec![0; 32 << 10];
    while let Some(read) = some(from.read(&mut buffer)) {
        if doomed.load(Ordering::SeqCst) {
            if std::mem::take(&mut line.state().then_cut) {
                line.turn(Mode::Cut);
            }
            line.state().lost += 1;
            break;
        }
        let Some(pass) = line.admit(read, false) else {
            break;
        };
        let times = 1 + usize::from(std::mem::take(&mut line.state().twice));
        let piece = buffer[..pass].repeat(times);
        if to.write_all(&piece).is_err() {
            break;
        }
        if line.is_spent() {
            line.turn(Mode::Cut);
            break;
        }
    }
    end(&from, &to);
}

/// How much was read; none at the end.
fn some(read: io::Result<usize>) -> Option<usize> {
    read.ok().filter(|read| *read > 0)
}

/// Both directions end together; either may have done so already.
fn end(from: &TcpStream, to: &TcpStream) {
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
