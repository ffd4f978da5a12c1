//! Reading the ledger: figures per day and in total, and the entries that they are made of.

use std::collections::{BTreeMap, HashMap};

use engine::{DbError, Row, Tx, params};
use kernel::{ArrivalId, Instant, SourceId, VoiceId};
use serde::Serialize;

use super::{Cause, sql};

engine::statements! {
    /// The closed days of a source before one, newest first.
    CLOSED_DAYS = "SELECT source_id, day, fetched, stored, duplicate, quarantined FROM ledger_day
                   WHERE source_id = $1 AND day < $2 AND fetched <> 0 ORDER BY day DESC LIMIT $3";
    /// The days of a source that are not closed yet, counted.
    OPEN_DAYS = "SELECT day, state, CAST(COUNT(*) AS BIGINT) FROM arrival
                 WHERE source_id = $1 AND day < $2
                   AND day > COALESCE((SELECT c.through FROM ledger_closed c WHERE c.source_id = $1), -9000000000000)
                 GROUP BY day, state ORDER BY day DESC, state";
    /// Everything that some sources brought on closed days, and on one of them.
    CLOSED_TOTALS = "SELECT source_id, MAX(day), CAST(SUM(fetched) AS BIGINT), CAST(SUM(stored) AS BIGINT),
                       CAST(SUM(duplicate) AS BIGINT), CAST(SUM(quarantined) AS BIGINT),
                       CAST(SUM(CASE WHEN day = $2 THEN fetched ELSE 0 END) AS BIGINT),
                       CAST(SUM(CASE WHEN day = $2 THEN stored ELSE 0 END) AS BIGINT),
                       CAST(SUM(CASE WHEN day = $2 THEN duplicate ELSE 0 END) AS BIGINT),
                       CAST(SUM(CASE WHEN day = $2 THEN quarantined ELSE 0 END) AS BIGINT)
                     FROM ledger_day WHERE source_id IN LIST($1) GROUP BY source_id ORDER BY source_id";
    /// Everything that some sources brought on days that are not closed, counted.
    OPEN_TOTALS = "SELECT s.id, a.day, a.state, CAST(COUNT(*) AS BIGINT)
                   FROM source s JOIN arrival a ON a.source_id = s.id
                     AND a.day > COALESCE((SELECT c.through FROM ledger_closed c WHERE c.source_id = s.id), -9000000000000)
                   WHERE s.id IN LIST($1) GROUP BY s.id, a.day, a.state ORDER BY s.id, a.day, a.state";
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
    fn add(&mut self, state: &str, count: i64) {
        self.fetched += count;
        match state {
            "stored" => self.stored += count,
            "duplicate" => self.duplicate += count,
            "quarantined" => self.quarantined += count,
            _ => self.pending += count,
        }
    }

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

/// Sums of closed days and counts of open ones, as rows of source, day and counts.
fn read_closed(row: &mut Row<'_>) -> Result<(SourceId, i64, Counts), DbError> {
    let (source, day) = (row.take()?, row.take()?);
    let (fetched, stored): (i64, i64) = (row.take()?, row.take()?);
    let (duplicate, quarantined): (i64, i64) = (row.take()?, row.take()?);
    let pending = fetched - stored - duplicate - quarantined;
    Ok((source, day, Counts { fetched, stored, duplicate, quarantined, pending }))
}

/// The newest days of a source before one (all, when `None`), newest first. The caller has checked that
/// the source is visible.
pub fn days(tx: &mut Tx<'_>, source: SourceId, before: Option<i64>, limit: u32) -> Result<Vec<Day>, DbError> {
    let before = before.unwrap_or(i64::MAX);
    let mut days: BTreeMap<i64, Counts> = BTreeMap::new();
    for (day, state, count) in tx.query(&OPEN_DAYS, params![source, before], |row| {
        Ok((row.take::<i64>()?, row.take::<String>()?, row.take::<i64>()?))
    })? {
        days.entry(day).or_default().add(&state, count);
    }
    for (_, day, counts) in tx.query(&CLOSED_DAYS, params![source, before, limit], read_closed)? {
        days.insert(day, counts);
    }
    let newest = days.into_iter().rev().filter(|(_, counts)| counts.fetched != 0);
    Ok(newest.take(limit as usize).map(|(day, counts)| Day { day, counts }).collect())
}

/// What a source brought on one day and ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// On the day.
    pub day: Counts,
    /// Ever.
    pub ever: Counts,
}

/// What each of some sources brought on a day and ever: sums of closed days, counts of those after them.
/// The caller has checked that they are visible.
pub fn totals(tx: &mut Tx<'_>, sources: &[SourceId], day: i64) -> Result<Vec<(SourceId, Totals)>, DbError> {
    let keys: Vec<i64> = sources.iter().map(|source| source.raw()).collect();
    let mut found: HashMap<SourceId, Totals> = HashMap::new();
    for (source, on, state, count) in tx.query(&OPEN_TOTALS, params![keys.clone()], |row| {
        Ok((row.take::<SourceId>()?, row.take::<i64>()?, row.take::<String>()?, row.take::<i64>()?))
    })? {
        let totals = found.entry(source).or_default();
        totals.ever.add(&state, count);
        if on == day {
            totals.day.add(&state, count);
        }
    }
    let closed = tx.query(&CLOSED_TOTALS, params![keys, day], |row| {
        let (source, _, ever) = read_closed(row)?;
        let (fetched, stored): (i64, i64) = (row.take()?, row.take()?);
        let (duplicate, quarantined): (i64, i64) = (row.take()?, row.take()?);
        let pending = fetched - stored - duplicate - quarantined;
        Ok((source, ever, Counts { fetched, stored, duplicate, quarantined, pending }))
    })?;
    for (source, ever, on_day) in closed {
        let totals = found.entry(source).or_default();
        totals.ever = totals.ever.plus(&ever);
        totals.day = totals.day.plus(&on_day);
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
    /// Why it stands in quarantine.
    pub cause: Option<Cause>,
    /// What is odd about it: `same-id`, `date`, `score`, `cut`, separated by spaces.
    pub flag: Option<String>,
    /// The voice that it became.
    pub voice: Option<VoiceId>,
    /// The arrival that it repeats.
    pub duplicate_of: Option<ArrivalId>,
}

fn read(row: &mut Row<'_>) -> Result<Entry, DbError> {
    Ok(Entry {
        id: row.take()?,
        fetched_at: row.take()?,
        name: row.take()?,
        cause: row.take::<Option<String>>()?.as_deref().map(Cause::from_code),
        flag: row.take()?,
        voice: row.take()?,
        duplicate_of: row.take()?,
    })
}

/// A page of a source's arrivals in a state, newest first; of one day, when that is given. `before` is
/// the last one seen. The caller has checked that the source is visible.
pub fn entries(
    tx: &mut Tx<'_>,
    source: SourceId,
    state: &str,
    day: Option<i64>,
    before: Option<ArrivalId>,
    limit: u32,
) -> Result<Vec<Entry>, DbError> {
    let before = before.map_or(i64::MAX, ArrivalId::raw);
    match day {
        Some(day) => tx.query(&sql::IN_STATE_OF_DAY, params![source, state, before, limit, day], read),
        None => tx.query(&sql::IN_STATE, params![source, state, before, limit], read),
    }
}
