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

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use engine::{Engine, Tx};
use jiff::tz::TimeZone;
use kernel::{Actor, Clock, Fault, Instant, SourceId};
use mail::CleanMessage;
use primitives::source::{self, Source};
use primitives::{mailbox, shop};
use serde_json::Value;

use crate::arrival::{self, Cause, End, Format, Mark, Pending};
use crate::table::Reading;
use record::Record;

/// How many arrivals are finished in one transaction.
const BATCH: u32 = 200;
/// Longest item that is parsed.
pub const LARGEST: usize = mail::mbox::DEFAULT_BOUND;

/// What the bytes of an item were found to be, and how it is known: both are found out before the
/// transaction, which has no time for it.
#[derive(Debug, Clone)]
pub enum Parsed {
    /// A mail.
    Mail(Box<CleanMessage>, Mark),
    /// A row or a line.
    Record(Box<Record>, Mark),
    /// Nothing that anybody could read.
    Unreadable(Cause),
}

impl Parsed {
    fn record(record: Record) -> Parsed {
        let mark = record_item::mark(&record);
        Parsed::Record(Box::new(record), mark)
    }

    /// How the item is known to its source.
    pub fn mark(&self) -> Mark {
        match self {
            Parsed::Mail(_, mark) | Parsed::Record(_, mark) => mark.clone(),
            Parsed::Unreadable(_) => Mark::default(),
        }
    }
}

/// Reads the bytes of an item. Never fails, and a panic of a parser is the item's fault alone. `zone` is
/// where dates without an offset were written.
pub fn parse(raw: &[u8], format: &Format, zone: &TimeZone) -> Parsed {
    catch_unwind(AssertUnwindSafe(|| read(raw, format, zone))).unwrap_or(Parsed::Unreadable(Cause::Failed))
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
                None => {
                    let mark = mail_item::mark(&message);
                    Parsed::Mail(Box::new(message), mark)
                }
            }
        }
        Format::Row(reading) => match Reading::from_json(reading).record(raw, zone) {
            Ok(record) => Parsed::record(record),
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
                    Parsed::record(record)
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
}

impl Work {
    /// When it was said, as far as it says so itself.
    fn said_at(&self) -> Option<Instant> {
        match &self.parsed {
            Parsed::Mail(message, _) => message.date_micros.map(Instant::from_micros),
            Parsed::Record(record, _) => record.occurred_at,
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
    /// Its name.
    pub name: String,
    /// What became of it.
    pub end: End,
}

/// Takes a batch of one source in, in one transaction. Arrivals that somebody else has finished meanwhile
/// are passed over.
pub fn take_in(tx: &mut Tx<'_>, clock: &dyn Clock, batch: &[Work]) -> Result<Vec<Taken>, Fault> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let ids = batch.iter().map(|work| work.pending.id.raw()).collect();
    let pending = arrival::still_pending(tx, ids)?;
    let desk = Desk::open(tx, first.pending.source)?;
    // Older words first, so that a thread grows as it was written, whatever the order of arrival.
    let mut order: Vec<&Work> =
        batch.iter().filter(|work| pending.contains(&work.pending.id.raw())).collect();
    order.sort_by_key(|work| (work.said_at().unwrap_or(work.pending.fetched_at), work.pending.digest));
    let mut taken = Vec::with_capacity(order.len());
    for work in order {
        let mark = work.parsed.mark();
        let (flags, end) = match &work.parsed {
            Parsed::Unreadable(cause) => (Vec::new(), End::Quarantined(cause.clone())),
            Parsed::Mail(message, mark) => mail_item::store(tx, clock, &desk, &work.pending, message, mark)?,
            Parsed::Record(record, mark) => {
                record_item::store(tx, clock, &desk, &work.pending, record, mark)?
            }
        };
        arrival::end(tx, work.pending.id, &mark, &flags, &end)?;
        taken.push(Taken { name: work.pending.name.clone(), end });
    }
    Ok(taken)
}

/// Takes a batch in whatever happens: as a whole, else item by item, and what fails alone is put into
/// quarantine. An error means that the database itself cannot be used; the arrivals then stay pending.
pub fn take_in_surely(
    engine: &Engine,
    clock: &Arc<dyn Clock>,
    batch: Vec<Work>,
) -> Result<Vec<Taken>, Fault> {
    let batch = Arc::new(batch);
    let (all, for_all) = (Arc::clone(&batch), Arc::clone(clock));
    match engine.write_blocking(move |tx| take_in(tx, &*for_all, &all)) {
        Ok(taken) => return Ok(taken),
        Err(error) => tracing::warn!(%error, items = batch.len(), "a batch is taken in one by one"),
    }
    let mut taken = Vec::with_capacity(batch.len());
    for place in 0..batch.len() {
        let (all, for_one) = (Arc::clone(&batch), Arc::clone(clock));
        let one = engine.write_blocking(move |tx| take_in(tx, &*for_one, std::slice::from_ref(&all[place])));
        taken.extend(match one {
            Ok(one) => one,
            Err(error) => {
                let pending = batch[place].pending.clone();
                tracing::warn!(%error, arrival = %pending.id, "an arrival is put into quarantine");
                engine.write_blocking(move |tx| {
                    let end = End::Quarantined(Cause::Failed);
                    if !arrival::still_pending(tx, vec![pending.id.raw()])?.is_empty() {
                        arrival::end(tx, pending.id, &Mark::default(), &[], &end)?;
                    }
                    Ok(vec![Taken { name: pending.name.clone(), end }])
                })?
            }
        });
    }
    Ok(taken)
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
            for pending in pending {
                let raw = engine::blob::get(tx, &pending.digest)?;
                batch.push((pending, raw));
            }
            Ok((batch, zone(tx)?))
        })?;
        let Some((last, _)) = batch.last() else { return Ok(finished) };
        after = last.id.raw();
        finished += batch.len();
        let mut work: Vec<Work> = batch
            .into_iter()
            .map(|(pending, raw)| Work { parsed: parse(&raw, &pending.format, &zone), pending })
            .collect();
        work.sort_by_key(|work| work.pending.source);
        while let Some(first) = work.first() {
            let source = first.pending.source;
            let rest = work.split_off(work.partition_point(|work| work.pending.source == source));
            take_in_surely(engine, clock, std::mem::replace(&mut work, rest))?;
        }
    }
}
