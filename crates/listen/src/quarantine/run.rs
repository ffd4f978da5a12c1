//! Many tried again, as a job in slices whose progress a page shows.

use std::sync::Arc;

use engine::runner::JobContext;
use engine::{DbError, Row, Signal, Tx, job, params};
use kernel::{Actor, ArrivalId, Clash, Clock, Fault, Instant, MailboxId, Permission, SourceId};
use primitives::event::{self, EventKind, NewEvent};
use serde::{Deserialize, Serialize};

use super::{Filter, causes, sql};
use crate::arrival::{self, End, Pending};
use crate::intake::{self, Work};

kernel::id_type!(/** Many arrivals of the quarantine, tried again. */ RunId, "rty", "retry");

/// The job that tries a slice.
pub const RETRY_JOB: &str = "quarantine.retry";
/// Most arrivals of one transaction.
const BATCH: u32 = 100;
/// A transaction has at most so many bytes to parse, or one arrival.
const BYTES: i64 = 4 * 1024 * 1024;
/// How many transactions one job makes: others wait no longer than it takes.
const SLICE: usize = 20;

/// A run and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The mailboxes that whoever began it saw.
    pub mailboxes: Vec<MailboxId>,
    /// Only of this source.
    pub source: Option<SourceId>,
    /// What that is called.
    pub source_name: Option<String>,
    /// Only for this kind of cause.
    pub cause: Option<String>,
    /// Only this one.
    pub arrival: Option<ArrivalId>,
    /// Whether it is over.
    pub ended: bool,
    /// How many there were when it began.
    pub expected: i64,
    /// How many were tried.
    pub tried: i64,
    /// Of them, those that are voices now.
    pub stored: i64,
    /// Of them, those that turned out to repeat something.
    pub duplicate: i64,
    /// When it began.
    pub created_at: Instant,
    position: i64,
    upto: i64,
}

impl Run {
    /// How many of those tried nobody can read yet.
    pub fn still(&self) -> i64 {
        self.tried - self.stored - self.duplicate
    }
}

fn read(row: &mut Row<'_>) -> Result<Run, DbError> {
    let id = RunId(row.take()?);
    let mailboxes: String = row.take()?;
    let mailboxes = mailboxes.split(' ').filter_map(|key| key.parse().ok().map(MailboxId)).collect();
    Ok(Run {
        id,
        mailboxes,
        source: row.take()?,
        source_name: row.take()?,
        cause: row.take()?,
        arrival: row.take()?,
        ended: row.take::<String>()? == "ended",
        position: row.take()?,
        upto: row.take()?,
        expected: row.take()?,
        tried: row.take()?,
        stored: row.take()?,
        duplicate: row.take()?,
        created_at: row.take()?,
    })
}

fn find(tx: &mut Tx<'_>, id: RunId) -> Result<Option<Run>, DbError> {
    tx.find(&sql::RUN, params![id.raw()], read)
}

/// A run of which the actor sees every mailbox.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: RunId) -> Result<Run, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let seen = |run: &Run| run.mailboxes.iter().all(|mailbox| actor.sees(*mailbox));
    find(tx, id)?.filter(seen).ok_or(Fault::NotFound)
}

/// Tries everything again that a filter lets through and nobody has set aside; `None` when that is nothing.
pub fn begin(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    filter: &Filter,
) -> Result<Option<RunId>, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let mailboxes = match filter.source {
        Some(source) => vec![crate::sources::visible(tx, actor, source)?.mailbox],
        None => actor.mailboxes.clone(),
    };
    let expected = causes(tx, actor)?.matching(filter);
    if expected == 0 {
        return Ok(None);
    }
    let first = ArrivalId(i64::MIN);
    start(tx, clock, actor, &mailboxes, filter, None, first, expected).map(Some)
}

