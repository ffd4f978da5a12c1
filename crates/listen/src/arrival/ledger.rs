//! Reading the ledger: figures per day and in total, and the entries that they are made of.

use engine::{DbError, Row, Tx, params};
use kernel::{ArrivalId, Instant, SourceId, VoiceId};
use serde::Serialize;

use super::{Cause, sql};

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

/// The newest days of a source before one (all, when `None`), newest first. The caller has checked that
/// the source is visible.
pub fn days(tx: &mut Tx<'_>, source: SourceId, before: Option<i64>, limit: u32) -> Result<Vec<Day>, DbError> {
    let before = before.unwrap_or(i64::MAX);
    let shown: Vec<i64> = tx.query(&sql::DAYS, params![source, before, limit], |row| row.take())?;
    let Some(first) = shown.last().copied() else { return Ok(Vec::new()) };
    let mut days: Vec<Day> = shown.into_iter().map(|day| Day { day, counts: Counts::default() }).collect();
    for (day, state, count) in tx.query(&sql::BY_DAY, params![source, first], |row| {
        Ok((row.take::<i64>()?, row.take::<String>()?, row.take::<i64>()?))
    })? {
        if let Some(entry) = days.iter_mut().find(|entry| entry.day == day) {
            entry.counts.add(&state, count);
        }
    }
    Ok(days)
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
    let mut found: Vec<(SourceId, Totals)> =
        sources.iter().map(|source| (*source, Totals::default())).collect();
    for (source, state, ever, on_day) in tx.query(&sql::TOTALS, params![keys, day], |row| {
        Ok((row.take::<SourceId>()?, row.take::<String>()?, row.take::<i64>()?, row.take::<i64>()?))
    })? {
        if let Some((_, totals)) = found.iter_mut().find(|(id, _)| *id == source) {
            totals.ever.add(&state, ever);
            totals.day.add(&state, on_day);
        }
    }
    Ok(found)
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
