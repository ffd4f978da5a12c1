//! The watch over the ledger: closes days that are over, finishes what was left half-way, and raises an
//! alarm where a source is silent for longer than usual, where something waits for too long, or where the
//! sums of closed days are not those of their arrivals.

pub mod api;
pub(crate) mod health;
pub mod page;
pub mod rule;

use std::sync::Arc;

use engine::runner::JobContext;
use engine::{DbError, Row, Signal, Statement, Tx, job, params};
use kernel::{Actor, Clock, Fault, Instant, Permission, SourceId};
use primitives::event::{self, EventKind, NewEvent};
use primitives::source::Source;
use serde_json::{Value, json};

use crate::arrival::{self, Counts};
use crate::intake;

kernel::id_type!(/** An alarm of the ledger. */ AlarmId, "alm", "alarm");

/// The job that watches.
pub const WATCH_JOB: &str = "ledger.watch";
/// How often it does. Seconds.
const EVERY: i64 = 600;
/// What waits longer than this between its two steps was left there. Seconds.
const LEFT: i64 = 120;
/// What waits longer than this is alarmed. Seconds.
const TOO_LONG: i64 = 900;
/// How many of the newest closed days are compared with their arrivals each time.
const COMPARED: u32 = 14;
/// How many days with arrivals tell what is usual.
const PAST: u32 = 60;
/// Sources into which somebody brings things by hand: nothing is usual there.
const BY_HAND: [&str; 4] = ["import", "capture", "phone", "counter"];

engine::statements! {
    /// The alarms of visible sources that are not over.
    OPEN = "SELECT l.id, l.source_id, s.name, l.kind, l.since, l.detail, l.raised_at FROM ledger_alarm l
            JOIN source s ON s.id = l.source_id WHERE l.ended_at IS NULL AND s.mailbox_id IN LIST($1)
            ORDER BY l.since, l.id LIMIT 200";
    /// The alarms of a source that are not over.
    OPEN_OF = "SELECT l.id, l.source_id, s.name, l.kind, l.since, l.detail, l.raised_at FROM ledger_alarm l
               JOIN source s ON s.id = l.source_id WHERE l.source_id = $1 AND l.ended_at IS NULL ORDER BY l.id";
    /// Raises an alarm, unless one of its kind is raised.
    RAISE = "INSERT INTO ledger_alarm (id, source_id, kind, since, detail, raised_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING";
    /// Ends an alarm.
    END = "UPDATE ledger_alarm SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    /// How many wait between their two steps since when, by source.
    /// The plus keeps SQLite to the index of those that wait.
    WAITING = "SELECT +source_id, CAST(COUNT(*) AS BIGINT), MIN(fetched_at) FROM arrival
               WHERE state = 'pending' AND id > $1 GROUP BY +source_id ORDER BY 1";
    /// The same, and how many stand in quarantine and were not set aside, under the source 0.
    WAITING_AND_LEFT = "SELECT +source_id, CAST(COUNT(*) AS BIGINT), MIN(fetched_at) FROM arrival
                        WHERE state = 'pending' AND id > $1 GROUP BY +source_id
                        UNION ALL
                        SELECT CAST(0 AS BIGINT), CAST(COUNT(*) AS BIGINT), NULL FROM arrival
                        WHERE state = 'quarantined' AND set_aside_at IS NULL AND id > $1";
    /// Every source, how many of its alarms are not over, and whether one of them is about a gap.
    STANDING = "SELECT s.id, s.name, s.kind, s.mailbox_id,
                  (SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_alarm l WHERE l.source_id = s.id AND l.ended_at IS NULL),
                  EXISTS (SELECT 1 FROM ledger_alarm l
                          WHERE l.source_id = s.id AND l.ended_at IS NULL AND l.kind = 'gap')
                FROM source s ORDER BY s.id";
    /// When a source last brought something on a day.
    LAST_OF = "SELECT MAX(fetched_at) FROM arrival WHERE source_id = $1 AND day = $2";
    /// Every source.
    SOURCES = "SELECT id, name, kind, mailbox_id FROM source ORDER BY id";
    /// Whether somebody does not want a source watched.
    UNWATCHED = "SELECT source_id FROM ledger_unwatched WHERE source_id = $1";
    /// The mailbox of a source by name, and whether somebody does not want it watched.
    ABOUT = "SELECT m.name, EXISTS (SELECT 1 FROM ledger_unwatched u WHERE u.source_id = s.id)
             FROM source s JOIN mailbox m ON m.id = s.mailbox_id WHERE s.id = $1";
    /// Watches a source no more.
    UNWATCH = "INSERT INTO ledger_unwatched (source_id, since, account_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    /// Watches it again.
    WATCH = "DELETE FROM ledger_unwatched WHERE source_id = $1";
}

