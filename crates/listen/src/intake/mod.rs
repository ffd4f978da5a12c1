//! The second step of everything that arrives: parse, who, which conversation, voice.
//!
//! Parsing needs no database and happens before the transaction, in which a whole batch becomes voices in
//! the order in which it was said. A batch that fails as a whole is taken item by item, and an item that
//! fails alone is put into quarantine: nothing holds up the rest, and nothing is dropped.

mod mail_item;
mod own;
pub(crate) mod record;
pub(crate) mod record_item;
pub(crate) mod thread;

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use engine::{Engine, Tx};
use jiff::tz::TimeZone;
use kernel::{Actor, ArrivalId, Clock, Fault, Instant, SourceId};
use primitives::source::{self, Source};
use primitives::{mailbox, shop};
use serde_json::Value;

use crate::arrival::{self, Cause, End, Format, Mark, Moves, Pending};
use crate::table::Reading;
use crate::upload::{self, Brought, RunId};
use mail_item::ReadMail;
use record::Record;
use record_item::ReadRecord;

/// How many arrivals are finished in one transaction.
const BATCH: u32 = 200;
/// And how many bytes they have together, or it is one arrival.
const BYTES: usize = 4 * 1024 * 1024;
/// Longest item that is parsed.
pub const LARGEST: usize = mail::mbox::DEFAULT_BOUND;

/// What the bytes of an item were found to be, and how it is known: both are found out before the
/// transaction, which has no time for it.
#[derive(Debug, Clone)]
pub enum Parsed {
    /// A mail.
    Mail(Box<ReadMail>),
    /// A row or a line.
    Record(Box<ReadRecord>),
    /// Nothing that anybody could read.
    Unreadable(Cause),
}

impl Parsed {
    /// How the item is known to its source.
    pub fn mark(&self) -> Mark {
        match self {
            Parsed::Mail(read) => read.mark.clone(),
            Parsed::Record(read) => read.mark.clone(),
            Parsed::Unreadable(_) => Mark::default(),
        }
    }
}

/// Reads the bytes of an item. Never fails, and a panic of a parser is the item's fault alone. `zone` is
/// where dates without an offset were written.
pub fn parse(raw: &[u8], format: &Format, zone: &TimeZone) -> Parsed {
    catch_unwind(AssertUnwindSafe(|| read(raw, format, zone))).unwrap_or(Parsed::Unreadable(Cause::Failed))
}

/// The same of the bytes of an arrival, which may be lost: that holds up nothing else.
pub(crate) fn parse_kept(raw: Option<&[u8]>, format: &Format, zone: &TimeZone) -> Parsed {
    raw.map_or(Parsed::Unreadable(Cause::BytesLost), |raw| parse(raw, format, zone))
}

fn read(raw: &[u8], format: &Format, zone: &TimeZone) -> Parsed {
    if raw.len() > LARGEST {
        return Parsed::Unreadable(Cause::TooLarge);
    }
    match format {
        Format::Mail => {
            let message = mail::parse(raw);
            match message.is_unreadable() {
                Some(cause) => Parsed::Unreadable(Cause::of_mail(cause)),
                None => Parsed::Mail(Box::new(ReadMail::of(message))),
            }
        }
        Format::Row(reading) => match Reading::from_json(reading).record(raw, zone) {
            Ok(record) => Parsed::Record(Box::new(ReadRecord::of(record))),
            Err(cause) => Parsed::Unreadable(cause),
        },
        Format::Line | Format::Api => match serde_json::from_slice::<Value>(bytes_without_mark(raw)) {
            Err(_) if raw.trim_ascii().is_empty() => Parsed::Unreadable(Cause::Empty),
            Err(_) => Parsed::Unreadable(Cause::NotJson),
            Ok(Value::Object(object)) => {
                let record = Record::forgiving(&object);
                if record.is_silent() {
                    Parsed::Unreadable(Cause::NothingSaid)
                } else {
                    Parsed::Record(Box::new(ReadRecord::of(record)))
                }
            }
            Ok(_) => Parsed::Unreadable(Cause::NotAnObject),
        },
    }
}

/// Bytes without the mark that some programs put before UTF-8.
fn bytes_without_mark(raw: &[u8]) -> &[u8] {
    raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw)
}

