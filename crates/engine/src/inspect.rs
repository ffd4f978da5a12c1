//! What the doctor asks the database about itself.

use kernel::Instant;

use crate::{DbError, Dialect, Engine, Tx};

crate::statements! {
    /// What SQLite finds wrong with its file, reading all of it.
    INTEGRITY = {
        sqlite: "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        postgres: "SELECT '' WHERE FALSE"
    };
    /// What SQLite finds wrong with its file, without comparing indexes and tables.
    QUICK = {
        sqlite: "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'",
        postgres: "SELECT '' WHERE FALSE"
    };
    /// Rows whose reference leads nowhere; PostgreSQL never has any.
    DANGLING = {
        sqlite: "SELECT \"table\" || ' row ' || COALESCE(rowid, 0) || ' refers to a ' || parent || ' that is not there'
                 FROM pragma_foreign_key_check LIMIT 100",
        postgres: "SELECT '' WHERE FALSE"
    };
    /// The settings of the server on which durability and texts depend, and its clock in microseconds.
    SERVER = {
        sqlite: "SELECT 'on', 'on', 'on', 'UTF8', 0",
        postgres: "SELECT current_setting('fsync'), current_setting('full_page_writes'),
                     current_setting('synchronous_commit'), current_setting('server_encoding'),
                     CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
    };
    /// The newest fact of the log.
    NEWEST = "SELECT recorded_at FROM event WHERE id > 0 ORDER BY id DESC LIMIT 1";
    /// The node numbers that are leased, and until when.
    NODES = "SELECT node, leased_until FROM node_lease WHERE leased_until >= $1 ORDER BY node";
    /// Jobs that should have run a while ago, and the oldest of them.
    OVERDUE = "SELECT CAST(COUNT(*) AS BIGINT), MIN(run_at) FROM job
               WHERE (state = 'waiting' AND run_at < $1) OR (state = 'running' AND leased_until < $1)";
}

/// What the server of a PostgreSQL database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Whether every commit reaches the disk: fsync, full_page_writes and synchronous_commit.
    pub durable: bool,
    /// How texts are stored; must be `UTF8`.
    pub encoding: String,
    /// Its clock; `None` on SQLite, which has none of its own.
    pub now: Option<Instant>,
}

/// What is wrong with the database's own file; empty when nothing is, and on PostgreSQL. `whole` also
/// compares every index with its table and follows every reference.
pub fn integrity(tx: &mut Tx<'_>, whole: bool) -> Result<Vec<String>, DbError> {
    if !whole {
        return tx.query(&QUICK, &[], |row| row.take());
    }
    let mut found = tx.query(&INTEGRITY, &[], |row| row.take())?;
    found.extend(tx.query(&DANGLING, &[], |row| row.take::<String>())?);
    Ok(found)
}

/// What the server says of itself.
pub fn server(tx: &mut Tx<'_>) -> Result<Server, DbError> {
    let own_clock = tx.dialect() == Dialect::Postgres;
    tx.one(&SERVER, &[], |row| {
        let durable =
            [row.take::<String>()?, row.take()?, row.take()?].iter().all(|setting| setting != "off");
        Ok(Server { durable, encoding: row.take()?, now: Some(row.take::<Instant>()?).filter(|_| own_clock) })
    })
}

/// When the newest fact was written down.
pub fn newest_fact(tx: &mut Tx<'_>) -> Result<Option<Instant>, DbError> {
    tx.find(&NEWEST, &[], |row| row.take())
}

/// The node numbers that are leased at an instant, and until when.
pub fn nodes(tx: &mut Tx<'_>, now: Instant) -> Result<Vec<(i64, Instant)>, DbError> {
    tx.query(&NODES, crate::params![now], |row| Ok((row.take()?, row.take()?)))
}

/// How many jobs should have run before an instant, and since when the oldest of them.
pub fn overdue(tx: &mut Tx<'_>, before: Instant) -> Result<(i64, Option<Instant>), DbError> {
    tx.one(&OVERDUE, crate::params![before], |row| Ok((row.take()?, row.take()?)))
}

impl Engine {
    /// The file of the key from which this installation's secrets are derived.
    pub fn key_file(data_dir: &std::path::Path) -> std::path::PathBuf {
        data_dir.join(crate::key::Key::FILE)
    }
}
