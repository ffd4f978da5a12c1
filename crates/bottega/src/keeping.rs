//! The database as commands open it: never half a shop, never upgraded without a way back.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, bail};
use engine::{Engine, Options, invariant};
use keep::{KeepError, State};
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
            "a restore into {} is under way, or was interrupted and left no whole shop there: wait until it ends, or run the \
             same bottega restore again",
            options.data_dir.display()
        );
    }
    let state = keep::state(&options).with_context(|| format!("cannot open {shown}"))?;
    if state == State::Empty {
        begin(config, &options)?;
    }
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

/// [`open`] for what only works with a shop that is there: in a wrong folder it makes none.
pub fn existing(config: &Config, clock: &dyn Clock) -> anyhow::Result<Engine> {
    let options = config.engine();
    if !keep::interrupted(&options.data_dir) {
        let shown = engine::shown_address(&options.url);
        if keep::state(&options).with_context(|| format!("cannot open {shown}"))? == State::Empty {
            return Err(KeepError::NoShop(shown).into());
        }
    }
    open(config, clock)
}

/// Before a new shop: never beside what is left of another one, which its keeper may still need.
fn begin(config: &Config, options: &Options) -> anyhow::Result<()> {
    let file = keep::sqlite_file(options);
    if file.as_ref().is_some_and(|file| file.exists()) {
        // A first start that was cut off.
        return Ok(());
    }
    let folder = options.data_dir.display();
    let left = left_in(&options.data_dir, file.is_some());
    if !left.is_empty() {
        bail!(
            "{folder} holds {} of a shop, and {} is not there. Nothing was begun, so that nothing of it is lost. To make that \
             shop again: bottega restore FILE --to DIR, with a file of {}. To begin a new one, move what is there away first: \
             mv {folder} {folder}.old",
            left.join(" and "),
            engine::shown_address(&options.url),
            config.backup_dir().display()
        );
    }
    if let Some(file) = file {
        // Before the key is made: a first start that is cut off must not look like the rest of a shop.
        let made = file
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::OpenOptions::new().create(true).append(true).open(&file).map(drop));
        made.with_context(|| format!("cannot make {}", file.display()))?;
    }
    Ok(())
}

/// What of a shop lies in a data folder. A key alone says nothing where the database is elsewhere: a first start that could
/// not reach it leaves one.
fn left_in(data_dir: &Path, beside_database: bool) -> Vec<&'static str> {
    let filled =
        |name| std::fs::read_dir(data_dir.join(name)).is_ok_and(|mut inside| inside.next().is_some());
    let mut left = Vec::new();
    if beside_database && Engine::key_file(data_dir).exists() {
        left.push("the key");
    }
    if filled("blobs") {
        left.push("large files");
    }
    if filled("backups") {
        left.push("backups");
    }
    left
}

/// Copies a SQLite database, upgrades it and says both.
pub fn upgrade(options: &Options, found: i64, clock: &dyn Clock) -> anyhow::Result<Engine> {
    let copy = keep::copy_before(options, found, clock)
        .context("the database is from an older version and could not be copied before its upgrade; it was left as it is")?;
    let kept = copy.as_ref().map_or_else(String::new, |copy| format!(", and copied to {}", copy.display()));
    let engine = keep::upgrade(options, found, copy.as_deref(), clock)
        .with_context(|| format!("the upgrade failed; the database is as it was{kept}"))?;
    let newest = engine::newest_schema();
    output::say(&match copy {
        Some(copy) => format!(
            "The database was brought from schema {found} to {newest}. As it was before, it is in {}",
            copy.display()
        ),
        None => format!(
            "Another process brought the database from schema {found} to {newest} meanwhile, and said where its copy is."
        ),
    });
    Ok(engine)
}

/// Looks through a shop for what must not be, as `bottega doctor --deep` does; a sentence for each.
pub fn sound(engine: &Engine) -> Result<Vec<String>, Fault> {
    let all = rooms::invariants();
    let broken = engine.read_blocking(|tx| Ok(invariant::check(tx, &all, true, &mut |_| {})?))?;
    let told = |broken: invariant::Broken| {
        format!("{} (not so for {})", broken.sentence.trim_end_matches('.'), broken.count)
    };
    Ok(broken.into_iter().map(told).collect())
}

/// Takes the backup of each night until what it gives is dropped, in a process of its own: its memory is not the
/// shop's, and its work yields to the shop's. It ends with this one, and is then taken anew after the next start.
/// `file`: the configuration that this process was given.
pub fn every_night(
    engine: Engine,
    config: &Config,
    file: Option<&Path>,
) -> anyhow::Result<Option<Sender<()>>> {
    let Some(plan) = config.nightly() else { return Ok(None) };
    // The very program that runs, also where a newer one was put into its place meanwhile.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let file = file.map(Path::to_owned);
    let (stop, stopped) = channel::<()>();
    std::thread::Builder::new().name("bottega-nightly".into()).spawn(move || {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(LOOK_EVERY) {
            match keep::due(&engine, &plan, &SystemClock) {
                Ok(false) => {}
                Ok(true) => take_night(&program, file.as_deref()),
                Err(error) => tracing::warn!(%error, "it could not be asked whether a nightly backup is due"),
            }
        }
    })?;
    Ok(Some(stop))
}

/// Runs `bottega backup --nightly`, which tells in the log what it did.
fn take_night(program: &Path, file: Option<&Path>) {
    let mut command = Command::new(program);
    command.arg0("bottega").args(["backup", "--nightly"]).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::error!(%status, "the nightly backup failed; it is tried again in an hour"),
        Err(error) => tracing::error!(%error, "the nightly backup could not be begun"),
    }
}

/// Takes tonight's backup in this process, where it is due and nobody else takes it; its file.
pub fn tonight(config: &Config) -> anyhow::Result<Option<keep::Made>> {
    // Whoever waits for an answer comes first; and nobody waits for a backup whose server is gone.
    if let Err(error) = rustix::process::nice(10) {
        tracing::info!(%error, "the backup runs as eagerly as the shop");
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    let plan = config.plan();
    let engine = open(config, &SystemClock)?;
    let made = keep::night(&engine, &config.engine(), &config.blobs()?, &plan, &SystemClock, &sound)?;
    if let Some(made) = &made {
        tracing::info!(file = %made.file.display(), bytes = made.bytes, "the nightly backup is made");
    }
    engine.release_node(&SystemClock)?;
    Ok(made)
}