/// Tries one arrival again. The caller has checked that it is visible.
pub(super) fn begin_one(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ArrivalId,
) -> Result<RunId, Fault> {
    let held = super::visible(tx, actor, id)?;
    let filter = Filter { source: Some(held.source), ..Filter::default() };
    start(tx, clock, actor, &[held.mailbox], &filter, Some(id), ArrivalId(id.raw() - 1), 1)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
fn start(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    mailboxes: &[MailboxId],
    filter: &Filter,
    only: Option<ArrivalId>,
    after: ArrivalId,
    expected: i64,
) -> Result<RunId, Fault> {
    let id: RunId = tx.mint(clock);
    // What comes into quarantine from now on is not of this run.
    let upto = only.map_or(id.raw(), ArrivalId::raw);
    let keys: Vec<String> = mailboxes.iter().map(|mailbox| mailbox.raw().to_string()).collect();
    tx.execute(
        &sql::BEGIN_RUN,
        params![
            id.raw(),
            keys.join(" "),
            filter.source,
            filter.cause.as_deref(),
            only,
            after,
            upto,
            expected,
            actor.account,
            clock.now()
        ],
    )?;
    enqueue(tx, clock, id, after.raw())?;
    Ok(id)
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) run: i64,
}

/// A slice of its own for each place: the job that asks for the next one is still running.
pub(crate) fn enqueue(tx: &mut Tx<'_>, clock: &dyn Clock, run: RunId, position: i64) -> Result<(), DbError> {
    let key = format!("retry:{run}:{position}");
    job::enqueue(tx, clock, RETRY_JOB, &Payload { run: run.raw() }, Some(&key), None)
}

/// Runs [`RETRY_JOB`]: tries a slice and asks for the next one.
pub fn work(context: &JobContext, payload: &str) -> Result<(), Fault> {
    let Payload { run } = serde_json::from_str(payload).map_err(Fault::store)?;
    let run = RunId(run);
    for _ in 0..SLICE {
        let Some(state) = context.engine.read_blocking(|tx| Ok(find(tx, run)?))?.filter(|run| !run.ended)
        else {
            return Ok(());
        };
        let works = next(context, &state)?;
        if works.is_empty() {
            return end(context, &state);
        }
        take(context, &state, works)?;
    }
    let clock = Arc::clone(&context.clock);
    context.engine.write_blocking(move |tx| {
        let position = find(tx, run)?.map_or(0, |run| run.position);
        Ok(enqueue(tx, &*clock, run, position)?)
    })
}

/// The next arrivals of a run, parsed.
fn next(context: &JobContext, run: &Run) -> Result<Vec<Work>, Fault> {
    let (found, zone) = context.engine.read_blocking(|tx| {
        let mailboxes: Vec<i64> = run.mailboxes.iter().map(|mailbox| mailbox.raw()).collect();
        let source = run.source.map_or(0, SourceId::raw);
        let cause = run.cause.as_deref().unwrap_or_default();
        let also_set_aside = i64::from(run.arrival.is_some());
        let rows = tx.query(
            &sql::NEXT,
            params![run.position, run.upto, mailboxes, source, cause, also_set_aside, BATCH],
            |row| Ok((arrival::read_pending(row)?, row.take::<i64>()?)),
        )?;
        let mut found: Vec<(Pending, Option<Vec<u8>>)> = Vec::new();
        let mut bytes = 0;
        for (pending, size) in rows {
            bytes += size;
            if !found.is_empty() && bytes > BYTES {
                break;
            }
            let raw = arrival::bytes(tx, &pending.digest)?;
            found.push((pending, raw));
        }
        Ok((found, intake::zone(tx)?))
    })?;
    Ok(found
        .into_iter()
        .map(|(pending, raw)| {
            let parsed = intake::parse_kept(raw.as_deref(), &pending.format, &zone);
            Work { pending, parsed, again: true, import: None }
        })
        .collect())
}

