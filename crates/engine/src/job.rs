//! Jobs: enqueued in the transaction of the change that wants them, run at least once, never lost.
//!
//! A job is claimed by a lease. A process that dies lets its leases end, and another claims the job
//! again; therefore handlers must be idempotent. Each claim is an attempt with a number of its own, and only
//! the attempt that has the job now may prolong or end it: a process that slept through its lease changes
//! nothing of the job any more. A failing job is tried again after a growing, jittered wait and, after [`TRIES`]
//! tries, is laid among the dead, where somebody sees it and can retry it. What the machine's trouble ended, a
//! bucket or a folder that is away, is no try: the job waits until the machine is well. A process takes only
//! what it has a handler for; what nobody takes for long joins the dead too.

use kernel::{Clock, Cursor, Fault, Instant, JobId, Page};
use serde::Serialize;

use crate::{DbError, Row, Tx, params};

/// Tries before a job is laid among the dead.
pub const TRIES: i64 = 8;
/// So many more when the last ones had no end: the process was killed meanwhile, perhaps by the job.
const WITHOUT_END: i64 = 2;
/// How long a claim holds before another process may take the job. Seconds.
pub const LEASE_SECONDS: i64 = 60;
/// Longest wait between two attempts. Seconds.
const LONGEST_WAIT_SECONDS: i64 = 3_600;
/// Longest wait for the machine to be well again. Seconds.
const OUTAGE_WAIT_SECONDS: i64 = 300;
/// What was wanted so shortly after it was enqueued is wanted at once, whatever the clock does: a letter that may
/// still be taken back for a moment. Seconds.
const AT_ONCE_SECONDS: i64 = 60;
/// After this long a kind that no process knows is nobody's: longer than an upgrade, node after node. Seconds.
const UNKNOWN_SECONDS: i64 = 6 * 3_600;

/// A job as claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which handler runs it.
    pub kind: String,
    /// What the handler needs: ids as JSON, never personal text.
    pub payload: String,
    /// Which attempt this is, from 1.
    pub attempt: i64,
    /// How many attempts before it the machine's trouble ended.
    pub outages: i64,
    /// When this try was due.
    pub due: Instant,
}

impl Job {
    /// Which try this is, from 1: attempts that the machine's trouble ended are none.
    pub fn tries(&self) -> i64 {
        self.attempt - self.outages
    }

    /// Whether it had more tries than one that fails in order gets, for as long as their leases last: whoever tried it
    /// last was killed, again and again. Who kills a process ten times within a minute kills no job with it.
    pub fn has_no_end(&self, now: Instant) -> bool {
        self.tries() > TRIES + WITHOUT_END
            && now >= self.due.plus_seconds((TRIES + WITHOUT_END) * LEASE_SECONDS)
    }
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Something about the job itself, as far as one can tell.
    Job,
    /// Trouble of the machine's ([`crate::Trouble`]).
    Machine,
}

/// A job that waits, runs or failed, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobState {
    /// Its id.
    pub id: JobId,
    /// Which handler runs it.
    pub kind: String,
    /// `waiting`, `running` or `dead`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// When it runs next.
    pub run_at: Instant,
    /// What the last attempt said.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Instant,
}

