//! How much room the disks have on which the data grows.

use std::path::Path;

/// A disk that holds data of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// What of the shop is on it: `database` or `files`.
    pub holds: &'static str,
    /// Bytes that this process may still write.
    pub free: u64,
    /// Bytes in all.
    pub size: u64,
}

impl Disk {
    /// The share of the disk that is free, 0 to 1.
    pub fn free_share(&self) -> f64 {
        if self.size == 0 { 0.0 } else { self.free as f64 / self.size as f64 }
    }
}

/// The disks of the database's file, where it is one, and of the data folder; without those that cannot be
/// asked.
pub(crate) fn of(database_file: Option<&Path>, data_dir: &Path) -> Vec<Disk> {
    let database = database_file.and_then(|file| look("database", file.parent().unwrap_or(Path::new("."))));
    database.into_iter().chain(look("files", data_dir)).collect()
}

fn look(holds: &'static str, folder: &Path) -> Option<Disk> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match rustix::fs::statvfs(folder) {
        Ok(found) => Some(Disk {
            holds,
            free: found.f_bavail.saturating_mul(found.f_frsize),
            size: found.f_blocks.saturating_mul(found.f_frsize),
        }),
        Err(error) => {
            tracing::warn!(%error, holds, "the disk cannot be asked how full it is");
            None
        }
    }
}
