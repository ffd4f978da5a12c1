//! Imports: files of the past, taken in whole and once.
//!
//! Imported voices are historical: they keep their own times and ids, their conversations are closed and
//! nobody waits for anything. An import may be run again: what it brought before is a duplicate.

pub(crate) mod dry;
pub(crate) mod input;
pub(crate) mod items;
mod pump;
pub(crate) mod source;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Engine, Tx};
use kernel::{Actor, Clock, Fault, Permission};
use primitives::event::{self, EventKind, NewEvent};
use serde::Serialize;

use crate::intake;
use crate::table::Choice;
use items::Items;
pub(crate) use pump::Pump;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Many mails in one file.
    Mbox,
    /// One mail a file.
    Eml,
    /// A Maildir.
    Maildir,
    /// A table.
    Csv,
    /// One JSON object a line, with the API's field names.
    Jsonl,
}

impl Kind {
    /// Every kind, in the order in which a chooser lists them.
    pub const ALL: [Kind; 5] = [Kind::Csv, Kind::Jsonl, Kind::Mbox, Kind::Eml, Kind::Maildir];

    /// As named on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Mbox => "mbox",
            Kind::Eml => "eml",
            Kind::Maildir => "maildir",
            Kind::Csv => "csv",
            Kind::Jsonl => "jsonl",
        }
    }

    /// From its name.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What to import and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the files hold.
    pub kind: Kind,
    /// A file or a folder; of a folder every file below it, dot files left out.
    pub path: PathBuf,
    /// The name of the source; created when there is none.
    pub source: String,
    /// The name of the mailbox that a new source brings to. Without it the first one; where the shop has
    /// none yet, one is created, which administrators see and nobody else until they are granted it.
    pub mailbox: Option<String>,
    /// Columns that somebody chose, for tables.
    pub mapping: Choice,
    /// Only count: nothing is written.
    pub dry_run: bool,
}

/// Why an import cannot go on. What it brought until then is in the ledger, and running it again repeats
/// nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Read {
        /// Which file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// There is no file at all below the path.
    #[error("{0}: no file to import (dot files are left out)")]
    NoFiles(String),
    /// A table in which no column looks like words or a score.
    #[error(
        "{file}: none of its columns looks like a text or a score ({columns}); name it with --map text=COLUMN"
    )]
    NoText {
        /// Which file.
        file: String,
        /// Its columns.
        columns: String,
    },
    /// A chosen column is not there.
    #[error("{file} has no column {column:?}; it has: {columns}")]
    NoSuchColumn {
        /// Which file.
        file: String,
        /// The column.
        column: String,
        /// Its columns.
        columns: String,
    },
    /// The mailbox that was named does not exist.
    #[error("there is no mailbox {0:?}")]
    UnknownMailbox(String),
    /// The source exists and brings to another mailbox.
    #[error("the source {name:?} brings to another mailbox; choose another name")]
    SourceElsewhere {
        /// The source.
        name: String,
    },
    /// The source's name is empty or too long.
    #[error("the source needs a name of at most 200 characters")]
    SourceName,
    /// The store or a permission.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items so far.
    pub fetched: u64,
    /// Of them, new ones.
    pub stored: u64,
    /// Of them, those that had come before.
    pub duplicate: u64,
    /// Of them, unreadable ones.
    pub quarantined: u64,
    /// Bytes read of the files, as they are on disk.
    pub bytes_read: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

/// An item that needs somebody's eyes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// By what its owner recognises it.
    pub item: String,
    /// What is wrong with it.
    pub cause: String,
}

/// What an import did. Serialised it is the contract of `bottega import --json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Items that came.
    pub fetched: u64,
    /// Those that are new.
    pub stored: u64,
    /// Those that had come before.
    pub duplicate: u64,
    /// Those that nobody could read; their bytes are kept.
    pub quarantined: u64,
    /// Duplicates of what stood in quarantine until now, and of which something could be made this time.
    #[serde(skip_serializing_if = "is_zero")]
    pub recovered: u64,
    /// Whether fetched = stored + duplicate + quarantined, here and in the ledger.
    pub balanced: bool,
    /// The unreadable ones (the first 1,000) and files without content.
    pub problems: Vec<Problem>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Most problems that a report names; the quarantine has all of them.