crate::statements! {
    /// Enqueues, unless a job with the same key waits already.
    ENQUEUE = "INSERT INTO job (id, kind, payload, unique_key, state, run_at, created_at)
               VALUES ($1, $2, $3, $4, 'waiting', $5, $6) ON CONFLICT (unique_key) DO NOTHING";
    /// Claims the first job of some kinds that is due, or whose lease has ended.
    CLAIM = {
        sqlite: "UPDATE job SET state = 'running', attempts = attempts + 1, leased_until = $2
                 WHERE id IN (SELECT id FROM job WHERE state IN ('waiting', 'running') AND run_at <= $1
                              AND (state = 'waiting' OR leased_until < $1) AND kind IN LIST($3)
                              ORDER BY run_at, id LIMIT 1)
                 RETURNING id, kind, payload, attempts, outages, run_at",
        postgres: "UPDATE job SET state = 'running', attempts = attempts + 1, leased_until = $2
                   WHERE id IN (SELECT id FROM job WHERE state IN ('waiting', 'running') AND run_at <= $1
                                AND (state = 'waiting' OR leased_until < $1) AND kind IN LIST($3)
                                ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
                   RETURNING id, kind, payload, attempts, outages, run_at"
    };
    /// Jobs that lie in the future only because the clock was ahead: those that were wanted at once, and those
    /// that wait longer for another try than anything does.
    EARLIER = "UPDATE job SET run_at = $1 WHERE state = 'waiting' AND run_at > $1
                 AND ((attempts = 0 AND created_at > $1 AND run_at <= created_at + $2) OR (attempts > 0 AND run_at > $3))";
    /// Leases that end later than any that is given now.
    SHORTEN = "UPDATE job SET leased_until = $1 WHERE state = 'running' AND leased_until > $1";
    /// What nobody took for long and this process does not know, laid among the dead.
    NOBODYS = "UPDATE job SET state = 'dead', last_error = 'no version that runs here knows this kind of job',
                 leased_until = NULL, ended_at = $1, unique_key = NULL
               WHERE ((state = 'waiting' AND run_at < $2) OR (state = 'running' AND leased_until < $2))
                 AND NOT (kind IN LIST($3))";
    /// Prolongs the lease of a job, while it is still this attempt's.
    PROLONG = "UPDATE job SET leased_until = $3 WHERE id = $1 AND state = 'running' AND attempts = $2";
    /// A job that is done leaves the table; its effects are in the event log.
    DONE = "DELETE FROM job WHERE id = $1 AND state = 'running' AND attempts = $2";
    /// Waits for the next attempt.
    AGAIN = "UPDATE job SET state = 'waiting', run_at = $3, last_error = $4, outages = $5, leased_until = NULL
             WHERE id = $1 AND state = 'running' AND attempts = $2";
    /// Laid among the dead.
    DEAD = "UPDATE job SET state = 'dead', last_error = $3, leased_until = NULL, ended_at = $4, unique_key = NULL
            WHERE id = $1 AND state = 'running' AND attempts = $2";
    /// From the dead back into the queue.
    RETRY = "UPDATE job SET state = 'waiting', run_at = $2, attempts = 0, outages = 0, ended_at = NULL
             WHERE id = $1 AND state = 'dead'";
    /// Jobs in a state, in the order in which they run.
    IN_STATE = "SELECT id, kind, state, attempts, run_at, last_error, created_at FROM job
                WHERE state = $1 AND (run_at > $2 OR (run_at = $2 AND id > $3))
                ORDER BY run_at, id LIMIT $4";
    /// How many jobs there are in each state.
    COUNTS = "SELECT state, CAST(COUNT(*) AS BIGINT) FROM job GROUP BY state ORDER BY state";
    /// When the next waiting job is due.
    NEXT_DUE = "SELECT MIN(run_at) FROM job WHERE state = 'waiting'";
}

/// Enqueues a job to run at `run_at` (now, when `None`). With a `unique_key`, a second job of the same
/// key is not enqueued while the first waits or runs.
pub fn enqueue(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    kind: &str,
    payload: &impl Serialize,
    unique_key: Option<&str>,
    run_at: Option<Instant>,
) -> Result<(), DbError> {
    let id: JobId = tx.mint(clock);
    let payload = serde_json::to_string(payload).unwrap_or_default();
    let now = clock.now();
    tx.execute(&ENQUEUE, params![id, kind, payload, unique_key, run_at.unwrap_or(now), now])?;
    tx.wakes_jobs = true;
    Ok(())
}

/// Claims a job of one of these kinds that is due.
pub fn claim(tx: &mut Tx<'_>, clock: &dyn Clock, kinds: &[&str]) -> Result<Option<Job>, DbError> {
    let now = clock.now();
    tx.find(&CLAIM, params![now, now.plus_seconds(LEASE_SECONDS), owned(kinds)], |row| {
        Ok(Job {
            id: row.take()?,
            kind: row.take()?,
            payload: row.take()?,
            attempt: row.take()?,
            outages: row.take()?,
            due: row.take()?,
        })
    })
}

fn owned(kinds: &[&str]) -> Vec<String> {
    kinds.iter().map(|&kind| kind.to_owned()).collect()
}

/// Puts right what stands in the way of jobs although nobody works on it: what a clock that was ahead laid into the
/// future, and kinds that nobody knows, this process's being `known`. Done now and then.
pub fn settle(tx: &mut Tx<'_>, clock: &dyn Clock, known: &[&str]) -> Result<(), DbError> {
    let now = clock.now();
    let latest = now.plus_seconds(LONGEST_WAIT_SECONDS);
    tx.execute(&EARLIER, params![now, AT_ONCE_SECONDS * 1_000_000, latest])?;
    tx.execute(&SHORTEN, params![now.plus_seconds(LEASE_SECONDS)])?;
    tx.execute(&NOBODYS, params![now, now.plus_seconds(-UNKNOWN_SECONDS), owned(known)])?;
    Ok(())
}

/// Prolongs the lease of a claimed job, whose handler is about to run or takes long. `false` when the job is
/// no longer this attempt's: its lease ran out and another process took it, or it is gone.
pub fn prolong(tx: &mut Tx<'_>, clock: &dyn Clock, job: &Job) -> Result<bool, DbError> {
    let until = clock.now().plus_seconds(LEASE_SECONDS);
    Ok(tx.execute(&PROLONG, params![job.id, job.attempt, until])? > 0)
}

/// The job is done. `false` when it was no longer this attempt's; then whoever has it now ends it.
pub fn done(tx: &mut Tx<'_>, job: &Job) -> Result<bool, DbError> {
    Ok(tx.execute(&DONE, params![job.id, job.attempt])? > 0)
}

/// The attempt failed: waits for the next one, or joins the dead when the job failed at its last try. `false`
/// when the job was no longer this attempt's.
pub fn failed(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    job: &Job,
    error: &str,
    cause: Cause,
) -> Result<bool, DbError> {
    let now = clock.now();
    let (outages, count, longest) = match cause {
        Cause::Job => (job.outages, job.tries(), LONGEST_WAIT_SECONDS),
        Cause::Machine => (job.outages + 1, job.outages + 1, OUTAGE_WAIT_SECONDS),
    };
    let changed = if cause == Cause::Job && job.tries() >= TRIES {
        tx.execute(&DEAD, params![job.id, job.attempt, error, now])?
    } else {
        let wait = wait_seconds(count, longest, |bound| tx.shared.jitter(bound));
        tx.execute(&AGAIN, params![job.id, job.attempt, now.plus_seconds(wait), error, outages])?
    };
    Ok(changed > 0)
}

/// Seconds until the next attempt: doubling from 2 up to the longest, half of it jitter.
fn wait_seconds(count: i64, longest: i64, jitter: impl Fn(u64) -> u64) -> i64 {
    let full = 2_i64.saturating_pow(u32::try_from(count).unwrap_or(u32::MAX)).min(longest);
    full / 2 + i64::try_from(jitter(full.unsigned_abs() / 2 + 1)).unwrap_or(0)
}

/// Brings a dead job back into the queue.
pub fn retry(tx: &mut Tx<'_>, clock: &dyn Clock, id: JobId) -> Result<(), Fault> {
    if tx.execute(&RETRY, params![id, clock.now()])? == 0 {
        return Err(Fault::NotFound);
    }
    tx.wakes_jobs = true;
    Ok(())
}

/// A page of the jobs in a state (`waiting`, `running`, `dead`), in the order in which they run.
pub fn in_state(
    tx: &mut Tx<'_>,
    state: &str,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<JobState>, DbError> {
    let from = from.unwrap_or(Cursor::OLDEST);
    let rows = tx.query(&IN_STATE, params![state, from.at, from.id, limit + 1], read)?;
    Ok(Page::from_rows(rows, limit, |job| Cursor { at: job.run_at, id: job.id.raw() }))
}

fn read(row: &mut Row<'_>) -> Result<JobState, DbError> {
    Ok(JobState {
        id: row.take()?,
        kind: row.take()?,
        state: row.take()?,
        attempts: row.take()?,
        run_at: row.take()?,
        last_error: row.take()?,
        created_at: row.take()?,
    })
}

/// How many jobs there are in each state.
pub fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    tx.query(&COUNTS, &[], |row| Ok((row.take()?, row.take()?)))
}

/// When the next waiting job is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Instant>, DbError> {
    tx.one(&NEXT_DUE, &[], |row| row.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_an_hour() {
        let wait = |count, jitter: fn(u64) -> u64| wait_seconds(count, LONGEST_WAIT_SECONDS, jitter);
        assert_eq!(wait(1, |_| 0), 1);
        assert_eq!(wait(3, |bound| bound - 1), 8);
        assert_eq!(wait(60, |bound| bound - 1), 3_600);
        assert_eq!(wait_seconds(60, OUTAGE_WAIT_SECONDS, |bound| bound - 1), 300);
    }
}
