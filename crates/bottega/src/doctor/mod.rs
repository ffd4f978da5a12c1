//! `bottega doctor`: looks at an installation as it is, says what is wrong and what to do next.
//!
//! It creates, migrates and changes nothing, so it may be run beside a server and on a machine in trouble.
//! What it found is a list of [`Check`]s, for a person or as JSON; what a room's tables must always hold
//! comes from the rooms ([`engine::invariant`]).

mod around;
mod inside;
mod sql;

use std::path::Path;

use engine::Engine;
use engine::invariant::{self, Broken};
use kernel::{Clock, Fault};
use serde::Serialize;

use crate::config::Config;
use crate::output::{self, Progress};
use crate::rooms;

pub use sql::ALL as STATEMENTS;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Attention,
    /// It does not work, or something is wrong with what is kept.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: a short name that scripts can compare.
    pub name: &'static str,
    /// How it is.
    pub level: Level,
    /// The same as a sentence.
    pub says: String,
    /// What to do next, when something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Check {
    fn ok(name: &'static str, says: impl Into<String>) -> Check {
        Check { name, level: Level::Ok, says: says.into(), next: None }
    }

    fn attention(name: &'static str, says: impl Into<String>, next: impl Into<String>) -> Check {
        Check { name, level: Level::Attention, says: says.into(), next: Some(next.into()) }
    }

    fn problem(name: &'static str, says: impl Into<String>, next: impl Into<String>) -> Check {
        Check { name, level: Level::Problem, says: says.into(), next: Some(next.into()) }
    }
}

/// What the doctor found. Serialised it is the contract of `bottega doctor --json`.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    /// Whether nothing is a problem.
    pub healthy: bool,
    /// Everything that was looked at, in order.
    pub checks: Vec<Check>,
    /// What should always hold and does not; only a deep look finds it.
    pub broken: Vec<Broken>,
    /// How many invariants were checked; 0 without a deep look.
    pub invariants: usize,
}

/// Looks at an installation. `deep` also checks every invariant and reads every blob.
pub fn examine(file: Option<&Path>, clock: &dyn Clock, deep: bool) -> Diagnosis {
    let mut checks = Vec::new();
    let mut deeper = None;
    match Config::load(file) {
        Err(error) => checks.push(Check::problem(
            "configuration",
            format!("{error:#}"),
            "correct the file or the BOTTEGA_ variable that it names; docs/reference/configuration.md lists every key",
        )),
        Ok(config) => {
            checks.push(Check::ok("configuration", "the configuration can be read"));
            checks.extend(around::data_folder(&config));
            checks.push(around::key(&config));
            checks.extend(around::proxies(&config));
            deeper = database(&config, clock, deep, &mut checks);
        }
    }
    let (broken, invariants) = deeper.unwrap_or_default();
    let healthy = broken.is_empty() && checks.iter().all(|check| check.level < Level::Problem);
    Diagnosis { healthy, checks, broken, invariants }
}

/// What is inside of the database, once it can be opened.
fn database(
    config: &Config,
    clock: &dyn Clock,
    deep: bool,
    checks: &mut Vec<Check>,
) -> Option<(Vec<Broken>, usize)> {
    let blobs = match config.blobs() {
        Ok(blobs) => blobs,
        Err(error) => {
            let next = "correct the keys that begin with blobs";
            checks.push(Check::problem("configuration", format!("{error:#}"), next));
            return None;
        }
    };
    let (engine, schema) = match Engine::look(&config.engine(), &blobs, clock) {
        Ok(opened) => opened,
        Err(error) => {
            checks.push(around::unreachable(config, &error));
            return None;
        }
    };
    checks.push(Check::ok("database", "the database answers"));
    let current = around::schema(schema);
    let usable = current.level == Level::Ok;
    checks.push(current);
    if !usable {
        return None;
    }
    let found = inside::look(&engine, clock, deep).and_then(|inside| {
        checks.extend(inside);
        if deep {
            checks.push(inside::files(&engine, clock));
        }
        if deep { invariants(&engine).map(Some) } else { Ok(None) }
    });
    found.unwrap_or_else(|fault| {
        checks.push(Check::problem(
            "database",
            format!("reading the database failed: {fault}"),
            "look into the database's log and at the disk; nothing was changed by this look",
        ));
        None
    })
}

/// Checks every invariant of the house, in one snapshot.
fn invariants(engine: &Engine) -> Result<(Vec<Broken>, usize), Fault> {
    let all = rooms::invariants();
    let count = all.len();
    let mut bar: Option<Progress> = None;
    let broken = engine.read_blocking(|tx| {
        Ok(invariant::check(tx, &all, true, &mut |at| {
            let total = at.of as u64;
            bar.get_or_insert_with(|| Progress::new("doctor", Some(total))).at(at.done as u64);
        })?)
    })?;
    if let Some(bar) = bar {
        bar.end();
    }
    Ok((broken, count))
}

/// Prints a diagnosis for a person.
pub fn print(found: &Diagnosis) -> std::io::Result<()> {
    for check in &found.checks {
        let mark = match check.level {
            Level::Ok => "ok       ",
            Level::Attention => "attention",
            Level::Problem => "PROBLEM  ",
        };
        output::line(&format!("{mark}  {}: {}", check.name, check.says))?;
        if let Some(next) = &check.next {
            output::line(&format!("           → {next}"))?;
        }
    }
    for broken in &found.broken {
        output::line(&format!("PROBLEM    {}: {}", broken.name, broken.sentence))?;
        let more = if broken.count > broken.some.len() as u64 { ", …" } else { "" };
        output::line(&format!("           not so for {}: {}{more}", broken.count, broken.some.join(", ")))?;
    }
    if found.invariants > 0 {
        output::line(&format!(
            "{} of {} rules about what is kept hold",
            found.invariants - found.broken.len().min(found.invariants),
            found.invariants
        ))?;
    }
    if !found.broken.is_empty() {
        output::line(
            "           → keep a backup of this state, restore the last backup that is clean beside it, and send the \
             lines above with a bug report: they hold no customer's words",
        )?;
    }
    output::line(if found.healthy { "Healthy." } else { "Not healthy." })
}
