//! The full-screen client in a real terminal: bytes go in as keys, and what it draws is read as a
//! person would see it.

use std::{
    io::{Read as _, Write as _},
    num::NonZeroU16,
    os::unix::net::UnixStream,
    process::{Child, Command, ExitStatus},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use pty_process::blocking::Pty;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, Signal, kill_process},
    termios::{LocalModes, tcgetattr},
};
use vt100::MouseProtocolMode;

use super::wait::{PATIENCE, eventually};

/// A program in a terminal. Dropping it kills the program.
pub struct Screen {
    child: Child,
    pty: Option<Arc<Pty>>,
    reader: Option<Reader>,
    parser: vt100::Parser,
    /// Every byte that the program wrote.
    raw: Vec<u8>,
    /// Whether there is no alternate screen; and the end of a piece that may be half of a switch to it.
    no_alternate: bool,
    half: Vec<u8>,
}

/// The thread that reads the terminal. It ends when `wake` is dropped.
struct Reader {
    pieces: mpsc::Receiver<Vec<u8>>,
    wake: UnixStream,
    thread: JoinHandle<()>,
}

impl Screen {
    /// Runs a command in a new terminal.
    pub fn open(command: &Command, rows: u16, columns: u16) -> Result<Self> {
        let (pty, terminal) = pty_process::blocking::open()?;
        pty.resize(pty_process::Size::new(rows, columns))?;
        let child = dressed(command).spawn(terminal)?;
        let pty = Arc::new(pty);
        let (rows, columns) = size(rows, columns)?;
        Ok(Self {
            child,
            reader: Some(Reader::over(&pty)?),
            pty: Some(pty),
            parser: vt100::Parser::new(rows, columns, 0),
            raw: Vec::new(),
            no_alternate: false,
            half: Vec::new(),
        })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types. Keys beyond text are the bytes that a terminal sends: `\r` Enter, `\x1b` Escape,
    /// `\x1b[B` down.
    pub fn keys(&mut self, keys: &str) -> Result<()> {
        let pty = self.pty.as_deref();
        let mut pty = pty.context("the terminal is gone")?;
        pty.write_all(keys.as_bytes())
            .context("the terminal takes no keys")
    }

    /// From now on it is a terminal without an alternate screen, as the Linux console is.
    pub fn has_one_screen(&mut self) {
        self.no_alternate = true;
    }

    /// Whether the numeric pad sends codes of its own in place of digits.
    pub fn has_strange_pad(&mut self) -> bool {
        self.take_in(Duration::ZERO);
        self.parser.screen().application_keypad()
    }

    /// Another size, as when a window is dragged.
    pub fn resize(&mut self, rows: u16, columns: u16) -> Result<()> {
        let pty = self.pty.as_deref().context("the terminal is gone")?;
        pty.resize(pty_process::Size::new(rows, columns))?;
        let (rows, columns) = size(rows, columns)?;
        self.parser.set_size(rows, columns);
        Ok(())
    }

    /// What a person sees now.
    pub fn contents(&mut self) -> String {
        self.take_in(Duration::ZERO);
        self.parser.screen().contents()
    }

    /// Every byte that was written so far.
    pub fn raw(&mut self) -> &[u8] {
        self.take_in(Duration::ZERO);
        &self.raw
    }

    /// Waits until the text stands on the screen.
    pub fn wait_for(&mut self, text: &str) -> Result<()> {
        self.wait_until(&format!("“{text}” on the screen"), |screen| {
            screen.contains(text)
        })
    }

    /// Waits until what a person sees is so.
    pub fn wait_until(&mut self, what: &str, so: impl Fn(&str) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.contents();
            if so(&seen) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let ended = self.child.try_wait()?;
                bail!("waited for {what}; the program: {ended:?}; the screen:\n{seen}");
            }
            self.take_in(Duration::from_millis(50));
        }
    }

    /// Waits until more than so many bytes were written.
    pub fn wait_for_more(&mut self, than: usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.raw.len() <= than {
            ensure!(Instant::now() <= deadline, "nothing more is drawn");
            self.take_in(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Lets so much time pass, or less when something is written.
    pub fn pause(&mut self, at_most: Duration) {
        self.take_in(at_most);
    }

    /// A signal to the program.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }

    /// Waits for the program's end, reading what it still writes.
    pub fn ended(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.take_in(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait()? {
                // What it wrote last may still be on its way through the terminal.
                self.take_in(Duration::from_millis(200));
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("the program does not end; the screen:\n{}", self.contents());
            }
        }
    }

    /// Whether the terminal is as a shell wants it: the normal screen, a cursor, no mouse reports,
    /// no marked pastes, line editing with echo.
    pub fn is_restored(&mut self) -> Result<()> {
        self.take_in(Duration::ZERO);
        let screen = self.parser.screen();
        ensure!(!screen.alternate_screen(), "still on the alternate screen");
        ensure!(!screen.hide_cursor(), "the cursor is still hidden");
        ensure!(!screen.bracketed_paste(), "pastes are still marked");
        ensure!(
            screen.mouse_protocol_mode() == MouseProtocolMode::None,
            "the mouse is still reported"
        );
        let pty = self.pty.as_deref().context("the terminal is gone")?;
        let modes = tcgetattr(pty)?.local_modes;
        ensure!(
            modes.contains(LocalModes::ICANON | LocalModes::ECHO),
            "the terminal is still in raw mode"
        );
        Ok(())
    }

    /// The terminal stands still: nobody reads it any more, as behind a line that is stuck.
    pub fn deafen(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.stop();
        }
    }

    /// The terminal goes away under the program, as when an SSH line breaks. Waits for its end.
    pub fn hang_up(&mut self) -> Result<ExitStatus> {
        if let Some(reader) = self.reader.take() {
            reader.stop();
        }
        let pty = self.pty.take().and_then(Arc::into_inner);
        drop(pty.context("the terminal is still read")?);
        eventually("the end of a program whose terminal is gone", || {
            let ended = self.child.try_wait()?;
            ended.context("it still runs")
        })
    }

    /// Takes in what was written, waiting for the first piece at most so long.
    fn take_in(&mut self, within: Duration) {
        let Some(reader) = &self.reader else {
            return;
        };
        let first = reader.pieces.recv_timeout(within).ok();
        for piece in first.into_iter().chain(reader.pieces.try_iter()) {
            self.raw.extend_from_slice(&piece);
            if self.no_alternate {
                self.half.extend_from_slice(&piece);
                let shown = without_switches(&mut self.half);
                self.parser.process(&shown);
            } else {
                self.parser.process(&piece);
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            reader.stop();
        }
    }
}

impl Reader {
    fn over(pty: &Arc<Pty>) -> Result<Self> {
        let (wake, asleep) = UnixStream::pair()?;
        let (send, pieces) = mpsc::channel();
        let pty = Arc::clone(pty);
        let thread = thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            loop {
                let mut ready = [
                    PollFd::new(&*pty, PollFlags::IN),
                    PollFd::new(&asleep, PollFlags::IN),
                ];
                if poll(&mut ready, None).is_err() || !ready[1].revents().is_empty() {
                    return;
                }
                match (&*pty).read(&mut buffer) {
                    Ok(read) if read > 0 => {
                        if send.send(buffer[..read].to_vec()).is_err() {
                            return;
                        }
                    }
                    // All programs on the terminal have ended.
                    _ => return,
                }
            }
        });
        Ok(Self {
            pieces,
            wake,
            thread,
        })
    }

    fn stop(self) {
        drop(self.wake);
        // A thread that panicked has nothing to tell here.
        let _ = self.thread.join();
    }
}

