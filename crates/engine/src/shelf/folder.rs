//! Blobs as files of this machine.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use kernel::Instant;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

use super::{Lying, MARK, address, parts};
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

/// How the name of a file ends that is not whole yet.
const HALF: &str = "part";

/// Writes beside, flushes, renames: the file is whole or not there.
pub(crate) fn put(root: &Path, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
    let path = path_of(root, digest);
    let failed = failed(&path);
    // One of another length was cut short by something beyond us: it is written again.
    if fs::metadata(&path).is_ok_and(|found| found.len() == packed.len() as u64) {
        match make_young(&path) {
            // Removed just now: it is written anew.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => return other.map_err(failed),
        }
    }
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(&failed)?;
    write_whole(&path, packed).map_err(failed)
}

/// Writes beside, flushes, renames, and flushes the folder.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside =
        path.with_extension(format!("{}-{:?}.{HALF}", std::process::id(), std::thread::current().id()));
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if let Err(cause) = written {
        // A full disk must not stay full of halves.
        let _ = fs::remove_file(&beside);
        return Err(cause);
    }
    File::open(path.parent().unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}

pub(super) fn mark(root: &Path) -> Result<Option<String>, DbError> {
    let path = root.join(MARK);
    match fs::read_to_string(&path) {
        Ok(mark) => Ok(Some(mark.trim().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path)(error)),
    }
}

pub(super) fn set_mark(root: &Path, mark: &str) -> Result<(), DbError> {
    let path = root.join(MARK);
    fs::create_dir_all(root).and_then(|()| write_whole(&path, mark.as_bytes())).map_err(failed(&path))
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
    each_group(root, &mut |group, files| {
        let name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lying = files.iter().filter_map(|(file, put_at)| {
            let digest = address(&name, &file.file_name()?.to_string_lossy())?;
            Some(Lying { digest, put_at: *put_at })
        });
        look(lying.collect())
    })
}

/// Removes what is half written since before an instant.
pub(super) fn remove_halves(root: &Path, before: Instant) -> Result<(), DbError> {
    each_group(root, &mut |_, files| {
        let half = |file: &Path| file.extension().is_some_and(|end| end == HALF);
        for (file, _) in files.iter().filter(|(file, begun)| *begun < before && half(file)) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed(file)(error));
                }
                _ => {}
            }
        }
        Ok(())
    })
}

/// A file, and when it was last written.
type Written = (PathBuf, Instant);

/// Looks at the files of a group.
type Look<'a> = dyn FnMut(&Path, &[Written]) -> Result<(), DbError> + 'a;

/// The files of each group.
fn each_group(root: &Path, look: &mut Look<'_>) -> Result<(), DbError> {
    let groups = match fs::read_dir(root) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed(root))?,
    };
    for group in groups {
        let group = group.map_err(failed(root))?.path();
        // Beside the groups lies the mark.
        if !group.is_dir() {
            continue;
        }
        let mut files = Vec::new();
        for file in fs::read_dir(&group).map_err(failed(&group))? {
            let file = file.map_err(failed(&group))?;
            let written = match file.metadata().and_then(|found| found.modified()) {
                // Renamed or removed since the folder was read.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                other => other.map_err(failed(&file.path()))?,
            };
            let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
            files.push((file.path(), Instant::from_micros(micros)));
        }
        look(&group, &files)?;
    }
    Ok(())
}