/// Takes a batch in and writes down how far the run is, in one transaction; one by one, when the batch
/// fails as a whole.
fn take(context: &JobContext, run: &Run, works: Vec<Work>) -> Result<(), Fault> {
    let works = Arc::new(works);
    let at = |place: usize| match place {
        0 => run.position,
        place => works[place - 1].pending.id.raw(),
    };
    let ours = match take_part(context, run.id, at(0), &works, 0..works.len()) {
        Err(error) if engine::DbError::trouble_in(&error).is_none() => {
            tracing::warn!(%error, items = works.len(), "a batch of the quarantine is tried one by one");
            let mut ours = true;
            for place in 0..works.len() {
                ours = match take_part(context, run.id, at(place), &works, place..place + 1) {
                    Err(error) if engine::DbError::trouble_in(&error).is_none() => {
                        tracing::warn!(%error, arrival = %works[place].pending.id, "an arrival stays in quarantine");
                        pass_over(context, run.id, at(place), &works, place)?
                    }
                    ended => ended?,
                };
                if !ours {
                    break;
                }
            }
            ours
        }
        ended => ended?,
    };
    // Another process took the run over: this one's job is no longer its own, or waits and looks again.
    if ours { Ok(()) } else { Err(Fault::Conflict(Clash::Changed)) }
}

/// Writes down that a run comes further; `false` when it is no longer where it was thought to be.
fn advance(tx: &mut Tx<'_>, run: RunId, from: i64, to: ArrivalId, tried: usize) -> Result<bool, DbError> {
    Ok(tx.execute(&sql::ADVANCE, params![run.raw(), to, tried, from])? > 0)
}

/// Takes a part in; `false` when the run is not at `from`, and nothing was done.
fn take_part(
    context: &JobContext,
    run: RunId,
    from: i64,
    works: &Arc<Vec<Work>>,
    part: std::ops::Range<usize>,
) -> Result<bool, Fault> {
    let (works, clock) = (Arc::clone(works), Arc::clone(&context.clock));
    context.engine.write_blocking(move |tx| {
        let part = &works[part.clone()];
        let Some(last) = part.last() else { return Ok(true) };
        if !advance(tx, run, from, last.pending.id, part.len())? {
            return Ok(false);
        }
        let mut sources: Vec<SourceId> = part.iter().map(|work| work.pending.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let (mut stored, mut duplicate) = (0_i64, 0_i64);
        for source in sources {
            let of_source: Vec<Work> =
                part.iter().filter(|work| work.pending.source == source).cloned().collect();
            for taken in intake::take_in(tx, &*clock, &of_source)? {
                match taken.end {
                    End::Stored { .. } => stored += 1,
                    End::Duplicate { .. } => duplicate += 1,
                    End::Quarantined(_) => {}
                }
            }
        }
        tx.execute(&sql::BECAME, params![run.raw(), stored, duplicate])?;
        signal(tx, run);
        Ok(true)
    })
}

/// One that cannot be stored stays where it is, and says so; `false` as for [`take_part`].
fn pass_over(
    context: &JobContext,
    run: RunId,
    from: i64,
    works: &Arc<Vec<Work>>,
    place: usize,
) -> Result<bool, Fault> {
    let works = Arc::clone(works);
    context.engine.write_blocking(move |tx| {
        let work = &works[place];
        if !advance(tx, run, from, work.pending.id, 1)? {
            return Ok(false);
        }
        intake::put_into_quarantine(tx, work)?;
        signal(tx, run);
        Ok(true)
    })
}

fn end(context: &JobContext, run: &Run) -> Result<(), Fault> {
    let (clock, run) = (Arc::clone(&context.clock), run.clone());
    context.engine.write_blocking(move |tx| {
        if tx.execute(&sql::END_RUN, params![run.id.raw(), clock.now()])? == 0 {
            return Ok(());
        }
        let detail =
            serde_json::json!({ "tried": run.tried, "stored": run.stored, "duplicate": run.duplicate });
        let event = NewEvent {
            // A run over several mailboxes is an affair of the shop.
            mailbox: run.mailboxes.first().copied().filter(|_| run.mailboxes.len() == 1),
            source: run.source,
            ..NewEvent::new(EventKind::QuarantineRetried, "retry", run.id.raw()).detail(detail)
        };
        event::append(tx, &*clock, &Actor::machine(run.mailboxes.clone()), event)?;
        signal(tx, run.id);
        run.mailboxes.iter().for_each(|mailbox| super::signal(tx, *mailbox));
        Ok(())
    })
}

/// Tells the page that shows it; there are figures on it, nothing of a mailbox.
fn signal(tx: &mut Tx<'_>, run: RunId) {
    tx.signal(Signal { kind: "retry".into(), id: run.to_string(), revision: 0, mailbox: None });
}
