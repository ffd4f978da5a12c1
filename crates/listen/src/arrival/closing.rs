//! The ledger, closed by day: the sums of days that are over.
//!
//! Counting arrivals takes as long as there are arrivals; adding up days does not. The arrivals remain
//! the truth: a sum is made of them, is changed with them, and is compared with them by the watch.

use std::collections::BTreeMap;

use engine::{DbError, Tx, params};
use kernel::SourceId;

use super::Counts;

/// How many days are closed in one transaction.
const STRETCH: i64 = 60;

engine::statements! {
    /// Up to which day a source is closed.
    THROUGH = "SELECT through FROM ledger_closed WHERE source_id = $1";
    /// The first day of a source that is not closed yet.
    FIRST_OPEN = "SELECT day FROM arrival WHERE source_id = $1 AND day > $2 ORDER BY day LIMIT 1";
    /// Sums the days of a stretch.
    CLOSE = "INSERT INTO ledger_day (source_id, day, fetched, stored, duplicate, quarantined)
             SELECT source_id, day, COUNT(*), SUM(CASE WHEN state = 'stored' THEN 1 ELSE 0 END),
               SUM(CASE WHEN state = 'duplicate' THEN 1 ELSE 0 END),
               SUM(CASE WHEN state = 'quarantined' THEN 1 ELSE 0 END)
             FROM arrival WHERE source_id = $1 AND day > $2 AND day <= $3 GROUP BY source_id, day
             ON CONFLICT (source_id, day) DO UPDATE SET fetched = excluded.fetched, stored = excluded.stored,
               duplicate = excluded.duplicate, quarantined = excluded.quarantined";
    /// Writes down up to which day a source is closed.
    CLOSED = "INSERT INTO ledger_closed (source_id, through) VALUES ($1, $2)
              ON CONFLICT (source_id) DO UPDATE SET through = excluded.through";
    /// Changes the sum of a day, if that is closed.
    MOVE = "INSERT INTO ledger_day (source_id, day, fetched, stored, duplicate, quarantined)
            SELECT c.source_id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT),
              CAST($6 AS BIGINT)
            FROM ledger_closed c WHERE c.source_id = $1 AND c.through >= $2
            ON CONFLICT (source_id, day) DO UPDATE SET fetched = ledger_day.fetched + excluded.fetched,
              stored = ledger_day.stored + excluded.stored, duplicate = ledger_day.duplicate + excluded.duplicate,
              quarantined = ledger_day.quarantined + excluded.quarantined";
    /// The day from which the newest so many sums are.
    NEWEST_FROM = "SELECT day FROM ledger_day WHERE source_id = $1 ORDER BY day DESC LIMIT 1 OFFSET $2";
    /// The days from one on whose sum is not that of their arrivals, in one pass: sums that are wrong, closed days
    /// with arrivals and without a sum, sums of days that are not closed.
    DIFFERING = "SELECT day FROM (
                   SELECT day, fetched, stored, duplicate, quarantined FROM ledger_day
                   WHERE source_id = $1 AND day >= $2
                   UNION ALL
                   SELECT day, -COUNT(*), -SUM(CASE WHEN state = 'stored' THEN 1 ELSE 0 END),
                     -SUM(CASE WHEN state = 'duplicate' THEN 1 ELSE 0 END),
                     -SUM(CASE WHEN state = 'quarantined' THEN 1 ELSE 0 END)
                   FROM arrival WHERE source_id = $1 AND day >= $2
                     AND day <= (SELECT c.through FROM ledger_closed c WHERE c.source_id = $1) GROUP BY day) sides
                 GROUP BY day HAVING SUM(fetched) <> 0 OR SUM(stored) <> 0 OR SUM(duplicate) <> 0
                   OR SUM(quarantined) <> 0
                 ORDER BY day";
    /// Forgets the sum of a day.
    FORGET = "DELETE FROM ledger_day WHERE source_id = $1 AND day = $2";
}

/// How arrivals move in the ledger of one source: what is to be added to the sums of their days.
#[derive(Debug, Default)]
pub(crate) struct Moves(BTreeMap<i64, Counts>);

impl Moves {
    /// An arrival came on a day.
    pub(crate) fn came(&mut self, day: i64) {
        self.0.entry(day).or_default().fetched += 1;
    }

    /// An arrival of a day is in a state now.
    pub(crate) fn became(&mut self, day: i64, state: &str) {
        self.add(day, state, 1);
    }

    /// An arrival of a day is no more in a state.
    pub(crate) fn left(&mut self, day: i64, state: &str) {
        self.add(day, state, -1);
    }

    fn add(&mut self, day: i64, state: &str, count: i64) {
        let counts = self.0.entry(day).or_default();
        match state {
            "stored" => counts.stored += count,
            "duplicate" => counts.duplicate += count,
            "quarantined" => counts.quarantined += count,
            _ => {}
        }
    }

    /// Changes the sums of the days among them that are closed: one statement a day, of which a batch
    /// nearly always has one.
    pub(crate) fn write(self, tx: &mut Tx<'_>, source: SourceId) -> Result<(), DbError> {
        for (day, counts) in self.0 {
            let Counts { fetched, stored, duplicate, quarantined, .. } = counts;
            tx.execute(&MOVE, params![source, day, fetched, stored, duplicate, quarantined])?;
        }
        Ok(())
    }
}

/// Closes the days of a source up to one, a stretch of them; gives whether more are left.
pub(crate) fn close(tx: &mut Tx<'_>, source: SourceId, through: i64) -> Result<bool, DbError> {
    let closed = tx.find(&THROUGH, params![source], |row| row.take::<i64>())?.unwrap_or(i64::MIN);
    if closed >= through {
        return Ok(false);
    }
    let first = tx.find(&FIRST_OPEN, params![source, closed], |row| row.take::<i64>())?;
    let upto = match first {
        Some(first) => through.min(first.saturating_add(STRETCH - 1)),
        None => through,
    };
    if first.is_some_and(|first| first <= upto) {
        tx.execute(&CLOSE, params![source, closed, upto])?;
    }
    tx.execute(&CLOSED, params![source, upto])?;
    Ok(upto < through)
}

/// The days of a source whose sum is not that of their arrivals; since the day on which the newest so many sums
/// begin, when that is given.
pub(crate) fn differing(tx: &mut Tx<'_>, source: SourceId, newest: Option<u32>) -> Result<Vec<i64>, DbError> {
    let from = match newest {
        Some(newest) => {
            let passed_over = newest.saturating_sub(1);
            tx.find(&NEWEST_FROM, params![source, passed_over], |row| row.take::<i64>())?
        }
        None => None,
    };
    tx.query(&DIFFERING, params![source, from.unwrap_or(i64::MIN)], |row| row.take())
}

/// Sums a day once more from its arrivals; one that is not closed, or on which nothing came, has no sum.
pub(crate) fn recount(tx: &mut Tx<'_>, source: SourceId, day: i64) -> Result<(), DbError> {
    tx.execute(&FORGET, params![source, day])?;
    let closed = tx.find(&THROUGH, params![source], |row| row.take::<i64>())?;
    if closed.is_some_and(|through| day <= through) {
        tx.execute(&CLOSE, params![source, day - 1, day])?;
    }
    Ok(())
}
