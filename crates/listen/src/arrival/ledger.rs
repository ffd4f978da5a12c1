//! Reading the ledger: figures per day and in total, and the entries that they are made of.

use std::collections::HashMap;

use engine::{DbError, Row, Tx, params};
use kernel::{ArrivalId, Instant, SourceId, VoiceId};
use serde::Serialize;

use super::{Cause, sql};

engine::statements! {
    /// The newest days of a source before one: closed ones as they were summed, others counted.
    DAYS = "SELECT closed.day, closed.fetched, closed.stored, closed.duplicate, closed.quarantined
            FROM (SELECT day, fetched, stored, duplicate, quarantined FROM ledger_day
                  WHERE source_id = $1 AND day < $2 AND fetched <> 0 ORDER BY day DESC LIMIT $3) closed
            UNION ALL
            SELECT day, COUNT(*), SUM(CASE WHEN state = 'stored' THEN 1 ELSE 0 END),
              SUM(CASE WHEN state = 'duplicate' THEN 1 ELSE 0 END),
              SUM(CASE WHEN state = 'quarantined' THEN 1 ELSE 0 END)
            FROM arrival WHERE source_id = $1 AND day < $2
              AND day > COALESCE((SELECT c.through FROM ledger_closed c WHERE c.source_id = $1), -9000000000000)
            GROUP BY day ORDER BY 1 DESC LIMIT $3";
    /// What some sources brought ever, and on one day: closed days as they were summed, others counted.
    TOTALS = "SELECT source_id, CAST(0 AS BIGINT), CAST(SUM(fetched) AS BIGINT), CAST(SUM(stored) AS BIGINT),
                CAST(SUM(duplicate) AS BIGINT), CAST(SUM(quarantined) AS BIGINT)
              FROM ledger_day WHERE source_id IN LIST($1) AND day <> $2 GROUP BY source_id
              UNION ALL
              SELECT source_id, 1, fetched, stored, duplicate, quarantined
              FROM ledger_day WHERE source_id IN LIST($1) AND day = $2
              UNION ALL
              SELECT s.id, CAST(CASE WHEN a.day = $2 THEN 1 ELSE 0 END AS BIGINT), COUNT(*),
                SUM(CASE WHEN a.state = 'stored' THEN 1 ELSE 0 END),
                SUM(CASE WHEN a.state = 'duplicate' THEN 1 ELSE 0 END),
                SUM(CASE WHEN a.state = 'quarantined' THEN 1 ELSE 0 END)
              FROM source s JOIN arrival a ON a.source_id = s.id
                AND a.day > COALESCE((SELECT c.through FROM ledger_closed c WHERE c.source_id = s.id), -9000000000000)
              WHERE s.id IN LIST($1) GROUP BY s.id, CASE WHEN a.day = $2 THEN 1 ELSE 0 END";
}

/// How many items a source brought and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Everything that came.
    pub fetched: i64,
    /// What became a voice.
    pub stored: i64,
    /// What had come before.
    pub duplicate: i64,
    /// What nobody could read.
    pub quarantined: i64,
    /// What waits for its second step.
    pub pending: i64,
}

impl Counts {
    fn plus(&self, other: &Counts) -> Counts {
        Counts {
            fetched: self.fetched + other.fetched,
            stored: self.stored + other.stored,
            duplicate: self.duplicate + other.duplicate,
            quarantined: self.quarantined + other.quarantined,
            pending: self.pending + other.pending,
        }
    }

    /// Whether nothing waits, so that fetched = stored + duplicate + quarantined.
    pub fn balanced(&self) -> bool {
        self.pending == 0 && self.fetched == self.stored + self.duplicate + self.quarantined
    }
}

/// One day of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// What came on it.
    pub counts: Counts,
}

