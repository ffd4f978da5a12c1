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
    /// The database's file was deleted or replaced while it was open.
    #[error(
        "{0} is no longer the file that was opened, so nothing is stored: stop the shop, look at the disk, and restore the last backup if the file is gone"
    )]
    Gone(String),
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

/// A database's address as it may be shown: without the password that it may carry. Where a mistyped address can
/// be read in two ways, rather too much is hidden than too little.
pub fn shown_address(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return without_password(url) };
    // The driver takes everything up to the first @ for who it is, so a password may hold any of ? and /.
    let (who, place) = rest.split_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
    let (place, query) = place.split_once('?').map_or((place, None), |(place, query)| (place, Some(query)));
    let ends_who = |c| matches!(c, ':' | '?' | '/' | '@');
    let user = who.map(|who| who.split(ends_who).next().unwrap_or_default());
    if let (Some(user), Some(query)) = (user, query)
        && query.contains('@')
    {
        return format!("{scheme}://{user}:…@…");
    }
    // A password with an @ of its own goes on to the last one.
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    let shown = match (who, user) {
        (Some(who), Some(user)) if who == user && host == place => format!("{scheme}://{user}@{host}"),
        (Some(_), Some(user)) => format!("{scheme}://{user}:…@{host}"),
        _ => format!("{scheme}://{place}"),
    };
    match query {
        Some(query) if query.contains("password") => format!("{shown}?…"),
        Some(query) => format!("{shown}?{query}"),
        None => without_password(&shown),
    }
}