/// An arrival with what its bytes were found to be.
#[derive(Debug, Clone)]
pub struct Work {
    /// The arrival.
    pub pending: Pending,
    /// What its bytes are.
    pub parsed: Parsed,
    /// Whether it stands in quarantine and is tried once more.
    pub again: bool,
    /// The import from the browser that brings it, which counts what becomes of it.
    pub import: Option<RunId>,
}

impl Work {
    /// When it was said, as far as it says so itself.
    fn said_at(&self) -> Option<Instant> {
        match &self.parsed {
            Parsed::Mail(read) => read.message.date_micros.map(Instant::from_micros),
            Parsed::Record(read) => read.record.occurred_at,
            Parsed::Unreadable(_) => None,
        }
    }
}

/// What the intake of a source needs to know, read once per transaction.
pub(crate) struct Desk {
    /// Where the voices come from and go to.
    pub source: Source,
    /// The addresses from which the shop itself writes.
    pub own_addresses: Vec<String>,
    /// The machine, seeing this mailbox.
    pub machine: Actor,
}

impl Desk {
    pub(crate) fn open(tx: &mut Tx<'_>, id: SourceId) -> Result<Desk, Fault> {
        let source = source::by_id(tx, id)?.ok_or(Fault::NotFound)?;
        let machine = Actor::machine(vec![source.mailbox]);
        Ok(Desk { source, own_addresses: mailbox::own_addresses(tx)?, machine })
    }
}

/// What became of an arrival, for who asked for it to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its row.
    pub id: ArrivalId,
    /// Its name.
    pub name: String,
    /// Whether it stood in quarantine and was tried once more.
    pub again: bool,
    /// What became of it.
    pub end: End,
}

/// Takes a batch of one source in, in one transaction. Arrivals that somebody else has finished meanwhile
/// are passed over.
pub fn take_in(tx: &mut Tx<'_>, clock: &dyn Clock, batch: &[Work]) -> Result<Vec<Taken>, Fault> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let ids = batch.iter().map(|work| work.pending.id.raw()).collect();
    let open = arrival::still_open(tx, ids)?;
    let source = first.pending.source;
    let desk = Desk::open(tx, source)?;
    // A file may hold several times what stands in quarantine: that is tried once.
    let mut tried = HashSet::with_capacity(batch.len());
    let open = |work: &&Work| open.get(&work.pending.id.raw()) == Some(&work.again);
    // Older words first, so that a thread grows as it was written, whatever the order of arrival.
    let mut order: Vec<&Work> =
        batch.iter().filter(open).filter(|work| tried.insert(work.pending.id)).collect();
    order.sort_by_key(|work| (work.said_at().unwrap_or(work.pending.fetched_at), work.pending.digest));
    let mut taken = Vec::with_capacity(order.len());
    let mut moves = Moves::default();
    let mut brought: BTreeMap<RunId, Brought> = BTreeMap::new();
    for work in order {
        let (flags, end) = match &work.parsed {
            Parsed::Unreadable(cause) => (Vec::new(), End::Quarantined(cause.clone())),
            Parsed::Mail(read) => mail_item::store(tx, clock, &desk, &work.pending, read)?,
            Parsed::Record(read) => record_item::store(tx, clock, &desk, &work.pending, read)?,
        };
        finish(tx, work, &work.parsed.mark(), &flags, &end, &mut moves)?;
        if let Some(import) = work.import {
            brought.entry(import).or_default().became(work.again, &end);
        }
        taken.push(Taken { id: work.pending.id, name: work.pending.name.clone(), again: work.again, end });
    }
    moves.write(tx, source)?;
    for (import, brought) in brought {
        upload::count(tx, import, brought)?;
    }
    Ok(taken)
}

/// Writes down what became of an arrival and how that moves it in the ledger.
fn finish(
    tx: &mut Tx<'_>,
    work: &Work,
    mark: &Mark,
    flags: &[&str],
    end: &End,
    moves: &mut Moves,
) -> Result<(), Fault> {
    arrival::end(tx, &work.pending, work.again, mark, flags, end)?;
    let day = work.pending.fetched_at.utc_day();
    if work.again {
        moves.left(day, "quarantined");
    }
    moves.became(day, end.state());
    Ok(())
}