const PROBLEMS: usize = 1_000;

impl Report {
    fn note(&mut self, item: String, cause: String) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem { item, cause });
        }
    }

    fn progress(&self, read: &AtomicU64, bytes_total: u64) -> Progress {
        Progress {
            fetched: self.fetched,
            stored: self.stored,
            duplicate: self.duplicate,
            quarantined: self.quarantined,
            bytes_read: read.load(Ordering::Relaxed).min(bytes_total),
            bytes_total,
        }
    }
}

/// Imports files. `progress` is called after every batch, several times a second.
pub fn run(
    engine: &Engine,
    clock: Arc<dyn Clock>,
    actor: &Actor,
    options: &Options,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Report, ImportError> {
    actor.authorise(Permission::ImportVoices).map_err(Fault::from)?;
    let (files, bytes_total) = items::files(options.kind, &options.path)?;
    if files.is_empty() {
        return Err(ImportError::NoFiles(options.path.display().to_string()));
    }
    let read = Arc::new(AtomicU64::new(0));
    let items = Items::new(options.kind, options.mapping.clone(), files, Arc::clone(&read));
    let mut report = Report::default();
    if options.dry_run {
        dry::run(engine, actor, &options.source, items, &mut report, &mut |report| {
            progress(&report.progress(&read, bytes_total));
        })?;
        report.balanced = report.fetched == report.stored + report.duplicate + report.quarantined;
        return Ok(report);
    }
    let source = source::resolve(engine, &clock, actor, &options.source, options.mailbox.as_deref())?;
    intake::finish_pending(engine, &clock, Some(source.id))?;
    let pump = Pump::new(engine, &clock, &source, None)?;
    let outcome = pump.run(items, 0, &mut report, &mut |report| {
        progress(&report.progress(&read, bytes_total));
        true
    });
    let told = ended(engine, &clock, actor, &source, &report);
    if let (Err(_), Err(error)) = (&outcome, &told) {
        tracing::warn!(%error, "that an import ended could not be written down");
    }
    outcome?;
    report.balanced = told?;
    Ok(report)
}

/// Writes down that an import ended and compares the ledger: whether it balances.
fn ended(
    engine: &Engine,
    clock: &Arc<dyn Clock>,
    actor: &Actor,
    source: &primitives::source::Source,
    report: &Report,
) -> Result<bool, Fault> {
    let (clock, actor, source) = (Arc::clone(clock), actor.clone(), source.clone());
    let [fetched, stored, duplicate, quarantined] =
        [report.fetched, report.stored, report.duplicate, report.quarantined];
    engine.write_blocking(move |tx| {
        tell_end(tx, &*clock, &actor, &source, [fetched, stored, duplicate, quarantined])?;
        let totals = crate::arrival::totals(tx, &[source.id], clock.now().utc_day())?;
        let ledger = totals.first().is_some_and(|(_, totals)| totals.ever.balanced());
        Ok(ledger && fetched == stored + duplicate + quarantined)
    })
}

/// Writes down that an import ended, with how many items were fetched, stored, duplicate and quarantined.
pub(crate) fn tell_end(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    source: &primitives::source::Source,
    [fetched, stored, duplicate, quarantined]: [u64; 4],
) -> Result<(), Fault> {
    let detail = serde_json::json!({
        "fetched": fetched, "stored": stored, "duplicate": duplicate, "quarantined": quarantined
    });
    let event = NewEvent {
        mailbox: Some(source.mailbox),
        source: Some(source.id),
        ..NewEvent::new(EventKind::ImportEnded, "source", source.id.raw()).detail(detail)
    };
    event::append(tx, clock, actor, event)?;
    Ok(())
}