/// What stands before a word for a password, where the address has another form than ours.
fn without_password(url: &str) -> String {
    url.find("password=").map_or_else(|| url.to_owned(), |at| format!("{}password=…", &url[..at]))
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
            | DbError::NoNode(_)
            | DbError::Away(_) => Some(Trouble::Away),
            DbError::Postgres(error) => match error.code() {
                Some(&SqlState::DISK_FULL) => Some(Trouble::Full),
                Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => Some(Trouble::ReadOnly),
                // Whole classes: rivals that collide again and again, what the server lacks, what an operator
                // does, what its disks do. It may be tried again a little later.
                Some(code) if SERVERS_OWN.iter().any(|class| code.code().starts_with(class)) => {
                    Some(Trouble::Away)
                }
                _ => self.is_cut_off().then_some(Trouble::Away),
            },
            DbError::Gone(_) => Some(Trouble::Gone),
            DbError::Sqlite(error) => error.sqlite_error_code().and_then(of_sqlite),
            DbError::File { cause, .. } => of_file(cause),
            _ => None,
        }
    }

    /// The same of an error somewhere inside of a fault.
    pub fn trouble_in(fault: &Fault) -> Option<Trouble> {
        let Fault::Store(cause) = fault else { return None };
        match inside(&**cause) {
            Some(error) => error.trouble(),
            None => cause.downcast_ref::<std::io::Error>().and_then(of_file),
        }
    }

    /// Whether stored bytes are gone or damaged: nothing that waiting mends.
    pub fn is_missing(&self) -> bool {
        match self {
            DbError::Blob { .. } => true,
            DbError::File { cause, .. } => cause.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// The same of an error somewhere inside of a fault.
    pub fn missing_in(fault: &Fault) -> bool {
        matches!(fault, Fault::Store(cause) if inside(&**cause).is_some_and(DbError::is_missing))
    }

    /// Whether a fault is a sealed secret that does not open with this installation's key.
    pub fn sealed_in(fault: &Fault) -> bool {
        matches!(fault, Fault::Store(cause) if matches!(inside(&**cause), Some(DbError::Sealed)))
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

/// The classes of what PostgreSQL says that tell of the server and not of what was asked: no connection, rivals,
/// too little of something, somebody in the way, an operator, its disks, a fault inside of it.
const SERVERS_OWN: [&str; 7] = ["08", "40", "53", "55", "57", "58", "XX"];

fn inside<'e>(cause: &'e (dyn std::error::Error + Send + Sync + 'static)) -> Option<&'e DbError> {
    let direct = cause.downcast_ref::<DbError>();
    direct.or_else(|| cause.downcast_ref::<std::sync::Arc<DbError>>().map(|shared| &**shared))
}

fn of_sqlite(code: rusqlite::ErrorCode) -> Option<Trouble> {
    use rusqlite::ErrorCode;
    match code {
        ErrorCode::DiskFull => Some(Trouble::Full),
        ErrorCode::ReadOnly | ErrorCode::CannotOpen => Some(Trouble::ReadOnly),
        // A damaged file is nobody's fault who asks it: what comes in waits until somebody has looked.
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::SystemIoFailure
        | ErrorCode::OutOfMemory
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OperationInterrupted => Some(Trouble::Away),
        _ => None,
    }
}

fn of_file(cause: &std::io::Error) -> Option<Trouble> {
    use std::io::ErrorKind;
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Some(Trouble::Full),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Some(Trouble::ReadOnly),
        // That a file is not there, or not what it should be, is that file's own matter.
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::InvalidInput
        | ErrorKind::InvalidData
        | ErrorKind::InvalidFilename
        | ErrorKind::UnexpectedEof => None,
        // A disk that fails, a share that hangs or went away, no handles left: it passes, or somebody mends it.
        _ => Some(Trouble::Away),
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
    /// The database's file was deleted or replaced while it was open; nothing was changed.
    Gone,
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
        assert_eq!(shown_address("postgres://db/shop?sslmode=require"), "postgres://db/shop?sslmode=require");
        let error = DbError::Address("mysql://anna:s3cret@db/shop".into()).to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_password_with_signs_of_an_address_in_it_is_hidden_whole() {
        for password in ["pa?ss", "pa/ss", "p:a?s/s", "pa?s@s", "pa@s?s", "p@a@ss", "pa#ss"] {
            let shown = shown_address(&format!("postgres://anna:{password}@db/shop"));
            let told =
                shown.strip_prefix("postgres://anna:…@").unwrap_or_else(|| panic!("{password}: {shown}"));
            assert!(["db/shop", "…"].contains(&told), "{password}: {shown}");
            let shown =
                shown_address(&format!("postgres://anna@db/shop?sslmode=require&password={password}"));
            assert!(["postgres://anna@db/shop?…", "postgres://anna:…@…"].contains(&&*shown), "{shown}");
        }
        assert_eq!(shown_address("host=db user=anna password=s3cret"), "host=db user=anna password=…");
    }

    #[test]
    fn what_the_machine_does_is_trouble_and_what_a_file_is_like_is_not() {
        use std::io::ErrorKind;
        let of = |kind: ErrorKind| DbError::File { path: "blobs".into(), cause: kind.into() }.trouble();
        // EIO and ESTALE as an NFS share says them.
        for code in [5, 116] {
            let cause = std::io::Error::from_raw_os_error(code);
            assert_eq!(
                DbError::File { path: "blobs".into(), cause }.trouble(),
                Some(Trouble::Away),
                "{code}"
            );
        }
        assert_eq!(of(ErrorKind::TimedOut), Some(Trouble::Away));
        assert_eq!(of(ErrorKind::NotConnected), Some(Trouble::Away));
        assert_eq!(of(ErrorKind::StorageFull), Some(Trouble::Full));
        assert_eq!(of(ErrorKind::PermissionDenied), Some(Trouble::ReadOnly));
        assert_eq!(of(ErrorKind::NotFound), None);
        assert_eq!(of(ErrorKind::InvalidData), None);
        for code in [rusqlite::ErrorCode::DatabaseCorrupt, rusqlite::ErrorCode::OutOfMemory] {
            assert_eq!(of_sqlite(code), Some(Trouble::Away));
        }
        assert_eq!(of_sqlite(rusqlite::ErrorCode::ConstraintViolation), None);
        let outside = Fault::store(std::io::Error::other("the folder of what leaves is away"));
        assert_eq!(DbError::trouble_in(&outside), Some(Trouble::Away));
        assert!(DbError::missing_in(&DbError::Blob { digest: "ab".into(), problem: "damaged" }.into()));
        assert!(!DbError::missing_in(&DbError::Away("the bucket".into()).into()));
    }
}
