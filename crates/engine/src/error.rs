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
    /// The connection to PostgreSQL cannot be made as safe as the address asks.
    #[error("TLS to PostgreSQL: {0}")]
    Tls(String),
    /// Large blobs must be in the bucket first; the engine puts them there and runs the write again.
    #[error("{0:?}")]
    Unstaged(crate::shelf::Unstaged),
    /// The store of large files does not answer.
    #[error("the store of large files: {0}")]
    Away(String),
    /// The database did not answer in time.
    #[error("the database did not answer in time{}", if *.changing { "; whether the change was made is not known" } else { "" })]
    Late {
        /// Whether something was to be changed.
        changing: bool,
    },
    /// The connection was cut off between the order to commit and its answer.
    #[error("the database was cut off while it committed, so whether the change was made is not known: {0}")]
    Unsure(Box<DbError>),
    /// Another write of the same commit failed in a way that undid them all.
    #[error("the change was undone together with others that were to be kept with it")]
    Undone,
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
    /// A sealed secret does not open: it was sealed with another key file, or is damaged.
    #[error(
        "a stored secret does not open with this bottega.key: restore the key from the same backup as the database"
    )]
    Sealed,
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

    /// Takes the large blobs out of a result that is not kept because they are not in the bucket yet.
    pub(crate) fn unstaged<T>(result: Result<T, Fault>) -> Result<Result<T, Fault>, crate::shelf::Unstaged> {
        match result {
            Err(Fault::Store(cause)) => match cause.downcast::<DbError>().map(|error| *error) {
                Ok(DbError::Unstaged(unstaged)) => Err(unstaged),
                Ok(error) => Ok(Err(error.into())),
                Err(cause) => Ok(Err(Fault::Store(cause))),
            },
            other => Ok(other),
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

    /// Whether the connection was cut off, the database stopping, or not up yet.
    pub(crate) fn is_cut_off(&self) -> bool {
        use postgres::error::SqlState;
        match self {
            DbError::Postgres(error) => match error.code() {
                Some(code) => [
                    SqlState::ADMIN_SHUTDOWN,
                    SqlState::CRASH_SHUTDOWN,
                    SqlState::CANNOT_CONNECT_NOW,
                    SqlState::TOO_MANY_CONNECTIONS,
                ]
                .contains(code),
                None => {
                    error.is_closed()
                        || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
                }
            },
            _ => false,
        }
    }

    /// What kind of trouble of the machine's this is; `None` for a fault of ours.
    pub fn trouble(&self) -> Option<Trouble> {
        use postgres::error::SqlState;
        match self {
            DbError::Late { changing: true } | DbError::Unsure(_) => Some(Trouble::Unsure),
            DbError::Late { changing: false }
            | DbError::Pool(_)
            | DbError::Closed
            | DbError::Undone
            | DbError::Away(_) => Some(Trouble::Away),
            DbError::Postgres(error) => match error.code() {
                Some(&SqlState::DISK_FULL) => Some(Trouble::Full),
                Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Some(Trouble::ReadOnly),
                // Rivals that collide again and again are no fault either: it may be tried again a little later.
                Some(
                    &SqlState::QUERY_CANCELED
                    | &SqlState::OUT_OF_MEMORY
                    | &SqlState::T_R_SERIALIZATION_FAILURE
                    | &SqlState::T_R_DEADLOCK_DETECTED,
                ) => Some(Trouble::Away),
                _ => self.is_cut_off().then_some(Trouble::Away),
            },
            DbError::Sqlite(error) => error.sqlite_error_code().and_then(of_sqlite),
            DbError::File { cause, .. } => of_file(cause),
            _ => None,
        }
    }

    /// The same of an error somewhere inside of a fault.
    pub fn trouble_in(fault: &Fault) -> Option<Trouble> {
        let Fault::Store(cause) = fault else { return None };
        let direct = cause.downcast_ref::<DbError>();
        direct.or_else(|| cause.downcast_ref::<std::sync::Arc<DbError>>().map(|shared| &**shared))?.trouble()
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

fn of_sqlite(code: rusqlite::ErrorCode) -> Option<Trouble> {
    use rusqlite::ErrorCode;
    match code {
        ErrorCode::DiskFull => Some(Trouble::Full),
        ErrorCode::ReadOnly | ErrorCode::CannotOpen => Some(Trouble::ReadOnly),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::SystemIoFailure => {
            Some(Trouble::Away)
        }
        _ => None,
    }
}

fn of_file(cause: &std::io::Error) -> Option<Trouble> {
    use std::io::ErrorKind;
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Some(Trouble::Full),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Some(Trouble::ReadOnly),
        _ => None,
    }
}

/// Trouble of the machine's: it passes when somebody mends it, and what is kept is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The database does not answer; nothing was changed.
    Away,
    /// The database went away in the middle of a commit: nobody knows whether the change was made.
    Unsure,
    /// The disk is full; nothing was changed.
    Full,
    /// The disk or the database may be read only; nothing was changed.
    ReadOnly,
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
