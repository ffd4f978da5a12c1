//! What the database says: its own file or server, clocks, nodes, jobs, the outbox, the ledger.

use std::path::Path;

use engine::shelf::sweep;
use engine::{DbError, Engine, Tx, inspect, job, params};
use kernel::{Clock, Fault, Instant};
use primitives::sealed::{self, Sealed};

use super::{Check, sql};

/// After this long something that should have happened is worth a look. Seconds.
const LATE_SECONDS: i64 = 600;
/// A backup should not be older. Seconds.
const OLD_BACKUP_SECONDS: i64 = 50 * 3_600;
/// Clocks may differ by so much. Seconds.
const SKEW_SECONDS: i64 = 5;
/// Below this share of free room the disk is a worry, and below half of it a problem.
const LITTLE_ROOM: f64 = 0.10;
/// With this much room the share does not matter. Bytes.
const ROOM_ENOUGH: u64 = 50 * 1024 * 1024 * 1024;
/// A file up to this size is checked quickly at every look. Bytes.
const QUICKLY: u64 = 2 * 1024 * 1024 * 1024;

/// Everything that is asked of the database itself.
pub(super) fn look(engine: &Engine, clock: &dyn Clock, deep: bool) -> Result<Vec<Check>, Fault> {
    let mut checks = disks(engine);
    checks.extend(engine.read_blocking(|tx| {
        let now = clock.now();
        let mut checks = Vec::new();
        checks.extend(file(tx, engine, deep)?);
        checks.push(clocks(tx, now)?);
        checks.push(nodes(tx, now)?);
        checks.push(jobs(tx, now)?);
        checks.push(outbox(tx, now)?);
        checks.push(backup(tx, now)?);
        checks.push(ledger(tx, now)?);
        checks.extend(secrets(tx, engine.data_dir())?);
        Ok(checks)
    })?);
    Ok(checks)
}

/// Whether the key that is there is the one with which secrets were sealed; nothing where none is sealed.
fn secrets(tx: &mut Tx<'_>, data_dir: &Path) -> Result<Option<Check>, Fault> {
    const NAME: &str = "secrets";
    const NEXT: &str = "put the bottega.key of the same backup back; without it, bottega user reset-second-factor lets \
                        somebody in by password, and the secret of a provider is written anew in Settings";
    let found = sealed::look(tx, |purpose, owner, bytes| engine::opens(data_dir, purpose, owner, bytes));
    Ok(match found {
        // That the key is not there, or not whole, is told where the key is looked at.
        Err(DbError::File { .. }) => None,
        Err(error) => return Err(error.into()),
        Ok(Sealed { all: 0, .. }) => None,
        Ok(Sealed { all, shut: 0 }) => {
            Some(Check::ok(NAME, format!("the key opens all {all} of what is sealed with it")))
        }
        Ok(Sealed { all, shut }) => Some(Check::problem(
            NAME,
            format!(
                "{shut} of {all} sealed secrets do not open with this bottega.key: codes of authenticator apps cannot be \
                 checked, and recovery codes still can"
            ),
            NEXT,
        )),
    })
}

/// When the shop was last backed up, by what it wrote down itself.
fn backup(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    const NAME: &str = "backup";
    let next = "take one with bottega backup; bottega serve takes one every night when backup = \"on\"";
    let Some(good) = keep::last_good(tx)? else {
        return Ok(Check::attention(NAME, "no backup was taken from here yet", next));
    };
    let place = good.place.as_deref().unwrap_or("a place that was not written down");
    let says = format!("the last good backup is of {} and lies in {place}", good.started_at);
    if now.seconds_since(good.started_at) > OLD_BACKUP_SECONDS {
        return Ok(Check::attention(NAME, says, next));
    }
    Ok(Check::ok(NAME, says))
}

fn disks(engine: &Engine) -> Vec<Check> {
    const NAME: &str = "disk";
    let gigabytes = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
    let tell = |disk: engine::Disk| {
        let says = format!(
            "{} free of {} where the {} is kept",
            gigabytes(disk.free),
            gigabytes(disk.size),
            if disk.holds == "database" { "database" } else { "data folder" }
        );
        let next = "make room or grow the disk: when it is full, nothing new can be stored";
        if disk.free >= ROOM_ENOUGH || disk.free_share() >= LITTLE_ROOM {
            Check::ok(NAME, says)
        } else if disk.free_share() >= LITTLE_ROOM / 2.0 {
            Check::attention(NAME, says, next)
        } else {
            Check::problem(NAME, says, next)
        }
    };
    engine.disks().into_iter().map(tell).collect()
}

/// SQLite's file or PostgreSQL's settings.
fn file(tx: &mut Tx<'_>, engine: &Engine, deep: bool) -> Result<Vec<Check>, Fault> {
    const NAME: &str = "integrity";
    if engine.dialect() == engine::Dialect::Postgres {
        let server = inspect::server(tx)?;
        let mut checks = Vec::new();
        if server.encoding != "UTF8" {
            checks.push(Check::problem(
                NAME,
                format!("the database stores texts as {}", server.encoding),
                "make a database with ENCODING 'UTF8' and move the shop there (bottega migrate --to)",
            ));
        }
        checks.push(if server.durable {
            Check::ok(NAME, "PostgreSQL writes every commit to the disk")
        } else {
            Check::attention(
                NAME,
                "PostgreSQL does not wait for the disk: a power cut can lose what was answered",
                "set fsync, full_page_writes and synchronous_commit to on",
            )
        });
        return Ok(checks);
    }
    let size = engine.database_file().and_then(|file| file.metadata().ok()).map_or(0, |found| found.len());
    if !deep && size > QUICKLY {
        return Ok(vec![Check::ok(NAME, "the file is large; bottega doctor --deep checks all of it")]);
    }
    let wrong = inspect::integrity(tx, deep)?;
    Ok(vec![match wrong.first() {
        None => Check::ok(NAME, "SQLite finds nothing wrong with its file"),
        Some(first) => Check::problem(
            NAME,
            format!("SQLite finds {} faults in its file, the first: {first}", wrong.len()),
            "stop the server, keep the file, and restore the last backup; then look at the disk's health",
        ),
    }])
}

