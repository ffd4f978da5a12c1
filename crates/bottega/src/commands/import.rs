//! `bottega import`: files of voices, through the room that listens.

use std::sync::Arc;

use anyhow::{Context, bail};
use kernel::{Actor, SystemClock};
use listen::import::{Kind, Options};
use listen::table::Choice;

use crate::cli::{Import, ImportFrom};
use crate::config::Config;
use crate::output::{self, Progress};

/// Problems shown on a terminal; all of them are on the page of the source and in `--json`.
const SHOWN: usize = 20;

/// Runs an import and prints its report.
pub fn run(what: Import, config: &Config) -> anyhow::Result<()> {
    let (kind, from, map) = match what {
        Import::Mbox(from) => (Kind::Mbox, from, Vec::new()),
        Import::Eml(from) => (Kind::Eml, from, Vec::new()),
        Import::Maildir(from) => (Kind::Maildir, from, Vec::new()),
        Import::Jsonl(from) => (Kind::Jsonl, from, Vec::new()),
        Import::Csv(table) => (Kind::Csv, table.from, table.map),
    };
    let ImportFrom { path, source, mailbox, dry_run, json } = from;
    if !path.exists() {
        bail!("{} does not exist", path.display());
    }
    // What is brought may well be the first that a shop has.
    let engine = super::open(config, &SystemClock)?;
    let options = Options { kind, path, source, mailbox, mapping: Choice::parse(&map)?, dry_run };
    let machine = engine.read_blocking(|tx| {
        let all = primitives::mailbox::list(tx)?;
        Ok(Actor::machine(all.into_iter().map(|mailbox| mailbox.id).collect()))
    })?;
    let mut progress = None;
    let report = listen::import::run(&engine, Arc::new(SystemClock), &machine, &options, &mut |done| {
        progress.get_or_insert_with(|| Progress::new("import", Some(done.bytes_total))).at(done.bytes_read);
    })
    .context("the import could not be finished; what it stored is stored, run it again")?;
    if let Some(progress) = progress {
        progress.end();
    }
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
    if report.recovered > 0 {
        output::line(&format!("{} that stood in quarantine could be read this time", report.recovered))?;
    }
    for problem in report.problems.iter().take(SHOWN) {
        output::line(&format!("  {}: {}", problem.item, problem.cause))?;
    }
    if report.problems.len() > SHOWN {
        output::line(&format!("  … and {} more (--json shows all)", report.problems.len() - SHOWN))?;
    }
    Ok(())
}
