//! Where a shop is, or will be: whether something is there, whether there is room.

use std::path::{Path, PathBuf};

use engine::shelf::Blobs;
use engine::{Options, whole};

use crate::KeepError;
use crate::write::flush_folder;

/// The file of a SQLite address.
pub fn sqlite_file(options: &Options) -> Option<PathBuf> {
    options.url.strip_prefix("sqlite:").map(PathBuf::from)
}

/// Whether a database with tables is there.
pub fn holds_shop(options: &Options) -> Result<bool, KeepError> {
    if let Some(file) = sqlite_file(options) {
        return Ok(file.exists());
    }
    whole::look(options, |tx| Ok::<bool, KeepError>(!whole::is_empty(tx)?))
}

/// Refuses where a shop is, or parts of one; makes the folders that are missing.
pub fn free_for_shop(options: &Options) -> Result<(), KeepError> {
    if holds_shop(options)? {
        let place = engine::shown_address(&options.url);
        let next = match sqlite_file(options) {
            Some(file) => format!(
                "to restore here, stop the shop and move it away first: mv {0} {0}.old — or restore elsewhere with --to DIR",
                file.display()
            ),
            None => {
                "give an empty database with --to postgres://…, or drop and create this one yourself".into()
            }
        };
        return Err(KeepError::Occupied { place, next });
    }
    if let Some(file) = sqlite_file(options) {
        for end in ["-wal", "-shm"] {
            let beside = PathBuf::from(format!("{}{end}", file.display()));
            if beside.exists() {
                let next = format!(
                    "it belongs to a database that is gone; move it away: mv {0} {0}.old",
                    beside.display()
                );
                return Err(KeepError::Occupied { place: beside.display().to_string(), next });
            }
        }
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            create_folder(folder)?;
        }
    }
    create_folder(&options.data_dir)?;
    for name in [engine::KEY_FILE, "blobs"] {
        let path = options.data_dir.join(name);
        let empty_folder = std::fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_none());
        if path.exists() && !empty_folder {
            let next =
                format!("it belongs to another shop; move it away first: mv {0} {0}.old", path.display());
            return Err(KeepError::Occupied { place: path.display().to_string(), next });
        }
    }
    Ok(())
}

/// Makes a folder that only its owner may read, if it is not there.
pub(crate) fn create_folder(path: &Path) -> Result<(), KeepError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(KeepError::at(path))
}

/// The folder in which a file lies.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether two folders share their room.
pub(crate) fn same_disk(one: &Path, other: &Path) -> Result<bool, KeepError> {
    use std::os::unix::fs::MetadataExt;
    let disk =
        |folder: &Path| std::fs::metadata(folder).map(|about| about.dev()).map_err(KeepError::at(folder));
    Ok(disk(one)? == disk(other)?)
}

/// Gives a file or folder another name, at which nothing may be, or an empty folder for a folder.
pub(crate) fn put(from: &Path, to: &Path) -> Result<(), KeepError> {
    if from.is_dir() {
        // Refused where the folder that is there holds anything.
        return std::fs::rename(from, to).map_err(KeepError::at(to));
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // A file system that cannot promise it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return done.map_err(|error| KeepError::at(to)(error.into())),
        }
    }
    // A link refuses where something is there; a rename would replace it.
    std::fs::hard_link(from, to).map_err(KeepError::at(to))?;
    std::fs::remove_file(from).map_err(KeepError::at(from))
}

/// Bytes that may still be written in a folder.
pub fn free_bytes(folder: &Path) -> Result<u64, KeepError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let found = rustix::fs::statvfs(folder).map_err(|error| KeepError::at(folder)(error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Refuses where there is less room than needed. Bytes.
pub fn room_for(folder: &Path, needed: u64) -> Result<(), KeepError> {
    const MEGA: u64 = 1_000_000;
    let free = free_bytes(folder)?;
    if free < needed {
        let place = folder.display().to_string();
        return Err(KeepError::NoRoom { place, free: free / MEGA, needed: needed.div_ceil(MEGA) });
    }
    Ok(())
}

/// Bytes that a shop has on disk: its database and its files of blobs.
pub fn size_of(options: &Options) -> Result<u64, KeepError> {
    Ok(whole::bytes(options)? + folder_size(&options.data_dir.join("blobs")))
}

/// Bytes of a shop's large files, wherever they lie. In a bucket they are packed: there it is at most this.
pub(crate) fn files_of(options: &Options, blobs: &Blobs) -> Result<u64, KeepError> {
    match blobs {
        Blobs::Folder => Ok(folder_size(&options.data_dir.join("blobs"))),
        Blobs::Bucket(_) => {
            let bytes: i64 = whole::look(options, |tx| tx.one(&FILES, &[], |row| row.take()))?;
            Ok(bytes.unsigned_abs())
        }
    }
}

engine::statements! {
    /// The unpacked bytes of the blobs that are no rows.
    FILES = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blob WHERE bytes IS NULL";
}

fn folder_size(folder: &Path) -> u64 {
    let Ok(inside) = std::fs::read_dir(folder) else { return 0 };
    inside
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => folder_size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A database while it is built: a file beside its place, or PostgreSQL's own transaction.
pub(crate) struct Building {
    pub(crate) url: String,
    files: Option<(PathBuf, PathBuf)>,
}

/// Where the database of a target is built.
pub(crate) fn building(target: &Options) -> Building {
    match sqlite_file(target) {
        Some(file) => {
            let beside = PathBuf::from(format!("{}.unfinished", file.display()));
            Building { url: format!("sqlite:{}", beside.display()), files: Some((beside, file)) }
        }
        None => Building { url: target.url.clone(), files: None },
    }
}

impl Building {
    /// Puts the finished database in its place, which must be free.
    pub(crate) fn settle(&self) -> Result<(), KeepError> {
        let Some((beside, file)) = &self.files else { return Ok(()) };
        put(beside, file)?;
        flush_folder(folder_of(file))
    }

    /// Removes what is unfinished.
    pub(crate) fn discard(&self) -> Result<(), KeepError> {
        let Some((beside, _)) = &self.files else { return Ok(()) };
        match std::fs::remove_file(beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeepError::at(beside)(error)),
            _ => Ok(()),
        }
    }
}
