//! `redtag daemon logs`.

use std::{
    collections::VecDeque,
    fs::{DirEntry, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use crate::command::{desk::Desk, fault::Fault, output};

/// Prints the end of the newest log. The daemon need not run.
pub(super) async fn run(desk: &Desk, lines: usize) -> Result<(), Fault> {
    let told = desk.line_to_running().status().await.ok();
    let told = told.and_then(|status| status.log).map(PathBuf::from);
    let place = told.unwrap_or_else(|| desk.paths.logs().to_owned());
    let file = newest(&place).ok_or_else(|| {
        Fault::error(format!(
            "there is no log at {}; the system service logs to the journal: journalctl -u redtagd",
            place.display()
        ))
    })?;
    let tail = tail(&file, lines)
        .map_err(|error| Fault::error(format!("{} cannot be read: {error}", file.display())))?;
    output::text(&tail)
}

/// The file itself, or the daemon's youngest one in the directory.
fn newest(place: &Path) -> Option<PathBuf> {
    if place.is_file() {
        return Some(place.to_owned());
    }
    let entries = std::fs::read_dir(place).ok()?.filter_map(Result::ok);
    let ours = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"redtagd");
    let files = entries.filter(ours).filter_map(|entry| {
        let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some((meta.modified().ok()?, entry.path()))
    });
    files.max().map(|(_, path)| path)
}

fn tail(file: &Path, lines: usize) -> std::io::Result<String> {
    let mut last = VecDeque::new();
    for line in BufReader::new(File::open(file)?).split(b'\n') {
        if last.len() == lines {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line?).into_owned());
    }
    // With no lines wanted the queue still took each in passing.
    last.truncate(lines);
    Ok(last.into_iter().map(|line| line + "\n").collect())
}
