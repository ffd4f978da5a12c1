//! Blobs as files of this machine.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use kernel::Instant;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

use super::{Lying, address, parts};
use crate::DbError;
use crate::blob::BlobDigest;

/// Where the blobs of a data folder lie.
pub(crate) fn root(data_dir: &Path) -> PathBuf {
    data_dir.join("blobs")
}

fn path_of(root: &Path, digest: &BlobDigest) -> PathBuf {
    let (group, rest) = parts(digest);
    root.join(group).join(rest)
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> DbError {
    let path = path.display().to_string();
    move |cause| DbError::File { path: path.clone(), cause }
}

/// Writes beside, flushes, renames: the file is whole or not there.
pub(crate) fn put(root: &Path, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
    let path = path_of(root, digest);
    let failed = failed(&path);
    // One of another length was cut short by something beyond us: it is written again.
    if fs::metadata(&path).is_ok_and(|found| found.len() == packed.len() as u64) {
        return make_young(&path).map_err(failed);
    }
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(&failed)?;
    let beside =
        path.with_extension(format!("{}-{:?}.part", std::process::id(), std::thread::current().id()));
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(packed)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    });
    if let Err(cause) = written {
        // A full disk must not stay full of halves.
        let _ = fs::remove_file(&beside);
        return Err(failed(cause));
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn make_young(path: &Path) -> std::io::Result<()> {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let file = File::options().append(true).open(path)?;
    futimens(&file, &Timestamps { last_access: now, last_modification: now })?;
    Ok(())
}

pub(crate) fn get(root: &Path, digest: &BlobDigest) -> Result<Vec<u8>, DbError> {
    let path = path_of(root, digest);
    fs::read(&path).map_err(failed(&path))
}

pub(super) fn remove(root: &Path, digest: &BlobDigest) -> Result<(), DbError> {
    let path = path_of(root, digest);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&path)(error)),
        _ => Ok(()),
    }
}

pub(super) fn each(
    root: &Path,
    look: &mut dyn FnMut(Vec<Lying>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let groups = match fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed(root))?,
    };
    for group in groups {
        let group = group.map_err(failed(root))?.path();
        let name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut lying = Vec::new();
        for file in fs::read_dir(&group).map_err(failed(&group))? {
            let file = file.map_err(failed(&group))?;
            let put_at = file.metadata().and_then(|found| found.modified()).map_err(failed(&file.path()))?;
            let since = put_at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let put_at = Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
            let rest = file.file_name().to_string_lossy().into_owned();
            lying.extend(address(&name, &rest).map(|digest| Lying { digest, put_at }));
        }
        look(lying)?;
    }
    Ok(())
}
