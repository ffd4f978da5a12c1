//! Embedded SQLite: one writer thread that commits queued writes together, as many readers as cores.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use kernel::Fault;
use prometheus_client::metrics::gauge::Gauge;
use rusqlite::config::DbConfig;
use rusqlite::{Connection as Sqlite, OpenFlags};

use crate::seat::Seat;
use crate::terms::{self, Change};
use crate::tx::Connection;
use crate::{DbError, Shared, Tx};

/// Most writes of one commit: bounds how long the first of a group waits for the last.
const GROUP: usize = 128;
const STATEMENT_CACHE: usize = 256;

/// Work for the writer thread: runs inside the group's transaction (or hears that none could begin) and
/// gives what must happen once the group's commit is known.
type Work = Box<dyn FnOnce(Result<&Sqlite, Arc<DbError>>, &Shared, &mut Vec<Change>) -> AfterCommit + Send>;
type AfterCommit = Box<dyn FnOnce(Result<(), Arc<DbError>>, &Shared) + Send>;

/// How long the last word waits for another process that reads. Milliseconds.
const LAST_WORD_MILLIS: u64 = 500;

pub(crate) struct SqliteStore {
    seat: Arc<Seat>,
    /// Whether what stands beside the file goes into it at the end.
    settles: Arc<AtomicBool>,
    queue: Mutex<Option<Sender<Work>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Readers,
}

/// Opens a connection with the settings that every connection has.
pub(crate) fn connect(path: &Path, read_only: bool) -> Result<Sqlite, DbError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !read_only {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Sqlite::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // Another process (the command line beside the server) may hold the write lock for a moment.
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 67108864;",
    )?;
    // With statistics compiled in, SQLite would plan a statement anew for every bound value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The writer touches a page of every index with each row, and keeps what a savepoint needs in memory. A reader's
    // cache holds the texts that a search ranks; sums over millions of rows are sorted on the disk. Nothing is
    // mapped: every connection would count the file's pages as its own.
    connection.execute_batch(if read_only {
        "PRAGMA query_only = ON; PRAGMA cache_size = -16000; PRAGMA temp_store = FILE;"
    } else {
        "PRAGMA cache_size = -32000;"
    })?;
    Ok(connection)
}

impl SqliteStore {
    pub(crate) fn open(path: &Path, readers: usize, shared: &Arc<Shared>) -> Result<SqliteStore, DbError> {
        let writer = connect(path, false)?;
        let mut idle = Vec::with_capacity(readers);
        for _ in 0..readers {
            idle.push(connect(path, true)?);
        }
        let (queue, work) = channel();
        let seat = Arc::new(Seat::of(path));
        let settles = Arc::new(AtomicBool::new(false));
        let for_writer = (Arc::clone(shared), Arc::clone(&seat), Arc::clone(&settles));
        let handle = std::thread::Builder::new()
            .name("bottega-writer".into())
            .spawn(move || {
                let (shared, seat, settles) = for_writer;
                write_loop(&writer, &work, &shared, &seat);
                if settles.load(Ordering::Relaxed) {
                    settle(&writer);
                }
            })
            .map_err(|cause| DbError::File { path: path.display().to_string(), cause })?;
        Ok(SqliteStore {
            seat,
            settles,
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(handle)),
            readers: Readers {
                idle: Mutex::new(idle),
                freed: Condvar::new(),
                closed: AtomicBool::new(false),
            },
        })
    }

    /// Whether the file was deleted or replaced since it was opened.
    pub(crate) fn is_gone(&self) -> bool {
        self.seat.is_gone()
    }

    /// Lets the writer finish what is queued, and closes every connection that is not lent; the lent ones as they come
    /// back. Whoever closes a database last puts what stands beside the file into it, and takes that away.
    pub(crate) fn close(&self) {
        self.readers.close();
        self.settles.store(true, Ordering::Relaxed);
        self.end_writer();
    }

    fn end_writer(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writer.join();
        }
    }

    pub(crate) fn read<T>(
        &self,
        shared: &Shared,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        let lent = self.readers.lend();
        shared.meters.read_wait_seconds.observe(asked.elapsed().as_secs_f64());
        let connection = lent.connection.as_ref().ok_or(DbError::Closed)?;
        connection.execute_batch("BEGIN").map_err(DbError::from)?;
        let mut tx = Tx::new(Connection::Sqlite(connection), shared);
        let result = job(&mut tx);
        connection.execute_batch("COMMIT").map_err(DbError::from)?;
        result
    }

    /// Queues a write; `reply` is called after its commit (or with what went wrong) and gets the job back.
    pub(crate) fn write<T, F>(
        &self,
        shared: &Shared,
        stages_itself: bool,
        job: F,
        reply: impl FnOnce(Result<T, Fault>, F) + Send + 'static,
    ) where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let (asked, span) = (Instant::now(), tracing::Span::current());
        let waiting = Waiting::one_more(&shared.meters.writes_waiting);
        let work: Work = Box::new(move |connection, shared, terms| {
            shared.meters.write_wait_seconds.observe(asked.elapsed().as_secs_f64());
            let connection = match connection {
                Ok(connection) => connection,
                Err(error) => return Box::new(move |_, _| reply(Err(Fault::store(error)), job)),
            };
            let mut tx = Tx::new(Connection::Sqlite(connection), shared);
            tx.stages_itself = stages_itself;
            tx.terms = Some(std::mem::take(terms));
            let result = span.in_scope(|| tx.savepoint(|tx| tx.whole(&job)));
            *terms = tx.terms.take().unwrap_or_default();
            drop(waiting);
            let (signals, wakes_jobs) = (std::mem::take(&mut tx.signals), tx.wakes_jobs);
            Box::new(move |committed, shared| match (result, committed) {
                (Ok(value), Ok(())) => {
                    shared.publish(signals, wakes_jobs);
                    reply(Ok(value), job);
                }
                (Ok(_), Err(error)) => reply(Err(Fault::store(error)), job),
                (Err(fault), _) => reply(Err(fault), job),
            })
        });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        // When the queue is gone the reply is dropped with the work, and the caller reads "closed".
        if let Some(queue) = queue.as_ref() {
            let _ = queue.send(work);
        }
    }
}

