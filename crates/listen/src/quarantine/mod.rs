//! The quarantine: what came and nobody could read. It is looked at, tried again after a fix, or set aside
//! with a reason; its bytes stay whatever happens, and the ledger counts it under what it is.

pub mod api;
pub mod page;
mod raw;
pub mod run;
mod sql;

use std::collections::BTreeMap;

use engine::{DbError, Row, Statement, Tx, params};
use kernel::fault::required;
use kernel::{Actor, ArrivalId, Clash, Clock, Fault, Instant, MailboxId, Permission, SourceId, VoiceId};
use primitives::event::{self, EventKind, NewEvent};

use crate::arrival::{self, Cause, End};
use crate::intake::{self, Work};
pub use raw::Preview;
pub use run::RunId;

/// Items longer than this are tried by a job, because parsing them would hold up everybody's writes. Bytes.
const AT_ONCE: i64 = 1024 * 1024;
/// Longest reason for setting something aside, in characters.
const REASON: usize = 500;

/// The statements of this capability.
pub(crate) fn statements() -> Vec<&'static Statement> {
    sql::ALL.to_vec()
}

/// Somebody decided that nothing is to be made of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
    /// Who, as far as that is still known.
    pub by: Option<String>,
}

/// An arrival as the quarantine shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its row.
    pub id: ArrivalId,
    /// Where it came from.
    pub source: SourceId,
    /// What the source is called.
    pub source_name: String,
    /// The mailbox to which the source brings.
    pub mailbox: MailboxId,
    /// When it came.
    pub fetched_at: Instant,
    /// By what its owner recognises it.
    pub name: String,
    /// What its bytes are: `mail`, `csv`, `jsonl` or `api`.
    pub format: String,
    /// `quarantined`; another state when something was made of it meanwhile.
    pub state: String,
    /// Why nothing could be made of it.
    pub cause: Cause,
    /// How often it was tried.
    pub tries: i64,
    /// How many bytes it has.
    pub size: i64,
    /// The voice that it became meanwhile.
    pub voice: Option<VoiceId>,
    /// Whether somebody set it aside.
    pub set_aside: Option<SetAside>,
}

fn read(row: &mut Row<'_>) -> Result<Held, DbError> {
    Ok(Held {
        id: row.take()?,
        source: row.take()?,
        source_name: row.take()?,
        mailbox: row.take()?,
        fetched_at: row.take()?,
        name: row.take()?,
        format: row.take()?,
        state: row.take()?,
        cause: Cause::from_code(&row.take::<Option<String>>()?.unwrap_or_default()),
        tries: row.take()?,
        size: row.take()?,
        voice: row.take()?,
        set_aside: {
            let (at, reason) = (row.take::<Option<Instant>>()?, row.take::<Option<String>>()?);
            let by = row.take()?;
            at.map(|at| SetAside { at, reason: reason.unwrap_or_default(), by })
        },
    })
}

/// Which part of the quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only for this kind of cause, such as `columns`.
    pub cause: Option<String>,
    /// What was set aside, instead of what is to be looked at.
    pub set_aside: bool,
}

impl Filter {
    fn source_key(&self) -> i64 {
        self.source.map_or(0, SourceId::raw)
    }

    /// The kind of cause; a text that is no kind matches nothing.
    fn cause_key(&self) -> &str {
        self.cause.as_deref().unwrap_or_default()
    }
}

/// A page of the quarantine, newest first, before an arrival.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    filter: &Filter,
    before: Option<ArrivalId>,
    limit: u32,
) -> Result<Vec<Held>, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    let statement = if filter.set_aside { &sql::SET_ASIDE } else { &sql::TO_LOOK_AT };
    let before = before.map_or(i64::MAX, ArrivalId::raw);
    let mailboxes = actor.mailbox_keys();
    Ok(tx.query(
        statement,
        params![before, mailboxes, filter.source_key(), filter.cause_key(), limit],
        read,
    )?)
}

/// How many are to be looked at, by source and by kind of cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes {
    /// Source, its name, kind of cause, how many.
    pub rows: Vec<(SourceId, String, String, i64)>,
}

impl Causes {
    /// How many there are in all.
    pub fn all(&self) -> i64 {
        self.rows.iter().map(|row| row.3).sum()
    }

    /// How many a filter lets through.
    pub fn matching(&self, filter: &Filter) -> i64 {
        let fits = |row: &&(SourceId, String, String, i64)| {
            filter.source.is_none_or(|source| source == row.0)
                && filter.cause.as_ref().is_none_or(|cause| *cause == row.2)
        };
        self.rows.iter().filter(fits).map(|row| row.3).sum()
    }

    /// The kinds of cause, with how many there are of each.
    pub fn by_cause(&self) -> Vec<(String, i64)> {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        self.rows.iter().for_each(|row| *counts.entry(&row.2).or_default() += row.3);
        counts.into_iter().map(|(cause, count)| (cause.to_owned(), count)).collect()
    }

    /// The sources, with how many there are of each.
    pub fn by_source(&self) -> Vec<(SourceId, String, i64)> {
        let mut counts: Vec<(SourceId, String, i64)> = Vec::new();
        for (id, name, _, count) in &self.rows {
            match counts.last_mut().filter(|last| last.0 == *id) {
                Some(last) => last.2 += count,
                None => counts.push((*id, name.clone(), *count)),
            }
        }
        counts
    }
}

