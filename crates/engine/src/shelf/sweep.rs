//! Removes large blobs without a row: what a crash or a rolled back transaction left, and what was erased.
//!
//! Nothing is removed at first sight. What has no row is noted, and removed when it still has none a day later;
//! whoever puts it meanwhile strikes it off the list in the transaction that writes its row. A removal is written
//! down before it happens: a transaction that wants just that file then is refused, and tried again a moment
//! later, so that no row ever stands without its file.

use std::collections::HashSet;

use kernel::{Clock, Fault, Instant};

use super::Lying;
use super::owner::{self, Whose};
use crate::blob::BlobDigest;
use crate::runner::Handlers;
use crate::{DbError, Engine, Tx, job, params};

/// The job that sweeps.
pub const JOB: &str = "blobs.sweep";
/// How long a file may lie without a row: longer than any transaction or copy takes. Seconds.
pub const AGE_SECONDS: i64 = 86_400;
/// From one sweep to the next. Seconds.
const EVERY_SECONDS: i64 = 86_400;
/// How many addresses are looked up at once.
const AT_ONCE: usize = 500;
/// How many removals are written down at once.
const REMOVED_AT_ONCE: usize = 50;
/// Within this long after they were written down they happen, or not at all: another process may have ended them.
/// Seconds.
const REMOVE_WITHIN_SECONDS: i64 = 40;
/// A note that nobody looked at for so long is forgotten. Seconds.
const FORGET_SECONDS: i64 = 30 * 86_400;

crate::statements! {
    /// Those of some addresses that have a row whose bytes are a file.
    KNOWN = {
        sqlite: "SELECT digest FROM blob WHERE bytes IS NULL AND digest IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT digest FROM blob WHERE bytes IS NULL
                     AND digest = ANY (SELECT decode(given.hex, 'hex') FROM unnest(CAST($1 AS TEXT[])) AS given (hex))"
    };
    /// Notes those of some addresses that have no row.
    NOTE = {
        sqlite: "INSERT INTO shelf_orphan (digest, seen_at) SELECT unhex(given.value), $2 FROM json_each($1) AS given
                 WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = unhex(given.value) AND b.bytes IS NULL)
                 ON CONFLICT (digest) DO NOTHING",
        postgres: "INSERT INTO shelf_orphan (digest, seen_at)
                   SELECT decode(given.hex, 'hex'), CAST($2 AS BIGINT) FROM unnest(CAST($1 AS TEXT[])) AS given (hex)
                   WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = decode(given.hex, 'hex') AND b.bytes IS NULL)
                   ON CONFLICT (digest) DO NOTHING"
    };
    /// Writes down that those of some addresses are removed now that were noted before an instant and have no row.
    BEGIN = {
        sqlite: "UPDATE shelf_orphan SET removing = 1
                 WHERE seen_at < $2 AND digest IN (SELECT unhex(value) FROM json_each($1))
                   AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = shelf_orphan.digest AND b.bytes IS NULL)
                 RETURNING digest",
        postgres: "UPDATE shelf_orphan SET removing = 1
                   WHERE seen_at < $2
                     AND digest = ANY (SELECT decode(given.hex, 'hex') FROM unnest(CAST($1 AS TEXT[])) AS given (hex))
                     AND NOT EXISTS (SELECT 1 FROM blob b WHERE b.digest = shelf_orphan.digest AND b.bytes IS NULL)
                   RETURNING digest"
    };
    /// Removals that were written down and perhaps did not happen: their process died.
    BEGUN = "SELECT digest FROM shelf_orphan WHERE removing = 1 ORDER BY digest LIMIT 50";
    /// The note of one address: whether it is being removed.
    NOTED = "SELECT removing FROM shelf_orphan WHERE digest = $1";
    /// Strikes one off.
    STRIKE = "DELETE FROM shelf_orphan WHERE digest = $1";
    /// Strikes off what has a row again, and what was noted before an instant.
    TIDY = "DELETE FROM shelf_orphan WHERE removing = 0 AND (seen_at < $1
              OR EXISTS (SELECT 1 FROM blob b WHERE b.digest = shelf_orphan.digest AND b.bytes IS NULL))";
    /// Forgets every note: the place is not ours.
    FORGET = "DELETE FROM shelf_orphan";
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Files that lie there.
    pub lying: u64,
    /// Files without a row.
    pub orphans: u64,
    /// Files without a row that had none for long enough to be removed.
    pub removed: u64,
    /// Whether the place belongs to another database: then nothing was removed.
    pub anothers: bool,
}

/// Asks for a sweep in so many seconds, one a day at most.
pub fn enqueue(tx: &mut Tx<'_>, clock: &dyn Clock, in_seconds: i64) -> Result<(), DbError> {
    let at = clock.now().plus_seconds(in_seconds);
    job::enqueue(tx, clock, JOB, &(), Some(&format!("{JOB}:{}", at.utc_day())), Some(at))
}

/// Adds the handler that asks for the next sweep, and sweeps.
pub fn register(handlers: &mut Handlers) {
    handlers.add(JOB, |context, _| {
        let clock = std::sync::Arc::clone(&context.clock);
        // First: however this one ends, the next comes.
        context.engine.write_blocking(move |tx| Ok(enqueue(tx, &*clock, EVERY_SECONDS)?))?;
        let swept = run(&context.engine, &*context.clock, true)?;
        if swept.anothers {
            tracing::error!(
                "the place of the large files belongs to another database, so nothing is removed there: see bottega doctor"
            );
        }
        if swept.removed > 0 {
            tracing::info!(lying = swept.lying, removed = swept.removed, "files without a row were removed");
        }
        Ok(())
    });
}