impl Drop for SqliteStore {
    /// Lets the writer finish what is queued.
    fn drop(&mut self) {
        self.end_writer();
    }
}

/// Puts everything that was written into the file itself, so that a copy of it alone is the whole shop.
fn settle(connection: &Sqlite) {
    let settled = connection
        .busy_timeout(std::time::Duration::from_millis(LAST_WORD_MILLIS))
        .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    if let Err(error) = settled {
        tracing::info!(%error, "what stands beside the database's file stays there until the next start");
    }
}

fn write_loop(connection: &Sqlite, work: &Receiver<Work>, shared: &Shared, seat: &Seat) {
    // Changes of the search index that the writes of a group leave for its end.
    let mut terms = Vec::new();
    while let Ok(first) = work.recv() {
        let begun = seat.check().and_then(|()| Ok(connection.execute_batch("BEGIN IMMEDIATE")?));
        if let Err(error) = begun {
            // Refuse this one; the next may find the disk or the lock in a better state.
            first(Err(Arc::new(error)), shared, &mut terms)(Ok(()), shared);
            continue;
        }
        let mut after = vec![first(Ok(connection), shared, &mut terms)];
        // A full disk may undo the whole transaction at any statement; what came after would stand outside of it.
        while after.len() < GROUP && !connection.is_autocommit() {
            match work.try_recv() {
                Ok(next) => after.push(next(Ok(connection), shared, &mut terms)),
                Err(_) => break,
            }
        }
        let began = Instant::now();
        let committed = if connection.is_autocommit() {
            terms.clear();
            Err(DbError::Undone)
        } else {
            terms::apply(connection, &mut terms).and_then(|()| Ok(connection.execute_batch("COMMIT")?))
        };
        shared.meters.commit_seconds.observe(began.elapsed().as_secs_f64());
        shared.meters.commit_writes.observe(after.len() as f64);
        let committed = committed.map_err(|error| {
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            Arc::new(error)
        });
        for tell in after {
            tell(committed.clone(), shared);
        }
    }
}

/// One write that waits or runs; one fewer when dropped, however it ends.
struct Waiting(Gauge);

impl Waiting {
    fn one_more(waiting: &Gauge) -> Waiting {
        waiting.inc();
        Waiting(waiting.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Readers {
    idle: Mutex<Vec<Sqlite>>,
    freed: Condvar,
    closed: AtomicBool,
}

struct Lent<'a> {
    from: &'a Readers,
    connection: Option<Sqlite>,
}

impl Readers {
    fn lend(&self) -> Lent<'_> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if self.closed.load(Ordering::Relaxed) {
                return Lent { from: self, connection: None };
            }
            if let Some(connection) = idle.pop() {
                return Lent { from: self, connection: Some(connection) };
            }
            idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        self.closed.store(true, Ordering::Relaxed);
        idle.clear();
        self.freed.notify_all();
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            let mut idle = self.from.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.from.closed.load(Ordering::Relaxed) {
                idle.push(connection);
            }
            drop(idle);
            self.from.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_long_backup_made_grow_beside_the_file_shrinks_again() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(&folder.path().join("bottega.db"), false).unwrap();
        let limit = connection.query_row("PRAGMA journal_size_limit", [], |row| row.get::<_, i64>(0));
        assert_eq!(limit.unwrap(), 64 << 20);
    }
}
