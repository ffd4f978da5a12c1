//! The ledger: everything that a source ever brought, and what became of it.
//!
//! The raw comes first. [`keep`] stores bytes and a pending row in one transaction, [`end`] is called by
//! the intake in another. Whatever happens between the two is healed by finishing what is pending, so
//! that for every source and day fetched = stored + duplicate + quarantined.
//!
//! Each arrival counts once, on the day on which it came, under what became of it in the end. One that
//! repeats a quarantined one is a duplicate of that day; the quarantined one is tried again by it and,
//! when something can be made of it now, moves from quarantined to stored on *its* day.

mod cause;
mod closing;
pub(crate) mod invariant;
mod ledger;
pub(crate) mod sql;

use std::collections::HashMap;
use std::sync::Arc;

use engine::blob::{self, BlobDigest};
use engine::{DbError, Row, Statement, Tx, params};
use kernel::{Actor, ArrivalId, Clash, Clock, Fault, Instant, SourceId, VoiceId};

pub use cause::Cause;
pub(crate) use closing::{Moves, close, differing, recount};
pub use ledger::{Counts, Day, Entry, Totals, days, entries, totals};

use crate::upload::RunId;

/// The statements of the ledger.
pub(crate) fn statements() -> Vec<&'static Statement> {
    [sql::ALL, closing::ALL, ledger::ALL, &invariant::statements()].concat()
}

/// Longest name of an item, in characters.
const NAME: usize = 300;

/// What the bytes of an item are, and how to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// A mail.
    Mail,
    /// A row of a table, with the dialect and mapping of its file as JSON.
    Row(Arc<str>),
    /// A line of JSON.
    Line,
    /// The body of an API call.
    Api,
}

impl Format {
    fn code(&self) -> &'static str {
        match self {
            Format::Mail => "mail",
            Format::Row(_) => "csv",
            Format::Line => "jsonl",
            Format::Api => "api",
        }
    }

    fn read(code: &str, mapping: Option<String>) -> Format {
        match (code, mapping) {
            ("csv", mapping) => Format::Row(mapping.unwrap_or_default().into()),
            ("jsonl", _) => Format::Line,
            ("api", _) => Format::Api,
            _ => Format::Mail,
        }
    }
}

/// An item as a source brings it.
#[derive(Debug, Clone)]
pub struct Item {
    /// By what its owner recognises it: a file's name, a row's number.
    pub name: String,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// What they are.
    pub format: Format,
    /// The SHA-256 of the bytes.
    pub digest: BlobDigest,
}

impl Item {
    /// An item with its digest.
    pub fn new(name: String, raw: Vec<u8>, format: Format) -> Item {
        Item { name: name.chars().take(NAME).collect(), digest: BlobDigest::of(&raw), raw, format }
    }
}

/// An item that is in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its row.
    pub id: ArrivalId,
    /// Whether the source had brought the same bytes before.
    pub duplicate: bool,
    /// The arrival that brought them, when it stands in quarantine: it is worth another try.
    pub again: Option<Known>,
}

/// An arrival that brought certain bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its row.
    pub id: ArrivalId,
    /// Whether nothing could be made of it.
    pub quarantined: bool,
    /// When it came.
    pub fetched_at: Instant,
    /// Whether it belongs to the past.
    pub historical: bool,
}

/// Step one: the bytes and a row for each item, pending, or duplicate where the source has brought the
/// same bytes before. A duplicate's bytes are those of the arrival that it repeats. `import` is the one from
/// the browser that brings them, if it is one.
pub fn keep(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    source: SourceId,
    import: Option<RunId>,
    historical: bool,
    items: &[Item],
) -> Result<Vec<Kept>, Fault> {
    let mut known = known(tx, source, items)?;
    let now = clock.now();
    let mut kept = Vec::with_capacity(items.len());
    let mut rows = Vec::with_capacity(items.len());
    let mut moves = Moves::default();
    for item in items {
        let id: ArrivalId = tx.mint(clock);
        let before = known.get(&item.digest).copied();
        let duplicate_of = before.map(|before| before.id);
        moves.came(now.utc_day());
        match duplicate_of {
            Some(_) => moves.became(now.utc_day(), "duplicate"),
            None => {
                blob::put(tx, &item.raw)?;
                known.insert(item.digest, Known { id, quarantined: false, fetched_at: now, historical });
            }
        }
        let mapping = if let Format::Row(mapping) = &item.format { Some(&**mapping) } else { None };
        rows.push(
            params![
                id,
                source,
                now.utc_day(),
                now,
                &item.name,
                item.format.code(),
                item.digest,
                if duplicate_of.is_some() { "duplicate" } else { "pending" },
                historical,
                mapping,
                duplicate_of,
                import.map(RunId::raw)
            ]
            .to_vec(),
        );
        let again = before.filter(|before| before.quarantined);
        kept.push(Kept { id, duplicate: duplicate_of.is_some(), again });
    }
    tx.insert_many(&sql::ARRIVALS, &rows)?;
    moves.write(tx, source)?;
    Ok(kept)
}

