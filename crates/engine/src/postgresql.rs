//! PostgreSQL by URL: a pool of synchronous connections, serialisable transactions that are run again
//! when the database asks for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::Fault;
use postgres::{Config, NoTls};

use crate::tx::{Connection, PostgresConnection};
use crate::{DbError, Shared, Tx};

/// How often a transaction is run again before its failure is told.
const TRIES: u32 = 12;
const CONNECTIONS: u32 = 16;

pub(crate) struct PostgresStore {
    pool: Option<r2d2::Pool<Manager>>,
}

struct Manager(Config);

impl r2d2::ManageConnection for Manager {
    type Connection = PostgresConnection;
    type Error = DbError;

    fn connect(&self) -> Result<PostgresConnection, DbError> {
        let mut client = self.0.connect(NoTls)?;
        client.batch_execute("SET timezone = 'UTC'; SET client_min_messages = warning; SET jit = off")?;
        Ok(PostgresConnection { client, prepared: HashMap::new() })
    }

    fn is_valid(&self, connection: &mut PostgresConnection) -> Result<(), DbError> {
        Ok(connection.client.batch_execute("")?)
    }

    fn has_broken(&self, connection: &mut PostgresConnection) -> bool {
        connection.client.is_closed()
    }
}

impl PostgresStore {
    pub(crate) fn open(url: &str) -> Result<PostgresStore, DbError> {
        let config: Config = url.parse().map_err(|_| DbError::Address(url.to_owned()))?;
        // One connection first: its error says what is wrong, the pool's only that time ran out.
        drop(config.connect(NoTls)?);
        let pool = r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(15))
            .build(Manager(config))?;
        Ok(PostgresStore { pool: Some(pool) })
    }

    fn pool(&self) -> Result<&r2d2::Pool<Manager>, DbError> {
        self.pool.as_ref().ok_or(DbError::Closed)
    }

    pub(crate) fn read<T>(
        &self,
        shared: &Shared,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        let mut connection = self.pool()?.get().map_err(DbError::from)?;
        shared.meters.read_wait_seconds.observe(asked.elapsed().as_secs_f64());
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
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
        job: impl Fn(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.write_once(shared, &job) {
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
        job: &impl Fn(&mut Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let asked = Instant::now();
        let mut connection = self.pool()?.get().map_err(DbError::from)?;
        shared.meters.write_wait_seconds.observe(asked.elapsed().as_secs_f64());
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.batch("BEGIN ISOLATION LEVEL SERIALIZABLE")?;
        let value = match crate::caught(|| job(&mut tx)) {
            Ok(value) => value,
            Err(fault) => {
                // A connection that is gone has rolled back by itself.
                let _ = tx.batch("ROLLBACK");
                return Err(fault);
            }
        };
        let (signals, wakes_jobs) = (std::mem::take(&mut tx.signals), tx.wakes_jobs);
        for signal in &signals {
            notify(&mut tx, signal)?;
        }
        let began = Instant::now();
        tx.batch("COMMIT")?;
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
        let mut connection = self.pool()?.get().map_err(DbError::from)?;
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.batch("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(4919131752989213764)")?;
        let result = step(&mut tx);
        tx.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        result
    }

    /// A read of everything, however long it takes.
    pub(crate) fn snapshot<T, E: From<DbError>>(
        &self,
        shared: &Shared,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.pool()?.get().map_err(DbError::from)?;
        let mut tx = Tx::new(Connection::Postgres(&mut connection), shared);
        tx.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0")?;
        let result = job(&mut tx);
        tx.batch("ROLLBACK")?;
        result
    }

    pub(crate) fn config(url: &str) -> Result<Config, DbError> {
        url.parse().map_err(|_| DbError::Address(url.to_owned()))
    }
}

impl Drop for PostgresStore {
    /// The driver ends its connections by blocking, which an asynchronous caller must not do.
    fn drop(&mut self) {
        let pool = self.pool.take();
        let _ = std::thread::spawn(move || drop(pool)).join();
    }
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

/// Hears the signals of every node until the engine is dropped; connects again when it is cut off.
pub(crate) fn listen(config: Config, shared: &Arc<Shared>) -> std::io::Result<()> {
    let shared = Arc::downgrade(shared);
    std::thread::Builder::new().name("bottega-listen".into()).spawn(move || {
        use postgres::fallible_iterator::FallibleIterator;
        while shared.strong_count() > 0 {
            let Ok(mut client) = config.connect(NoTls) else {
                std::thread::sleep(Duration::from_secs(1));
                continue;
            };
            if client.batch_execute("LISTEN bottega").is_err() {
                continue;
            }
            loop {
                let mut notifications = client.notifications();
                match notifications.timeout_iter(Duration::from_millis(500)).next() {
                    Ok(Some(notification)) => {
                        let Some(shared) = shared.upgrade() else { return };
                        if let Ok(signal) = serde_json::from_str(notification.payload()) {
                            shared.publish(vec![signal], false);
                        }
                    }
                    Ok(None) if shared.strong_count() == 0 => return,
                    Ok(None) => {}
                    Err(_) => break,
                }
            }
        }
    })?;
    Ok(())
}