/// Before a row for a file is written: nobody removes the file any more.
///
/// # Errors
/// [`DbError::Away`] when it is being removed just now; a moment later it can be put anew.
pub(crate) fn spare(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<(), DbError> {
    match tx.find(&NOTED, params![*digest], |row| row.take::<i64>())? {
        None => Ok(()),
        Some(0) => tx.execute(&STRIKE, params![*digest]).map(|_| ()),
        Some(_) => Err(DbError::Away("just this file is being removed; try again in a moment".into())),
    }
}

/// Looks through everything that lies on the shelf; with `remove`, notes what has no row and removes what has had
/// none for [`AGE_SECONDS`]. Blocks.
pub fn run(engine: &Engine, clock: &dyn Clock, remove: bool) -> Result<Swept, Fault> {
    let anothers = match owner::whose(engine)? {
        Whose::Ours => false,
        Whose::Anothers => true,
        Whose::Nobodys => {
            if remove {
                owner::take_over(engine)?;
            }
            false
        }
    };
    let mut swept = Swept { anothers, ..Swept::default() };
    let before = clock.now().plus_seconds(-AGE_SECONDS);
    if remove && anothers {
        engine.write_blocking(|tx| Ok(tx.execute(&FORGET, &[])?))?;
    } else if remove {
        finish(engine, clock)?;
        engine.shelf().remove_halves(before)?;
    }
    engine.shelf().each(&mut |lying: Vec<Lying>| {
        for some in lying.chunks(AT_ONCE) {
            swept.lying += some.len() as u64;
            let addresses: Vec<String> = some.iter().map(|one| one.digest.hex()).collect();
            let known = engine.read_blocking(|tx| Ok(digests(tx, params![addresses.clone()])?));
            let known: HashSet<_> = known.map_err(DbError::from_fault)?.into_iter().collect();
            let orphans = some.iter().filter(|one| !known.contains(&one.digest));
            let orphans: Vec<Lying> = orphans.copied().collect();
            swept.orphans += orphans.len() as u64;
            if remove && !anothers {
                swept.removed += remove_old(engine, clock, &orphans, before)?;
            }
        }
        Ok(())
    })?;
    Ok(swept)
}

fn digests(tx: &mut Tx<'_>, given: &[crate::Value]) -> Result<Vec<BlobDigest>, DbError> {
    column(tx.query(&KNOWN, given, |row| row.take())?)
}

fn column(found: Vec<Vec<u8>>) -> Result<Vec<BlobDigest>, DbError> {
    let read = |bytes: &Vec<u8>| {
        BlobDigest::from_column(bytes)
            .ok_or(DbError::Blob { digest: "of a row".into(), problem: "not 32 bytes long" })
    };
    found.iter().map(read).collect()
}

/// Ends the removals of a process that died, and tidies the notes.
fn finish(engine: &Engine, clock: &dyn Clock) -> Result<(), Fault> {
    loop {
        let at = clock.now();
        let begun = engine.read_blocking(|tx| Ok(column(tx.query(&BEGUN, &[], |row| row.take())?)?))?;
        if begun.is_empty() {
            break;
        }
        remove_now(engine, clock, begun, at)?;
    }
    let long_ago = clock.now().plus_seconds(-FORGET_SECONDS);
    engine.write_blocking(move |tx| Ok(tx.execute(&TIDY, params![long_ago])?))?;
    Ok(())
}

/// Notes files without a row, and removes those that were noted, and put, before an instant.
fn remove_old(
    engine: &Engine,
    clock: &dyn Clock,
    orphans: &[Lying],
    before: Instant,
) -> Result<u64, DbError> {
    let mut removed = 0;
    for some in orphans.chunks(REMOVED_AT_ONCE) {
        let hex = |those: Vec<&Lying>| those.iter().map(|one| one.digest.hex()).collect::<Vec<_>>();
        let all = hex(some.iter().collect());
        let old = hex(some.iter().filter(|one| one.put_at < before).collect());
        let at = clock.now();
        let begun = engine.write_blocking(move |tx| {
            tx.execute(&NOTE, params![all.clone(), at])?;
            Ok(column(tx.query(&BEGIN, params![old.clone(), before], |row| row.take())?)?)
        });
        let begun = begun.map_err(DbError::from_fault)?;
        removed += begun.len() as u64;
        remove_now(engine, clock, begun, at).map_err(DbError::from_fault)?;
    }
    Ok(removed)
}

/// Removes files whose removal is written down since an instant, and strikes them off.
fn remove_now(
    engine: &Engine,
    clock: &dyn Clock,
    begun: Vec<BlobDigest>,
    since: Instant,
) -> Result<(), Fault> {
    for digest in &begun {
        if clock.now().seconds_since(since).abs() > REMOVE_WITHIN_SECONDS {
            return Err(DbError::Away("removing took too long; the next sweep goes on".into()).into());
        }
        engine.shelf().remove(digest)?;
    }
    if begun.is_empty() {
        return Ok(());
    }
    engine.write_blocking(move |tx| {
        begun.iter().try_for_each(|digest| tx.execute(&STRIKE, params![*digest]).map(|_| ()))?;
        Ok(())
    })
}
