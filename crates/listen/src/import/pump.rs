//! Moves items from a file into the ledger and from there into voices, batch by batch.
//!
//! Reading, parsing and analysing run ahead, on as many threads as there are cores, while the store
//! writes; what is held in memory is bounded by a few batches, whatever the size of the file.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use engine::Engine;
use jiff::tz::TimeZone;
use kernel::{Clock, Fault};
use primitives::source::Source;

use super::items::Items;
use super::{ImportError, Report};
use crate::arrival::{self, End, Item, Pending};
use crate::intake::{self, Parsed, Taken, Work};
use crate::upload::{self, RunId};

/// Most items of a batch.
const ITEMS: usize = 200;
/// A batch is closed when its items have so many bytes together.
const BYTES: usize = 4 * 1024 * 1024;
/// How many batches are read ahead.
const AHEAD: usize = 2;

/// A batch as the reading thread gives it.
struct Batch {
    items: Vec<Item>,
    parsed: Vec<Parsed>,
}

/// Brings items to one source.
pub(crate) struct Pump<'e> {
    engine: &'e Engine,
    clock: Arc<dyn Clock>,
    source: Source,
    import: Option<RunId>,
    zone: TimeZone,
}

impl<'e> Pump<'e> {
    /// `import` is the one from the browser that brings them: how far it came and what it counts are written
    /// in the transactions of its items, so that they agree after a crash.
    pub(crate) fn new(
        engine: &'e Engine,
        clock: &Arc<dyn Clock>,
        source: &Source,
        import: Option<RunId>,
    ) -> Result<Pump<'e>, Fault> {
        let zone = engine.read_blocking(intake::zone)?;
        Ok(Pump { engine, clock: Arc::clone(clock), source: source.clone(), import, zone })
    }

    /// Takes every item in but the first `skip`. `after_batch` hears how far it has come and says whether
    /// to go on; gives whether the end was reached.
    pub(crate) fn run(
        &self,
        items: Items,
        skip: u64,
        report: &mut Report,
        after_batch: &mut dyn FnMut(&Report) -> bool,
    ) -> Result<bool, ImportError> {
        let (send, receive) = sync_channel::<Result<Batch, ImportError>>(AHEAD);
        std::thread::scope(|scope| {
            let zone = self.zone.clone();
            let reader = scope.spawn(move || {
                let mut items = items;
                if let Err(error) = items.pass_over(usize::try_from(skip).unwrap_or(usize::MAX)) {
                    let _ = send.send(Err(error));
                    return items.empty;
                }
                loop {
                    let (batch, failed) = next_batch(&mut items, &zone);
                    let last = batch.items.is_empty();
                    // Nobody listens any more when the store failed or the slice is over.
                    if !last && send.send(Ok(batch)).is_err() {
                        return items.empty;
                    }
                    if let Some(error) = failed {
                        let _ = send.send(Err(error));
                    } else if !last {
                        continue;
                    }
                    return items.empty;
                }
            });
            let mut reached_end = true;
            let mut result = Ok(());
            for batch in &receive {
                result = batch.and_then(|batch| Ok(self.take(batch, skip + report.fetched, report)?));
                if result.is_err() {
                    break;
                }
                if !after_batch(report) {
                    reached_end = false;
                    break;
                }
            }
            drop(receive);
            for file in reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                report.note(file, "the file is empty".into());
            }
            result.map(|()| reached_end)
        })
    }

    /// The two steps for one batch, before which so many items of the file were taken.
    fn take(&self, batch: Batch, before: u64, report: &mut Report) -> Result<(), Fault> {
        self.engine.keep_node(&*self.clock)?;
        let Batch { items, parsed } = batch;
        let items = Arc::new(items);
        let (for_keep, clock, source) = (Arc::clone(&items), Arc::clone(&self.clock), self.source.id);
        let import = self.import;
        let fetched_at = self.clock.now();
        let kept = self.engine.write_blocking(move |tx| {
            let kept = arrival::keep(tx, &*clock, source, import, true, &for_keep)?;
            if let Some(import) = import {
                upload::kept(tx, import, before, &kept)?;
            }
            Ok(kept)
        })?;
        let mut work = Vec::with_capacity(items.len());
        for ((item, parsed), kept) in items.iter().zip(parsed).zip(kept) {
            report.fetched += 1;
            report.duplicate += u64::from(kept.duplicate);
            // One that repeats what stands in quarantine is a duplicate, and a reason to try that again.
            let (id, fetched_at, historical) = match (kept.duplicate, kept.again) {
                (false, _) => (kept.id, fetched_at, true),
                (true, Some(known)) => (known.id, known.fetched_at, known.historical),
                (true, None) => continue,
            };
            let pending = Pending {
                id,
                source,
                fetched_at,
                name: item.name.clone(),
                format: item.format.clone(),
                digest: item.digest,
                historical,
            };
            work.push(Work { pending, parsed, again: kept.duplicate, import });
        }
        let mut taken = intake::take_in_surely(self.engine, &self.clock, work)?;
        taken.sort_by(|a, b| a.name.cmp(&b.name));
        for Taken { name, again, end, .. } in taken {
            match end {
                End::Quarantined(cause) if again => report.note(name, cause.to_string()),
                End::Stored { .. } | End::Duplicate { .. } if again => report.recovered += 1,
                End::Stored { .. } => report.stored += 1,
                End::Duplicate { .. } => report.duplicate += 1,
                End::Quarantined(cause) => {
                    report.quarantined += 1;
                    report.note(name, cause.to_string());
                }
            }
        }
        Ok(())
    }
}

/// Reads and prepares the next batch; and the error that ended it, if one did.
fn next_batch(
    items: &mut impl Iterator<Item = Result<Item, ImportError>>,
    zone: &TimeZone,
) -> (Batch, Option<ImportError>) {
    let (mut found, mut failed) = (Vec::new(), None);
    let mut bytes = 0;
    while found.len() < ITEMS && bytes < BYTES {
        match items.next() {
            None => break,
            Some(Err(error)) => {
                failed = Some(error);
                break;
            }
            Some(Ok(item)) => {
                bytes += item.raw.len();
                found.push(item);
            }
        }
    }
    let parsed = prepare(&found, zone);
    (Batch { items: found, parsed }, failed)
}

/// Parses items on as many threads as there are cores: what the transaction need not do.
fn prepare(items: &[Item], zone: &TimeZone) -> Vec<Parsed> {
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let part = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = items
            .chunks(part)
            .map(|part| {
                scope.spawn(move || -> Vec<Parsed> {
                    part.iter().map(|item| intake::parse(&item.raw, &item.format, zone)).collect()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
