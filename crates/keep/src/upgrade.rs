//! The upgrade of a database to this version's schema, with a way back.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Engine, Options, whole};
use kernel::Clock;

use crate::backup::stamp;
use crate::log::{self, Kept, Note};
use crate::write::flush_folder;
use crate::{KeepError, OWN_VERSION, place};

/// Up to this size `serve` upgrades a SQLite database by itself, after a copy. Bytes.
pub const SMALL_BYTES: u64 = 2_000_000_000;

/// Copies that this process began, for names of their own.
static COPIES: AtomicU32 = AtomicU32::new(0);

/// How a database stands to this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is none yet.
    Empty,
    /// It has this version's schema.
    Current,
    /// It has an older one, of this number.
    Older(i64),
}

/// Looks at the schema, changing nothing. One that is newer than this version is an error.
pub fn state(options: &Options) -> Result<State, KeepError> {
    if place::sqlite_file(options)
        .is_some_and(|file| std::fs::metadata(file).map_or(0, |about| about.len()) == 0)
    {
        return Ok(State::Empty);
    }
    let known = engine::newest_schema();
    match whole::look(options, engine::migrate::found)?.unwrap_or(0) {
        0 => Ok(State::Empty),
        found if found == known => Ok(State::Current),
        found if found > known => Err(engine::DbError::Newer { found, known }.into()),
        found => Ok(State::Older(found)),
    }
}

/// Copies a SQLite database beside itself before an upgrade, flushed and looked through by SQLite. To go back:
/// stop the shop, put the copy in the database's place, start the older version. `None` when another process upgraded
/// it meanwhile: its copy is the way back.
pub fn copy_before(options: &Options, found: i64, clock: &dyn Clock) -> Result<Option<PathBuf>, KeepError> {
    let file =
        place::sqlite_file(options).ok_or_else(|| KeepError::NoShop(engine::shown_address(&options.url)))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let size = std::fs::metadata(&file).map_err(KeepError::at(&file))?.len();
    place::room_for(folder, size + size / 4)?;
    let name = format!("{}.schema-{found}-{}", file.display(), stamp(clock.now()));
    // Two processes may start at once: each makes its own copy, and the first one keeps the name.
    let count = COPIES.fetch_add(1, Ordering::Relaxed);
    let beside = PathBuf::from(format!("{name}.{}-{count}.unfinished", std::process::id()));
    let copy = PathBuf::from(name);
    let kept: Result<_, KeepError> = (|| {
        let copied = whole::twin(options, &beside)?;
        if copied != found {
            return Ok(None);
        }
        match place::put(&beside, &copy) {
            Err(KeepError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
            put => put?,
        }
        Ok(Some(copy))
    })();
    if beside.exists()
        && let Err(second) = std::fs::remove_file(&beside)
    {
        tracing::warn!(%second, path = %beside.display(), "a copy that is not needed could not be removed");
    }
    let kept = kept?;
    flush_folder(folder)?;
    Ok(kept)
}

/// Whether somebody else works with a database.
///
/// # Errors
/// When it cannot be asked.
pub fn in_use(options: &Options) -> Result<bool, KeepError> {
    Ok(whole::connections(options)? > 0)
}

/// Brings an older database to this version's schema: all of it or nothing. `copy`: the way back, which is
/// written down.
pub fn upgrade(
    options: &Options,
    found: i64,
    copy: Option<&Path>,
    clock: &dyn Clock,
) -> Result<Engine, KeepError> {
    let started_at = clock.now();
    let engine = Engine::open(options, clock)?;
    let known = engine::newest_schema();
    let place = copy.map(|copy| copy.display().to_string());
    let ended_at = Some(clock.now());
    let noted = engine.write_blocking(move |tx| {
        let kept = Kept {
            kind: "upgrade".into(),
            state: "good".into(),
            started_at,
            ended_at,
            place: place.clone(),
            bytes: None,
            rows: None,
            verified: None,
            problem: Some(format!("schema {found} to {known}, by version {OWN_VERSION}")),
        };
        Ok(log::write(tx, &Note { kept })?)
    });
    if let Err(error) = noted {
        tracing::warn!(%error, "the database was upgraded; only its own list of that could not be written");
    }
    Ok(engine)
}
