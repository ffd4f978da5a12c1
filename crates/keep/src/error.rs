//! What can go wrong while keeping, each with the next step.

use std::path::Path;

use engine::DbError;

/// Why a backup, a restore, an export or a move did not happen. Nothing that was there before is changed.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database refused, or is away.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A use case refused.
    #[error(transparent)]
    Fault(#[from] kernel::Fault),
    /// A file could not be read or written.
    #[error("{path}: {}", plainly(.cause))]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A line of JSON could not be written.
    #[error("a row cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A table of CSV could not be written.
    #[error("a table cannot be written as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A column holds what no format of ours can say.
    #[error("the field {field} holds something that cannot be written")]
    Unwritable {
        /// Its name.
        field: String,
    },
    /// There is nothing to keep yet.
    #[error("{0} holds no shop. Is this the right folder? Name the file with --config.")]
    NoShop(String),
    /// Not enough room.
    #[error("{place} has {free} MB free and {needed} MB are needed: make room, or choose another folder")]
    NoRoom {
        /// Where.
        place: String,
        /// Megabytes free.
        free: u64,
        /// Megabytes needed.
        needed: u64,
    },
    /// The file is no backup of ours.
    #[error("{path} is no backup and no export of Bottega: {why}")]
    NotOurs {
        /// Which file or folder.
        path: String,
        /// What is missing.
        why: String,
    },
    /// It was cut short.
    #[error(
        "{path} is not whole ({why}): copy it again from where it was made, or take the backup before it"
    )]
    Truncated {
        /// Which file.
        path: String,
        /// What is missing.
        why: String,
    },
    /// It is not as it was written.
    #[error(
        "{part} in {path} is not as it was written ({why}): copy the file again, or take the backup before it"
    )]
    Damaged {
        /// Which file.
        path: String,
        /// Which part of it.
        part: String,
        /// What differs.
        why: String,
    },
    /// It was made by a newer version.
    #[error(
        "{path} was made by Bottega {version} (schema {schema}), this is {own} (up to {known}): install that version or a newer one, then restore"
    )]
    Newer {
        /// Which file.
        path: String,
        /// The version that made it.
        version: String,
        /// Its schema.
        schema: i64,
        /// This version.
        own: String,
        /// The newest schema known.
        known: i64,
    },
    /// Something is there already.
    #[error("{place} is there already and nothing is ever overwritten: {next}")]
    Occupied {
        /// What is there.
        place: String,
        /// What to do.
        next: String,
    },
    /// Somebody works with the database.
    #[error("{0} is in use: stop every `bottega serve` that works with it, then run this again")]
    InUse(String),
    /// Another restore works there.
    #[error("a restore into {0} is under way: wait until it ends, or stop it; then look what is there")]
    Underway(String),
    /// Files in it are not as they were written.
    #[error(
        "{count} of the large files in {path} are not as they were written, the first is {first}: copy it again, or take the backup before it. Everything but those files is restored with --without-damaged-files"
    )]
    DamagedFiles {
        /// Which backup or export.
        path: String,
        /// How many.
        count: usize,
        /// The name of one.
        first: String,
    },
    /// What was written does not equal what was read.
    #[error(
        "the copy of {table} differs from the original ({why}); the copy was not kept. Please report this"
    )]
    Differs {
        /// Which table.
        table: String,
        /// In what.
        why: String,
    },
    /// The key does not fit.
    #[error("{0}")]
    Key(String),
    /// The copy opened, and something in it is not as it must be.
    #[error("the copy was opened and is not sound: {0}")]
    Unsound(String),
}

/// What the system said, for somebody who has to do something about it.
fn plainly(cause: &std::io::Error) -> String {
    match cause.kind() {
        std::io::ErrorKind::NotFound => "there is nothing at this place".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "this user may not read or write there: give it to the user under whom bottega runs, or name another place"
                .to_owned()
        }
        _ => cause.to_string(),
    }
}

impl KeepError {
    /// For `map_err` on a file.
    pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> KeepError + '_ {
        move |cause| KeepError::File { path: path.display().to_string(), cause }
    }
}