/// The statements of this capability.
pub(crate) fn statements() -> Vec<&'static Statement> {
    ALL.to_vec()
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A source is silent for longer than usual.
    Gap,
    /// Something waits between its two steps for too long.
    Pending,
    /// The sum of a closed day was not that of its arrivals; it was made again.
    Unbalanced,
}

impl Kind {
    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Gap => "gap",
            Kind::Pending => "pending",
            Kind::Unbalanced => "unbalanced",
        }
    }

    fn from_code(code: &str) -> Kind {
        match code {
            "gap" => Kind::Gap,
            "pending" => Kind::Pending,
            _ => Kind::Unbalanced,
        }
    }
}

/// An alarm that is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// The source.
    pub source: SourceId,
    /// What that is called.
    pub source_name: String,
    /// What is wrong.
    pub kind: Kind,
    /// Since when: of a gap the last arrival, of a waiting one when it came.
    pub since: Instant,
    /// What is usual, how many wait, which days.
    pub detail: Value,
    /// When it was raised.
    pub raised_at: Instant,
}

impl Alarm {
    /// What is usual for a source that is silent.
    pub fn usual(&self) -> Option<rule::Usual> {
        serde_json::from_value(self.detail.clone()).ok()
    }
}

fn read(row: &mut Row<'_>) -> Result<Alarm, DbError> {
    Ok(Alarm {
        id: AlarmId(row.take()?),
        source: row.take()?,
        source_name: row.take()?,
        kind: Kind::from_code(&row.take::<String>()?),
        since: row.take()?,
        detail: serde_json::from_str(&row.take::<String>()?).unwrap_or_default(),
        raised_at: row.take()?,
    })
}

/// The alarms that the actor sees and that are not over, the longest standing first: one statement.
pub fn open(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Alarm>, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    Ok(tx.query(&OPEN, params![actor.mailbox_keys()], read)?)
}

/// Whether something is usual in sources of a kind, so that its absence can be noticed.
pub fn is_regular(kind: &str) -> bool {
    !BY_HAND.contains(&kind)
}

/// Whether a source is watched for gaps.
fn is_watched(tx: &mut Tx<'_>, source: &Source) -> Result<bool, DbError> {
    let off = tx.query(&UNWATCHED, params![source.id], |row| row.take::<i64>())?;
    Ok(is_regular(&source.kind) && off.is_empty())
}

/// The mailbox of a source by name, and whether the source is watched for gaps: one statement.
pub(crate) fn about(tx: &mut Tx<'_>, source: &Source) -> Result<(String, bool), DbError> {
    let (mailbox, off) = tx.one(&ABOUT, params![source.id], |row| Ok((row.take()?, row.take::<bool>()?)))?;
    Ok((mailbox, is_regular(&source.kind) && !off))
}

/// Has a source watched for gaps, or not. Doing it twice is the same as once.
pub fn set_watched(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: SourceId,
    watched: bool,
) -> Result<(), Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let source = crate::sources::visible(tx, actor, id)?;
    let changed = if watched {
        tx.execute(&WATCH, params![id])?
    } else {
        tx.execute(&UNWATCH, params![id, clock.now(), actor.account])?
    };
    if changed > 0 {
        let detail = json!({ "watched": watched });
        note(tx, clock, actor, &source, EventKind::SourceWatched, detail)?;
    }
    if !watched {
        for alarm in tx.query(&OPEN_OF, params![id], read)?.iter().filter(|alarm| alarm.kind == Kind::Gap) {
            lower(tx, clock, actor, &source, alarm)?;
        }
    }
    Ok(())
}

/// What was found wrong with a source.
struct Finding {
    kind: Kind,
    since: Instant,
    detail: Value,
    /// The days whose sums are wrong.
    days: Vec<i64>,
}

/// Runs [`WATCH_JOB`] and asks for the next round, which is also the next try of one that failed: tries of their own
/// would only pile up.
pub fn work(context: &JobContext) -> Result<(), Fault> {
    let (engine, clock) = (&context.engine, &context.clock);
    if let Err(error) = round(engine, clock) {
        tracing::error!(%error, "a round of the watch failed; the next one comes in ten minutes");
    }
    if let Err(error) = crate::outgoing::sweep(engine, &**clock) {
        tracing::warn!(%error, "the folder of what leaves could not be swept");
    }
    let clock = Arc::clone(clock);
    engine.write_blocking(move |tx| Ok(enqueue(tx, &*clock, next_round(clock.now()))?))
}

