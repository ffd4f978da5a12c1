//! What was kept, written down in the shop itself: who looks after it sees the last good backup, and failures.

use std::path::Path;

use engine::{DbError, Row, Tx, params};
use kernel::Instant;
use serde::Serialize;

use crate::KeepError;

/// How long a run counts as alive without telling that it is. Seconds.
const ALIVE_SECONDS: i64 = 600;

/// A backup, a restore or an upgrade, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// `backup` (by hand), `nightly`, `restore` or `upgrade`.
    pub kind: String,
    /// `running`, `good`, `failed`, or `removed` when its file made room for newer ones.
    pub state: String,
    /// When it began: the instant that a backup shows.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// The file.
    pub place: Option<String>,
    /// Its bytes.
    pub bytes: Option<i64>,
    /// Its rows.
    pub rows: Option<i64>,
    /// `restored`, `read` or `no`: what was done to know that it can be restored.
    pub verified: Option<String>,
    /// Why it failed, or what was found in the shop.
    pub problem: Option<String>,
}

/// A line of the log that is complete when it is written.
pub(crate) struct Note {
    pub(crate) kept: Kept,
}

impl Note {
    pub(crate) fn restore(from: &Path, at: Instant, rows: u64) -> Note {
        Note {
            kept: Kept {
                kind: "restore".into(),
                state: "good".into(),
                started_at: at,
                ended_at: Some(at),
                place: Some(from.display().to_string()),
                bytes: None,
                rows: i64::try_from(rows).ok(),
                verified: Some("restored".into()),
                problem: None,
            },
        }
    }
}

engine::statements! {
    /// Begins a run, once a slot. One that died may be taken over.
    BEGIN = "INSERT INTO keeping (id, kind, slot, state, started_at, alive_until)
             VALUES ($1, $2, $3, 'running', $4, $5)
             ON CONFLICT (slot) DO UPDATE SET state = 'running', started_at = excluded.started_at,
               alive_until = excluded.alive_until, ended_at = NULL, problem = NULL
             WHERE keeping.state <> 'good' AND keeping.alive_until < excluded.started_at
             RETURNING id";
    /// Tells that a run goes on.
    ALIVE = "UPDATE keeping SET alive_until = $3 WHERE id = $1 AND state = 'running' AND started_at = $2";
    /// Ends a run, while it is still whoever's it began at that instant.
    END = "UPDATE keeping SET state = $2, ended_at = $3, place = $4, bytes = $5, row_count = $6, verified = $7,
             problem = $8, alive_until = $9
           WHERE id = $1 AND state = 'running' AND started_at = $10";
    /// Whether a slot is taken by a run that is good or alive.
    TAKEN = "SELECT CAST(1 AS BIGINT) FROM keeping WHERE slot = $1 AND (state = 'good' OR alive_until >= $2)";
    /// Letters that wait for somebody's decision.
    HELD = "SELECT CAST(COUNT(*) AS BIGINT) FROM outbox WHERE state = 'held'";
    /// Writes a line that is complete.
    WRITE = "INSERT INTO keeping (id, kind, state, started_at, alive_until, ended_at, place, bytes, row_count, verified, problem)
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10)";
    /// The newest of some kinds in some states.
    NEWEST = "SELECT kind, state, started_at, ended_at, place, bytes, row_count, verified, problem FROM keeping
              WHERE kind IN LIST($1) AND state IN LIST($2) ORDER BY started_at DESC, id DESC LIMIT $3";
    /// Whether a restore of this instant is written down.
    RESTORED = "SELECT CAST(1 AS BIGINT) FROM keeping WHERE kind = 'restore' AND state = 'good' AND started_at = $1";
    /// Since when the shop has anybody.
    OPENED = "SELECT MIN(created_at) FROM account";
    /// A file made room for newer ones.
    REMOVED = "UPDATE keeping SET state = 'removed' WHERE kind = 'nightly' AND state = 'good' AND place = $1";
}