/// How many are to be looked at, by source and by kind of cause: one statement.
pub fn causes(tx: &mut Tx<'_>, actor: &Actor) -> Result<Causes, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    let rows = tx.query(&sql::CAUSES, params![actor.mailbox_keys()], |row| {
        let (id, name) = (row.take::<SourceId>()?, row.take::<String>()?);
        let cause = row.take::<Option<String>>()?.unwrap_or_default();
        Ok((id, name, cause, row.take::<i64>()?))
    })?;
    let mut causes: Vec<(SourceId, String, String, i64)> = Vec::new();
    for (id, name, cause, count) in rows {
        // "columns 5 3" and "columns 5 4" are one kind.
        let kind = cause.split(' ').next().unwrap_or_default().to_owned();
        match causes.iter_mut().find(|known| known.0 == id && known.2 == kind) {
            Some(known) => known.3 += count,
            None => causes.push((id, name, kind, count)),
        }
    }
    Ok(Causes { rows: causes })
}

/// An arrival that the actor sees, in quarantine or out of it again.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: ArrivalId) -> Result<Held, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    tx.find(&sql::ONE, params![id, actor.mailbox_keys()], read)?.ok_or(Fault::NotFound)
}

/// What became of trying one again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// This, at once. For one of which something was made before: that.
    Now {
        /// `stored`, `duplicate` or `quarantined`.
        state: String,
        /// The voice that it is.
        voice: Option<VoiceId>,
    },
    /// A job tries it, because it is large.
    Later(RunId),
}

/// Tries one again. Doing it twice is the same as once: what became something stays that.
pub fn retry(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: ArrivalId) -> Result<Tried, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let held = visible(tx, actor, id)?;
    if held.state != "quarantined" {
        return Ok(Tried::Now { state: held.state, voice: held.voice });
    }
    if held.size > AT_ONCE {
        return Ok(Tried::Later(run::begin_one(tx, clock, actor, id)?));
    }
    let pending = tx.find(&sql::TO_TRY, params![id], arrival::read_pending)?.ok_or(Fault::NotFound)?;
    let raw = arrival::bytes(tx, &pending.digest)?;
    let parsed = intake::parse_kept(raw.as_deref(), &pending.format, &intake::zone(tx)?);
    let taken = intake::take_in(tx, clock, &[Work { pending, parsed, again: true, import: None }])?;
    let end = taken.into_iter().next().map(|taken| taken.end).ok_or(Fault::Conflict(Clash::Changed))?;
    let voice = if let End::Stored { voice } = &end { *voice } else { None };
    let detail = serde_json::json!({ "became": end.state() });
    note(tx, clock, actor, &held, EventKind::ArrivalRetried, Some(detail))?;
    Ok(Tried::Now { state: end.state().to_owned(), voice })
}

/// Decides that nothing is to be made of one, and why. It stays quarantined in the ledger.
pub fn set_aside(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ArrivalId,
    reason: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let held = visible(tx, actor, id)?;
    let reason = required("text", reason, REASON)?;
    if tx.execute(&sql::PUT, params![id, clock.now(), actor.account, reason])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    note(tx, clock, actor, &held, EventKind::ArrivalSetAside, None)
}

/// Takes that decision back. Doing it twice is the same as once.
pub fn put_back(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: ArrivalId) -> Result<(), Fault> {
    actor.authorise(Permission::ImportVoices)?;
    let held = visible(tx, actor, id)?;
    if held.set_aside.is_none() {
        return Ok(());
    }
    let (nobody, nothing) = (Option::<i64>::None, Option::<String>::None);
    if tx.execute(&sql::PUT, params![id, Option::<Instant>::None, nobody, nothing])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    note(tx, clock, actor, &held, EventKind::ArrivalPutBack, None)
}

/// The bytes of one as a reader may look at them; `None` where they are lost.
pub fn preview(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ArrivalId,
    hexadecimal: Option<bool>,
) -> Result<Option<Preview>, Fault> {
    let (_, digest) = arrival::raw_digest(tx, actor, id)?.ok_or(Fault::NotFound)?;
    Ok(arrival::bytes(tx, &digest)?.map(|bytes| Preview::of(&bytes, hexadecimal)))
}

/// Writes down who did what with one.
fn note(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    held: &Held,
    kind: EventKind,
    detail: Option<serde_json::Value>,
) -> Result<(), Fault> {
    let event = NewEvent {
        mailbox: Some(held.mailbox),
        source: Some(held.source),
        detail,
        ..NewEvent::new(kind, "arrival", held.id.raw())
    };
    event::append(tx, clock, actor, event)?;
    signal(tx, held.mailbox);
    Ok(())
}

/// Tells the pages that show the quarantine of a mailbox.
fn signal(tx: &mut Tx<'_>, mailbox: MailboxId) {
    tx.signal(engine::Signal {
        kind: "quarantine".into(),
        id: "quarantine".into(),
        revision: 0,
        mailbox: Some(mailbox.raw()),
    });
}
