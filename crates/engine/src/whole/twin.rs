//! A copy of a SQLite file as it is, for the way back from an upgrade.

use std::path::Path;

use rusqlite::OpenFlags;

use super::look::existing;
use crate::{DbError, Options};

/// Copies the database to a file that does not exist yet, as it is at one instant, flushed and looked through
/// by SQLite itself. Writers go on meanwhile. Gives the schema of the copy. Only SQLite is one file; for
/// PostgreSQL this is an error.
pub fn twin(options: &Options, to: &Path) -> Result<i64, DbError> {
    let Some(path) = options.url.strip_prefix("sqlite:") else {
        return Err(DbError::Address(options.url.clone()));
    };
    let from = existing(Path::new(path))?;
    from.execute_batch("PRAGMA query_only = OFF")?;
    from.execute("VACUUM INTO ?1", [to.to_string_lossy().as_ref()])?;
    let failed = |cause| DbError::File { path: to.display().to_string(), cause };
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(failed)?;
    let copy = rusqlite::Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let verdict: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(failed(std::io::Error::other(format!("the copy is damaged: {verdict}"))));
    }
    Ok(copy.query_row("SELECT COALESCE(MAX(number), 0) FROM schema_version", [], |row| row.get(0))?)
}
