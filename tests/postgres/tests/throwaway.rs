//! The throwaway PostgreSQL itself: what others stand on must hold first.
//!
//! The test of a holder that is killed runs this program again, with `holder` as its argument.

#![expect(clippy::expect_used, reason = "a test: what fails here fails it")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Trial};
use redtag_postgres::{ADMIN, Cluster, Config, Mode, Tls, ignored};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("holder") {
        hold().expect("a cluster to hold");
        return ExitCode::SUCCESS;
    }
    let reason = ignored();
    let trial = |name: &str, test: fn() -> Result<()>| {
        let run = move || test().map_err(|error| format!("{error:#}").into());
        Trial::test(name, run)
            .with_kind(reason.as_ref().map(ToString::to_string).unwrap_or_default())
            .with_ignored_flag(reason.is_some())
    };
    let trials = vec![
        trial("databases_are_apart_and_passwords_count", databases),
        trial("what_was_committed_survives_every_restart", restarts),
        trial("tls_shows_the_certificate_it_was_given", tls),
        trial("it_is_gone_with_its_handle", dropped),
        trial("it_is_gone_with_a_holder_that_was_killed", killed),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn databases() -> Result<()> {
    let cluster = Cluster::shared()?;
    let (one, other) = (cluster.database()?, cluster.database()?);
    ensure!(one != other);
    cluster.sql(
        &one,
        "CREATE TABLE wheel (at text); INSERT INTO wheel VALUES ('lf')",
    )?;
    assert_eq!(cluster.sql(&one, "SELECT at, 1 FROM wheel")?, "lf|1");
    ensure!(cluster.sql(&other, "SELECT at FROM wheel").is_err());
    let psql = |url: &str| {
        Command::new(cluster.bin().program("psql"))
            .args(["-X", "-w", "-c", "SELECT 1", url])
            .output()
    };
    for url in [cluster.admin_url(&one), cluster.socket_url(&one)] {
        let said = psql(&url)?;
        ensure!(said.status.success(), "{url}: {said:?}");
    }
    let wrong = psql(&cluster.url(ADMIN, "a guess/@:", &one))?;
    let words = String::from_utf8(wrong.stderr)?;
    ensure!(words.contains("password authentication failed"), "{words}");
    Ok(())
}

fn restarts() -> Result<()> {
    let config = Config {
        connections: 17,
        ..Config::default()
    };
    let cluster = Cluster::start(&config)?;
    let database = cluster.database()?;
    assert_eq!(cluster.sql(&database, "SHOW max_connections")?, "17");
    cluster.sql(&database, "CREATE TABLE mark (of int)")?;
    let address = cluster.address();
    for (count, mode) in [Mode::Fast, Mode::Immediate].into_iter().enumerate() {
        cluster.sql(&database, &format!("INSERT INTO mark VALUES ({count})"))?;
        cluster.stop(mode)?;
        ensure!(TcpStream::connect(address).is_err(), "it still listens");
        cluster.resume()?;
        assert_eq!(cluster.address(), address);
    }
    assert_eq!(cluster.sql(&database, "SELECT of FROM mark")?, "0\n1");
    cluster.restart(Mode::Fast)?;
    assert_eq!(cluster.sql(&database, "SELECT count(*) FROM mark")?, "2");
    Ok(())
}

fn tls() -> Result<()> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = made.cert.pem();
    let cluster = Cluster::start(&Config {
        tls: Some(Tls {
            certificate: certificate.clone(),
            key: made.signing_key.serialize_pem(),
        }),
        ..Config::default()
    })?;
    let root = cluster.directory().join("root.pem");
    std::fs::write(&root, certificate)?;
    let url = cluster.admin_url(ADMIN).replace("127.0.0.1", "localhost");
    let said = Command::new(cluster.bin().program("psql"))
        .args(["-X", "-w", "-A", "-t", "-c"])
        .arg("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .arg(format!(
            "{url}?sslmode=verify-full&sslrootcert={}",
            root.display()
        ))
        .output()?;
    assert_eq!(
        String::from_utf8(said.stdout)?.trim(),
        "t",
        "{:?}",
        said.stderr
    );
    Ok(())
}

fn dropped() -> Result<()> {
    let cluster = Cluster::start(&Config::default())?;
    let directory = cluster.directory().to_owned();
    let pid = postmaster(&directory)?;
    drop(cluster);
    ensure!(!directory.exists(), "its files were left behind");
    ensure!(!Path::new("/proc").join(pid).exists(), "it still runs");
    Ok(())
}

fn killed() -> Result<()> {
    let mut holder = Command::new(std::env::current_exe()?)
        .arg("holder")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let directory = directory_of(&mut holder);
    let (killed, _) = (holder.kill(), holder.wait());
    let (directory, pid) = directory?;
    killed?;
    let deadline = Instant::now() + Duration::from_secs(30);
    let gone = || !directory.exists() && !Path::new("/proc").join(&pid).exists();
    while !gone() {
        ensure!(
            Instant::now() < deadline,
            "{} is still there",
            directory.display()
        );
        thread::park_timeout(Duration::from_millis(10));
    }
    Ok(())
}

fn directory_of(holder: &mut Child) -> Result<(PathBuf, String)> {
    let mut told = String::new();
    let out = holder.stdout.as_mut().expect("it is a pipe");
    BufReader::new(out).read_line(&mut told)?;
    let directory = PathBuf::from(told.trim_end());
    let pid = postmaster(&directory)?;
    Ok((directory, pid))
}

fn postmaster(directory: &Path) -> Result<String> {
    let lock = std::fs::read_to_string(directory.join("data/postmaster.pid"))?;
    Ok(lock.lines().next().unwrap_or_default().to_owned())
}

/// Holds a cluster, tells where it is, and waits for its end.
fn hold() -> Result<()> {
    let cluster = Cluster::start(&Config::default())?;
    writeln!(std::io::stdout(), "{}", cluster.directory().display())?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(())
}
