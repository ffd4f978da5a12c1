//! What can go wrong in the store.

use kernel::Fault;

/// Why a statement, a transaction or a start of the engine failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite refused.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, or is away.
    #[error("PostgreSQL: {}", describe(.0))]
    Postgres(#[from] postgres::Error),
    /// No connection became free in time, or none could be made.
    #[error("no database connection: {0}")]
    Pool(#[from] r2d2::Error),
    /// A column has another type than the code reads.
    #[error("column {index} of {statement}: {cause}")]
    Column {
        /// Position in the row, from 0.
        index: usize,
        /// The statement's name.
        statement: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// A row that must exist is not there.
    #[error("{0} gave no row")]
    NoRow(&'static str),
    /// The code inside a transaction panicked; the transaction was rolled back.
    #[error("the code inside the transaction panicked; it was rolled back")]
    Panicked,
    /// The engine is shutting down.
    #[error("the database is closed")]
    Closed,
    /// The database address cannot be read.
    #[error("{:?} is no database address: write sqlite:PATH or postgres://USER@HOST/NAME", shown_address(.0))]
    Address(String),
    /// The database was written by a newer version.
    #[error(
        "the database has schema {found}, this version of Bottega knows up to {known}: install the newer version again"
    )]
    Newer {
        /// The number found.
        found: i64,
        /// The newest number known.
        known: i64,
    },
    /// The database that was to be filled holds something.
    #[error("the database is not empty: give an empty one, nothing is ever overwritten")]
    NotEmpty,
    /// A row names another that is not there.
    #[error("a row of {table} names a row of {names} that does not exist")]
    Dangling {
        /// Where the row is.
        table: String,
        /// What it names.
        names: String,
    },
    /// A migration failed; nothing of it was kept.
    #[error("migration {number} failed and was rolled back: {cause}")]
    Migration {
        /// Its number.
        number: i64,
        /// What the database said.
        cause: Box<DbError>,
    },
    /// A file beside the database could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A stored blob is missing or damaged.
    #[error("blob {digest} is {problem}")]
    Blob {
        /// Its SHA-256, hexadecimal.
        digest: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A loading of many rows into this database did not end.
    #[error(
        "loading into this database was interrupted, so it is good for nothing: start again with an empty one"
    )]
    HalfLoaded,
    /// Something else, in words.
    #[error("{0}")]
    Other(String),
    /// All node numbers are leased: too many processes on one database.
    #[error("all {0} node numbers are in use: end some of the processes that use this database")]
    NoNode(u16),
}

/// A database's address as it may be shown: without the password that it may carry.
pub fn shown_address(url: &str) -> String {
    let (place, query) = url.split_once('?').map_or((url, None), |(place, query)| (place, Some(query)));
    let place = match place.rsplit_once('@') {
        Some((who, host)) => {
            let (scheme, user) = who.split_once("://").unwrap_or(("", who));
            match user.split_once(':') {
                Some((user, _)) => format!("{scheme}://{user}:…@{host}"),
                None => place.to_owned(),
            }
        }
        None => place.to_owned(),
    };
    match query {
        Some(query) if query.contains("password") => format!("{place}?…"),
        Some(query) => format!("{place}?{query}"),
        None => place,
    }
}

/// `postgres::Error` alone says "db error"; the message that helps is inside.
fn describe(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => error.to_string(),
    }
}

impl DbError {
    /// Whether the same transaction may succeed when it is run again: a serialisation failure, a
    /// deadlock, or two transactions that inserted the same unique value at once.
    pub(crate) fn is_retryable(&self) -> bool {
        use postgres::error::SqlState;
        match self {
            DbError::Postgres(error) => error.code().is_some_and(|code| {
                [
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::UNIQUE_VIOLATION,
                ]
                .contains(code)
            }),
            _ => false,
        }
    }

    /// The error of the store inside a fault.
    pub(crate) fn from_fault(fault: Fault) -> DbError {
        match fault {
            Fault::Store(cause) => match cause.downcast::<DbError>() {
                Ok(error) => *error,
                Err(other) => DbError::Other(other.to_string()),
            },
            other => DbError::Other(other.to_string()),
        }
    }

    /// Whether a unique value was inserted twice.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            DbError::Postgres(error) => error.code() == Some(&postgres::error::SqlState::UNIQUE_VIOLATION),
            DbError::Sqlite(error) => error.sqlite_error().is_some_and(|e| {
                [rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE, rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY]
                    .contains(&e.extended_code)
            }),
            _ => false,
        }
    }
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Fault {
        Fault::Store(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(shown_address("postgres://anna:s3cret@db/shop"), "postgres://anna:…@db/shop");
        assert_eq!(shown_address("postgres://anna:s3c@ret@db:5432/shop"), "postgres://anna:…@db:5432/shop");
        assert_eq!(shown_address("postgres://anna@db/shop"), "postgres://anna@db/shop");
        assert_eq!(shown_address("postgres://anna@db/shop?password=s3cret"), "postgres://anna@db/shop?…");
        assert_eq!(shown_address("sqlite:/var/lib/bottega.db"), "sqlite:/var/lib/bottega.db");
        let error = DbError::Address("mysql://anna:s3cret@db/shop".into()).to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
}
