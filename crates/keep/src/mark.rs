//! The mark of a restore. It says that one is under way; whoever works there holds it locked, so that one which
//! nobody holds is of a restore that died.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use kernel::Instant;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::KeepError;
use crate::write::flush_folder;

/// What a mark says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// From which backup.
    pub(crate) from: String,
    /// When it began; the restored shop's own list of what was kept names the same instant.
    pub(crate) started_at: Instant,
}

/// A mark that this process holds until it is dropped or ends.
pub(crate) struct Mark {
    path: PathBuf,
    file: File,
}

/// Locks a file for whoever opened it. `false` when somebody else has it; an error where there are no locks.
pub(crate) fn lock(file: &File) -> std::io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Mark {
    /// Takes the mark at a path, making it where there is none.
    pub(crate) fn take(path: &Path) -> Result<Mark, KeepError> {
        loop {
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
            let file = file.map_err(KeepError::at(path))?;
            match lock(&file) {
                Ok(true) => {}
                Ok(false) => {
                    let place = path.parent().unwrap_or(path).display().to_string();
                    return Err(KeepError::Underway(place));
                }
                // A file system without locks must not stand between a keeper and the backup.
                Err(error) => tracing::warn!(%error, path = %path.display(), "this mark cannot be locked"),
            }
            // Who had it may have ended between the opening and the lock, and removed it: then this is no mark.
            let ours = file.metadata().map_err(KeepError::at(path))?;
            match std::fs::metadata(path) {
                Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => {
                    return Ok(Mark { path: path.to_owned(), file });
                }
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(KeepError::at(path)(error)),
                _ => {}
            }
        }
    }

    /// What a restore that died said. `None` when nothing had begun.
    pub(crate) fn said(&mut self) -> Result<Option<Said>, KeepError> {
        let mut text = Vec::new();
        self.file.rewind().map_err(KeepError::at(&self.path))?;
        self.file.read_to_end(&mut text).map_err(KeepError::at(&self.path))?;
        // One that was cut short was written just before the beginning.
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Says what is under way; it is on the disk before this returns.
    pub(crate) fn say(&mut self, said: &Said) -> Result<(), KeepError> {
        let text = serde_json::to_vec(said)?;
        let mut write = || {
            self.file.set_len(0)?;
            self.file.rewind()?;
            self.file.write_all(&text)?;
            self.file.sync_all()
        };
        write().map_err(KeepError::at(&self.path))?;
        flush_folder(self.path.parent().unwrap_or(Path::new(".")))
    }

    /// Removes it: nothing is under way any more.
    pub(crate) fn remove(self) -> Result<(), KeepError> {
        std::fs::remove_file(&self.path).map_err(KeepError::at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_held_by_one_and_a_dead_one_can_be_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        let mut mark = Mark::take(&path).unwrap();
        assert_eq!(mark.said().unwrap(), None);
        let said = Said { from: "x.tar".into(), started_at: "2026-11-21T09:00:00Z".parse().unwrap() };
        mark.say(&said).unwrap();
        assert!(matches!(Mark::take(&path), Err(KeepError::Underway(_))));
        drop(mark);
        let mut again = Mark::take(&path).unwrap();
        assert_eq!(again.said().unwrap(), Some(said));
        again.remove().unwrap();
        assert!(!path.exists());
        assert_eq!(Mark::take(&path).unwrap().said().unwrap(), None);
    }
}
