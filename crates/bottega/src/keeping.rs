//! The database as commands open it: never half a shop, never upgraded without a way back.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, bail};
use engine::{Engine, Options, invariant};
use keep::State;
use kernel::{Clock, Fault, SystemClock};

use crate::config::Config;
use crate::{output, rooms};

/// How often it is looked whether a backup is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Opens the configured database, creating it when it is missing. An older SQLite database is copied and brought
/// up to date; an older PostgreSQL database is left to `bottega migrate`, because only its keeper knows whether
/// there is a backup.
pub fn open(config: &Config, clock: &dyn Clock) -> anyhow::Result<Engine> {
    let options = config.engine();
    let shown = engine::shown_address(&options.url);
    if keep::interrupted(&options.data_dir) {
        bail!(
            "a restore into {} was interrupted and there is no whole shop there: run the same bottega restore again",
            options.data_dir.display()
        );
    }
    let state = keep::state(&options).with_context(|| format!("cannot open {shown}"))?;
    let State::Older(found) = state else {
        return Engine::open_with(&options, &config.blobs()?, clock)
            .with_context(|| format!("cannot open {shown}"));
    };
    let Some(file) = keep::sqlite_file(&options) else {
        bail!(
            "{shown} has schema {found} and this version needs {}: take a backup, then run bottega migrate",
            engine::newest_schema()
        );
    };
    let size = std::fs::metadata(&file).map_or(0, |about| about.len());
    if size > keep::SMALL_BYTES {
        bail!(
            "{shown} has schema {found} and this version needs {}; it has {:.1} GB, so the upgrade takes a while: run \
             bottega migrate, then start again",
            engine::newest_schema(),
            size as f64 / 1e9
        );
    }
    drop(upgrade(&options, found, clock)?);
    Engine::open_with(&options, &config.blobs()?, clock).with_context(|| format!("cannot open {shown}"))
}

/// Copies a SQLite database, upgrades it and says both.
pub fn upgrade(options: &Options, found: i64, clock: &dyn Clock) -> anyhow::Result<Engine> {
    let copy = keep::copy_before(options, found, clock)
        .context("the database is from an older version and could not be copied before its upgrade; it was left as it is")?;
    let engine = keep::upgrade(options, found, Some(&copy), clock).with_context(|| {
        format!("the upgrade failed; the database is as it was, and copied to {}", copy.display())
    })?;
    output::say(&format!(
        "The database was brought from schema {found} to {}. As it was before, it is in {}",
        engine::newest_schema(),
        copy.display()
    ));
    Ok(engine)
}

/// Looks through a shop for what must not be, as `bottega doctor --deep` does; a sentence for each.
pub fn sound(engine: &Engine) -> Result<Vec<String>, Fault> {
    let all = rooms::invariants();
    let broken = engine.read_blocking(|tx| Ok(invariant::check(tx, &all, true, &mut |_| {})?))?;
    Ok(broken.into_iter().map(|broken| format!("{} ({} times)", broken.sentence, broken.count)).collect())
}

/// Takes the backup of each night in a thread of its own until what it gives is dropped. A backup under way when
/// the process ends is taken anew after the next start.
pub fn every_night(engine: Engine, config: &Config) -> anyhow::Result<Option<Sender<()>>> {
    let Some(plan) = config.nightly() else { return Ok(None) };
    let (options, blobs) = (config.engine(), config.blobs()?);
    let (stop, stopped) = channel::<()>();
    std::thread::Builder::new().name("bottega-nightly".into()).spawn(move || {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(LOOK_EVERY) {
            match keep::night(&engine, &options, &blobs, &plan, &SystemClock, &sound) {
                Ok(None) => {}
                Ok(Some(made)) => {
                    tracing::info!(file = %made.file.display(), bytes = made.bytes, "the nightly backup is made");
                }
                Err(error) => tracing::error!(%error, "the nightly backup failed; it is tried again in an hour"),
            }
        }
    })?;
    Ok(Some(stop))
}
