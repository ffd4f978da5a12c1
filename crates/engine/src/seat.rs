//! Where a SQLite database's file was when it was opened. A file that is deleted or replaced under a running process
//! goes on taking writes that nobody will ever read again: what is asked here notices it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crate::DbError;

/// How often it is looked whether the file is still there. Milliseconds.
const LOOK_EVERY_MILLIS: u64 = 1_000;

/// The file that was opened.
pub(crate) struct Seat {
    path: PathBuf,
    file: Option<(u64, u64)>,
    since: Instant,
    /// When it was looked last, in milliseconds since the opening; 0 before anybody did.
    looked: AtomicU64,
    gone: AtomicBool,
}

impl Seat {
    /// Of a file that was opened just now.
    pub(crate) fn of(path: &Path) -> Seat {
        Seat {
            path: path.to_owned(),
            file: identity(path),
            since: Instant::now(),
            looked: AtomicU64::new(0),
            gone: AtomicBool::new(false),
        }
    }

    /// Whether the path leads to another file, or to none; asks the disk at most once a second.
    pub(crate) fn is_gone(&self) -> bool {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let looked = self.looked.load(Ordering::Relaxed);
        if looked == 0 || now.saturating_sub(looked) >= LOOK_EVERY_MILLIS {
            self.looked.store(now, Ordering::Relaxed);
            let gone = identity(&self.path) != self.file;
            if gone && !self.gone.swap(gone, Ordering::Relaxed) {
                tracing::error!(
                    path = %self.path.display(),
                    "the database's file is no longer where it was opened: nothing is stored any more"
                );
            }
            self.gone.store(gone, Ordering::Relaxed);
        }
        self.gone.load(Ordering::Relaxed)
    }

    /// Refuses where the file is gone.
    pub(crate) fn check(&self) -> Result<(), DbError> {
        if self.is_gone() { Err(DbError::Gone(self.path.display().to_string())) } else { Ok(()) }
    }
}

/// Which file a path leads to; `None` where there is none, or where it cannot be asked.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|_| (0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_deleted_or_replaced_is_gone_and_back_when_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("shop.db"), folder.path().join("aside.db"));
        std::fs::write(&path, "one").unwrap();
        let seat = Seat::of(&path);
        let look = || {
            seat.looked.store(0, Ordering::Relaxed);
            seat.is_gone()
        };
        assert!(!look());
        std::fs::rename(&path, &aside).unwrap();
        assert!(look() && seat.check().is_err());
        std::fs::write(&path, "another").unwrap();
        assert!(look(), "another file is not the one that was opened");
        std::fs::rename(&aside, &path).unwrap();
        assert!(!look());
    }
}