/// Figures in the order in which the statements give them; what is in no other state waits.
fn read_counts(row: &mut Row<'_>) -> Result<Counts, DbError> {
    let (fetched, stored): (i64, i64) = (row.take()?, row.take()?);
    let (duplicate, quarantined): (i64, i64) = (row.take()?, row.take()?);
    let pending = fetched - stored - duplicate - quarantined;
    Ok(Counts { fetched, stored, duplicate, quarantined, pending })
}

/// The newest days of a source before one (all, when `None`), newest first. The caller has checked that
/// the source is visible.
pub fn days(tx: &mut Tx<'_>, source: SourceId, before: Option<i64>, limit: u32) -> Result<Vec<Day>, DbError> {
    let before = before.unwrap_or(i64::MAX);
    tx.query(&DAYS, params![source, before, limit], |row| {
        Ok(Day { day: row.take()?, counts: read_counts(row)? })
    })
}

/// What a source brought on one day and ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// On the day.
    pub day: Counts,
    /// Ever.
    pub ever: Counts,
}

/// What each of some sources brought on a day and ever. The caller has checked that they are visible.
pub fn totals(tx: &mut Tx<'_>, sources: &[SourceId], day: i64) -> Result<Vec<(SourceId, Totals)>, DbError> {
    let keys: Vec<i64> = sources.iter().map(|source| source.raw()).collect();
    let mut found: HashMap<SourceId, Totals> = HashMap::new();
    for (source, on_day, counts) in tx.query(&TOTALS, params![keys, day], |row| {
        Ok((row.take::<SourceId>()?, row.take::<i64>()? == 1, read_counts(row)?))
    })? {
        let totals = found.entry(source).or_default();
        totals.ever = totals.ever.plus(&counts);
        if on_day {
            totals.day = totals.day.plus(&counts);
        }
    }
    Ok(sources.iter().map(|source| (*source, found.get(source).copied().unwrap_or_default())).collect())
}

/// One arrival as its list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its row.
    pub id: ArrivalId,
    /// When it came.
    pub fetched_at: Instant,
    /// By what its owner recognises it.
    pub name: String,
    /// `stored`, `duplicate`, `quarantined` or `pending`.
    pub state: String,
    /// Why it stands in quarantine.
    pub cause: Option<Cause>,
    /// What is odd about it: `same-id`, `date`, `score`, `cut`, separated by spaces.
    pub flag: Option<String>,
    /// The voice that it became.
    pub voice: Option<VoiceId>,
    /// The arrival that it repeats.
    pub duplicate_of: Option<ArrivalId>,
    /// When somebody decided that nothing is to be made of it.
    pub set_aside_at: Option<Instant>,
}

fn read(row: &mut Row<'_>) -> Result<Entry, DbError> {
    Ok(Entry {
        id: row.take()?,
        fetched_at: row.take()?,
        name: row.take()?,
        state: row.take()?,
        cause: row.take::<Option<String>>()?.as_deref().map(Cause::from_code),
        flag: row.take()?,
        voice: row.take()?,
        duplicate_of: row.take()?,
        set_aside_at: row.take()?,
    })
}

/// A page of a source's arrivals in a state (`all` is every state), newest first; of one day, when that is
/// given. `before` is the last one seen. The caller has checked that the source is visible.
pub fn entries(
    tx: &mut Tx<'_>,
    source: SourceId,
    state: &str,
    day: Option<i64>,
    before: Option<ArrivalId>,
    limit: u32,
) -> Result<Vec<Entry>, DbError> {
    let before = before.map_or(i64::MAX, ArrivalId::raw);
    match (state, day) {
        ("all", Some(day)) => tx.query(&sql::OF_DAY, params![source, before, limit, day], read),
        ("all", None) => tx.query(&sql::OF_SOURCE, params![source, before, limit], read),
        (state, Some(day)) => {
            tx.query(&sql::IN_STATE_OF_DAY, params![source, state, before, limit, day], read)
        }
        (state, None) => tx.query(&sql::IN_STATE, params![source, state, before, limit], read),
    }
}
