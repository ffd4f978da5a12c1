//! Loading on SQLite: one connection, no journal, indexes built at the end.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::search::Entry;
use crate::{DbError, Dialect, Insert};

use super::{Finishing, Rows, Writer};

/// Rows between two commits: without a journal a commit only writes out what the cache could not hold.
const ROWS_A_COMMIT: usize = 200_000;
/// Most bytes of terms that are put in order before they go into the search index.
const TERMS: usize = 48 << 20;
/// What the search index gathers in memory before it writes a segment; the default is one megabyte.
const HASH_SIZE: i64 = 64 << 20;
const USUAL_HASH_SIZE: i64 = 1 << 20;

/// The mark of a loading that has not ended.
fn mark(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-loading");
    PathBuf::from(name)
}

/// Whether a loading into this file was interrupted.
pub(crate) fn is_half_loaded(path: &Path) -> bool {
    mark(path).exists()
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> DbError + '_ {
    move |cause| DbError::File { path: path.display().to_string(), cause }
}

fn connect(path: &Path) -> Result<Connection, DbError> {
    let connection = crate::sqlite::connect(path, false)?;
    // Sorting for an index may spill: in a file, not in memory.
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA foreign_keys = OFF; PRAGMA cache_size = -160000; PRAGMA temp_store = FILE; PRAGMA threads = 2;",
    )?;
    Ok(connection)
}

/// What is left to do at the end.
pub(super) struct Closing {
    path: PathBuf,
    indexes: Vec<String>,
}

pub(super) struct Loading {
    connection: Connection,
    since_commit: usize,
    waiting: Vec<(i64, String)>,
    waiting_bytes: usize,
}

pub(super) fn begin(path: &Path) -> Result<(Closing, Loading), DbError> {
    let mark = mark(path);
    std::fs::File::create(&mark).and_then(|file| file.sync_all()).map_err(failed(&mark))?;
    let connection = connect(path)?;
    let mut indexes = Vec::new();
    {
        let mut statement = connection.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            indexes.push((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        }
    }
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    hash_size(&connection, HASH_SIZE)?;
    connection.execute_batch("BEGIN")?;
    let closing =
        Closing { path: path.to_owned(), indexes: indexes.into_iter().map(|(_, sql)| sql).collect() };
    Ok((closing, Loading { connection, since_commit: 0, waiting: Vec::new(), waiting_bytes: 0 }))
}

fn hash_size(connection: &Connection, bytes: i64) -> Result<(), DbError> {
    connection.execute("INSERT INTO search_terms (search_terms, rank) VALUES ('hashsize', ?1)", [bytes])?;
    Ok(())
}

impl Loading {
    fn commit_when_due(&mut self, rows: usize) -> Result<(), DbError> {
        self.since_commit += rows;
        if self.since_commit >= ROWS_A_COMMIT {
            self.since_commit = 0;
            self.connection.execute_batch("COMMIT; BEGIN")?;
        }
        Ok(())
    }

    /// The search index writes a segment whenever a row comes out of order, so they come in order.
    fn index_waiting(&mut self) -> Result<(), DbError> {
        self.waiting.sort_unstable_by_key(|(id, _)| *id);
        let mut statement =
            self.connection.prepare_cached("INSERT INTO search_terms (rowid, terms) VALUES (?1, ?2)")?;
        for (id, terms) in self.waiting.drain(..) {
            statement.execute(rusqlite::params![id, terms])?;
        }
        self.waiting_bytes = 0;
        Ok(())
    }
}

impl Writer for Loading {
    fn rows(&mut self, rows: &Rows) -> Result<(), DbError> {
        let marks: Vec<String> = (1..=rows.columns.len()).map(|number| format!("?{number}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", rows.table, rows.names(), marks.join(", "));
        let mut statement = self.connection.prepare_cached(&sql)?;
        for row in rows.rows() {
            for (index, value) in row.iter().enumerate() {
                statement.raw_bind_parameter(index + 1, value)?;
            }
            statement.raw_execute()?;
        }
        drop(statement);
        self.commit_when_due(rows.len())
    }

    fn entries(&mut self, entries: Vec<Entry>) -> Result<(), DbError> {
        let count = entries.len();
        let sql =
            Insert { table: "search_entry", columns: Entry::COLUMNS, suffix: "" }.sql(Dialect::Sqlite, 1);
        let mut statement = self.connection.prepare_cached(&sql)?;
        for entry in entries {
            statement.execute(rusqlite::params![
                entry.id,
                entry.subject_kind,
                entry.subject_id,
                entry.chunk,
                entry.mailbox
            ])?;
            self.waiting_bytes += entry.terms.len();
            self.waiting.push((entry.id, entry.terms));
        }
        drop(statement);
        if self.waiting_bytes > TERMS {
            self.index_waiting()?;
        }
        self.commit_when_due(count)
    }

    fn end(&mut self) -> Result<(), DbError> {
        self.index_waiting()?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }
}

impl Closing {
    pub(super) fn finish(&mut self, tell: &mut dyn FnMut(Finishing)) -> Result<(), DbError> {
        let connection = connect(&self.path)?;
        let all = self.indexes.len() + 1;
        for (done, sql) in self.indexes.iter().enumerate() {
            tell(Finishing { done, all });
            connection.execute_batch(sql)?;
        }
        tell(Finishing { done: all - 1, all });
        // One segment instead of dozens: what is asked for later reads one.
        connection.execute_batch("INSERT INTO search_terms (search_terms) VALUES ('optimize')")?;
        hash_size(&connection, USUAL_HASH_SIZE)?;
        tell(Finishing { done: all, all });
        drop(connection);
        // Everything on the disk, then the journal as it always is, then the mark away.
        std::fs::File::open(&self.path).and_then(|file| file.sync_all()).map_err(failed(&self.path))?;
        drop(crate::sqlite::connect(&self.path, false)?);
        let mark = mark(&self.path);
        std::fs::remove_file(&mark).map_err(failed(&mark))
    }
}
