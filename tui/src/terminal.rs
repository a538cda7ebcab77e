//! The terminal: taken over on entry, given back whatever happens.
//!
//! What is switched on is switched off again in the opposite order: by [`Screen`] when it is
//! dropped, by the panic hook when any thread panics, and around a sleep that the shell asked for.

mod clean;
mod hang_up;
mod job;
mod mouse;
mod thrifty;

use std::{
    io::{self, Stdout, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    terminal::{
        DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
        LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{
    Frame, Terminal,
    backend::{Backend as _, ClearType},
};

use clean::{Clean, PlainPad};
use mouse::{MouseOff, MouseOn};
use thrifty::Thrifty;

pub(crate) use hang_up::HangUp;
pub(crate) use job::{shell_waits, stop};

/// Whether the terminal is ours now; shared with the panic hook and nothing else.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is reported to us while the terminal is ours; shared as above.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
#[derive(Debug)]
pub(crate) struct Screen {
    terminal: Terminal<Thrifty<Stdout>>,
}

impl Screen {
    /// Takes the terminal over. From now on a panic in any thread gives it back and ends the
    /// program: otherwise the screen would be stripped from under a client that still runs. `mouse`
    /// says whether clicks and the wheel are to be told.
    pub(crate) fn take(mouse: bool) -> io::Result<Self> {
        install_hook();
        MOUSE.store(mouse, Ordering::SeqCst);
        enter()?;
        match Terminal::new(Thrifty::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                leave();
                Err(error)
            }
        }
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame in one piece.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw)?;
        Ok(())
    }

    /// Forgets what is on the screen, so that the next frame draws every cell.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it asks the terminal where the cursor is, and waits two seconds for
        // an answer that the reader of keys has taken.
        self.terminal.backend_mut().clear_region(ClearType::All)?;
        // Resets what was drawn last; what comes to the front is empty already.
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Gives the terminal back and stops this process, as job control does; returns when the shell
    /// wakes it, with the terminal taken over again. Only where [`shell_waits`].
    pub(crate) fn sleep(&mut self) -> io::Result<()> {
        leave();
        job::stop()?;
        self.wake()
    }

    /// Gives the terminal to another program until [`Self::wake`].
    #[expect(
        clippy::unused_self,
        reason = "only whoever has the terminal can lend it"
    )]
    pub(crate) fn lend(&mut self) {
        leave();
    }

    /// Takes the terminal over again after something else had it.
    pub(crate) fn wake(&mut self) -> io::Result<()> {
        leave();
        enter()?;
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let entered = queue!(
        out,
        EnterAlternateScreen,
        Clean,
        PlainPad,
        EnableBracketedPaste,
        DisableLineWrap,
    )
    .and_then(|()| {
        if MOUSE.load(Ordering::SeqCst) {
            queue!(out, MouseOn)?;
        }
        out.flush()
    });
    if entered.is_err() {
        leave();
    }
    entered
}

/// Gives the terminal back, once. Nobody can be told of an error: the terminal is gone, or about to
/// be somebody else's.
fn leave() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    if MOUSE.load(Ordering::SeqCst) {
        let _ = execute!(io::stdout(), MouseOff);
    }
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        EnableLineWrap,
        DisableBracketedPaste,
        // Where there is no other screen to go back to, the prompt comes on a clean one.
        Clean,
        LeaveAlternateScreen,
        Show,
    );
    let _ = disable_raw_mode();
    let _ = io::stdout().flush();
}

/// Ends the process without a word to a terminal that takes none: its line editing comes back, what is
/// on its screen stays there.
#[expect(
    clippy::disallowed_methods,
    reason = "the loop is held in a write and cannot return; every edit that was called saved is durable"
)]
pub(crate) fn abandon() -> ! {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // The process ends either way.
        let _ = disable_raw_mode();
    }
    std::process::exit(1)
}

fn install_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let ours = TAKEN.load(Ordering::SeqCst);
        leave();
        before(panic);
        if ours {
            end();
        }
    }));
}

#[expect(
    clippy::disallowed_methods,
    reason = "after a panic in any thread nothing may run on under a screen that was given back; \
              the terminal is restored already, and every edit that was called saved is durable"
)]
fn end() -> ! {
    std::process::exit(101)
}