/// An arrival that waits for its second step.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its row.
    pub id: ArrivalId,
    /// Where it came from.
    pub source: SourceId,
    /// When it came.
    pub fetched_at: Instant,
    /// By what its owner recognises it.
    pub name: String,
    /// What its bytes are.
    pub format: Format,
    /// The address of its bytes.
    pub digest: BlobDigest,
    /// Whether it belongs to the past.
    pub historical: bool,
}

/// Reads the columns of [`Pending`], in the order of the statements that give them.
pub(crate) fn read_pending(row: &mut Row<'_>) -> Result<Pending, DbError> {
    let (id, source, fetched_at, name): (ArrivalId, _, _, _) =
        (row.take()?, row.take()?, row.take()?, row.take()?);
    let format = Format::read(&row.take::<String>()?, row.take()?);
    let digest = BlobDigest::from_column(&row.take::<Vec<u8>>()?)
        .ok_or_else(|| DbError::Blob { digest: id.to_string(), problem: "without address" })?;
    Ok(Pending { id, source, fetched_at, name, format, digest, historical: row.take()? })
}

/// Arrivals after a place that a crash left between the two steps, of one source or of all, and the import
/// from the browser that brought each.
pub fn pending(
    tx: &mut Tx<'_>,
    source: Option<SourceId>,
    after: i64,
    limit: u32,
) -> Result<Vec<(Pending, Option<RunId>)>, DbError> {
    let read = |row: &mut Row<'_>| Ok((read_pending(row)?, row.take::<Option<i64>>()?.map(RunId)));
    match source {
        Some(source) => tx.query(&sql::PENDING_OF, params![after, limit, source], read),
        None => tx.query(&sql::PENDING, params![after, limit], read),
    }
}

/// Those of some arrivals of which nothing was made yet: raw ids, and whether they stand in quarantine.
pub fn still_open(tx: &mut Tx<'_>, ids: Vec<i64>) -> Result<HashMap<i64, bool>, DbError> {
    let open = tx.query(&sql::STILL_OPEN, params![ids], |row| {
        Ok((row.take::<i64>()?, row.take::<String>()? == "quarantined"))
    })?;
    Ok(open.into_iter().collect())
}

/// What becomes of an arrival at its second step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is a voice (or, for a mail of our own, a message) now.
    Stored {
        /// The voice.
        voice: Option<VoiceId>,
    },
    /// It says the same, under the same id, as an earlier one.
    Duplicate {
        /// The earlier one.
        of: ArrivalId,
    },
    /// Nothing could be made of it.
    Quarantined(Cause),
}

/// How an item is known to its source, and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its id there: a Message-ID, the value of an id column.
    pub external_id: Option<String>,
    /// The digest of its normalised content.
    pub content: Option<[u8; 32]>,
}

/// Whether the source has brought an item of this id before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Never.
    New,
    /// Yes, and it said the same.
    Same {
        /// The earlier one.
        arrival: ArrivalId,
        /// What it became.
        voice: Option<VoiceId>,
    },
    /// Yes, and it said something else.
    Different,
}

/// Looks an item up by its id at the source, and marks the earlier one that shares the id and says something
/// else, as the new one is to be marked.
pub fn before(tx: &mut Tx<'_>, source: SourceId, mark: &Mark) -> Result<Before, DbError> {
    let (before, only) = find_before(tx, source, mark)?;
    if let Some(only) = only {
        tx.execute(&sql::FLAG_SAME_ID, params![only])?;
    }
    Ok(before)
}

/// Which of some raw bytes the source has brought before.
pub fn known(
    tx: &mut Tx<'_>,
    source: SourceId,
    items: &[Item],
) -> Result<HashMap<BlobDigest, Known>, DbError> {
    let digests: Vec<String> = items.iter().map(|item| item.digest.hex()).collect();
    let found = tx.query(&sql::KNOWN, params![source, digests], |row| {
        let digest = row.take::<Vec<u8>>()?;
        let (id, state) = (row.take()?, row.take::<String>()?);
        let quarantined = state == "quarantined";
        Ok((digest, Known { id, quarantined, fetched_at: row.take()?, historical: row.take()? }))
    })?;
    Ok(found
        .into_iter()
        .filter_map(|(digest, known)| BlobDigest::from_column(&digest).map(|digest| (digest, known)))
        .collect())
}

/// Looks an item up by its id at the source.
pub fn look(tx: &mut Tx<'_>, source: SourceId, mark: &Mark) -> Result<Before, DbError> {
    Ok(find_before(tx, source, mark)?.0)
}

