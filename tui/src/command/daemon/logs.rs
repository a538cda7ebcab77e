//! `redtag daemon logs`.

use std::{
    collections::VecDeque,
    fs::{DirEntry, File},
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use crate::command::{desk::Desk, fault::Fault, output};

/// Prints the end of the log. The daemon need not run.
pub(super) async fn run(desk: &Desk, lines: usize) -> Result<(), Fault> {
    let told = desk.line_to_running().status().await.ok();
    let told = told.and_then(|status| status.log).map(PathBuf::from);
    let place = told.unwrap_or_else(|| desk.paths.logs().to_owned());
    let files = files(&place);
    if files.is_empty() {
        return Err(Fault::error(format!(
            "there is no log at {}; the system service logs to the journal: journalctl -u redtagd",
            place.display()
        )));
    }
    let tail = tail(&files, lines)?;
    output::text(&tail)
}

/// The file itself, or the daemon's in the directory, the youngest first.
fn files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let Ok(entries) = std::fs::read_dir(place) else {
        return Vec::new();
    };
    let ours = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"redtagd");
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(ours)
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((meta.modified().ok()?, entry.path()))
        })
        .collect();
    files.sort_by(|one, other| other.cmp(one));
    files.into_iter().map(|(_, path)| path).collect()
}

/// The last lines of all files together: a new day, or a file that was begun because the one before
/// it was full, may hold few yet.
fn tail(files: &[PathBuf], lines: usize) -> Result<String, Fault> {
    let mut parts = Vec::new();
    let mut wanted = lines;
    for file in files {
        let part = last(file, wanted)
            .map_err(|error| Fault::error(format!("{} cannot be read: {error}", file.display())))?;
        wanted -= part.len();
        parts.push(part);
        if wanted == 0 {
            break;
        }
    }
    let oldest_first = parts.into_iter().rev().flatten();
    Ok(oldest_first.map(|line| line + "\n").collect())
}

fn last(file: &Path, lines: usize) -> io::Result<VecDeque<String>> {
    let mut last = VecDeque::new();
    for line in BufReader::new(File::open(file)?).split(b'\n') {
        if last.len() == lines {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line?).into_owned());
    }
    // With no lines wanted the queue still took each in passing.
    last.truncate(lines);
    Ok(last)
}

#[cfg(test)]
mod tests;
