//! A line to the API that can be told to answer in its place, with anything.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Result;

/// What is answered to every request.
#[derive(Debug, Clone)]
pub struct Lie {
    /// The first bytes, HTTP or not.
    pub head: Vec<u8>,
    /// What follows so many times.
    pub body: Vec<u8>,
    /// How many times.
    pub times: usize,
    /// A pause between pieces of the body of at most 64 bytes.
    pub pause: Option<Duration>,
}

/// A TCP proxy on a loopback port of its own, in front of the API or in its place.
#[derive(Debug)]
pub struct Liar {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    lie: Option<Arc<Lie>>,
    streams: Vec<TcpStream>,
    told: u64,
    closed: bool,
}

impl Liar {
    /// Tells the truth until it is told otherwise.
    pub fn before(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared {
            target,
            lie: None,
            streams: Vec::new(),
            told: 0,
            closed: false,
        }));
        let theirs = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &theirs));
        Ok(Self { address, shared })
    }

    /// The address to use instead of the API's.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on every request gets this answer; none: the API's own. Connections that stand end.
    pub fn tell(&self, lie: Option<Lie>) {
        let mut shared = lock(&self.shared);
        shared.lie = lie.map(Arc::new);
        hang_up(&mut shared);
    }

    /// How many lies were told, to the end or not.
    pub fn told(&self) -> u64 {
        lock(&self.shared).told
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let mut shared = lock(&self.shared);
        shared.closed = true;
        hang_up(&mut shared);
        drop(shared);
        // Wakes the thread that accepts; it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // A thread that panicked has failed its test already.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hang_up(shared: &mut Shared) {
    for stream in shared.streams.drain(..) {
        // It may have ended already.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Mutex<Shared>>) {
    for inbound in listener.incoming() {
        let Ok(inbound) = inbound else { continue };
        let mut state = lock(shared);
        if state.closed {
            return;
        }
        if let Ok(kept) = inbound.try_clone() {
            state.streams.push(kept);
        }
        if let Some(lie) = state.lie.clone() {
            let shared = Arc::clone(shared);
            thread::spawn(move || {
                let mut inbound = inbound;
                // The bench hangs up on what it does not want to hear.
                let _ = answer(&mut inbound, &lie);
                let _ = inbound.shutdown(Shutdown::Both);
                lock(&shared).told += 1;
            });
            continue;
        }
        let Ok(outbound) = TcpStream::connect(state.target) else {
            continue;
        };
        if let Ok(kept) = outbound.try_clone() {
            state.streams.push(kept);
        }
        drop(state);
        let ends = (inbound.try_clone(), outbound.try_clone());
        if let (Ok(inbound_back), Ok(outbound_back)) = ends {
            thread::spawn(move || pump(inbound, outbound));
            thread::spawn(move || pump(outbound_back, inbound_back));
        }
    }
}

fn answer(stream: &mut TcpStream, lie: &Lie) -> io::Result<()> {
    read_request(stream)?;
    stream.write_all(&lie.head)?;
    for _ in 0..lie.times {
        match lie.pause {
            None => stream.write_all(&lie.body)?,
            Some(pause) => {
                for piece in lie.body.chunks(64) {
                    stream.write_all(piece)?;
                    // Until it hangs up, which ends the pause at once.
                    stream.set_read_timeout(Some(pause))?;
                    if let Ok(0) = stream.read(&mut [0; 64]) {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

/// Reads the head and as much of a body as it announces.
fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut seen = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        seen.extend_from_slice(&buffer[..read]);
        let Some(end) = seen.windows(4).position(|it| it == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|it| it.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if seen.len() >= end + 4 + length {
            return Ok(());
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
