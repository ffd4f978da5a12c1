//! The transaction that every use case works in, the same on both engines.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kernel::{Clock, Fault};
use postgres::types::ToSql;

use crate::shelf::{Packed, Unstaged};
use crate::terms::Change;
use crate::value::RowInner;
use crate::{DbError, Dialect, Row, Shared, Signal, Statement, Value};

/// Most rows of one multi-row insert: PostgreSQL takes 65,535 parameters.
const BULK_PARAMETERS: usize = 60_000;

/// A transaction. What it changed becomes visible, and its signals are sent, only after the commit.
pub struct Tx<'c> {
    pub(crate) connection: Connection<'c>,
    pub(crate) shared: &'c Shared,
    pub(crate) signals: Vec<Signal>,
    pub(crate) wakes_jobs: bool,
    pub(crate) depth: u32,
    pub(crate) statements_run: u32,
    /// Large blobs that must be in the bucket before this transaction may be kept.
    pub(crate) to_stage: Vec<Packed>,
    /// Whether large blobs go to the bucket from inside of the transaction.
    pub(crate) stages_itself: bool,
    /// Changes of the search index that wait for the end of the group; `None` where each is made at once.
    pub(crate) terms: Option<Vec<Change>>,
}

pub(crate) enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut PostgresConnection),
}

/// A PostgreSQL connection and the statements prepared on it.
pub struct PostgresConnection {
    pub(crate) client: postgres::Client,
    pub(crate) prepared: HashMap<&'static str, postgres::Statement>,
}

