//! The person's own editor has the terminal for a while. It lives in our process group, so the
//! terminal's signals reach it as they would under a shell.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    process::Command,
    thread::{self, JoinHandle},
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    app::Message,
    terminal::{shell_waits, stop},
};

/// Editors that take `+LINE` before the file.
const TAKE_A_LINE: [&str; 12] = [
    "vi", "vim", "nvim", "view", "nano", "emacs", "kak", "micro", "ne", "joe", "jed", "mcedit",
];

/// A text that is to be edited.
pub(super) struct Text {
    /// What its file is called, for people.
    pub(super) name: String,
    pub(super) words: String,
    /// The file in which it lies already.
    pub(super) file: Option<String>,
    /// Where the editor is to begin, from 1.
    pub(super) line: Option<usize>,
}

/// An editor that runs. Dropping it asks the editor to end.
pub(super) struct Editing {
    pid: Pid,
    waiting: JoinHandle<()>,
}

impl Editing {
    /// Starts the editor; [`Message::Composed`] tells when it has ended.
    pub(super) fn begin(
        folder: &Path,
        text: Text,
        answers: UnboundedSender<Message>,
    ) -> anyhow::Result<Self> {
        let file = written(folder, &text)?;
        let editor = editor();
        let mut command = Command::new("sh");
        // The variable holds a command line, as every program that asks for an editor takes it.
        command
            .arg("-c")
            .arg(format!("exec {editor} \"$@\""))
            .arg("redtag")
            .args(arguments(&editor, &file, text.line));
        let child = command.spawn().context("no shell can be started")?;
        let pid = Pid::from_child(&child);
        // Not on the runtime's threads: leaving must not wait for an editor.
        let waiting = thread::spawn(move || {
            let ended = ended(pid, &editor).and_then(|()| read(&file));
            // Where nothing was written there is nothing to come back to.
            let untouched = text.file.is_none() && read(&file).is_ok_and(|it| it == text.words);
            let vain = ended.is_err() && untouched;
            if vain {
                remove(&file);
            }
            // Nobody listens any more once the person has left.
            let _ = answers.send(Message::Composed {
                file: Some(file).filter(|_| !vain),
                text: ended,
            });
        });
        Ok(Self { pid, waiting })
    }
}

impl Drop for Editing {
    fn drop(&mut self) {
        if !self.waiting.is_finished() {
            // It may have ended by itself.
            let _ = kill_process(self.pid, Signal::TERM);
        }
    }
}

/// What the person edits with.
fn editor() -> String {
    let set = |name: &str| env::var(name).ok().filter(|it| !it.trim().is_empty());
    set("VISUAL")
        .or_else(|| set("EDITOR"))
        .unwrap_or_else(|| "vi".to_owned())
}

fn arguments(editor: &str, file: &str, line: Option<usize>) -> Vec<String> {
    let program = editor.split_whitespace().next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    let file = file.to_owned();
    match line {
        Some(line) if TAKE_A_LINE.contains(&program) => vec![format!("+{line}"), file],
        Some(line) if matches!(program, "hx" | "helix") => vec![format!("{file}:{line}")],
        _ => vec![file],
    }
}

/// Puts the text into its file, readable by nobody else.
fn written(folder: &Path, text: &Text) -> anyhow::Result<String> {
    if let Some(file) = &text.file
        && fs::exists(file).unwrap_or(false)
    {
        // As the editor left it.
        return Ok(file.clone());
    }
    let place = || format!("no file can be written in {}", folder.display());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(place)?;
    let file = tempfile::Builder::new()
        .prefix(&format!("{}-", text.name))
        .suffix(".toml")
        .tempfile_in(folder)
        .with_context(place)?;
    fs::write(file.path(), &text.words).with_context(place)?;
    let (_, path) = file.keep().with_context(place)?;
    Ok(path.display().to_string())
}

/// Waits for the editor's end. Where it goes to sleep, as for Ctrl-Z, so do we, and one key of the
/// shell wakes both.
fn ended(pid: Pid, editor: &str) -> Result<(), String> {
    loop {
        let waited = rustix::io::retry_on_intr(|| waitpid(Some(pid), WaitOptions::UNTRACED));
        let status = match waited {
            Ok(Some((_, status))) => status,
            Ok(None) => return Err("the editor is not ours to wait for".to_owned()),
            Err(error) => return Err(format!("the editor cannot be waited for: {error}")),
        };
        if !status.stopped() {
            return judged(status, editor);
        }
        let asleep = if shell_waits() {
            stop()
        } else {
            kill_process(pid, Signal::CONT)
        };
        asleep.map_err(|error| format!("the editor sleeps and cannot be woken: {error}"))?;
    }
}

fn judged(status: WaitStatus, editor: &str) -> Result<(), String> {
    match status.exit_status() {
        Some(0) => Ok(()),
        Some(127) => Err(format!(
            "there is no editor called “{editor}” here; set EDITOR to one"
        )),
        Some(code) => Err(format!(
            "the editor ended with {code}, so nothing was taken"
        )),
        None => Err("the editor was ended, so nothing was taken".to_owned()),
    }
}

fn read(file: &str) -> Result<String, String> {
    let text = fs::read(file).map_err(|error| format!("{file} cannot be read: {error}"))?;
    String::from_utf8(text).map_err(|_| "the text is not in UTF-8, so nothing was taken".to_owned())
}

/// Removes a file that is not needed any more.
pub(super) fn remove(file: &str) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the file of an edited template stays");
    }
}

#[cfg(test)]
mod tests;
