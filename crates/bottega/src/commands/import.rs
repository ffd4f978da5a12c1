//! `bottega import`: files of voices, through the room that listens.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use kernel::{Actor, SystemClock};
use listen::import::{Format, Options};

use crate::cli::{Import, ImportFrom};
use crate::config::Config;
use crate::output::{self, Progress};

/// Problems shown on a terminal; all of them are on the page of the source and in `--json`.
const SHOWN: usize = 20;

/// Runs an import and prints its report.
pub fn run(what: Import, config: &Config) -> anyhow::Result<()> {
    let mut mapping = BTreeMap::new();
    let (format, from) = match what {
        Import::Mbox(from) => (Format::Mbox, from),
        Import::Eml(from) => (Format::Eml, from),
        Import::Maildir(from) => (Format::Maildir, from),
        Import::Jsonl(from) => (Format::Jsonl, from),
        Import::Csv(table) => {
            for pair in &table.map {
                let Some((field, column)) = pair.split_once('=') else {
                    bail!("--map wants FIELD=COLUMN, such as --map text=Comment, not {pair:?}")
                };
                mapping.insert(field.trim().to_owned(), column.trim().to_owned());
            }
            (Format::Csv, table.from)
        }
    };
    let ImportFrom { path, source, mailbox, dry_run, json } = from;
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    let engine = super::open(config, &SystemClock)?;
    let options = Options { format, path, source, mailbox, mapping, dry_run };
    let machine = engine.read_blocking(|tx| {
        let all = primitives::mailbox::list(tx)?;
        Ok(Actor::machine(all.into_iter().map(|mailbox| mailbox.id).collect()))
    })?;
    let mut progress = Progress::new("import", None);
    let report = listen::import::run(&engine, &SystemClock, &machine, &options, &mut |done| {
        progress.at(done.fetched);
    })
    .context("the import could not be finished; what it stored is stored, run it again")?;
    progress.end();
    if json {
        return output::json(&report);
    }
    let would = if dry_run { "would be " } else { "" };
    output::line(&format!(
        "{} fetched = {} {would}stored + {} duplicate + {} {would}quarantined{}",
        report.fetched,
        report.stored,
        report.duplicate,
        report.quarantined,
        if report.balanced { "" } else { "  — DOES NOT BALANCE" }
    ))?;
    for problem in report.problems.iter().take(SHOWN) {
        output::line(&format!("  {}: {}", problem.item, problem.cause))?;
    }
    if report.problems.len() > SHOWN {
        output::line(&format!("  … and {} more (--json shows all)", report.problems.len() - SHOWN))?;
    }
    Ok(())
}
