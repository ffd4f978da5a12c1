//! Whose the data is. Whoever administers the machine may read and write everything, and would leave files behind
//! that the service may not: SQLite's own, or a key.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::bail;

/// Refuses to work as root on data that the service of another user has made.
pub fn check(data_dir: &Path) -> anyhow::Result<()> {
    let Ok(key) = std::fs::metadata(data_dir.join("bottega.key")) else { return Ok(()) };
    if rustix::process::geteuid().is_root() && key.uid() != 0 {
        bail!(
            "the data in {} belongs to another user: run this as that user, such as sudo -u bottega bottega …, so \
             that its files keep their owner",
            data_dir.display()
        );
    }
    Ok(())
}
