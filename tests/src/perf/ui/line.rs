//! A program in a real terminal, watched byte by byte with the time of each: nothing stands between
//! the pty and the clock.

use std::{
    io::{Read as _, Write as _},
    num::NonZeroU16,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use pty_process::blocking::Pty;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// So long without a byte, and a reaction is over.
const QUIET: Duration = Duration::from_millis(30);

/// Whatever is waited for has come before this is over.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program in a terminal. Dropping it kills the program.
pub(super) struct Line {
    child: Child,
    pty: Pty,
    parser: vt100::Parser,
    /// When the program was started.
    began: Instant,
}

/// What the program wrote because of something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reaction {
    /// Until the last byte of it.
    pub(super) took: Duration,
    /// How many bytes.
    pub(super) bytes: usize,
}

impl Line {
    /// Starts a program in a new terminal.
    pub(super) fn open(command: &Command, rows: u16, columns: u16) -> Result<Self> {
        let (pty, terminal) = pty_process::blocking::open()?;
        pty.resize(pty_process::Size::new(rows, columns))?;
        let mut dressed = pty_process::blocking::Command::new(command.get_program())
            .args(command.get_args())
            .env_clear()
            .env("TERM", "xterm-256color");
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                dressed = dressed.env(name, value);
            }
        }
        let began = Instant::now();
        let child = dressed.spawn(terminal)?;
        let one = |it| NonZeroU16::new(it).context("a terminal has rows and columns");
        Ok(Self {
            child,
            pty,
            parser: vt100::Parser::new(one(rows)?, one(columns)?, 0),
            began,
        })
    }

    /// The process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types.
    pub(super) fn strike(&mut self, keys: &str) -> Result<()> {
        (&self.pty).write_all(keys.as_bytes())?;
        Ok(())
    }

    /// What a person sees.
    pub(super) fn contents(&self) -> String {
        self.parser.screen().contents()
    }

    /// Types, and waits until the reaction to it is over.
    pub(super) fn react(&mut self, keys: &str) -> Result<Reaction> {
        self.react_until(keys, QUIET)
    }

    /// The same with a longer silence at its end.
    pub(super) fn react_until(&mut self, keys: &str, quiet: Duration) -> Result<Reaction> {
        let began = Instant::now();
        self.strike(keys)?;
        let mut reaction = Reaction {
            took: Duration::ZERO,
            bytes: 0,
        };
        while let Some((at, bytes)) = self.piece(quiet)? {
            reaction.took = at - began;
            reaction.bytes += bytes;
        }
        Ok(reaction)
    }

    /// Reads until what a person sees is so; how long after `since` the piece came that made it so.
    pub(super) fn until(
        &mut self,
        since: Instant,
        what: &str,
        so: impl Fn(&str) -> bool,
    ) -> Result<Duration> {
        loop {
            let Some((at, _)) = self.piece(PATIENCE)? else {
                bail!("waited for {what}; the screen:\n{}", self.contents());
            };
            if so(&self.contents()) {
                return Ok(at - since);
            }
        }
    }

    /// The same of a text, from the program's start.
    pub(super) fn first(&mut self, text: &str) -> Result<Duration> {
        let began = self.began;
        self.until(began, text, |seen| seen.contains(text))
    }

    /// Waits for a text, which may stand there already.
    pub(super) fn wait_for(&mut self, text: &str) -> Result<()> {
        if !self.contents().contains(text) {
            self.first(text)?;
        }
        Ok(())
    }

    /// Waits until nothing has been written for a while; gives the bytes until then.
    pub(super) fn still(&mut self) -> Result<usize> {
        let mut all = 0;
        while let Some((_, bytes)) = self.piece(Duration::from_millis(300))? {
            all += bytes;
        }
        Ok(all)
    }

    /// Reads for so long, whatever comes; gives the bytes.
    pub(super) fn listen(&mut self, time: Duration) -> Result<usize> {
        let end = Instant::now() + time;
        let mut all = 0;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(all);
            }
            if let Some((_, bytes)) = self.piece(left)? {
                all += bytes;
            }
        }
    }

    /// The next piece, within so long: when it had been read, and its bytes.
    fn piece(&mut self, within: Duration) -> Result<Option<(Instant, usize)>> {
        let timeout = Timespec::try_from(within)?;
        let mut ready = [PollFd::new(&self.pty, PollFlags::IN)];
        if poll(&mut ready, Some(&timeout))? == 0 {
            return Ok(None);
        }
        let mut buffer = [0; 8 << 10];
        let read = (&self.pty).read(&mut buffer);
        let read = read.with_context(|| format!("it ended; the screen:\n{}", self.contents()))?;
        let at = Instant::now();
        self.parser.process(&buffer[..read]);
        Ok(Some((at, read)))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
