//! Where a shop is, or will be: whether something is there, whether there is room.

use std::path::{Path, PathBuf};

use engine::Options;
use engine::whole;

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
        // A link refuses where something is there; a rename would replace it.
        std::fs::hard_link(beside, file).map_err(KeepError::at(file))?;
        std::fs::remove_file(beside).map_err(KeepError::at(beside))?;
        flush_folder(file.parent().unwrap_or(Path::new(".")))
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