/// Whether an item of this id came before; and, where the only one that did says something else, which that is.
fn find_before(
    tx: &mut Tx<'_>,
    source: SourceId,
    mark: &Mark,
) -> Result<(Before, Option<ArrivalId>), DbError> {
    let Some(external_id) = &mark.external_id else { return Ok((Before::New, None)) };
    let content = mark.content.map(|content| content.to_vec());
    let known = tx.query(&sql::SAME_ID, params![source, external_id, content], |row| {
        let (arrival, voice): (ArrivalId, Option<VoiceId>) = (row.take()?, row.take()?);
        Ok((arrival, voice, row.take::<i64>()? == 1))
    })?;
    if let Some((arrival, voice, _)) = known.iter().find(|(.., same)| *same) {
        return Ok((Before::Same { arrival: *arrival, voice: *voice }, None));
    }
    Ok(match known.as_slice() {
        [] => (Before::New, None),
        [(only, ..)] => (Before::Different, Some(*only)),
        _ => (Before::Different, None),
    })
}

impl End {
    /// The state in which the arrival is then.
    pub fn state(&self) -> &'static str {
        match self {
            End::Stored { .. } => "stored",
            End::Duplicate { .. } => "duplicate",
            End::Quarantined(_) => "quarantined",
        }
    }
}

/// Step two: writes down what became of an arrival. `again` is for one that stood in quarantine; its
/// mapping becomes the one with which it was tried now. The caller writes the move into the ledger. One that is
/// no longer as the caller found it is a conflict: what was made of it meanwhile stays.
pub fn end(
    tx: &mut Tx<'_>,
    pending: &Pending,
    again: bool,
    mark: &Mark,
    flags: &[&str],
    end: &End,
) -> Result<(), Fault> {
    let (cause, voice, duplicate_of) = match end {
        End::Stored { voice } => (None, *voice, None),
        End::Duplicate { of } => (None, None, Some(of.raw())),
        End::Quarantined(cause) => (Some(cause.code()), None, None),
    };
    let flag = (!flags.is_empty()).then(|| flags.join(" "));
    let content = mark.content.map(|content| content.to_vec());
    let mapping = match &pending.format {
        Format::Row(mapping) if again => Some(&**mapping),
        _ => None,
    };
    let changed = tx.execute(
        &sql::END,
        params![
            pending.id,
            end.state(),
            mark.external_id.as_deref(),
            content,
            cause,
            flag,
            voice,
            duplicate_of,
            i64::from(again),
            mapping
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(Fault::Conflict(Clash::Changed)) }
}

/// The bytes of an arrival; `None` where they are lost or damaged. What is only out of reach is an error.
pub(crate) fn bytes(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<Option<Vec<u8>>, DbError> {
    match blob::get(tx, digest) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_missing() => {
            tracing::error!(%error, "the bytes of an arrival are lost");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// An arrival whose two steps are one: a call that is answered with what became of it.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Where it came from.
    pub source: SourceId,
    /// By what its owner recognises it.
    pub name: String,
    /// What its bytes are.
    pub format: Format,
    /// The address of its bytes.
    pub digest: BlobDigest,
    /// How it is known and what it says.
    pub mark: Mark,
    /// The voice that it became.
    pub voice: Option<VoiceId>,
    /// The arrival that it repeats.
    pub duplicate_of: Option<ArrivalId>,
    /// What is odd about it.
    pub flag: Option<&'static str>,
}

/// Writes an arrival down with its end. The caller has stored its bytes, unless it repeats another.
pub fn arrive(tx: &mut Tx<'_>, clock: &dyn Clock, arrived: &Arrived) -> Result<(), DbError> {
    let (id, now): (ArrivalId, _) = (tx.mint(clock), clock.now());
    let state = if arrived.duplicate_of.is_some() { "duplicate" } else { "stored" };
    tx.execute(
        &sql::ARRIVE,
        params![
            id,
            arrived.source,
            now.utc_day(),
            now,
            &arrived.name,
            arrived.format.code(),
            arrived.digest,
            arrived.mark.external_id.as_deref(),
            arrived.mark.content.map(|content| content.to_vec()),
            state,
            arrived.flag,
            false,
            arrived.voice,
            arrived.duplicate_of
        ],
    )?;
    let mut moves = Moves::default();
    moves.came(now.utc_day());
    moves.became(now.utc_day(), state);
    moves.write(tx, arrived.source)
}

/// The raw bytes of an arrival and its name, if the actor may see its source.
pub fn raw(tx: &mut Tx<'_>, actor: &Actor, id: ArrivalId) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let Some((name, digest)) = raw_digest(tx, actor, id)? else { return Ok(None) };
    Ok(Some((name, blob::get(tx, &digest)?)))
}

/// The name of an arrival and the address of its bytes, if the actor may see its source.
pub(crate) fn raw_digest(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ArrivalId,
) -> Result<Option<(String, BlobDigest)>, DbError> {
    let found = tx.find(&sql::RAW, params![id, actor.mailbox_keys()], |row| {
        Ok((row.take::<Vec<u8>>()?, row.take::<String>()?))
    })?;
    let Some((digest, name)) = found else { return Ok(None) };
    let digest = BlobDigest::from_column(&digest)
        .ok_or_else(|| DbError::Blob { digest: id.to_string(), problem: "without address" })?;
    Ok(Some((name, digest)))
}
