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
    3 "0003_doors",
    4 "0004_the_shop_is_kept",
    5 "0005_loaded_at_once",
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
    all_or_none(tx, MIGRATIONS, newest_schema())
}

fn all_or_none(tx: &mut Tx<'_>, migrations: &[Migration], last: i64) -> Result<(), DbError> {
    let sqlite = tx.dialect() == Dialect::Sqlite;
    if sqlite {
        // Two processes may start at once: the second waits here and then finds the work done.
        tx.batch("BEGIN IMMEDIATE")?;
    }
    let result = steps(tx, migrations, last);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::Instant;

    use super::*;
    use crate::key::Key;
    use crate::postgresql::PostgresStore;
    use crate::shelf::{Blobs, Shelf};
    use crate::tx::Connection;
    use crate::{Options, Shared};

    /// Two more steps, of which the second breaks off in its middle.
    fn broken() -> Vec<Migration> {
        let mut all: Vec<Migration> = MIGRATIONS
            .iter()
            .map(|step| Migration { number: step.number, sqlite: step.sqlite, postgres: step.postgres })
            .collect();
        let good = "CREATE TABLE first_of_two (x BIGINT NOT NULL)";
        let bad = "ALTER TABLE tag ADD COLUMN half TEXT; CREATE TABLE broken (";
        all.push(Migration {
            number: 9_001,
            sqlite: "CREATE TABLE first_of_two (x INTEGER NOT NULL)",
            postgres: good,
        });
        all.push(Migration { number: 9_002, sqlite: bad, postgres: bad });
        all
    }

    fn is_as_before(tx: &mut Tx<'_>) {
        let tables = crate::whole::tables(tx).unwrap();
        assert_eq!(found(tx).unwrap(), Some(newest_schema()));
        assert!(!tables.iter().any(|table| table.name == "first_of_two"));
        let tag = tables.iter().find(|table| table.name == "tag").unwrap();
        assert!(!tag.columns.iter().any(|column| column.name == "half"));
    }

    #[test]
    fn a_migration_that_fails_in_the_middle_leaves_the_old_schema_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        let options = Options { url: format!("sqlite:{}", path.display()), data_dir: dir.path().into() };
        let shelf = Arc::new(Shelf::open(&Blobs::Folder, &options.data_dir).unwrap());
        let shared = Shared::new(&options, &shelf, Key::none(), None, Instant::default());
        let connection = crate::sqlite::connect(&path, false).unwrap();
        let mut tx = Tx::new(Connection::Sqlite(&connection), &shared);
        run(&mut tx).unwrap();
        let failed = all_or_none(&mut tx, &broken(), 9_002);
        assert!(matches!(failed, Err(DbError::Migration { number: 9_002, .. })), "{failed:?}");
        is_as_before(&mut tx);

        let Ok(server) = std::env::var("BOTTEGA_TEST_POSTGRES") else {
            assert!(std::env::var_os("BOTTEGA_TEST_ALL").is_none(), "BOTTEGA_TEST_POSTGRES must be set here");
            return;
        };
        let name = format!("bottega_migrate_{}", std::process::id());
        let admin = |sql: String| {
            postgres::Client::connect(&server, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
        };
        admin(format!("CREATE DATABASE {name}"));
        {
            let (base, _) = server.rsplit_once('/').unwrap();
            let store = PostgresStore::open(&format!("{base}/{name}")).unwrap();
            store.exclusively(&shared, run).unwrap();
            let failed = store.exclusively(&shared, |tx| all_or_none(tx, &broken(), 9_002));
            assert!(matches!(failed, Err(DbError::Migration { number: 9_002, .. })), "{failed:?}");
            store
                .exclusively(&shared, |tx| {
                    is_as_before(tx);
                    Ok::<(), DbError>(())
                })
                .unwrap();
        }
        admin(format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}
