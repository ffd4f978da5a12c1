//! Work that stands as begun and has no job: a shop made of an export brings its imports and retries along, and no
//! jobs.

use std::collections::HashSet;

use engine::{Tx, params};
use kernel::{Clock, Fault};

use crate::quarantine::run::{self as retry, RETRY_JOB};
use crate::upload::{self, job as import};

engine::statements! {
    /// What jobs of some kinds work on, whatever became of them: a dead one waits for a human.
    PAYLOADS = "SELECT payload FROM job WHERE kind IN LIST($1)";
    /// Imports that are being looked at or run.
    IMPORTS = "SELECT id, state, position FROM import_run WHERE state IN ('counting', 'running') ORDER BY id";
    /// Retries that are not over.
    RETRIES = "SELECT id, position FROM retry_run WHERE state = 'running' ORDER BY id";
}

/// Asks again for every import and every retry that is under way and that no job works on; how many.
///
/// # Errors
/// When the database cannot be read or written.
pub fn ask_again(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<u64, Fault> {
    let kinds = [import::LOOK, import::RUN, RETRY_JOB].map(str::to_owned).to_vec();
    let payloads = tx.query(&PAYLOADS, params![kinds], |row| row.take::<String>())?;
    let importing: HashSet<upload::RunId> = payloads
        .iter()
        .filter_map(|payload| serde_json::from_str::<import::Payload>(payload).ok())
        .map(|payload| payload.run)
        .collect();
    let retrying: HashSet<i64> = payloads
        .iter()
        .filter_map(|payload| serde_json::from_str::<retry::Payload>(payload).ok())
        .map(|payload| payload.run)
        .collect();
    let mut asked = 0;
    let imports = tx.query(&IMPORTS, &[], |row| {
        Ok((upload::RunId(row.take()?), row.take::<String>()?, row.take::<i64>()?))
    })?;
    for (run, state, position) in imports.into_iter().filter(|(run, ..)| !importing.contains(run)) {
        if state == "counting" {
            import::enqueue_look(tx, clock, run)?;
        } else {
            import::enqueue_run(tx, clock, run, position)?;
        }
        asked += 1;
    }
    let retries = tx.query(&RETRIES, &[], |row| Ok((row.take::<i64>()?, row.take::<i64>()?)))?;
    for (run, position) in retries.into_iter().filter(|(run, _)| !retrying.contains(run)) {
        retry::enqueue(tx, clock, retry::RunId(run), position)?;
        asked += 1;
    }
    Ok(asked)
}