/// What a terminal without an alternate screen makes of it: the switches are taken out. What may be the
/// first half of one stays for the next time.
fn without_switches(bytes: &mut Vec<u8>) -> Vec<u8> {
    const SWITCHES: [&[u8]; 2] = [b"\x1b[?1049h", b"\x1b[?1049l"];
    let mut shown = Vec::new();
    let mut rest = std::mem::take(bytes);
    loop {
        let Some(at) = rest.iter().position(|it| *it == 0x1b) else {
            shown.append(&mut rest);
            return shown;
        };
        let after = rest.split_off(at);
        shown.append(&mut rest);
        rest = after;
        let whole = |it: &&&[u8]| rest.starts_with(it);
        if let Some(switch) = SWITCHES.iter().find(whole) {
            rest.drain(..switch.len());
        } else if SWITCHES.iter().any(|it| it.starts_with(&rest)) {
            *bytes = rest;
            return shown;
        } else {
            shown.push(rest.remove(0));
        }
    }
}

/// The command for the terminal: the pty crate has a builder of its own.
fn dressed(command: &Command) -> pty_process::blocking::Command {
    let mut dressed = pty_process::blocking::Command::new(command.get_program())
        .args(command.get_args())
        .env_clear()
        .env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            dressed = dressed.env(name, value);
        }
    }
    dressed
}

fn size(rows: u16, columns: u16) -> Result<(NonZeroU16, NonZeroU16)> {
    let rows = NonZeroU16::new(rows).context("a terminal has at least one row")?;
    let columns = NonZeroU16::new(columns).context("a terminal has at least one column")?;
    Ok((rows, columns))
}
