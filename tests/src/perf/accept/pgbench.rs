//! The floor of the hosted engine: pgbench, which sends the engine's own statements in the engine's
//! order and flights, and decides nothing between them.

mod script;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_postgres::Cluster;

use self::script::Shape;
use super::{Timing, scene::Sample};

/// A copy of the measured database, and what pgbench is to write there.
pub(super) struct Floor<'a> {
    pub(super) cluster: &'a Cluster,
    /// The copy.
    pub(super) database: String,
    /// The app role, with the same rights as in the measured database.
    pub(super) role: &'a str,
    /// Its password.
    pub(super) password: &'a str,
}

/// The program, or why there is none.
pub(super) fn found(cluster: &Cluster) -> Result<PathBuf, String> {
    let program = cluster.bin().program("pgbench");
    if program.is_file() {
        return Ok(program);
    }
    let directory = cluster.bin().directory().display();
    Err(format!("there is no pgbench in {directory}"))
}

impl Floor<'_> {
    /// Puts down what the benches of a scene write, where pgbench's clients find it by number.
    pub(super) fn tell(&self, scene: &str, samples: &[&Sample]) -> Result<()> {
        let mut text = script::table(self.role);
        for (client, sample) in samples.iter().enumerate() {
            text.push_str(&script::row(scene, client, sample));
        }
        self.cluster.sql(&self.database, &text).map(drop)
    }

    /// One client for each bench of the scene; gives operations per second. `alone`: each has a
    /// shop of its own.
    pub(super) fn run(
        &self,
        program: &Path,
        scene: &str,
        (clients, batch, alone): (usize, u32, bool),
        timing: Timing,
    ) -> Result<f64> {
        let shape = Shape {
            scene,
            batch,
            alone,
        };
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), shape.text())?;
        // Connections and prepared statements, once for each client, count for nothing; and the
        // last second is not whole.
        let (warm, measured) = (timing.warm.as_secs() + 1, timing.measured.as_secs());
        let address = self.cluster.address();
        let said = Command::new(program)
            .args(["-n", "-M", "prepared", "-P", "1", "-D", "ready=0"])
            .args(["-c", &clients.to_string(), "-j", "2"])
            .args(["-T", &(warm + measured + 1).to_string()])
            .arg("-f")
            .arg(file.path())
            .args(["-h", &address.ip().to_string()])
            .args(["-p", &address.port().to_string()])
            .args(["-U", self.role])
            .arg(&self.database)
            .env("PGPASSWORD", self.password)
            // What the measured database has as a setting of the role in it.
            .env("PGOPTIONS", "-c search_path=redtag,pg_temp")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .context("pgbench cannot be started")?;
        let words = String::from_utf8_lossy(&said.stderr);
        let report = String::from_utf8_lossy(&said.stdout);
        ensure!(said.status.success(), "pgbench failed: {words}");
        ensure!(
            report.contains("number of failed transactions: 0 "),
            "pgbench's transactions failed: {report}"
        );
        let skip = usize::try_from(warm)?;
        let take = usize::try_from(measured)?;
        let rates: Vec<f64> = words.lines().filter_map(progress).collect();
        let Some(rates) = rates.get(skip..skip + take) else {
            bail!("pgbench did not report each second: {words}");
        };
        #[expect(clippy::cast_precision_loss, reason = "some seconds")]
        let seconds = rates.len() as f64;
        Ok(rates.iter().sum::<f64>() / seconds * f64::from(batch))
    }
}

/// The transactions per second that a line of progress tells.
fn progress(line: &str) -> Option<f64> {
    let (_, rest) = line.strip_prefix("progress: ")?.split_once(" s, ")?;
    let (rate, _) = rest.split_once(" tps")?;
    rate.parse().ok()
}

#[cfg(test)]
mod tests;
