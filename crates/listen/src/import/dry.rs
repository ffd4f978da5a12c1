//! An import that only counts: what would be new, what has come before, what nobody could read.

use std::collections::{HashMap, HashSet};

use engine::Engine;
use engine::blob::BlobDigest;
use kernel::{Actor, Fault, SourceId};
use primitives::source;

use super::items::Items;
use super::{ImportError, Report};
use crate::arrival::{self, Before, Item};
use crate::intake::{self, Parsed};

const BATCH: usize = 200;

/// Counts the items of an import without writing anything.
pub(crate) fn run(
    engine: &Engine,
    actor: &Actor,
    source: &str,
    mut items: Items,
    report: &mut Report,
    after_batch: &mut dyn FnMut(&Report),
) -> Result<(), ImportError> {
    let name = source.to_owned();
    let (source, zone) = engine.read_blocking(move |tx| {
        let source = source::by_name(tx, &name)?;
        Ok((source.filter(|source| actor.role.is_none() || actor.sees(source.mailbox)), intake::zone(tx)?))
    })?;
    let mut seen: HashSet<BlobDigest> = HashSet::new();
    // Eight bytes of a digest tell two contents of one id apart.
    let mut said: HashMap<String, HashSet<[u8; 8]>> = HashMap::new();
    loop {
        let batch: Vec<Item> = items.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        let parsed: Vec<Parsed> =
            batch.iter().map(|item| intake::parse(&item.raw, &item.format, &zone)).collect();
        let known = known(engine, source.as_ref().map(|source| source.id), &batch, &parsed)?;
        for ((item, parsed), known) in batch.iter().zip(&parsed).zip(known) {
            report.fetched += 1;
            let mark = parsed.mark();
            let said_here = mark.external_id.as_ref().is_some_and(|id| {
                let content = mark.content.unwrap_or_default();
                let start = std::array::from_fn(|place| content[place]);
                !said.entry(id.clone()).or_default().insert(start)
            });
            if !seen.insert(item.digest) || known {
                report.duplicate += 1;
            } else if let Parsed::Unreadable(cause) = parsed {
                report.quarantined += 1;
                report.note(item.name.clone(), cause.to_string());
            } else if said_here {
                report.duplicate += 1;
            } else {
                report.stored += 1;
            }
        }
        after_batch(report);
    }
    for file in &items.empty {
        report.note(file.clone(), "the file is empty".into());
    }
    Ok(())
}

/// Which items of a batch the source has brought before.
fn known(
    engine: &Engine,
    source: Option<SourceId>,
    batch: &[Item],
    parsed: &[Parsed],
) -> Result<Vec<bool>, Fault> {
    let Some(source) = source else { return Ok(vec![false; batch.len()]) };
    engine.read_blocking(|tx| {
        let bytes = arrival::known(tx, source, batch)?;
        batch
            .iter()
            .zip(parsed)
            .map(|(item, parsed)| {
                let before = arrival::look(tx, source, &parsed.mark())?;
                Ok(bytes.contains_key(&item.digest) || matches!(before, Before::Same { .. }))
            })
            .collect()
    })
}
