//! Picking up a changed file while running. A change that cannot be read is refused whole: what
//! held before holds on, and the reason is shown.

use std::path::{Path, PathBuf};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use redtag_protocol::ipc::Setting;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{Config, Flags, Loaded, layer::MACHINE};
use crate::{paths::Paths, service};

/// The configuration in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// What holds.
    pub config: Config,
    /// The same for people, with where each value comes from.
    pub told: Vec<Setting>,
    /// Why a changed file was refused and the old values kept, for
    /// [`redtag_protocol::ipc::Status::notices`].
    pub problem: Option<String>,
}

impl From<Loaded> for Settings {
    fn from(loaded: Loaded) -> Self {
        Self {
            told: loaded.settings(),
            config: loaded.config,
            problem: None,
        }
    }
}

/// Watches the files and sends every change that matters, until `stop`; reads them also when
/// `reload` is notified.
pub async fn watch(
    paths: &Paths,
    flags: Flags,
    settings: watch::Sender<Settings>,
    reload: &Notify,
    stop: CancellationToken,
) {
    let own = flags.file.clone().unwrap_or_else(|| paths.config_file());
    let (tell, mut told) = mpsc::channel(1);
    // Directories and not files: editors replace a file, and it need not be there yet.
    let files = [own, PathBuf::from(MACHINE)];
    let _watcher = watcher(&files, tell);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(()) = told.recv() => {}
            () = reload.notified() => {}
        }
        service::reloading();
        let next = Config::load(paths, &flags, &|name| std::env::var_os(name));
        settings.send_if_modified(|settings| {
            let next = match next {
                Ok(loaded) => loaded.into(),
                Err(error) => Settings {
                    problem: Some(format!(
                        "The changed configuration is refused and the old one holds: {error}."
                    )),
                    ..settings.clone()
                },
            };
            let changed = *settings != next;
            if changed {
                if let Some(problem) = &next.problem {
                    tracing::warn!("{problem}");
                } else {
                    tracing::info!("the changed configuration holds now");
                }
                *settings = next;
            }
            changed
        });
        service::reloaded();
    }
}

fn watcher(files: &[PathBuf], tell: mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let wanted: Vec<PathBuf> = files.to_vec();
    let heard = move |event: notify::Result<notify::Event>| {
        let ours = event.is_ok_and(|event| {
            !event.kind.is_access() && event.paths.iter().any(|path| wanted.contains(path))
        });
        if ours {
            // One waiting message is enough: the files are read after it.
            let _ = tell.try_send(());
        }
    };
    let mut watcher = notify::recommended_watcher(heard)
        .inspect_err(|error| tracing::warn!(%error, "configuration files are not watched"))
        .ok()?;
    for dir in files.iter().filter_map(|file| file.parent()) {
        if dir.is_dir() {
            watch_dir(&mut watcher, dir);
        }
    }
    Some(watcher)
}

fn watch_dir(watcher: &mut RecommendedWatcher, dir: &Path) {
    if let Err(error) = watcher.watch(dir, RecursiveMode::NonRecursive) {
        tracing::warn!(%error, "{} is not watched", dir.display());
    }
}