impl PostgresConnection {
    fn prepare(&mut self, statement: &Statement) -> Result<postgres::Statement, DbError> {
        if let Some(prepared) = self.prepared.get(statement.name()) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement.sql(Dialect::Postgres))?;
        self.prepared.insert(statement.name(), prepared.clone());
        Ok(prepared)
    }
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: Connection<'c>, shared: &'c Shared) -> Tx<'c> {
        Tx {
            connection,
            shared,
            signals: Vec::new(),
            wakes_jobs: false,
            depth: 0,
            statements_run: 0,
            to_stage: Vec::new(),
            stages_itself: false,
            terms: None,
        }
    }

    /// Runs a whole write. When it wants large blobs in the bucket that are not there yet, it is not kept: its
    /// error carries them, for the caller to put there and to run it again.
    pub(crate) fn whole<T>(&mut self, job: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let value = job(self)?;
        if self.to_stage.is_empty() {
            return Ok(value);
        }
        Err(DbError::Unstaged(Unstaged(std::mem::take(&mut self.to_stage))).into())
    }

    /// Which engine this is, for the few places where a use case must know.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A new id of any type: greater than every id that this process gave before.
    pub fn mint<T: From<i64>>(&self, clock: &dyn Clock) -> T {
        T::from(self.shared.ids.mint(clock))
    }

    /// A secret text that only this installation can make for a purpose and an id: unguessable reply
    /// tokens without a source of randomness in the use case.
    pub fn derive(&self, purpose: &str, id: i64) -> String {
        self.shared.key.derive(purpose, &id.to_be_bytes())
    }

    /// Seals a secret with the installation's key (XChaCha20-Poly1305), so that a copy of the database alone
    /// does not tell it. It opens only for the same purpose and owner.
    pub fn seal(&self, purpose: &str, owner: &str, secret: &[u8]) -> Result<Vec<u8>, DbError> {
        self.shared.key.seal(purpose, owner.as_bytes(), secret)
    }

    /// Opens what [`Tx::seal`] sealed.
    ///
    /// # Errors
    /// [`DbError::Sealed`] when it was sealed with another key, for another purpose or owner, or is damaged.
    pub fn unseal(&self, purpose: &str, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, DbError> {
        self.shared.key.unseal(purpose, owner.as_bytes(), sealed)
    }

    /// How many statements this transaction ran: tests count what a page costs.
    pub fn statements_run(&self) -> u32 {
        self.statements_run
    }

    /// Runs a statement that gives no rows; the number of rows it changed.
    pub fn execute(&mut self, statement: &'static Statement, params: &[Value]) -> Result<u64, DbError> {
        self.statements_run += 1;
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(statement.sql(Dialect::Sqlite))?;
                Ok(prepared.execute(rusqlite::params_from_iter(params))? as u64)
            }
            Connection::Postgres(connection) => {
                let prepared = connection.prepare(statement)?;
                Ok(connection.client.execute(&prepared, &as_postgres(params))?)
            }
        }
    }

    /// Runs a statement and reads every row.
    pub fn query<T>(
        &mut self,
        statement: &'static Statement,
        params: &[Value],
        mut read: impl FnMut(&mut Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        self.statements_run += 1;
        let name = statement.name();
        let mut out = Vec::new();
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(statement.sql(Dialect::Sqlite))?;
                let mut rows = prepared.query(rusqlite::params_from_iter(params))?;
                while let Some(row) = rows.next()? {
                    out.push(read(&mut Row { inner: RowInner::Sqlite(row), next: 0, statement: name })?);
                }
            }
            Connection::Postgres(connection) => {
                let prepared = connection.prepare(statement)?;
                for row in &connection.client.query(&prepared, &as_postgres(params))? {
                    out.push(read(&mut Row { inner: RowInner::Postgres(row), next: 0, statement: name })?);
                }
            }
        }
        Ok(out)
    }

    /// Runs a statement and reads its first row, if there is one.
    pub fn find<T>(
        &mut self,
        statement: &'static Statement,
        params: &[Value],
        read: impl FnMut(&mut Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        Ok(self.query(statement, params, read)?.into_iter().next())
    }

    /// Runs a statement that must give a row, such as an aggregate.
    pub fn one<T>(
        &mut self,
        statement: &'static Statement,
        params: &[Value],
        read: impl FnMut(&mut Row<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.find(statement, params, read)?.ok_or(DbError::NoRow(statement.name()))
    }

    /// Inserts many rows: multi-row statements on PostgreSQL, one prepared statement on SQLite, where
    /// there is no round trip to save. Gives the number of rows that were new.
    pub fn insert_many(&mut self, insert: &'static Insert, rows: &[Vec<Value>]) -> Result<u64, DbError> {
        self.statements_run += 1;
        let mut inserted = 0;
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(&insert.sql(Dialect::Sqlite, 1))?;
                for row in rows {
                    inserted += prepared.execute(rusqlite::params_from_iter(row))? as u64;
                }
            }
            Connection::Postgres(connection) => {
                for chunk in rows.chunks(BULK_PARAMETERS / insert.columns.len().max(1)) {
                    let sql = insert.sql(Dialect::Postgres, chunk.len());
                    let params: Vec<&(dyn ToSql + Sync)> =
                        chunk.iter().flatten().map(|value| value as &(dyn ToSql + Sync)).collect();
                    inserted += connection.client.execute(sql.as_str(), &params)?;
                }
            }
        }
        Ok(inserted)
    }

    /// Runs a part that may fail without spoiling the rest: its changes are undone on an error and its
    /// signals forgotten. The outer transaction goes on.
    pub fn savepoint<T>(&mut self, part: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let name = format!("part{}", self.depth + 1);
        self.control(&format!("SAVEPOINT {name}"))?;
        self.depth += 1;
        let signals_before = self.signals.len();
        let terms_before = self.terms.as_ref().map_or(0, Vec::len);
        let result = catch_unwind(AssertUnwindSafe(|| part(self))).unwrap_or(Err(DbError::Panicked.into()));
        self.depth -= 1;
        match result {
            Ok(value) => {
                self.control(&format!("RELEASE SAVEPOINT {name}"))?;
                Ok(value)
            }
            Err(fault) => {
                self.signals.truncate(signals_before);
                if let Some(terms) = &mut self.terms {
                    terms.truncate(terms_before);
                }
                let undone = self.batch(&format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"));
                if undone.is_err() {
                    // The database has undone everything already, or must: half of a part is never kept.
                    let _ = self.batch("ROLLBACK");
                }
                Err(fault)
            }
        }
    }

    /// Tells the live pages something, after the commit.
    pub fn signal(&mut self, signal: Signal) {
        // The same thing changes several times in a row; looking further back would cost bulk work dearly.
        if !self.signals.iter().rev().take(8).any(|told| *told == signal) {
            self.signals.push(signal);
        }
    }

    /// Runs one statement of transaction control; its few texts stay prepared on SQLite.
    fn control(&mut self, sql: &str) -> Result<(), DbError> {
        match &mut self.connection {
            Connection::Sqlite(connection) => drop(connection.prepare_cached(sql)?.execute([])?),
            Connection::Postgres(connection) => connection.client.batch_execute(sql)?,
        }
        Ok(())
    }

    /// Runs fixed text that takes no parameter: transaction control and migrations.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        match &mut self.connection {
            Connection::Sqlite(connection) => connection.execute_batch(sql)?,
            Connection::Postgres(connection) => connection.client.batch_execute(sql)?,
        }
        Ok(())
    }

    /// The plan of a statement, one line a step, for the test that looks at plans.
    pub fn explain(&mut self, statement: &'static Statement) -> Result<Vec<String>, DbError> {
        match &mut self.connection {
            Connection::Sqlite(connection) => {
                let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql(Dialect::Sqlite));
                let mut prepared = connection.prepare(&sql)?;
                let nulls = vec![Value::Null; prepared.parameter_count()];
                let mut rows = prepared.query(rusqlite::params_from_iter(&nulls))?;
                let mut plan = Vec::new();
                while let Some(row) = rows.next()? {
                    plan.push(row.get::<_, String>(3)?);
                }
                Ok(plan)
            }
            Connection::Postgres(connection) => {
                let prepared = connection.client.prepare(statement.sql(Dialect::Postgres))?;
                let nulls = vec!["NULL"; prepared.params().len()].join(", ");
                let arguments = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
                let sql = statement.sql(Dialect::Postgres);
                connection.client.batch_execute(&format!("PREPARE looked_at AS {sql}"))?;
                connection.client.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan")?;
                let rows = connection.client.query(&format!("EXPLAIN EXECUTE looked_at{arguments}"), &[]);
                connection.client.batch_execute("DEALLOCATE looked_at")?;
                Ok(rows?.iter().map(|row| row.get::<_, String>(0)).collect())
            }
        }
    }
}

fn as_postgres(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// A multi-row insert: table, columns and what to do on a conflict.
#[derive(Debug)]
pub struct Insert {
    /// The table.
    pub table: &'static str,
    /// Its columns, in the order of the values.
    pub columns: &'static [&'static str],
    /// Text after the values, such as `ON CONFLICT DO NOTHING`.
    pub suffix: &'static str,
}

impl Insert {
    /// The text for so many rows.
    pub fn sql(&self, dialect: Dialect, rows: usize) -> String {
        let mark = if dialect == Dialect::Sqlite { '?' } else { '$' };
        let mut parameter = 0;
        let tuples: Vec<String> = (0..rows)
            .map(|_| {
                let marks: Vec<String> = self
                    .columns
                    .iter()
                    .map(|_| {
                        parameter += 1;
                        format!("{mark}{parameter}")
                    })
                    .collect();
                format!("({})", marks.join(", "))
            })
            .collect();
        format!(
            "INSERT INTO {} ({}) VALUES {} {}",
            self.table,
            self.columns.join(", "),
            tuples.join(", "),
            self.suffix
        )
    }
}
