//! PostgreSQL by URL: a pool of synchronous connections, serialisable transactions that are run again
//! when the database asks for it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use kernel::Fault;

use crate::dial::Dial;
use crate::pool::Pool;
use crate::tx::Connection;
use crate::{DbError, Shared, Tx};

/// How often a transaction is run again before its failure is told: some seconds.
const TRIES: u32 = 40;
/// After so many tries, those that collide go one at a time. Neighbours at the end of an index are rivals to the
/// database although they share no row, and many who start together would keep each other from ending.
const TOGETHER: u32 = 3;
/// How often a transaction is run again because the connection was cut off in the middle of it.
const CUT_OFF_TRIES: u32 = 2;

pub(crate) struct PostgresStore {
    pool: Option<Pool>,
    /// Held by who tries again after many times.
    one_at_a_time: Mutex<()>,
}

impl PostgresStore {
    pub(crate) fn open(url: &str) -> Result<PostgresStore, DbError> {
        Ok(PostgresStore { pool: Some(Pool::open(Dial::of(url)?)?), one_at_a_time: Mutex::new(()) })
    }

    fn pool(&self) -> Result<&Pool, DbError> {
        self.pool.as_ref().ok_or(DbError::Closed)
    }

    /// How long whoever asked at the edge waits for an answer.
    pub(crate) fn answer_within(&self) -> Duration {
        self.pool.as_ref().map_or(Duration::ZERO, |pool| pool.dial().answer_within())
    }

    pub(crate) fn read<T>(
        &self,
        shared: &Shared,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        let mut connection = self.pool()?.lend("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        shared.meters.read_wait_seconds.observe(asked.elapsed().as_secs_f64());
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        let guarded = crate::caught(|| job(&mut tx));
        let ended = tx.batch(if guarded.is_ok() { "COMMIT" } else { "ROLLBACK" });
        let value = guarded?;
        ended?;
        Ok(value)
    }

    /// Runs a write until it commits, at most [`TRIES`] times.
    pub(crate) fn write<T>(
        &self,
        shared: &Shared,
        stages_itself: bool,
        job: impl Fn(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (mut tries, mut cut_off) = (0, 0);
        loop {
            tries += 1;
            // Nothing is kept under it, so that a panic there spoils nothing.
            let turn = (tries > TOGETHER)
                .then(|| self.one_at_a_time.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
            let done = self.write_once(shared, stages_itself, &job);
            drop(turn);
            match done {
                // Cut off before the order to commit: nothing of it was kept.
                Err(Fault::Store(error)) if cut_off < CUT_OFF_TRIES && was_cut_off(&*error) => cut_off += 1,
                Err(Fault::Store(error)) if tries < TRIES && is_retryable(&*error) => {
                    shared.meters.retries.inc();
                    // Each waits a different while, so that two rivals do not meet again at once.
                    let jitter = shared.jitter(u64::from(tries) * 4 + 1);
                    std::thread::sleep(Duration::from_millis(u64::from(tries) + jitter));
                }
                result => return result,
            }
        }
    }

    fn write_once<T>(
        &self,
        shared: &Shared,
        stages_itself: bool,
        job: &impl Fn(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        let mut connection = self.pool()?.lend("BEGIN ISOLATION LEVEL SERIALIZABLE")?;
        shared.meters.write_wait_seconds.observe(asked.elapsed().as_secs_f64());
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.stages_itself = stages_itself;
        let done = crate::caught(|| tx.whole(job)).and_then(|value| {
            let signals = std::mem::take(&mut tx.signals);
            signals.iter().try_for_each(|signal| notify(&mut tx, signal))?;
            Ok(value)
        });
        let value = match done {
            Ok(value) => value,
            Err(fault) => {
                // A connection that is gone has rolled back by itself.
                let _ = tx.batch("ROLLBACK");
                return Err(fault);
            }
        };
        let wakes_jobs = tx.wakes_jobs;
        let began = Instant::now();
        if let Err(error) = tx.batch("COMMIT") {
            // Cut off between the order to commit and its answer: nobody here knows which.
            return Err(
                if connection.client.is_closed() { DbError::Unsure(Box::new(error)) } else { error }.into()
            );
        }
        shared.meters.commit_seconds.observe(began.elapsed().as_secs_f64());
        shared.meters.commit_writes.observe(1.0);
        // The signals come back through LISTEN, to this node like to every other.
        shared.publish(Vec::new(), wakes_jobs);
        Ok(value)
    }

    /// Runs a step of the start, one process at a time: the lock is taken before the first look.
    pub(crate) fn exclusively<T, E: From<DbError>>(
        &self,
        shared: &Shared,
        step: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.pool()?.lend("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        // A step of the start may take as long as the tables are large.
        tx.batch("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(4919131752989213764)")?;
        match step(&mut tx) {
            Ok(value) => tx.batch("COMMIT").map(|()| value).map_err(E::from),
            Err(error) => {
                undo(&mut tx);
                Err(error)
            }
        }
    }

    /// A read of everything, however long it takes.
    pub(crate) fn snapshot<T, E: From<DbError>>(
        &self,
        shared: &Shared,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.pool()?.lend("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.batch("SET LOCAL statement_timeout = 0")?;
        let result = job(&mut tx);
        undo(&mut tx);
        result
    }
}

/// A connection that is gone has rolled back by itself, and why it went was told already.
fn undo(tx: &mut Tx<'_>) {
    if let Err(error) = tx.batch("ROLLBACK") {
        tracing::debug!(%error, "a transaction could not be rolled back in order");
    }
}

impl Drop for PostgresStore {
    /// The driver ends its connections by blocking, which an asynchronous caller must not do.
    fn drop(&mut self) {
        let pool = self.pool.take();
        let _ = std::thread::spawn(move || drop(pool)).join();
    }
}

fn was_cut_off(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<DbError>().is_some_and(DbError::is_cut_off)
}

fn is_retryable(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<DbError>().is_some_and(DbError::is_retryable)
}

crate::statements! {
    /// Tells every node, after the commit.
    NOTIFY = { sqlite: "SELECT $1", postgres: "SELECT CAST(pg_notify('bottega', $1) AS TEXT)" };
}

fn notify(tx: &mut Tx<'_>, signal: &crate::Signal) -> Result<(), DbError> {
    let payload = serde_json::to_string(signal).unwrap_or_default();
    tx.query(&NOTIFY, crate::params![payload], |_| Ok(()))?;
    Ok(())
}
