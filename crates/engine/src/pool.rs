//! The connections to a PostgreSQL: lent, taken back, replaced when they lead nowhere.
//!
//! A connection that a restart of the server closed is dropped when it is noticed and another is made. One
//! that is held by something between here and the server that swallows every answer cannot be noticed; when
//! all are lent and the longest lent one has been away longer than any statement may run, the pool is
//! replaced by a fresh one, and the lost ones end by themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use crate::DbError;
use crate::dial::Dial;
use crate::tx::PostgresConnection;

/// Most connections of one process.
pub(crate) const CONNECTIONS: u32 = 16;

struct Manager(Dial);

impl r2d2::ManageConnection for Manager {
    type Connection = PostgresConnection;
    type Error = DbError;

    fn connect(&self) -> Result<PostgresConnection, DbError> {
        let mut client = self.0.connect()?;
        client.batch_execute(&format!(
            "SET timezone = 'UTC'; SET client_min_messages = warning; SET jit = off; SET statement_timeout = {}",
            self.0.statement_within().as_millis()
        ))?;
        Ok(PostgresConnection { client, prepared: HashMap::new() })
    }

    fn is_valid(&self, connection: &mut PostgresConnection) -> Result<(), DbError> {
        Ok(connection.client.batch_execute("")?)
    }

    fn has_broken(&self, connection: &mut PostgresConnection) -> bool {
        connection.client.is_closed()
    }
}

/// The connections of one process to one database.
pub(crate) struct Pool {
    dial: Dial,
    current: RwLock<r2d2::Pool<Manager>>,
    lent: Arc<Mutex<Lent>>,
}

/// Which connections are away, since when.
#[derive(Default)]
struct Lent {
    next: u64,
    since: HashMap<u64, Instant>,
}

/// A connection, given back when dropped.
pub(crate) struct Loan {
    connection: r2d2::PooledConnection<Manager>,
    number: u64,
    lent: Arc<Mutex<Lent>>,
}

impl std::ops::Deref for Loan {
    type Target = PostgresConnection;
    fn deref(&self) -> &PostgresConnection {
        &self.connection
    }
}

impl std::ops::DerefMut for Loan {
    fn deref_mut(&mut self) -> &mut PostgresConnection {
        &mut self.connection
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).since.remove(&self.number);
    }
}

impl Pool {
    /// Connects once: the error of the first connection says what is wrong.
    pub(crate) fn open(dial: Dial) -> Result<Pool, DbError> {
        drop(dial.connect()?);
        let current = RwLock::new(fresh(&dial)?);
        Ok(Pool { dial, current, lent: Arc::default() })
    }

    /// How the database is reached.
    pub(crate) fn dial(&self) -> &Dial {
        &self.dial
    }

    /// A connection that is alive as far as anybody knows. `begin` is what every use begins with; where it
    /// finds that the server has closed the connection meanwhile, another one is taken.
    pub(crate) fn lend(&self, begin: &str) -> Result<Loan, DbError> {
        let mut closed = 0;
        loop {
            let mut loan = self.take()?;
            match loan.connection.client.batch_execute(begin) {
                Ok(()) => return Ok(loan),
                // After a restart every idle connection is closed; each is met once.
                Err(_) if loan.connection.client.is_closed() && closed < CONNECTIONS => closed += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn take(&self) -> Result<Loan, DbError> {
        let pool = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let connection = match pool.get() {
            Ok(connection) => connection,
            Err(error) if pool.state().connections >= CONNECTIONS && self.is_lost() => {
                tracing::error!(%error, "no connection to the database answers any more; making new ones");
                let fresh = fresh(&self.dial)?;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
                self.lent.lock().unwrap_or_else(PoisonError::into_inner).since.clear();
                fresh.get()?
            }
            Err(error) => return Err(error.into()),
        };
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        lent.next += 1;
        let number = lent.next;
        lent.since.insert(number, Instant::now());
        drop(lent);
        Ok(Loan { connection, number, lent: Arc::clone(&self.lent) })
    }

    /// Whether the longest lent connection has been away longer than any statement may run.
    fn is_lost(&self) -> bool {
        let lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        lent.since.values().any(|since| since.elapsed() > self.dial.lost_after())
    }
}

fn fresh(dial: &Dial) -> Result<r2d2::Pool<Manager>, DbError> {
    let pool = r2d2::Pool::builder()
        .max_size(CONNECTIONS)
        .min_idle(Some(1))
        .test_on_check_out(false)
        .connection_timeout(dial.patience())
        .error_handler(Box::new(r2d2::NopErrorHandler))
        .build(Manager(dial.clone()))?;
    Ok(pool)
}