/// Files without a row; those without a file are found with the invariants.
pub(super) fn files(engine: &Engine, clock: &dyn Clock) -> Check {
    const NAME: &str = "files";
    match sweep::run(engine, clock, false) {
        Err(fault) => Check::problem(
            NAME,
            format!("the large files cannot be listed: {fault}"),
            "look at the data folder's disk, or whether the bucket and its keys are right",
        ),
        Ok(found) if found.anothers => Check::attention(
            NAME,
            format!(
                "{} large files lie where another database keeps its own, so this one removes none of them",
                found.lying
            ),
            "is this a copy, or is another shop still open on them? give it a folder or a bucket of its own; if this \
             is now the shop, and the other is closed for good: bottega doctor --take-files",
        ),
        Ok(found) if found.orphans > 0 => Check::ok(
            NAME,
            format!(
                "{} large files, {} of them left by what was undone; the server sweeps them",
                found.lying, found.orphans
            ),
        ),
        Ok(found) => Check::ok(NAME, format!("{} large files, each with its row", found.lying)),
    }
}

fn clocks(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    const NAME: &str = "clock";
    const NEXT: &str = "set the machine's clock, best by NTP (timedatectl set-ntp true)";
    if let Some(server) = inspect::server(tx)?.now {
        let apart = now.seconds_since(server);
        if apart.abs() > SKEW_SECONDS {
            let says = format!("this machine's clock and the database's are {apart} s apart");
            return Ok(Check::attention(NAME, says, NEXT));
        }
    }
    let ahead = inspect::newest_fact(tx)?.map_or(0, |newest| newest.seconds_since(now));
    Ok(if ahead > SKEW_SECONDS {
        let says = format!("the newest fact of the log was written {ahead} s in the future of this clock");
        Check::problem(NAME, says, NEXT)
    } else {
        Check::ok(NAME, format!("{now}, and nothing is newer"))
    })
}

fn nodes(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    let nodes = inspect::nodes(tx, now)?;
    let says = format!("{} processes used this database in the last minutes", nodes.len());
    Ok(if nodes.len() > usize::from(kernel::id::NODES) * 3 / 4 {
        Check::attention(
            "nodes",
            says,
            "end processes that are started again and again: numbers run out at 1024",
        )
    } else {
        Check::ok("nodes", says)
    })
}

fn jobs(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    const NAME: &str = "jobs";
    let counts = job::counts(tx)?;
    let of = |state: &str| counts.iter().find(|(found, _)| found == state).map_or(0, |(_, count)| *count);
    let (overdue, oldest) = inspect::overdue(tx, now.plus_seconds(-LATE_SECONDS))?;
    if let (true, Some(oldest)) = (overdue > 0, oldest) {
        let says = format!("{overdue} jobs should have run, the oldest at {oldest}");
        return Ok(Check::attention(
            NAME,
            says,
            "look whether bottega serve runs, and into its log: jobs run only there",
        ));
    }
    if of("dead") > 0 {
        let says = format!("{} jobs failed for good", of("dead"));
        return Ok(Check::attention(
            NAME,
            says,
            "Settings → Jobs says why; once that is mended, retry them there",
        ));
    }
    Ok(Check::ok(NAME, format!("{} wait, {} run", of("waiting"), of("running"))))
}

fn outbox(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    const NAME: &str = "outbox";
    let late = now.plus_seconds(-LATE_SECONDS);
    let found = tx.query(&sql::HELD, params![late], |row| Ok((row.take::<String>()?, row.take::<i64>()?)))?;
    if found.is_empty() {
        return Ok(Check::ok(NAME, "nothing is held up on its way out"));
    }
    let told: Vec<String> = found.iter().map(|(state, count)| format!("{count} {state}")).collect();
    Ok(Check::attention(
        NAME,
        format!("on their way out for long: {}", told.join(", ")),
        "held ones wait for a human's decision; for the others look at Settings → Jobs",
    ))
}

fn ledger(tx: &mut Tx<'_>, now: Instant) -> Result<Check, Fault> {
    const NAME: &str = "ledger";
    let (pending, since) =
        tx.one(&sql::PENDING, &[], |row| Ok((row.take::<i64>()?, row.take::<Option<Instant>>()?)))?;
    match since {
        Some(since) if since < now.plus_seconds(-LATE_SECONDS) => Ok(Check::attention(
            NAME,
            format!("{pending} arrivals are kept and not read yet, since {since}"),
            "start bottega serve, or run the import again: both finish what was begun",
        )),
        _ if pending > 0 => Ok(Check::ok(NAME, format!("{pending} arrivals are being read"))),
        _ => {
            Ok(Check::ok(NAME, "nothing waits: everything that came is stored, a duplicate or in quarantine"))
        }
    }
}