/// Has the ledger watched now, and from then on every ten minutes. To be called when a process starts:
/// however many do, there is one round at a time.
pub fn begin(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), DbError> {
    job::enqueue(tx, clock, WATCH_JOB, &(), Some(WATCH_JOB), None)
}

fn next_round(now: Instant) -> Instant {
    let seconds = now.micros().div_euclid(1_000_000 * EVERY) + 1;
    Instant::from_micros(seconds * 1_000_000 * EVERY)
}

fn enqueue(tx: &mut Tx<'_>, clock: &dyn Clock, at: Instant) -> Result<(), DbError> {
    let key = format!("{WATCH_JOB}:{}", at.micros());
    job::enqueue(tx, clock, WATCH_JOB, &(), Some(&key), Some(at))
}

/// One round over every source. What is wrong with one source holds up no other; an error means that the machine is
/// in trouble.
pub fn round(engine: &engine::Engine, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
    let before = clock.now().plus_seconds(-LEFT);
    let (sources, waiting) = engine.read_blocking(|tx| Ok((all(tx)?, waiting(tx)?)))?;
    for (source, _, oldest) in &waiting {
        if *oldest < before {
            // Whatever it is that cannot be finished: days are closed and gaps are noticed all the same.
            if let Err(error) = intake::finish_pending(engine, clock, Some(*source)) {
                tracing::error!(%error, %source, "what waits between its two steps could not be finished");
            }
        }
    }
    for source in sources {
        let id = source.id;
        go_on(watch_over(engine, clock, source), id)?;
    }
    Ok(())
}

/// Passes over what went wrong with one source, unless it is the machine's trouble, which the others have as well.
fn go_on(done: Result<(), Fault>, source: SourceId) -> Result<(), Fault> {
    match done {
        Err(error) if DbError::trouble_in(&error).is_none() => {
            tracing::error!(%error, %source, "a source could not be watched");
            Ok(())
        }
        done => done,
    }
}

/// Closes the days of a source that are over and settles its alarms.
fn watch_over(engine: &engine::Engine, clock: &Arc<dyn Clock>, source: Source) -> Result<(), Fault> {
    let yesterday = clock.now().utc_day() - 1;
    let id = source.id;
    while engine.write_blocking(move |tx| Ok(arrival::close(tx, id, yesterday)?))? {}
    let (found, open) = engine.read_blocking(|tx| {
        let open = tx.query(&OPEN_OF, params![id], read)?;
        Ok((findings(tx, &**clock, &source)?, open))
    })?;
    if found.is_empty() && open.is_empty() {
        return Ok(());
    }
    let clock = Arc::clone(clock);
    engine.write_blocking(move |tx| settle(tx, &*clock, &source, &found))
}

fn all(tx: &mut Tx<'_>) -> Result<Vec<Source>, DbError> {
    tx.query(&SOURCES, &[], |row| {
        Ok(Source { id: row.take()?, name: row.take()?, kind: row.take()?, mailbox: row.take()? })
    })
}

/// How many wait between their two steps, by source, and since when the oldest of them.
fn waiting(tx: &mut Tx<'_>) -> Result<Vec<(SourceId, i64, Instant)>, DbError> {
    tx.query(&WAITING, params![i64::MIN], |row| Ok((row.take()?, row.take()?, row.take()?)))
}

/// What is wrong with a source now.
fn findings(tx: &mut Tx<'_>, clock: &dyn Clock, source: &Source) -> Result<Vec<Finding>, DbError> {
    let mut found = Vec::new();
    let today = clock.now().utc_day();
    let differing = arrival::differing(tx, source.id, Some(COMPARED))?;
    if let Some(first) = differing.first() {
        let since = Instant::from_micros(first.saturating_mul(86_400_000_000));
        let detail = json!({ "days": &differing });
        found.push(Finding { kind: Kind::Unbalanced, since, detail, days: differing });
    }
    let late = clock.now().plus_seconds(-TOO_LONG);
    for (id, count, oldest) in waiting(tx)? {
        if id == source.id && oldest < late {
            let detail = json!({ "count": count });
            found.push(Finding { kind: Kind::Pending, since: oldest, detail, days: Vec::new() });
        }
    }
    if is_watched(tx, source)? {
        let mut days: Vec<i64> =
            arrival::days(tx, source.id, None, PAST)?.into_iter().map(|day| day.day).collect();
        days.reverse();
        // A clock that was ahead once hides no silence until its day has come.
        days.retain(|day| *day <= today);
        if let Some(gap) = rule::gap(&days, today) {
            let since =
                tx.one(&LAST_OF, params![source.id, gap.last], |row| row.take::<Option<Instant>>())?;
            let since = since.unwrap_or(Instant::from_micros(gap.last.saturating_mul(86_400_000_000)));
            let detail = serde_json::to_value(&gap.usual).unwrap_or_default();
            found.push(Finding { kind: Kind::Gap, since, detail, days: Vec::new() });
        }
    }
    Ok(found)
}

