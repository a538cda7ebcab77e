//! The units of systemd, looked at by systemd's own program. Ignored where that is missing, unless
//! `REDTAG_REQUIRE=all` says that it must be there.

#![expect(clippy::unwrap_used, reason = "a test: what fails here fails it")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use libtest_mimic::{Arguments, Failed, Trial};

/// Tenths of systemd's exposure level, at most.
const EXPOSURE: &str = "15";

fn main() -> ExitCode {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing = !std::env::split_paths(&path).any(|dir| dir.join("systemd-analyze").is_file());
    let required = std::env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all");
    let trial = |name: &str, test: fn()| {
        let run = move || {
            test();
            Ok::<_, Failed>(())
        };
        Trial::test(name, run)
            .with_kind(if missing { "needs systemd-analyze" } else { "" })
            .with_ignored_flag(missing && !required)
    };
    let tests = vec![
        trial("the_system_units_are_exposed_little", exposure),
        trial("every_unit_is_understood", verify),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn units(kind: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("assets/systemd").join(kind)
}

fn exposure() {
    for unit in ["redtagd.service", "redtag-server.service"] {
        let out = Command::new("systemd-analyze")
            .args([
                "security",
                "--no-pager",
                "--offline=true",
                "--threshold",
                EXPOSURE,
            ])
            .arg(units("system").join(unit))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success(), "{unit}: {}", said.trim_end());
    }
}

/// Unknown sections, keys and values are said on standard error. The programs need not be installed.
fn verify() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["system", "user"] {
        let copies = dir.path().join(kind);
        fs::create_dir(&copies).unwrap();
        let mut all = Vec::new();
        for unit in fs::read_dir(units(kind)).unwrap() {
            let unit = unit.unwrap();
            let text = fs::read_to_string(unit.path()).unwrap();
            let copy = copies.join(unit.file_name());
            fs::write(&copy, text.replace("/usr/bin/redtag", "/bin/true redtag")).unwrap();
            all.push(copy);
        }
        let mut command = Command::new("systemd-analyze");
        command.args(["verify", "--man=no", "--no-pager"]);
        if kind == "user" {
            command.arg("--user").env("XDG_RUNTIME_DIR", dir.path());
        }
        let out = command.args(&all).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        let ours: Vec<&str> = said
            .lines()
            .filter(|line| line.contains(&*copies.to_string_lossy()) || line.contains("redtag"))
            .collect();
        assert!(ours.is_empty(), "{kind}: {ours:#?}");
    }
}
