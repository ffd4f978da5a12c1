//! A database made from nothing, in one go: it is there whole or not at all.

use std::path::Path;
use std::sync::Arc;

use kernel::Instant;

use super::copy::quoted;
use crate::key::Key;
use crate::postgresql::PostgresStore;
use crate::shelf::{Blobs, Shelf};
use crate::tx::Connection;
use crate::{DbError, Options, Shared, Tx, migrate};

/// What to build.
pub struct Target<'a> {
    /// Where: a SQLite file that does not exist yet, or an empty PostgreSQL database.
    pub options: &'a Options,
    /// Where the large blobs lie.
    pub blobs: &'a Blobs,
    /// The schema in which the rows are; newer migrations run over them afterwards.
    pub schema: i64,
}

/// Makes a database: the schema of the rows, `fill` that adds them, the indexes, the newer migrations, then
/// `finish`. On PostgreSQL all of it is one transaction. On SQLite the file is written without a journal, so
/// that the caller must build it beside its place, and remove it after an error; it is flushed at the end.
///
/// Indexes and references are laid only over the rows that are there, which is many times quicker, and
/// every reference is checked then.
pub fn build<T, E: From<DbError>>(
    target: &Target<'_>,
    fill: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    finish: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let shelf = Arc::new(Shelf::open(target.blobs, &target.options.data_dir)?);
    let shared = Shared::new(target.options, &shelf, Key::none(), None, Instant::default());
    let Some(path) = target.options.url.strip_prefix("sqlite:") else {
        if !crate::engine::is_postgres(&target.options.url) {
            return Err(DbError::Address(target.options.url.clone()).into());
        }
        let store = PostgresStore::open(&target.options.url)?;
        return store.exclusively(&shared, |tx| {
            tx.batch("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
            tx.batch("SET LOCAL maintenance_work_mem = '128MB'")?;
            let built = steps(tx, target.schema, fill, finish)?;
            tx.batch("ANALYZE")?;
            Ok(built)
        });
    };
    let path = Path::new(path);
    let failed = |cause| DbError::File { path: path.display().to_string(), cause };
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    let connection = rusqlite::Connection::open(path).map_err(DbError::from)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA foreign_keys = OFF; PRAGMA cache_size = -64000; BEGIN",
        )
        .map_err(DbError::from)?;
    let built = {
        let mut tx = Tx::new(Connection::Sqlite(&connection), &shared);
        let built = steps(&mut tx, target.schema, fill, finish)?;
        no_dangling(&connection)?;
        built
    };
    connection.execute_batch("COMMIT").map_err(DbError::from)?;
    drop(connection);
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
    Ok(built)
}

fn steps<T, E: From<DbError>>(
    tx: &mut Tx<'_>,
    schema: i64,
    fill: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    finish: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    if !super::is_empty(tx)? {
        return Err(DbError::NotEmpty.into());
    }
    migrate::run_to(tx, schema)?;
    let laid = put_aside(tx)?;
    fill(tx)?;
    // The search is filled at the end, and its indexes are laid over it, unless migrations come between.
    let newest = schema == migrate::newest_schema();
    let (late, early): (Vec<Laid>, Vec<Laid>) =
        laid.into_iter().partition(|part| newest && part.table == "search_entry");
    for part in early {
        tx.batch(&part.again)?;
    }
    if !newest {
        migrate::run_to(tx, migrate::newest_schema())?;
    }
    let finished = finish(tx)?;
    for part in late {
        tx.batch(&part.again)?;
    }
    Ok(finished)
}

/// An index or a reference that was put aside.
struct Laid {
    table: String,
    again: String,
}

fn put_aside(tx: &mut Tx<'_>) -> Result<Vec<Laid>, DbError> {
    let mut laid = Vec::new();
    match &mut tx.connection {
        Connection::Sqlite(connection) => {
            let mut prepared = connection.prepare(
                "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
            )?;
            let found = prepared.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })?;
            let found: Vec<_> = found.collect::<Result<_, _>>()?;
            for (table, name, again) in found {
                connection.execute_batch(&format!("DROP INDEX {}", quoted(&name)))?;
                laid.push(Laid { table, again });
            }
        }
        Connection::Postgres(connection) => {
            let indexes = connection.client.query(
                "SELECT CAST(t.relname AS TEXT), CAST(i.relname AS TEXT), pg_get_indexdef(x.indexrelid)
                 FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
                 WHERE t.relnamespace = CAST(current_schema() AS regnamespace)
                   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))",
                &[],
            )?;
            let references = connection.client.query(
                "SELECT CAST(t.relname AS TEXT), CAST(c.conname AS TEXT), pg_get_constraintdef(c.oid)
                 FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
                 WHERE c.contype = 'f' AND c.connamespace = CAST(current_schema() AS regnamespace)",
                &[],
            )?;
            for row in &references {
                let (table, name, text): (String, String, String) = (row.get(0), row.get(1), row.get(2));
                let (on, name) = (quoted(&table), quoted(&name));
                connection.client.batch_execute(&format!("ALTER TABLE {on} DROP CONSTRAINT {name}"))?;
                let again = format!("ALTER TABLE {on} ADD CONSTRAINT {name} {text}");
                laid.push(Laid { table, again });
            }
            for row in &indexes {
                let (table, name, again): (String, String, String) = (row.get(0), row.get(1), row.get(2));
                connection.client.batch_execute(&format!("DROP INDEX {}", quoted(&name)))?;
                laid.push(Laid { table, again });
            }
            // Indexes before the references that lean on them.
            laid.reverse();
        }
    }
    Ok(laid)
}

/// SQLite checks references only when asked, where they were off.
fn no_dangling(connection: &rusqlite::Connection) -> Result<(), DbError> {
    let mut prepared = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = prepared.query([])?;
    match rows.next()? {
        None => Ok(()),
        Some(row) => Err(DbError::Dangling { table: row.get(0)?, names: row.get(2)? }),
    }
}
