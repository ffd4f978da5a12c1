//! Many rows at once, into a database that is being filled for the first time.
//!
//! Indexes and references are taken away first and built again at the end, rows go in by the thousand
//! (`COPY` on PostgreSQL, one prepared statement without a journal on SQLite), and the search index is fed
//! in its own order. That is many times quicker than use cases, and nothing like them: nobody else may use
//! the database meanwhile, and one whose loading was interrupted is good for nothing. It carries a mark,
//! by which [`crate::Engine::open`] refuses it with the words what to do.

mod postgresql;
mod sqlite;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use kernel::{Clock, IdMinter};

use crate::search::Entry;
use crate::{DbError, Dialect, Engine, Options, Value};

pub use postgresql::ALL;
pub(crate) use postgresql::is_half_loaded as is_half_loaded_postgres;
pub(crate) use sqlite::is_half_loaded as is_half_loaded_sqlite;

/// Batches that wait for the database: bounds the memory when it is slower than whoever makes the rows.
const WAITING: usize = 3;

/// Rows of one table.
#[derive(Debug, Clone)]
pub struct Rows {
    table: String,
    columns: Vec<String>,
    values: Vec<Value>,
}

impl Rows {
    /// No row yet, of these columns.
    pub fn of(table: &str, columns: &[&str]) -> Rows {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Rows { table: table.to_owned(), columns, values: Vec::new() }
    }

    /// Appends a row: one value for each column, in their order.
    ///
    /// # Panics
    /// In debug builds when the numbers differ.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.columns.len(), "a row of {}", self.table);
        self.values.extend(row);
    }

    /// Appends the values of a row whose length is known only now.
    pub fn extend(&mut self, row: impl IntoIterator<Item = Value>) {
        self.values.extend(row);
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Takes the rows out and leaves none.
    pub fn take(&mut self) -> Rows {
        Rows {
            table: self.table.clone(),
            columns: self.columns.clone(),
            values: std::mem::take(&mut self.values),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[Value]> {
        self.values.chunks_exact(self.columns.len().max(1))
    }

    /// The columns as SQL names them.
    fn names(&self) -> String {
        self.columns.join(", ")
    }
}

/// What a loading does at its end, for whoever shows progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finishing {
    /// Indexes and references that are built.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

enum Work {
    Rows(Vec<Rows>),
    Entries(Vec<Entry>),
}

/// What writes on one connection.
trait Writer: Send {
    fn rows(&mut self, rows: &Rows) -> Result<(), DbError>;
    fn entries(&mut self, entries: Vec<Entry>) -> Result<(), DbError>;
    fn end(&mut self) -> Result<(), DbError>;
}

/// A loading under way. Dropping it without [`Bulk::finish`] leaves the mark of a half-loaded database.
pub struct Bulk {
    queue: Option<SyncSender<Work>>,
    writers: Vec<JoinHandle<Result<(), DbError>>>,
    engine: Closing,
    ids: IdMinter,
    key: crate::key::Key,
}

enum Closing {
    Sqlite(sqlite::Closing),
    Postgres(postgresql::Closing),
}

impl Bulk {
    /// Opens a database that no other process uses, marks it and takes its indexes away. Rows that are in it
    /// already stay.
    pub fn begin(options: &Options, clock: &dyn Clock) -> Result<Bulk, DbError> {
        // Migrated, with a node number for the ids, and closed again.
        let (ids, key) = {
            let engine = Engine::open(options, clock)?;
            (IdMinter::new(engine.node()), engine.key())
        };
        let (engine, writers): (Closing, Vec<Box<dyn Writer>>) =
            if let Some(path) = options.url.strip_prefix("sqlite:") {
                let (closing, writer) = sqlite::begin(path.as_ref())?;
                (Closing::Sqlite(closing), vec![Box::new(writer)])
            } else {
                let (closing, writers) = postgresql::begin(&options.url)?;
                let writers = writers.into_iter().map(|writer| Box::new(writer) as Box<dyn Writer>);
                (Closing::Postgres(closing), writers.collect())
            };
        let (queue, work) = sync_channel(WAITING);
        let work = Arc::new(std::sync::Mutex::new(work));
        let mut handles = Vec::new();
        for writer in writers {
            let work = Arc::clone(&work);
            let handle = std::thread::Builder::new()
                .name("bottega-bulk".into())
                .spawn(move || write_all(writer, &work))
                .map_err(|cause| DbError::File { path: crate::shown_address(&options.url), cause })?;
            handles.push(handle);
        }
        Ok(Bulk { queue: Some(queue), writers: handles, engine, ids, key })
    }

    /// Which engine it loads.
    pub fn dialect(&self) -> Dialect {
        match self.engine {
            Closing::Sqlite(_) => Dialect::Sqlite,
            Closing::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A new id, greater than every id that this loading gave before.
    pub fn mint(&self, clock: &dyn Clock) -> i64 {
        self.ids.mint(clock)
    }

    /// The same secret texts as [`crate::Tx::derive`].
    pub fn derive(&self, purpose: &str, id: i64) -> String {
        self.key.derive(purpose, &id.to_be_bytes())
    }

    /// Hands rows over to be written; waits when the database is behind. Gives the error of an earlier batch
    /// when there was one.
    pub fn add(&mut self, rows: Vec<Rows>) -> Result<(), DbError> {
        self.send(Work::Rows(rows.into_iter().filter(|rows| !rows.is_empty()).collect()))
    }

    /// Hands search entries over. Best by the ten thousand: they are put into the order of the index.
    pub fn add_entries(&mut self, entries: Vec<Entry>) -> Result<(), DbError> {
        self.send(Work::Entries(entries))
    }

    fn send(&mut self, work: Work) -> Result<(), DbError> {
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(work).is_ok());
        if sent { Ok(()) } else { self.join().and(Err(DbError::Closed)) }
    }

    fn join(&mut self) -> Result<(), DbError> {
        self.queue = None;
        let mut result = Ok(());
        for writer in self.writers.drain(..) {
            result = result.and(writer.join().unwrap_or(Err(DbError::Panicked)));
        }
        result
    }

    /// Writes what is left, builds indexes and references again, gathers statistics and takes the mark
    /// away.
    pub fn finish(mut self, mut tell: impl FnMut(Finishing)) -> Result<(), DbError> {
        self.join()?;
        match &mut self.engine {
            Closing::Sqlite(closing) => closing.finish(&mut tell),
            Closing::Postgres(closing) => closing.finish(&mut tell),
        }
    }
}

fn write_all(mut writer: Box<dyn Writer>, work: &std::sync::Mutex<Receiver<Work>>) -> Result<(), DbError> {
    loop {
        let next = work.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        match next {
            Ok(Work::Rows(tables)) => tables.iter().try_for_each(|rows| writer.rows(rows))?,
            Ok(Work::Entries(entries)) => writer.entries(entries)?,
            Err(_) => return writer.end(),
        }
    }
}
