//! Migrations: forward only, the same numbers on both engines, each in its own transaction.

use crate::{DbError, Dialect, Tx, params};

/// One step of the schema.
struct Migration {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),*]
    };
}

/// Every migration, oldest first. A released one never changes.
const MIGRATIONS: &[Migration] = migrations![
    1 "0001_the_shop_opens",
    2 "0002_the_ledger_is_watched",
    4 "0004_the_shop_is_kept",
    6 "0006_loaded_at_once",
];

/// The number of the newest migration that this version knows.
pub fn newest_schema() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// The number of the newest migration that ran on this database; `None` when none ever did.
pub fn found(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    if !tx.one(&EXISTS, &[], |row| row.take::<bool>())? {
        return Ok(None);
    }
    tx.one(&CURRENT, &[], |row| row.take::<i64>()).map(Some)
}

/// The number of the newest migration that ran on this database.
pub fn schema_found(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.one(&CURRENT, &[], |row| row.take())
}

/// Brings the schema up to date.
pub(crate) fn run(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let sqlite = tx.dialect() == Dialect::Sqlite;
    if sqlite {
        // Two processes may start at once: the second waits here and then finds the work done.
        tx.batch("BEGIN IMMEDIATE")?;
    }
    let result = run_to(tx, newest_schema());
    if sqlite {
        tx.batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    }
    result
}

/// Runs the migrations up to a number, inside of the caller's transaction: all of them or none.
pub(crate) fn run_to(tx: &mut Tx<'_>, number: i64) -> Result<(), DbError> {
    steps(tx, MIGRATIONS, number)
}

fn steps(tx: &mut Tx<'_>, migrations: &[Migration], last: i64) -> Result<(), DbError> {
    tx.batch("CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL PRIMARY KEY)")?;
    let found = tx.one(&CURRENT, &[], |row| row.take::<i64>())?;
    let known = newest_schema();
    if found > known {
        return Err(DbError::Newer { found, known });
    }
    for migration in migrations.iter().filter(|step| step.number > found && step.number <= last) {
        let sql = match tx.dialect() {
            Dialect::Sqlite => migration.sqlite,
            Dialect::Postgres => migration.postgres,
        };
        let number = migration.number;
        tx.batch(sql).map_err(|cause| DbError::Migration { number, cause: Box::new(cause) })?;
        tx.execute(&RECORD, params![number])?;
    }
    Ok(())
}

crate::statements! {
    /// Whether any migration ever ran.
    EXISTS = {
        sqlite: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version')",
        postgres: "SELECT to_regclass('schema_version') IS NOT NULL"
    };
    /// The newest migration that ran.
    CURRENT = "SELECT COALESCE(MAX(number), 0) FROM schema_version";
    /// Writes down that a migration ran.
    RECORD = "INSERT INTO schema_version (number) VALUES ($1)";
}
