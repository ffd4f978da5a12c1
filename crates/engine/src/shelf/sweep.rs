//! Removes large blobs without a row: what a crash or a rolled back transaction left, and what was erased.

use std::collections::HashSet;

use kernel::{Clock, Fault};

use super::Lying;
use crate::blob::BlobDigest;
use crate::runner::Handlers;
use crate::{DbError, Engine, Tx, job, params};

/// The job that sweeps.
pub const JOB: &str = "blobs.sweep";
/// How long a file may lie without a row: longer than any transaction takes. Seconds.
pub const AGE_SECONDS: i64 = 86_400;
/// From one sweep to the next. Seconds.
const EVERY_SECONDS: i64 = 86_400;
/// How many addresses are looked up at once.
const AT_ONCE: usize = 500;

crate::statements! {
    /// Those of some addresses that have a row whose bytes are a file.
    KNOWN = {
        sqlite: "SELECT digest FROM blob WHERE bytes IS NULL AND digest IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT digest FROM blob WHERE bytes IS NULL
                     AND digest = ANY (SELECT decode(given.hex, 'hex') FROM unnest(CAST($1 AS TEXT[])) AS given (hex))"
    };
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Files that lie there.
    pub lying: u64,
    /// Files without a row.
    pub orphans: u64,
    /// Files without a row that were old enough to be removed.
    pub removed: u64,
}

/// Asks for a sweep in so many seconds, one a day at most.
pub fn enqueue(tx: &mut Tx<'_>, clock: &dyn Clock, in_seconds: i64) -> Result<(), DbError> {
    let at = clock.now().plus_seconds(in_seconds);
    job::enqueue(tx, clock, JOB, &(), Some(&format!("{JOB}:{}", at.utc_day())), Some(at))
}

/// Adds the handler that sweeps, and asks for the next sweep.
pub fn register(handlers: &mut Handlers) {
    handlers.add(JOB, |context, _| {
        let swept = run(&context.engine, &*context.clock, true)?;
        if swept.removed > 0 {
            tracing::info!(lying = swept.lying, removed = swept.removed, "files without a row were removed");
        }
        let clock = std::sync::Arc::clone(&context.clock);
        context.engine.write_blocking(move |tx| Ok(enqueue(tx, &*clock, EVERY_SECONDS)?))
    });
}

/// Looks through everything that lies on the shelf; with `remove`, removes what has no row and is older than
/// [`AGE_SECONDS`]. Blocks.
pub fn run(engine: &Engine, clock: &dyn Clock, remove: bool) -> Result<Swept, Fault> {
    let mut swept = Swept::default();
    let before = clock.now().plus_seconds(-AGE_SECONDS);
    engine.shelf().each(&mut |lying: Vec<Lying>| {
        for some in lying.chunks(AT_ONCE) {
            swept.lying += some.len() as u64;
            let addresses: Vec<String> = some.iter().map(|one| one.digest.hex()).collect();
            let known = engine.read_blocking(|tx| {
                let known = tx.query(&KNOWN, params![addresses.clone()], |row| row.take::<Vec<u8>>())?;
                Ok(known.iter().filter_map(|digest| BlobDigest::from_column(digest)).collect::<HashSet<_>>())
            });
            let known = known.map_err(DbError::from_fault)?;
            for orphan in some.iter().filter(|one| !known.contains(&one.digest)) {
                swept.orphans += 1;
                if remove && orphan.put_at < before {
                    engine.shelf().remove(&orphan.digest)?;
                    swept.removed += 1;
                }
            }
        }
        Ok(())
    })?;
    Ok(swept)
}
