//! A folder through which letters leave, each of them once, however many processes share it and whenever one of them
//! dies or sleeps.
//!
//! Every attempt writes a hidden file of its own. A mark, set as a whole and once, says which of them is the letter;
//! and only that one ever gets its visible name, by whoever finds it first: a name can be given once. So a mark
//! without its file means that the letter has left, also when somebody has taken it since. Marks stay until long
//! after the letter's end is written down, for an attempt that slept.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kernel::OutboxId;

/// The folder under the data folder.
const FOLDER: &str = "outbox";
/// The hidden file that holds the name of the place.
const PLACE: &str = ".place";

/// The folder through which letters leave.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The one of a data folder.
    pub(super) fn of(data_dir: &Path) -> Folder {
        Folder(data_dir.join(FOLDER))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The name that the folder gave itself, by which it is known which letters were tried here; `None` while it has
    /// none.
    pub(super) fn place(&self) -> Result<Option<String>> {
        match fs::read_to_string(self.0.join(PLACE)) {
            Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the folder a name. Where two do so at once one of the names stays, and both go by it from then on.
    pub(super) fn name(&self, name: &str) -> Result<String> {
        fs::create_dir_all(&self.0)?;
        let beside = self.0.join(format!("{PLACE}-{name}"));
        write_whole(&beside, name.as_bytes())?;
        fs::rename(&beside, self.0.join(PLACE))?;
        self.flush()?;
        self.place()?.ok_or_else(|| Error::from(ErrorKind::NotFound))
    }

    /// Has a letter leave as a file with this ending. Afterwards it has left, now or by an earlier attempt; after an
    /// error it has not.
    pub(super) fn leave(&self, id: OutboxId, ending: &str, attempt: i64, bytes: &[u8]) -> Result<()> {
        let shown = self.0.join(format!("{id}.{ending}"));
        if shown.exists() {
            return Ok(());
        }
        let (mark, own) = (self.mark(id), self.part(id, attempt));
        let chosen = match read_mark(&mark)? {
            Some(chosen) => chosen,
            None => {
                fs::create_dir_all(&self.0)?;
                write_whole(&own, bytes)?;
                self.flush()?;
                self.choose(id, attempt)?
            }
        };
        let part = self.part(id, chosen);
        if chosen != attempt {
            // The letter is another attempt's file; this one's is none.
            let _ = fs::remove_file(&own);
        }
        match fs::rename(&part, &shown) {
            Ok(()) => {
                if let Err(error) = self.flush() {
                    tracing::warn!(%error, %id, "a letter left, but the folder could not be flushed");
                }
                Ok(())
            }
            // Where the file is gone, it got its name before: a name can be given once.
            Err(_) if !part.try_exists()? => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Says which attempt's file is the letter, unless that was said before; gives which it is.
    fn choose(&self, id: OutboxId, attempt: i64) -> Result<i64> {
        let (mark, own) = (self.mark(id), self.0.join(format!(".{id}.choice-{attempt}")));
        write_whole(&own, attempt.to_string().as_bytes())?;
        // A link appears as a whole and does not take the place of another's.
        let linked = fs::hard_link(&own, &mark);
        let set = match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                // This file system knows no links.
                let made = File::options().write(true).create_new(true).open(&mark);
                made.and_then(|mut file| {
                    file.write_all(attempt.to_string().as_bytes())?;
                    file.sync_all()
                })
            }
            linked => linked,
        };
        let _ = fs::remove_file(&own);
        match set {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => self.flush()?,
        }
        read_mark(&mark)?.ok_or_else(|| Error::from(ErrorKind::NotFound))
    }

    fn mark(&self, id: OutboxId) -> PathBuf {
        self.0.join(format!(".{id}.leaving"))
    }

    fn part(&self, id: OutboxId, attempt: i64) -> PathBuf {
        self.0.join(format!(".{id}.part-{attempt}"))
    }

    fn flush(&self) -> Result<()> {
        File::open(&self.0)?.sync_all()
    }

    /// The letters of which hidden files have lain here since before an instant.
    pub(super) fn left_over(&self, before: SystemTime) -> Result<Vec<(OutboxId, PathBuf)>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let letter =
                name.to_str().and_then(|name| name.strip_prefix('.')?.split_once('.')?.0.parse().ok());
            let Some(id) = letter else { continue };
            match entry.metadata().and_then(|about| about.modified()) {
                Ok(at) if at < before => found.push((id, entry.path())),
                // Young, or gone since it was listed.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(found)
    }
}

/// Which attempt's file a mark names; `None` where there is no mark.
fn read_mark(mark: &Path) -> Result<Option<i64>> {
    let named = match fs::read_to_string(mark) {
        Ok(named) => named,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let why = || {
        let shown = mark.display();
        format!("{shown} is damaged: look whether the letter left, and remove this file if it did not")
    };
    named.trim().parse().map(Some).map_err(|_| Error::new(ErrorKind::InvalidData, why()))
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: OutboxId = OutboxId(7);

    fn shown(folder: &Folder) -> PathBuf {
        folder.path().join(format!("{ID}.eml"))
    }

    fn a_folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::of(dir.path());
        (dir, folder)
    }

    #[test]
    fn a_letter_that_somebody_took_does_not_leave_again_however_late_an_attempt_wakes() {
        let (_dir, folder) = a_folder();
        folder.leave(ID, "eml", 2, b"letter").unwrap();
        assert_eq!(fs::read(shown(&folder)).unwrap(), b"letter");
        fs::remove_file(shown(&folder)).unwrap();
        // The first attempt slept before it wrote; the third one does not know how the second ended.
        for attempt in [1, 3] {
            folder.leave(ID, "eml", attempt, b"letter").unwrap();
            assert!(!shown(&folder).exists(), "attempt {attempt}");
        }
    }

    #[test]
    fn an_attempt_that_slept_after_it_wrote_gives_its_file_no_name() {
        let (_dir, folder) = a_folder();
        fs::create_dir_all(folder.path()).unwrap();
        fs::write(folder.part(ID, 1), b"letter").unwrap();
        folder.leave(ID, "eml", 2, b"letter").unwrap();
        fs::remove_file(shown(&folder)).unwrap();
        assert_eq!(folder.choose(ID, 1).unwrap(), 2, "the mark is the second attempt's");
        folder.leave(ID, "eml", 1, b"letter").unwrap();
        assert!(!shown(&folder).exists() && !folder.part(ID, 1).exists());
    }

    #[test]
    fn an_attempt_that_died_between_the_mark_and_the_name_is_ended_by_the_next() {
        let (_dir, folder) = a_folder();
        fs::create_dir_all(folder.path()).unwrap();
        fs::write(folder.part(ID, 1), b"letter").unwrap();
        assert_eq!(folder.choose(ID, 1).unwrap(), 1);
        folder.leave(ID, "eml", 2, b"letter").unwrap();
        assert_eq!(fs::read(shown(&folder)).unwrap(), b"letter");
        assert!(!folder.part(ID, 1).exists() && !folder.part(ID, 2).exists());
    }

    #[test]
    fn many_at_once_have_it_leave_once() {
        let (_dir, folder) = a_folder();
        std::thread::scope(|scope| {
            for attempt in 1..=8 {
                let folder = &folder;
                scope.spawn(move || folder.leave(ID, "eml", attempt, b"letter").unwrap());
            }
        });
        assert_eq!(fs::read(shown(&folder)).unwrap(), b"letter");
        fs::remove_file(shown(&folder)).unwrap();
        folder.leave(ID, "eml", 9, b"letter").unwrap();
        assert!(!shown(&folder).exists());
    }

    #[test]
    fn what_cannot_be_written_has_not_left_and_a_damaged_mark_is_not_guessed_at() {
        let (dir, folder) = a_folder();
        fs::write(dir.path().join(FOLDER), b"no folder").unwrap();
        assert!(folder.leave(ID, "eml", 1, b"letter").is_err());
        fs::remove_file(dir.path().join(FOLDER)).unwrap();
        fs::create_dir_all(folder.path()).unwrap();
        fs::write(folder.mark(ID), b"").unwrap();
        let error = folder.leave(ID, "eml", 2, b"letter").unwrap_err();
        assert!(error.to_string().contains("look whether the letter left"), "{error}");
    }

    #[test]
    fn a_folder_keeps_the_name_that_it_gave_itself() {
        let (_dir, folder) = a_folder();
        assert_eq!(folder.place().unwrap(), None);
        assert_eq!(folder.name("one").unwrap(), "one");
        assert_eq!(folder.place().unwrap().as_deref(), Some("one"));
    }
}