/// Takes a batch in whatever happens: as a whole, else item by item, and what fails alone is put into
/// quarantine. An error means that the database itself cannot be used; the arrivals then stay as they are.
pub fn take_in_surely(
    engine: &Engine,
    clock: &Arc<dyn Clock>,
    batch: Vec<Work>,
) -> Result<Vec<Taken>, Fault> {
    let batch = Arc::new(batch);
    let (all, for_all) = (Arc::clone(&batch), Arc::clone(clock));
    match engine.write_blocking(move |tx| take_in(tx, &*for_all, &all)) {
        Ok(taken) => return Ok(taken),
        // A full disk or a database that went away is no fault of the items: they wait.
        Err(error) if engine::DbError::trouble_in(&error).is_some() => return Err(error),
        Err(error) => tracing::warn!(%error, items = batch.len(), "a batch is taken in one by one"),
    }
    let mut taken = Vec::with_capacity(batch.len());
    for place in 0..batch.len() {
        let (all, for_one) = (Arc::clone(&batch), Arc::clone(clock));
        let one = engine.write_blocking(move |tx| take_in(tx, &*for_one, std::slice::from_ref(&all[place])));
        taken.extend(match one {
            Ok(one) => one,
            Err(error) if engine::DbError::trouble_in(&error).is_some() => return Err(error),
            Err(error) => {
                let (all, id) = (Arc::clone(&batch), batch[place].pending.id);
                tracing::warn!(%error, arrival = %id, "an arrival is put into quarantine");
                engine.write_blocking(move |tx| put_into_quarantine(tx, &all[place]))?
            }
        });
    }
    Ok(taken)
}

/// The last resort for an arrival that cannot be stored.
pub(crate) fn put_into_quarantine(tx: &mut Tx<'_>, work: &Work) -> Result<Vec<Taken>, Fault> {
    let (id, end) = (work.pending.id, End::Quarantined(Cause::Failed));
    if arrival::still_open(tx, vec![id.raw()])?.get(&id.raw()) != Some(&work.again) {
        return Ok(Vec::new());
    }
    let mut moves = Moves::default();
    finish(tx, work, &Mark::default(), &[], &end, &mut moves)?;
    moves.write(tx, work.pending.source)?;
    if let Some(import) = work.import {
        let mut brought = Brought::default();
        brought.became(work.again, &end);
        upload::count(tx, import, brought)?;
    }
    Ok(vec![Taken { id, name: work.pending.name.clone(), again: work.again, end }])
}

/// The zone in which dates without an offset are read: the shop's.
pub fn zone(tx: &mut Tx<'_>) -> Result<TimeZone, Fault> {
    let zone = shop::find(tx)?.map(|shop| shop.zone);
    Ok(TimeZone::get(zone.as_deref().unwrap_or("Europe/Rome")).unwrap_or(TimeZone::UTC))
}

/// Finishes what a crash left between the two steps, of one source or of all; gives how many arrivals
/// there were.
pub fn finish_pending(
    engine: &Engine,
    clock: &Arc<dyn Clock>,
    source: Option<SourceId>,
) -> Result<usize, Fault> {
    let mut after = i64::MIN;
    let mut finished = 0;
    loop {
        let (batch, zone) = engine.read_blocking(|tx| {
            let pending = arrival::pending(tx, source, after, BATCH)?;
            let mut batch = Vec::with_capacity(pending.len());
            let mut bytes = 0;
            for (pending, import) in pending {
                let raw = arrival::bytes(tx, &pending.digest)?;
                bytes += raw.as_ref().map_or(0, Vec::len);
                batch.push((pending, import, raw));
                if bytes > BYTES {
                    break;
                }
            }
            Ok((batch, zone(tx)?))
        })?;
        let Some((last, ..)) = batch.last() else { return Ok(finished) };
        after = last.id.raw();
        finished += batch.len();
        let mut work: Vec<Work> = batch
            .into_iter()
            .map(|(pending, import, raw)| {
                let parsed = parse_kept(raw.as_deref(), &pending.format, &zone);
                Work { pending, parsed, again: false, import }
            })
            .collect();
        work.sort_by_key(|work| work.pending.source);
        while let Some(first) = work.first() {
            let source = first.pending.source;
            let rest = work.split_off(work.partition_point(|work| work.pending.source == source));
            take_in_surely(engine, clock, std::mem::replace(&mut work, rest))?;
        }
    }
}
