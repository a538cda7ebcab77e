use std::{ffi::OsString, fs, path::Path};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::paths::Paths;

struct Home {
    dir: tempfile::TempDir,
    paths: Paths,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home: OsString = dir.path().into();
        let paths = Paths::find(false, &|name| (name == "REDTAG_HOME").then(|| home.clone()));
        let paths = paths.unwrap();
        paths.make().unwrap();
        Self { dir, paths }
    }

    fn load(&self, file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
        self.loaded(file, &Flags::default(), env)
            .map(|it| it.config)
    }

    fn loaded(
        &self,
        file: &str,
        flags: &Flags,
        env: &[(&str, &str)],
    ) -> Result<Loaded, ConfigError> {
        fs::write(self.paths.config_file(), file).unwrap();
        let env = |name: &str| {
            let found = env.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Config::load(&self.paths, flags, &env)
    }
}

#[test]
fn nothing_said_means_the_defaults() {
    let home = Home::new();
    let loaded = Config::load(&home.paths, &Flags::default(), &|_| None).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.settings().iter().all(|it| it.origin == "default"));
}

#[test]
fn flags_stand_over_environment_over_file() {
    let home = Home::new();
    let file = "[log]\nlevel = \"warn\"\nkeep = 3\n[sync]\npull_seconds = 30\n";
    let env = [("REDTAG_LOG_LEVEL", "error"), ("REDTAG_LOG_KEEP", "5")];
    let config = home.load(file, &env).unwrap();
    assert_eq!(config.log_level, Level::Error);
    assert_eq!(config.log_keep, 5);
    assert_eq!(config.pull_every, Duration::from_secs(30));

    let flags = Flags {
        file: None,
        log_level: Some(Level::Trace),
    };
    let config = Config::load(&home.paths, &flags, &|_| None).unwrap().config;
    assert_eq!(config.log_level, Level::Trace);
    assert_eq!(config.log_keep, 3);
}

#[test]
fn what_is_wrong_is_refused_with_file_line_and_key() {
    let home = Home::new();
    for (file, line, word) in [
        ("[log]\n\nlevle = \"warn\"\n", "line 3", "levle"),
        ("[lgo]\n", "line 1", "lgo"),
        ("[log]\nkeep = 0\n", "line 2", "between 1 and 365"),
        ("[log]\nkeep = 99999999999\n", "line 2", "between 1 and 365"),
        ("[log]\nlevel = \"loud\"\n", "line 2", "loud"),
        ("[network]\nca = \"ca.pem\"\n", "line 2", "absolute"),
        ("[log\n", "line 1", ""),
        ("[log]\nx\u{1b}[31m = 1", "line 2", ""),
    ] {
        let error = home.load(file, &[]).unwrap_err().to_string();
        assert!(error.contains("config.toml"), "{error}");
        assert!(error.contains(line), "{file:?}: {error}");
        assert!(error.contains(word), "{file:?}: {error}");
        assert!(!error.contains('\u{1b}'), "{error:?}");
    }
    for (name, value) in [
        ("REDTAG_LOG_LEVEL", "loud"),
        ("REDTAG_LOG_KEEP", "many"),
        ("REDTAG_SYNC_PULL_SECONDS", "1"),
        ("REDTAG_NETWORK_CA", "ca.pem"),
        ("REDTAG_LOCK_IDLE_SECONDS", "0"),
    ] {
        let error = home.load("", &[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn the_clients_share_of_the_file_is_left_to_the_client() {
    let home = Home::new();
    let config = home.load("[client]\ntheme = \"mono\"\n", &[]).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn every_value_says_where_it_comes_from() {
    let home = Home::new();
    let file = "[log]\nlevel = \"warn\"\nkeep = 3\n[network]\nca = \"/etc/ca.pem\"\n";
    let flags = Flags {
        file: None,
        log_level: Some(Level::Debug),
    };
    let env = [
        ("REDTAG_LOG_KEEP", "5"),
        ("REDTAG_SYNC_MAX_BACKOFF_SECONDS", "9"),
        ("REDTAG_LOCK_IDLE_SECONDS", "7"),
    ];
    let loaded = home.loaded(file, &flags, &env).unwrap();
    let told: Vec<String> = loaded
        .settings()
        .into_iter()
        .map(|it| format!("{} = {} from {}", it.key, it.value, it.origin))
        .collect();
    let place = home.paths.config_file();
    let ca = format!("network.ca = \"/etc/ca.pem\" from {}", place.display());
    assert_eq!(
        told,
        [
            "log.level = \"debug\" from --log-level",
            "log.keep = 5 from REDTAG_LOG_KEEP",
            "sync.pull_seconds = 60 from default",
            "sync.max_backoff_seconds = 9 from REDTAG_SYNC_MAX_BACKOFF_SECONDS",
            &ca,
            "lock.idle_seconds = 7 from REDTAG_LOCK_IDLE_SECONDS",
            "lock.lease_days = 14 from default",
        ]
    );
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let home = Home::new();
    let flags = Flags {
        file: Some(home.dir.path().join("absent.toml")),
        log_level: None,
    };
    let error = Config::load(&home.paths, &flags, &|_| None).unwrap_err();
    assert!(error.to_string().contains("absent.toml"), "{error}");
}

#[tokio::test]
async fn a_change_is_picked_up_and_a_bad_one_is_refused() {
    let home = Home::new();
    let (sender, mut seen) = watch::channel(Settings::default());
    let stop = CancellationToken::new();
    let paths = home.paths.clone();
    let watching = tokio::spawn({
        let stop = stop.clone();
        async move {
            let reload = Notify::new();
            watch(&paths, Flags::default(), sender, &reload, stop).await;
        }
    });
    let file = home.paths.config_file();

    until(&mut seen, &file, "[log]\nkeep = 3\n", |it| {
        it.config.log_keep == 3
    })
    .await;
    until(&mut seen, &file, "[log]\nkepe = 4\n", |it| {
        it.problem.is_some()
    })
    .await;
    assert_eq!(seen.borrow().config.log_keep, 3);
    until(&mut seen, &file, "[log]\nkeep = 5\n", |it| {
        it.problem.is_none()
    })
    .await;
    assert_eq!(seen.borrow().config.log_keep, 5);

    stop.cancel();
    watching.await.unwrap();
}

/// Writes until it is seen: the watch may begin after the first write.
async fn until(
    seen: &mut watch::Receiver<Settings>,
    file: &Path,
    text: &str,
    done: impl Fn(&Settings) -> bool,
) {
    for _ in 0..100 {
        fs::write(file, text).unwrap();
        let waited = tokio::time::timeout(Duration::from_millis(100), seen.wait_for(&done)).await;
        if let Ok(found) = waited {
            found.unwrap();
            return;
        }
    }
    panic!("{text:?} was not picked up");
}

#[test]
fn the_packages_file_names_every_key_with_its_default() {
    const DELIVERED: &str = include_str!("../../../assets/debian/redtag/config.toml");
    let home = Home::new();
    assert_eq!(home.load(DELIVERED, &[]).unwrap(), Config::default());
    // With the marks taken away.
    let told: String = DELIVERED
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|it| !it.starts_with(' ')))
        .flat_map(|line| [line, "\n"])
        .collect();
    let loaded = home.loaded(&told, &Flags::default(), &[]).unwrap();
    let expected = Config {
        ca: Some("/etc/redtag/ca.pem".into()),
        ..Config::default()
    };
    assert_eq!(loaded.config, expected);
    let left_out: Vec<_> = loaded
        .settings()
        .into_iter()
        .filter(|it| it.origin == "default")
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
