//! A look at a database as it is: nothing is created, migrated, leased or changed.

use std::path::Path;
use std::sync::Arc;

use kernel::Instant;

use crate::key::Key;
use crate::postgresql::PostgresStore;
use crate::shelf::{Blobs, Shelf};
use crate::tx::Connection;
use crate::{DbError, Options, Shared, Tx};

/// How often PostgreSQL is asked whether somebody is still there, and how long between.
const TRIES: u32 = 10;
const BETWEEN_TRIES: std::time::Duration = std::time::Duration::from_millis(200);

crate::statements! {
    /// The bytes of the database itself.
    BYTES = {
        sqlite: "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())",
        postgres: "SELECT CAST(pg_database_size(current_database()) AS BIGINT)"
    };
    /// How many other clients PostgreSQL serves on this database.
    OTHERS = {
        sqlite: "SELECT 0",
        postgres: "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    };
}

/// Reads a database in one consistent snapshot on a connection of its own, whatever its schema and whoever
/// else is using it; writers go on meanwhile. Fails when there is no database.
pub fn look<T, E: From<DbError>>(
    options: &Options,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    look_with(options, &Blobs::Folder, job)
}

/// [`look`], where the large blobs have a place of their own.
pub fn look_with<T, E: From<DbError>>(
    options: &Options,
    blobs: &Blobs,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let shelf = Arc::new(Shelf::open(blobs, &options.data_dir)?);
    let shared = Shared::new(options, &shelf, Key::none(), None, Instant::default());
    if let Some(path) = options.url.strip_prefix("sqlite:") {
        let connection = existing(Path::new(path))?;
        connection.execute_batch("BEGIN").map_err(DbError::from)?;
        let result = job(&mut Tx::new(Connection::Sqlite(&connection), &shared));
        connection.execute_batch("ROLLBACK").map_err(DbError::from)?;
        result
    } else if crate::engine::is_postgres(&options.url) {
        PostgresStore::open(&options.url)?.snapshot(&shared, job)
    } else {
        Err(DbError::Address(options.url.clone()).into())
    }
}

pub(super) fn existing(path: &Path) -> Result<rusqlite::Connection, DbError> {
    // The settings of a connection would create the file; a look does not.
    if let Err(cause) = std::fs::metadata(path) {
        return Err(DbError::File { path: path.display().to_string(), cause });
    }
    crate::sqlite::connect(path, true)
}

/// How many others are connected to the database: above zero, somebody still works with it. On SQLite,
/// one stands for any number.
pub fn connections(options: &Options) -> Result<i64, DbError> {
    let Some(path) = options.url.strip_prefix("sqlite:") else {
        let mut others = 0;
        // A connection that was just given up takes the server a moment to see.
        for _ in 0..TRIES {
            others = look(options, |tx| tx.one(&OTHERS, &[], |row| row.take()))?;
            if others == 0 {
                break;
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
        return Ok(others);
    };
    let connection = existing(Path::new(path))?;
    connection.busy_timeout(std::time::Duration::from_millis(200))?;
    // In this mode SQLite wants the file for itself, and is refused while any other connection is open.
    let alone = connection
        .execute_batch("PRAGMA query_only = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
    match alone {
        Ok(()) => Ok(0),
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.code == rusqlite::ErrorCode::DatabaseBusy
                || error.code == rusqlite::ErrorCode::DatabaseLocked =>
        {
            Ok(1)
        }
        Err(error) => Err(error.into()),
    }
}

/// How many bytes the database has, without the files of its large blobs.
pub fn bytes(options: &Options) -> Result<u64, DbError> {
    let bytes: i64 = look(options, |tx| tx.one(&BYTES, &[], |row| row.take()))?;
    Ok(bytes.unsigned_abs())
}