fn read(row: &mut Row<'_>) -> Result<Kept, DbError> {
    Ok(Kept {
        kind: row.take()?,
        state: row.take()?,
        started_at: row.take()?,
        ended_at: row.take()?,
        place: row.take()?,
        bytes: row.take()?,
        rows: row.take()?,
        verified: row.take()?,
        problem: row.take()?,
    })
}

fn kinds(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

/// The last good backup, by hand or of a night, whether its file is still there or not.
pub fn last_good(tx: &mut Tx<'_>) -> Result<Option<Kept>, DbError> {
    let states = kinds(&["good", "removed"]);
    tx.find(&NEWEST, params![kinds(&["backup", "nightly"]), states, 1_i64], read)
}

/// The newest backups whatever became of them, newest first.
pub fn newest(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Kept>, DbError> {
    let states = kinds(&["running", "good", "failed", "removed"]);
    tx.query(&NEWEST, params![kinds(&["backup", "nightly"]), states, limit], read)
}

/// The last restore that made this shop, if one did.
pub fn last_restore(tx: &mut Tx<'_>) -> Result<Option<Kept>, DbError> {
    tx.find(&NEWEST, params![kinds(&["restore"]), kinds(&["good"]), 1_i64], read)
}

pub(crate) fn restored_at(tx: &mut Tx<'_>, at: Instant) -> Result<bool, DbError> {
    Ok(tx.find(&RESTORED, params![at], |row| row.take::<i64>())?.is_some())
}

pub(crate) fn removed(tx: &mut Tx<'_>, place: &str) -> Result<(), DbError> {
    tx.execute(&REMOVED, params![place]).map(|_| ())
}

/// Since when the shop has an account; `None` before it is set up.
pub(crate) fn opened_at(tx: &mut Tx<'_>) -> Result<Option<Instant>, DbError> {
    tx.one(&OPENED, &[], |row| row.take())
}

/// Begins a run; `None` when its slot is taken by one that is good or alive.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    id: i64,
    kind: &str,
    slot: Option<&str>,
    now: Instant,
) -> Result<Option<i64>, DbError> {
    tx.find(&BEGIN, params![id, kind, slot, now, now.plus_seconds(ALIVE_SECONDS)], |row| row.take())
}

/// Whether a slot is taken by a run that is good or alive.
pub(crate) fn taken(tx: &mut Tx<'_>, slot: &str, now: Instant) -> Result<bool, DbError> {
    Ok(tx.find(&TAKEN, params![slot, now], |row| row.take::<i64>())?.is_some())
}

/// How many letters are held.
pub(crate) fn held(tx: &mut Tx<'_>) -> Result<u64, KeepError> {
    let held: i64 = tx.one(&HELD, &[], |row| row.take())?;
    Ok(held.unsigned_abs())
}

/// Tells that the run which began then goes on. `false` when another has taken it over.
pub(crate) fn alive(tx: &mut Tx<'_>, id: i64, began: Instant, now: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&ALIVE, params![id, began, now.plus_seconds(ALIVE_SECONDS)])? > 0)
}

/// Ends a run. A failed one may be tried again after `again_at`. `false` when another has taken it over.
pub(crate) fn end(tx: &mut Tx<'_>, id: i64, kept: &Kept, again_at: Instant) -> Result<bool, DbError> {
    let params = params![
        id,
        kept.state.as_str(),
        kept.ended_at,
        kept.place.as_deref(),
        kept.bytes,
        kept.rows,
        kept.verified.as_deref(),
        kept.problem.as_deref(),
        again_at,
        kept.started_at
    ];
    Ok(tx.execute(&END, params)? > 0)
}

/// Writes a complete line. Its id is its instant, so that a database that is being built needs no other.
pub(crate) fn write(tx: &mut Tx<'_>, note: &Note) -> Result<(), DbError> {
    let kept = &note.kept;
    let params = params![
        kept.started_at.micros(),
        kept.kind.as_str(),
        kept.state.as_str(),
        kept.started_at,
        kept.ended_at,
        kept.place.as_deref(),
        kept.bytes,
        kept.rows,
        kept.verified.as_deref(),
        kept.problem.as_deref()
    ];
    tx.execute(&WRITE, params).map(|_| ())
}
