//! Directories and files that only their owner can read.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::{
    fs::{FsWord, NFS_SUPER_MAGIC},
    process::getuid,
};

use super::PathsError;

/// Makes a directory and its parents with mode 0700. One that is already there must be ours;
/// rights of others are taken away.
pub fn make_private_dir(dir: &Path) -> Result<(), PathsError> {
    let failed = |why: String| PathsError::Directory {
        dir: dir.to_owned(),
        why,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|cause| failed(cause.to_string()))?;
    // Not following links: in a directory that others can write to, such as /tmp, a link
    // would lead us wherever its maker likes.
    let meta = fs::symlink_metadata(dir).map_err(|cause| failed(cause.to_string()))?;
    if meta.is_symlink() {
        let target = fs::metadata(dir).map_err(|cause| failed(cause.to_string()))?;
        if meta.uid() != getuid().as_raw() || target.uid() != getuid().as_raw() {
            return Err(failed("it is a link that belongs to another user".into()));
        }
    } else if meta.uid() != getuid().as_raw() {
        return Err(failed(
            "it belongs to another user; remove it, or set REDTAG_HOME to a directory of yours"
                .into(),
        ));
    }
    if meta.permissions().mode() & 0o077 != 0 && !meta.is_symlink() {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
            .map_err(|cause| failed(cause.to_string()))?;
    }
    Ok(())
}

/// Puts `bytes` into a file of mode 0600 so that after a power cut there is either the old file
/// or the new one, whole.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path
        .parent()
        .ok_or_else(|| io::Error::other("a file needs a directory"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = dir.join(name);
    // What a crash left behind; made anew so that its rights are ours for certain.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(dir)?.sync_all()
}

/// SQLite's locks and its shared memory do not hold on NFS.
pub(super) fn refuse_network(dir: &Path) -> Result<(), PathsError> {
    let stat = rustix::fs::statfs(dir).map_err(|cause| PathsError::Directory {
        dir: dir.to_owned(),
        why: cause.to_string(),
    })?;
    judge(dir, stat.f_type)
}

pub(super) fn judge(dir: &Path, kind: FsWord) -> Result<(), PathsError> {
    if kind == NFS_SUPER_MAGIC {
        return Err(PathsError::Network {
            dir: dir.to_owned(),
            uid: getuid().as_raw(),
        });
    }
    Ok(())
}