/// Raises the alarms that a source needs by what was found and ends those that it needs no more.
fn settle(tx: &mut Tx<'_>, clock: &dyn Clock, source: &Source, found: &[Finding]) -> Result<(), Fault> {
    let open = tx.query(&OPEN_OF, params![source.id], read)?;
    let machine = Actor::machine(vec![source.mailbox]);
    for alarm in &open {
        if !found.iter().any(|finding| finding.kind == alarm.kind) {
            lower(tx, clock, &machine, source, alarm)?;
        }
    }
    for finding in found {
        // The arrivals are the truth; the sum is made again from them, and the log says that it was wrong.
        for day in &finding.days {
            arrival::recount(tx, source.id, *day)?;
        }
        let id: AlarmId = tx.mint(clock);
        let row = params![
            id.raw(),
            source.id,
            finding.kind.code(),
            finding.since,
            finding.detail.to_string(),
            clock.now()
        ];
        if tx.execute(&RAISE, row)? > 0 {
            let detail = json!({ "kind": finding.kind.code(), "found": &finding.detail });
            note(tx, clock, &machine, source, EventKind::LedgerAlarmRaised, detail)?;
        }
    }
    Ok(())
}

fn lower(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    source: &Source,
    alarm: &Alarm,
) -> Result<(), Fault> {
    if tx.execute(&END, params![alarm.id.raw(), clock.now()])? > 0 {
        let detail = json!({ "kind": alarm.kind.code() });
        note(tx, clock, actor, source, EventKind::LedgerAlarmEnded, detail)?;
    }
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    source: &Source,
    kind: EventKind,
    detail: Value,
) -> Result<(), Fault> {
    let event = NewEvent {
        mailbox: Some(source.mailbox),
        source: Some(source.id),
        ..NewEvent::new(kind, "source", source.id.raw()).detail(detail)
    };
    event::append(tx, clock, actor, event)?;
    tx.signal(Signal {
        kind: "ledger".into(),
        id: source.id.to_string(),
        revision: 0,
        mailbox: Some(source.mailbox.raw()),
    });
    Ok(())
}

/// The ledger of one source in figures, for gauges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The source.
    pub source: Source,
    /// What it brought ever.
    pub ever: Counts,
    /// What it brought today (UTC).
    pub today: Counts,
    /// For how many seconds the oldest waits between its two steps; 0 when none does.
    pub oldest_pending_seconds: i64,
    /// How many alarms about it are open.
    pub alarms: i64,
    /// Whether one of them is about a gap.
    pub gap: bool,
}

/// The ledger of the whole shop in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Every source.
    pub sources: Vec<State>,
    /// What stands in quarantine and nobody has set aside.
    pub to_look_at: i64,
}

/// The ledger of every source in figures: three statements, whatever the sources have brought.
pub fn state(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<Standing, DbError> {
    let sources = tx.query(&STANDING, &[], |row| {
        let source = Source { id: row.take()?, name: row.take()?, kind: row.take()?, mailbox: row.take()? };
        Ok((source, row.take::<i64>()?, row.take::<bool>()?))
    })?;
    let ids: Vec<SourceId> = sources.iter().map(|(source, ..)| source.id).collect();
    let totals = arrival::totals(tx, &ids, clock.now().utc_day())?;
    let waiting = tx.query(&WAITING_AND_LEFT, params![i64::MIN], |row| {
        Ok((row.take::<i64>()?, row.take::<i64>()?, row.take::<Option<Instant>>()?))
    })?;
    let of = |id: i64| waiting.iter().find(|(source, ..)| *source == id);
    let now = clock.now();
    let to_look_at = of(0).map_or(0, |(_, count, _)| *count);
    let sources = sources
        .into_iter()
        .zip(totals)
        .map(|((source, alarms, gap), (_, totals))| {
            let oldest = of(source.id.raw()).and_then(|(.., oldest)| *oldest);
            State {
                ever: totals.ever,
                today: totals.day,
                oldest_pending_seconds: oldest
                    .map_or(0, |oldest| (now.micros() - oldest.micros()).max(0) / 1_000_000),
                alarms,
                gap,
                source,
            }
        })
        .collect();
    Ok(Standing { sources, to_look_at })
}

/// The alarms of a source that are not over. The caller has checked that it is visible.
pub(crate) fn of_source(tx: &mut Tx<'_>, source: &Source) -> Result<Vec<Alarm>, DbError> {
    tx.query(&OPEN_OF, params![source.id], read)
}
