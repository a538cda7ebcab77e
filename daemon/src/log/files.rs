//! The files of a person's log: one a day, begun anew within the day where it has grown too long, and
//! no more of them than are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tracing_appender::rolling::{RollingFileAppender, Rotation};

use super::NAME;

/// What a file ends with.
const SUFFIX: &str = ".log";

/// How long a file may grow, in bytes.
pub(super) const LONGEST: u64 = 8 << 20;

/// A writer that takes whole lines. All its files together hold at most `keep` × `longest` bytes.
pub(super) struct Files {
    dir: PathBuf,
    keep: usize,
    longest: u64,
    appender: RollingFileAppender,
    /// How long the file is that is written now; more where a new day has begun since.
    written: u64,
}

impl Files {
    /// Goes on with the day's file, or begins it. Of the older files the oldest go.
    pub(super) fn open(dir: &Path, keep: usize, longest: u64) -> io::Result<Self> {
        let appender = appender(dir, keep)?;
        let written = newest(dir)?.map_or(0, |(_, length)| length);
        Ok(Self {
            dir: dir.to_owned(),
            keep,
            longest,
            appender,
            written,
        })
    }

    /// Puts the file that is full under another name and begins the next.
    fn make_room(&mut self, line: u64) -> io::Result<()> {
        let (day, length) = newest(&self.dir)?.unwrap_or_default();
        if length == 0 || length + line <= self.longest {
            // The appender has gone on to a new day by itself.
            self.written = length;
            return Ok(());
        }
        let full = (1..=u32::MAX)
            .map(|part| self.dir.join(format!("{NAME}.{day}.{part}{SUFFIX}")))
            .find(|path| !path.exists())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        fs::rename(self.dir.join(format!("{NAME}.{day}{SUFFIX}")), full)?;
        self.appender = appender(&self.dir, self.keep)?;
        self.written = 0;
        Ok(())
    }
}

impl io::Write for Files {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.written.saturating_add(length) > self.longest {
            self.make_room(length)?;
        }
        let written = self.appender.write(line)?;
        self.written += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.appender.flush()
    }
}

fn appender(dir: &Path, keep: usize) -> io::Result<RollingFileAppender> {
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(NAME)
        .filename_suffix(&SUFFIX[1..])
        .max_log_files(keep)
        .build(dir)
        .map_err(io::Error::other)
}

/// The day and the length of the youngest file that is not full.
fn newest(dir: &Path) -> io::Result<Option<(String, u64)>> {
    let mut newest = None;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Some(day) = entry.file_name().to_str().and_then(day) else {
            continue;
        };
        if newest.as_ref().is_none_or(|(known, _)| *known < day) {
            newest = Some((day, entry.metadata()?.len()));
        }
    }
    Ok(newest)
}

/// `2026-11-23` of `redtagd.2026-11-23.log`; nothing of the name of a full one.
fn day(name: &str) -> Option<String> {
    let day = name
        .strip_prefix(NAME)?
        .strip_prefix('.')?
        .strip_suffix(SUFFIX)?;
    let is_day = day.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    is_day.then(|| day.to_owned())
}

#[cfg(test)]
mod tests;
