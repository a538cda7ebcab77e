//! The floor of everything at a terminal: a program that writes every byte back as it came.

use std::{
    env,
    io::{self, Read as _, Write as _},
    process::{Command, ExitCode},
};

use anyhow::Result;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::{COLUMNS, ROWS, line::Line};

/// Starts it in a terminal and waits until it is there.
pub(super) fn open() -> Result<Line> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("echo");
    let mut line = Line::open(&command, ROWS, COLUMNS)?;
    line.wait_for("ready")?;
    Ok(line)
}

/// Plays it.
pub(in crate::perf) fn play() -> ExitCode {
    match echo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn echo() -> Result<()> {
    let (mut keys, mut screen) = (io::stdin(), io::stdout());
    let mut modes = tcgetattr(&keys)?;
    modes.make_raw();
    tcsetattr(&keys, OptionalActions::Now, &modes)?;
    screen.write_all(b"ready\r\n")?;
    screen.flush()?;
    let mut buffer = [0; 64];
    loop {
        let read = keys.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        screen.write_all(&buffer[..read])?;
        screen.flush()?;
    }
}
