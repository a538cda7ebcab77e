use std::{collections::HashMap, ffi::OsString, fs, os::unix::fs::PermissionsExt};

use super::*;

fn env<'a>(pairs: &[(&'a str, &str)]) -> impl Fn(&str) -> Option<OsString> + use<'a> {
    let map: HashMap<&'a str, OsString> = pairs.iter().map(|(k, v)| (*k, (*v).into())).collect();
    move |name| map.get(name).cloned()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn redtag_home_holds_everything() {
    let paths = Paths::find(false, &env(&[("REDTAG_HOME", "/srv/rt")])).unwrap();
    assert!(paths.home);
    for dir in [
        &paths.config,
        &paths.data,
        &paths.state,
        &paths.cache,
        &paths.logs,
        &paths.socket,
    ] {
        assert!(dir.starts_with("/srv/rt"), "{dir:?}");
    }
}

#[test]
fn an_empty_redtag_home_is_none() {
    let paths = Paths::find(false, &env(&[("REDTAG_HOME", "")])).unwrap();
    assert!(!paths.home);
}

#[test]
fn the_system_service_lives_where_systemd_says() {
    let given = env(&[
        ("STATE_DIRECTORY", "/var/lib/redtag:/var/lib/other"),
        ("RUNTIME_DIRECTORY", "/run/redtag"),
    ]);
    let paths = Paths::find(true, &given).unwrap();
    assert_eq!(paths.state, Path::new("/var/lib/redtag"));
    assert_eq!(paths.socket, Path::new(socket::SYSTEM));
    assert_eq!(paths.config, Path::new("/etc/redtag"));
    let nothing = Paths::find(true, &env(&[])).unwrap_err();
    assert!(nothing.to_string().contains("STATE_DIRECTORY"));
}

#[test]
fn directories_are_made_for_their_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("deep/home");
    let paths = Paths::find(false, &env(&[("REDTAG_HOME", home.to_str().unwrap())])).unwrap();
    fs::create_dir_all(&paths.data).unwrap();
    fs::set_permissions(&paths.data, fs::Permissions::from_mode(0o755)).unwrap();
    paths.make().unwrap();
    for dir in [&paths.data, &paths.state, &paths.logs] {
        assert_eq!(mode(dir), 0o700);
    }
}

#[test]
fn a_directory_behind_somebody_elses_link_is_refused() {
    // Only where the test may give files away: as root.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("link");
    fs::create_dir(dir.path().join("target")).unwrap();
    std::os::unix::fs::symlink("target", &link).unwrap();
    make_private_dir(&link).unwrap();
    std::os::unix::fs::lchown(&link, Some(12345), None).unwrap();
    let error = make_private_dir(&link).unwrap_err().to_string();
    assert!(error.contains("another user"), "{error}");
}

#[test]
fn a_file_is_replaced_whole_and_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("it");
    replace_file(&file, b"one").unwrap();
    fs::write(dir.path().join("it.new"), b"left by a crash").unwrap();
    replace_file(&file, b"two").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_network_file_system_is_refused_with_the_remedy() {
    let dir = Path::new("/home/ann/.local/share/redtag");
    let error = files::judge(dir, rustix::fs::NFS_SUPER_MAGIC).unwrap_err();
    assert!(error.to_string().contains("REDTAG_HOME"), "{error}");
    files::judge(dir, rustix::fs::PROC_SUPER_MAGIC).unwrap();
}
