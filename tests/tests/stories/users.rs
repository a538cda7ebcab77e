//! Several Unix users on one machine, with the system service where it lies when it is installed:
//! in a mount namespace of the test's own, so that nothing of the machine is touched. Needs root.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{Ground, Outcome, PASSWORD, Process, Stack, eventually};
use rustix::process::geteuid;
use serde_json::Value;

use crate::{
    PROGRAM,
    story::{Story, stories},
};

pub(crate) const STORIES: &[Story] = stories![
    the_system_service_keeps_users_apart,
    what_others_plant_is_not_followed,
    the_daemon_cannot_be_read_by_its_own_user,
];

/// Numbers that no account of a machine has. The service runs as the first.
const SERVICE: u32 = 61_100;
const ANN: u32 = 61_101;
const TIM: u32 = 61_102;
const STRANGER: u32 = 61_103;
/// The group whose members may speak to the service.
const GROUP: u32 = 61_100;

/// What these stories need and this machine has not.
pub(crate) fn missing() -> Option<String> {
    if !geteuid().is_root() {
        return Some("needs root, for several Unix users".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there =
        |program: &&str| std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    let programs = ["unshare", "nsenter", "mount", "setpriv"];
    if let Some(program) = programs.into_iter().find(|program| !there(program)) {
        return Some(format!("needs {program}"));
    }
    let own = Command::new("unshare").args(["--mount", "true"]).output();
    let may = own.is_ok_and(|out| out.status.success());
    (!may).then(|| "needs a mount namespace, which this container forbids".to_owned())
}

/// The service, in a mount namespace in which `/run` holds nothing but its socket.
struct Service {
    process: Process,
    ground: Ground,
}

impl Service {
    fn start(ground: &Ground) -> Result<Self> {
        // A home of the tests is closed to others; each user's own below it stays so.
        fs::set_permissions(ground.path(), fs::Permissions::from_mode(0o711))?;
        let (state, credentials) = (ground.path().join("state"), ground.path().join("handed"));
        for dir in [&state, &credentials] {
            closed(dir, SERVICE)?;
        }
        let key = credentials.join("redtagd.key");
        // Made once, as at the installation.
        if !key.exists() {
            fs::write(&key, redtag_tests::random::<32>()?)?;
            chown(&key, Some(SERVICE), None)?;
        }
        let script = format!(
            "mount -t tmpfs -o mode=755 run /run
             mkdir -m 750 /run/redtag
             chown {SERVICE}:{GROUP} /run/redtag
             exec setpriv --reuid={SERVICE} --regid={GROUP} --clear-groups \"$@\""
        );
        let mut command = Command::new("unshare");
        command
            .args([
                "--mount",
                "--propagation=private",
                "sh",
                "-ec",
                &script,
                "sh",
                PROGRAM,
            ])
            .args(["daemon", "run", "--system"])
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("STATE_DIRECTORY", &state)
            .env("RUNTIME_DIRECTORY", "/run/redtag")
            .env("CREDENTIALS_DIRECTORY", &credentials);
        let log = ground.path().join("service.log");
        let it = Self {
            process: Process::start(command, "the system service", &log)?,
            ground: ground.clone(),
        };
        eventually("the service to let its group in", || {
            it.run(ANN, &["daemon", "status"], "")?.done()
        })?;
        Ok(it)
    }

    /// Runs a command of the client as this user, who is in the group unless they are a stranger.
    fn run(&self, uid: u32, arguments: &[&str], input: &str) -> Result<Outcome> {
        let home = home_of(&self.ground, uid)?;
        let groups = if uid == STRANGER {
            "--clear-groups".to_owned()
        } else {
            format!("--groups={GROUP}")
        };
        let mut command = Command::new("nsenter");
        command
            .args(["--mount", &format!("--target={}", self.process.pid())])
            .args([
                "setpriv",
                &format!("--reuid={uid}"),
                &format!("--regid={uid}"),
                &groups,
            ])
            .args([PROGRAM, "tui"])
            .args(arguments);
        output(command, &home, input)
    }

    fn json(&self, uid: u32, arguments: &[&str]) -> Result<Value> {
        let with = [arguments, &["--json"]].concat();
        Ok(serde_json::from_str(&self.run(uid, &with, "")?.done()?)?)
    }

    fn sign_in(&self, stack: &Stack, uid: u32, role: Role) -> Result<()> {
        let (url, email) = (stack.url(), format!("{role}@example.com"));
        let shop = stack.shop().to_string();
        let login = [
            "login",
            &url,
            "--email",
            &email,
            "--shop",
            &shop,
            "--password-stdin",
        ];
        self.run(uid, &login, PASSWORD)?.done()?;
        Ok(())
    }

    /// The addresses of a user's accounts.
    fn accounts(&self, uid: u32) -> Result<Vec<String>> {
        let all = self.json(uid, &["accounts"])?;
        let all = all["accounts"].as_array().context("no list of accounts")?;
        let email = |it: &Value| it["account"].as_str().map(str::to_owned);
        Ok(all.iter().filter_map(email).collect())
    }
}

fn output(mut command: Command, home: &Path, input: &str) -> Result<Outcome> {
    let mut child = command
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that reads no input may have ended already.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output()?;
    Ok(Outcome {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8(output.stderr)?,
    })
}

/// A directory of this user's that nobody else may enter.
fn closed(dir: &Path, uid: u32) -> Result<()> {
    if !dir.exists() {
        fs::create_dir(dir)?;
        chown(dir, Some(uid), Some(uid))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn home_of(ground: &Ground, uid: u32) -> Result<PathBuf> {
    let home = ground.path().join(format!("home-{uid}"));
    closed(&home, uid)?;
    Ok(home)
}

fn the_system_service_keeps_users_apart(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let service = Service::start(ground)?;
    // With a key that systemd handed over nobody is asked for consent.
    service.sign_in(&stack, ANN, Role::Owner)?;
    ensure!(service.accounts(ANN)? == ["owner@example.com"]);

    // Nothing of hers for him, whatever he calls it.
    ensure!(service.accounts(TIM)?.is_empty());
    let hers = service.json(ANN, &["accounts"])?;
    let id = hers["accounts"][0]["account_id"]
        .as_str()
        .context("no id")?;
    for account in [None, Some(id), Some("owner@example.com")] {
        let named = account.map_or(vec![], |account| vec!["--account", account]);
        for command in ["list", "customers", "vehicles", "sync"] {
            let outcome = service.run(TIM, &[named.as_slice(), &[command]].concat(), "")?;
            outcome
                .refused(3)
                .with_context(|| format!("{account:?} {command}"))?;
        }
    }
    service.run(TIM, &["use", id], "")?.refused(3)?;
    let told = service.run(TIM, &["doctor"], "")?;
    for of in [id, "owner@example.com"] {
        ensure!(!told.out.contains(of), "{}", told.out);
    }

    // Each with accounts of their own, side by side.
    service.sign_in(&stack, TIM, Role::Technician)?;
    ensure!(service.accounts(TIM)? == ["technician@example.com"]);
    ensure!(service.accounts(ANN)? == ["owner@example.com"]);

    // Nobody stops it for the others.
    let words = service.run(TIM, &["daemon", "stop"], "")?.refused(6)?;
    ensure!(words.contains("systemctl"), "{words}");
    service.run(ANN, &["daemon", "status"], "")?.done()?;

    // Who is not in the group does not come in, and is told why.
    let words = service
        .run(STRANGER, &["daemon", "status"], "")?
        .refused(7)?;
    ensure!(words.contains("group"), "{words}");

    // On the disk it is all the service's, and closed.
    let state = ground.path().join("state");
    let mut open = vec![state.clone()];
    while let Some(path) = open.pop() {
        let about = fs::symlink_metadata(&path)?;
        let mode = about.permissions().mode();
        ensure!(mode.trailing_zeros() >= 6, "{}: {mode:o}", path.display());
        if about.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        }
    }
    let keys = ground.files_with(&state, &fs::read(ground.path().join("handed/redtagd.key"))?)?;
    ensure!(keys.is_empty(), "the key lies in {keys:?}");

    // And each finds their own again.
    let Service { process, .. } = service;
    ensure!(process.terminate()?.success());
    let service = Service::start(ground)?;
    ensure!(service.accounts(TIM)? == ["technician@example.com"]);
    ensure!(service.accounts(ANN)? == ["owner@example.com"]);
    ensure!(service.process.terminate()?.success());
    Ok(())
}

/// A link in the place of a directory of a person's that lies where everybody may write.
struct Planted(PathBuf);

impl Drop for Planted {
    fn drop(&mut self) {
        // It goes with the test, however that ends.
        let _ = fs::remove_file(&self.0);
    }
}

fn what_others_plant_is_not_followed(ground: &Ground) -> Result<()> {
    fs::set_permissions(ground.path(), fs::Permissions::from_mode(0o711))?;
    let (home, theirs) = (home_of(ground, ANN)?, home_of(ground, STRANGER)?);
    // A home whose path is too long for a socket, without a directory of the session's.
    let long = home.join("h".repeat(120));
    let place = Planted(PathBuf::from(format!("/tmp/redtag-{ANN}")));
    symlink(&theirs, &place.0)?;
    rustix::fs::chownat(
        rustix::fs::CWD,
        &place.0,
        Some(rustix::fs::Uid::from_raw(STRANGER)),
        None,
        rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
    )?;
    let mut command = Command::new("setpriv");
    command
        .args([
            &format!("--reuid={ANN}"),
            &format!("--regid={ANN}"),
            "--clear-groups",
            "env",
        ])
        .arg(format!("REDTAG_HOME={}", long.display()))
        .args([PROGRAM, "daemon", "run"]);
    let outcome = output(command, &home, "")?;
    let words = outcome.refused(1)?;
    ensure!(words.contains("belongs to another user"), "{words}");
    ensure!(
        fs::read_dir(&theirs)?.next().is_none(),
        "something came to lie there"
    );
    Ok(())
}

/// A program that runs as the same person, such as one that was let in by a browser.
fn the_daemon_cannot_be_read_by_its_own_user(ground: &Ground) -> Result<()> {
    fs::set_permissions(ground.path(), fs::Permissions::from_mode(0o711))?;
    let home = home_of(ground, ANN)?;
    let of_ann = |program: &str| {
        let mut command = Command::new("setpriv");
        command
            .args([
                &format!("--reuid={ANN}"),
                &format!("--regid={ANN}"),
                "--clear-groups",
            ])
            .arg(program)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("HOME", &home)
            .env("REDTAG_HOME", home.join("redtag"));
        command
    };
    let mut run = of_ann(PROGRAM);
    run.args(["daemon", "run"]);
    let daemon = Process::start(run, "the daemon", &ground.path().join("daemon.log"))?;
    eventually("the daemon to answer its own user", || {
        let mut status = of_ann(PROGRAM);
        ensure!(
            status
                .args(["tui", "daemon", "status"])
                .output()?
                .status
                .success()
        );
        Ok(())
    })?;
    // A process of the same user that does not guard itself can be read: the check sees something.
    let mut plain = of_ann("sleep");
    let plain = Process::start(
        {
            plain.arg("60");
            plain
        },
        "a sleep",
        &ground.path().join("sleep.log"),
    )?;
    let readable = |pid: u32, file: &str| -> Result<bool> {
        let mut cat = of_ann("cat");
        Ok(cat
            .arg(format!("/proc/{pid}/{file}"))
            .output()?
            .status
            .success())
    };
    eventually("a plain process to be readable", || {
        ensure!(readable(plain.pid(), "environ")?);
        Ok(())
    })?;
    for file in ["environ", "maps"] {
        ensure!(!readable(daemon.pid(), file)?, "{file} can be read");
    }
    ensure!(daemon.terminate()?.success());
    Ok(())
}
