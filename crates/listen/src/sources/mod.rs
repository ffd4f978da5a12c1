//! Sources and their ledger, as people and programs read them.

pub mod api;
pub mod page;

use engine::Tx;
use kernel::{Actor, Clock, Fault, Instant, SourceId};
use primitives::source::{self, Source};

use crate::arrival::{self, Counts, Day, Totals};

/// How many days of a ledger one page has.
const DAYS: u32 = 60;

/// A day of the ledger as RFC 3339 writes it.
pub(crate) fn day_text(day: i64) -> String {
    let noon = Instant::from_micros(0).plus_seconds(day.saturating_mul(86_400).saturating_add(43_200));
    noon.to_string().chars().take(10).collect()
}

/// A source with what it brought today and ever.
#[derive(Debug, Clone)]
pub struct Line {
    /// The source.
    pub source: Source,
    /// What it brought.
    pub totals: Totals,
}

/// The sources that the actor sees, those that brought most first, with what each brought today and ever.
pub fn list(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor) -> Result<Vec<Line>, Fault> {
    actor.authorise(kernel::Permission::ReadVoices)?;
    let sources = source::visible(tx, actor)?;
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    let totals = arrival::totals(tx, &ids, clock.now().utc_day())?;
    let mut lines: Vec<Line> =
        sources.into_iter().zip(totals).map(|(source, (_, totals))| Line { source, totals }).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.totals.ever.fetched));
    Ok(lines)
}

/// A source that the actor sees.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: SourceId) -> Result<Source, Fault> {
    actor.authorise(kernel::Permission::ReadVoices)?;
    source::by_id(tx, id)?.filter(|source| actor.sees(source.mailbox)).ok_or(Fault::NotFound)
}

/// The ledger of a source: its newest days before one, and what it brought ever.
pub fn ledger(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: SourceId,
    before: Option<i64>,
) -> Result<(Source, Vec<Day>, Counts), Fault> {
    let source = visible(tx, actor, id)?;
    let days = arrival::days(tx, id, before, DAYS)?;
    let totals = arrival::totals(tx, &[id], clock.now().utc_day())?;
    let ever = totals.first().map(|(_, totals)| totals.ever).unwrap_or_default();
    Ok((source, days, ever))
}
