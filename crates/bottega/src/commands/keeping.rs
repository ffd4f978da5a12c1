//! `bottega backup`, `restore`, `export`, `migrate` and `held`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use engine::Options;
use engine::shelf::Blobs;
use keep::{Source, State, Watch};
use kernel::{Actor, Clock, OutboxId, SystemClock};
use primitives::held;
use serde_json::json;

use crate::cli::{Backup, Export, Held, Migrate, Restore, WhichHeld};
use crate::config::Config;
use crate::keeping;
use crate::output::{self, Progress, counted};

/// Shows each stage as a bar of its own.
#[derive(Default)]
struct Bars(Option<Progress>);

impl Bars {
    fn end(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.end();
        }
    }
}

impl Watch for Bars {
    fn stage(&mut self, what: &'static str, total: Option<u64>) {
        self.end();
        self.0 = Some(Progress::new(what, total));
    }

    fn at(&mut self, done: u64) {
        if let Some(bar) = &mut self.0 {
            bar.at(done);
        }
    }
}

fn watched<T, E>(work: impl FnOnce(&mut Bars) -> Result<T, E>) -> Result<T, E> {
    let mut bars = Bars::default();
    let result = work(&mut bars);
    bars.end();
    result
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// `bottega backup`.
pub fn backup(options: Backup, config: &Config) -> anyhow::Result<()> {
    let made = make_backup(config, options.to, !options.without_key && config.backup_key, !options.quick)?;
    let manifest = &made.manifest;
    if options.json {
        return output::json(&json!({
            "file": made.file, "bytes": made.bytes, "rows": made.rows, "taken_at": manifest.taken_at,
            "schema": manifest.schema, "key": manifest.key.included, "verified": manifest.verified.how.code(),
            "findings": manifest.verified.findings,
        }));
    }
    output::line(&whole(&made.file).display().to_string())?;
    output::say(&format!(
        "{} and {} in {}, as the shop was at {}.",
        counted(made.rows, "row", "rows"),
        counted(manifest.blobs.files, "file", "files"),
        megabytes(made.bytes),
        manifest.taken_at
    ));
    output::say(match manifest.verified.how {
        keep::How::Restored => "It was restored into a scratch shop, compared row by row and looked through.",
        _ => "It was read back: every digest of rows, files and key is right.",
    });
    for finding in &manifest.verified.findings {
        output::say(&format!(
            "The backup is good. The shop had a flaw already: {finding}. See bottega doctor --deep."
        ));
    }
    output::say(&manifest.key.note);
    Ok(())
}

/// `bottega backup --nightly`.
pub fn nightly(options: &Backup, config: &Config) -> anyhow::Result<()> {
    let made = keeping::tonight(config).context("no nightly backup was taken")?;
    if options.json {
        let file = made.map(|made| made.file);
        return output::json(&json!({ "file": file }));
    }
    match made {
        Some(made) => output::line(&made.file.display().to_string())?,
        None => output::say("No nightly backup is due, or somebody else is at it."),
    }
    Ok(())
}

fn make_backup(
    config: &Config,
    to: Option<PathBuf>,
    with_key: bool,
    trial: bool,
) -> anyhow::Result<keep::Made> {
    let from = config.engine();
    let folder = to.unwrap_or_else(|| config.backup_dir());
    let state = keep::state(&from)?;
    let blobs = config.blobs()?;
    let order =
        keep::Backup { from: &from, blobs: &blobs, folder: &folder, prefix: "bottega", with_key, trial };
    let started_at = SystemClock.now();
    let made = watched(|bars| keep::backup(&order, &SystemClock, &keeping::sound, bars))
        .context("no backup was taken")?;
    if state == State::Current {
        let noted = engine::Engine::open(&from, &SystemClock)
            .map_err(kernel::Fault::from)
            .and_then(|engine| keep::note(&engine, started_at, &SystemClock, &made));
        if let Err(error) = noted {
            output::say(&format!(
                "The backup is good; only the shop's own list of backups could not be written: {error}"
            ));
        }
    }
    Ok(made)
}

/// A path as it is from everywhere, to be copied.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Says which of the named files are not there, before anything begins.
fn named_files_are_there(options: &Restore, config: &Config) -> anyhow::Result<()> {
    if !options.from.exists() {
        bail!(
            "{} is not there: name the backup with its whole path, such as {}",
            options.from.display(),
            whole(&config.backup_dir()).join("nightly-….tar").display()
        );
    }
    if let Some(key) = options.key.as_deref().filter(|key| !key.is_file()) {
        bail!("{} is no key file: name the bottega.key that was kept elsewhere", key.display());
    }
    Ok(())
}

/// Where a restored shop shall be.
fn target(to: Option<&str>, config: &Config) -> Options {
    match to {
        None => config.engine(),
        Some(url) if url.starts_with("sqlite:") || url.contains("://") => {
            Options { url: url.to_owned(), data_dir: config.data_dir.clone() }
        }
        Some(folder) => {
            let folder = whole(Path::new(folder));
            Options { url: format!("sqlite:{}", folder.join("bottega.db").display()), data_dir: folder }
        }
    }
}

/// `bottega restore`.
pub fn restore(options: Restore, config: &Config) -> anyhow::Result<()> {
    named_files_are_there(&options, config)?;
    let source = Source::open(&options.from)?;
    let to = target(options.to.as_deref(), config);
    // A folder of its own has its large files beside it; a database takes the configured place.
    let own_folder =
        options.to.as_deref().is_some_and(|to| !to.contains("://") && !to.starts_with("sqlite:"));
    let blobs = if own_folder { Blobs::Folder } else { config.blobs()? };
    tell_plan(&source, &to);
    if options.dry_run {
        return dry_run(&source, &to, options.key.is_some(), options.json);
    }
    if !options.yes && !asked()? {
        bail!("nothing was done: run it again with --yes");
    }
    let order = keep::Restore {
        target: &to,
        blobs: &blobs,
        key: options.key.as_deref(),
        without_damaged: options.without_damaged_files,
        room: None,
    };
    let restored =
        watched(|bars| keep::restore(&source, &order, &SystemClock, bars)).context("nothing was restored")?;
    if options.json {
        return output::json(&json!({
            "database": engine::shown_address(&to.url), "data_dir": to.data_dir, "rows": restored.rows,
            "held": restored.held, "key": restored.key, "missing_blobs": restored.missing_blobs,
            "damaged_blobs": restored.damaged_blobs,
        }));
    }
    output::line(&format!("{} restored and compared.", counted(restored.rows, "row", "rows")))?;
    let taken_at = &source.manifest.taken_at;
    output::say(&format!(
        "Passwords, second factors, API tokens and who works here are those of {taken_at}: whoever left and whatever was \
         revoked since then must be ended again."
    ));
    if !restored.key {
        output::say(&if source.manifest.key.included {
            "Without its key, which was damaged: what was encrypted with it is lost.".to_owned()
        } else {
            format!("Without its key. {}", source.manifest.key.note)
        });
    }
    if restored.missing_blobs > 0 {
        let missing = counted(restored.missing_blobs as u64, "file was", "files were");
        output::say(&format!("{missing} missing in the shop already."));
    }
    if !restored.damaged_blobs.is_empty() {
        output::say(&format!(
            "{} files were damaged in the backup and are missing now: bottega doctor --deep says where.",
            restored.damaged_blobs.len()
        ));
    }
    if restored.held > 0 {
        output::say(&format!(
            "{} had not left when the backup was taken, and may have left since. {} held until you decide: bottega held list",
            counted(restored.held, "letter", "letters"),
            if restored.held == 1 { "It is" } else { "They are" }
        ));
    }
    let config_says = to.url == config.database_url && to.data_dir == config.data_dir;
    output::say(&if config_says {
        "Everybody signs in again. Start the shop: bottega serve".to_owned()
    } else {
        // Its large files lie in its own folder, whatever is configured.
        let beside = if own_folder && !config.blobs.is_empty() { "BOTTEGA_BLOBS= " } else { "" };
        format!(
            "Everybody signs in again. To open it{}:\n\n  {beside}BOTTEGA_DATABASE_URL={} BOTTEGA_DATA_DIR={} bottega serve",
            with_password(&to.url),
            engine::shown_address(&to.url),
            to.data_dir.display()
        )
    });
    Ok(())
}

/// Said before an address that is to be copied and whose password is not shown.
fn with_password(url: &str) -> &'static str {
    if engine::shown_address(url) == url { "" } else { " (write the database's password where … stands)" }
}

fn tell_plan(source: &Source, to: &Options) {
    let manifest = &source.manifest;
    output::say(&format!(
        "{}\n  {}, as it was at {} (Bottega {}, schema {}, from {})\n  {} people, {} conversations, {} messages; {} rows \
         and {} files in all\n  key: {}\n  verified when it was made: {}\n  goes to {} and {}",
        source.path().display(),
        manifest.shop,
        manifest.taken_at,
        manifest.version,
        manifest.schema,
        manifest.engine,
        manifest.rows_of("person"),
        manifest.rows_of("conversation"),
        manifest.rows_of("message"),
        manifest.rows(),
        manifest.blobs.files,
        if manifest.key.included { "inside" } else { "not inside" },
        match manifest.verified.how {
            keep::How::Restored => "restored into a scratch shop and compared",
            keep::How::Read => "read back",
            keep::How::No => "no",
        },
        engine::shown_address(&to.url),
        to.data_dir.display(),
    ));
    for finding in &manifest.verified.findings {
        output::say(&format!("  a flaw that the shop had already when it was made: {finding}"));
    }
}

fn dry_run(source: &Source, to: &Options, own_key: bool, json: bool) -> anyhow::Result<()> {
    let damaged = watched(|bars| {
        bars.stage("checking", Some(source.bytes()));
        source.check(|bytes| bars.at(bytes))
    })?;
    let key = if own_key { Ok(None) } else { source.key() };
    let occupied = keep::holds_shop(to)?;
    if json {
        let damaged: Vec<String> = damaged.iter().map(engine::blob::BlobDigest::hex).collect();
        output::json(&json!({
            "manifest": source.manifest, "occupied": occupied, "damaged_blobs": damaged, "key_damaged": key.is_err(),
        }))?;
    }
    key?;
    if !damaged.is_empty() {
        return Err(source.damaged_files(&damaged).into());
    }
    if json {
        return Ok(());
    }
    output::line("Every part is as it was written.")?;
    output::say(if occupied {
        "There is a shop at that place already: a restore would refuse. Move it away first, or give another with --to."
    } else {
        "Nothing was done."
    });
    Ok(())
}

fn asked() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut out = std::io::stderr().lock();
    write!(out, "Restore it there? Nothing that is there is overwritten. [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sì" | "si"))
}

/// `bottega export`.
pub fn export(options: Export, config: &Config) -> anyhow::Result<()> {
    let from = config.engine();
    if keep::state(&from)? == State::Empty {
        return Err(keep::KeepError::NoShop(engine::shown_address(&from.url)).into());
    }
    let blobs = config.blobs()?;
    let made = watched(|bars| keep::export(&from, &blobs, &options.folder, options.csv, &SystemClock, bars))
        .context("nothing was exported")?;
    if options.json {
        return output::json(&made);
    }
    output::line(&made.folder.display().to_string())?;
    output::say(&format!(
        "{} rows and {} files. Passwords, tokens and sessions are not inside; it holds what customers wrote, so guard it.",
        made.rows, made.files
    ));
    if !made.missing.is_empty() {
        output::say(&format!(
            "{} files were missing in the shop: see bottega doctor --deep.",
            made.missing.len()
        ));
    }
    Ok(())
}

/// `bottega migrate`.
pub fn migrate(options: Migrate, config: &Config) -> anyhow::Result<()> {
    let from = config.engine();
    let state = keep::state(&from)?;
    if let Some(url) = options.to {
        let data_dir = options.data_dir.unwrap_or_else(|| config.data_dir.clone());
        return relocate(&from, &Options { url, data_dir }, state, options.json);
    }
    let newest = engine::newest_schema();
    let found = match state {
        State::Empty => {
            return Err(keep::KeepError::NoShop(engine::shown_address(&from.url)).into());
        }
        State::Current => newest,
        State::Older(found) => found,
    };
    let mut backup = None;
    if found < newest {
        if keep::in_use(&from)? {
            bail!(
                "{} is in use: stop every bottega serve that works with it, then run this again",
                engine::shown_address(&from.url)
            );
        }
        if let Some(folder) = options.backup_to {
            backup = Some(make_backup(config, Some(folder), true, true)?.file);
        }
        if keep::sqlite_file(&from).is_some() {
            drop(keeping::upgrade(&from, found, &SystemClock)?);
        } else if backup.is_some() || options.yes {
            drop(
                keep::upgrade(&from, found, backup.as_deref(), &SystemClock)
                    .context("the upgrade failed; the database is as it was")?,
            );
        } else {
            bail!(
                "{} has schema {found} and would be brought to {newest}. There is no way back without a backup: let one \
                 be taken with --backup-to DIR, or say --yes when you have one",
                engine::shown_address(&from.url)
            );
        }
    }
    if options.json {
        return output::json(&json!({ "from": found, "to": newest, "backup": backup }));
    }
    output::line(&format!("The database has schema {newest}, which this version needs."))?;
    Ok(())
}

fn relocate(from: &Options, to: &Options, state: State, as_json: bool) -> anyhow::Result<()> {
    if let State::Older(found) = state {
        bail!("the database has schema {found}: bring it to this version first with bottega migrate");
    }
    let moved = watched(|bars| keep::relocate(from, to, bars)).context("nothing was moved")?;
    if as_json {
        return output::json(&moved);
    }
    for table in moved.tables.iter().filter(|table| table.rows > 0) {
        output::line(&format!("{:<24} {:>10}  {}", table.name, table.rows, table.sum))?;
    }
    if moved.missing_files > 0 {
        output::say(&format!(
            "{} large files were missing beside the original: see bottega doctor --deep.",
            moved.missing_files
        ));
    }
    output::say(&format!(
        "{} rows moved, read back on the other side and found equal. The original is untouched.\nNow say in \
         bottega.toml{}:\n\n  \
         database_url = \"{}\"\n  data_dir = \"{}\"\n\nand start the shop. Never start one on the original again: both would \
         send. When all is well, put it away.",
        moved.rows,
        with_password(&to.url),
        engine::shown_address(&to.url),
        to.data_dir.display()
    ));
    Ok(())
}

/// `bottega held`.
pub fn held(what: Held, config: &Config) -> anyhow::Result<()> {
    let engine = keeping::existing(config, &SystemClock)?;
    let (machine, all) = engine.read_blocking(|tx| {
        let mailboxes = primitives::mailbox::list(tx)?.into_iter().map(|mailbox| mailbox.id).collect();
        let machine = Actor::machine(mailboxes);
        // All means all.
        let all = held::list(tx, &machine, u32::MAX)?;
        Ok((machine, all))
    })?;
    let (which, leaves) = match what {
        Held::List { json: true } => return output::json(&all),
        Held::List { json: false } => {
            for letter in &all {
                output::line(&format!(
                    "{}  {}  {}  {}",
                    letter.id,
                    letter.created_at,
                    letter.recipient,
                    letter.subject.as_deref().unwrap_or_default()
                ))?;
            }
            if all.is_empty() {
                output::say("Nothing is held.");
            } else {
                output::say(
                    "Let them leave: bottega held release ID. They have left already: bottega held stop ID.",
                );
            }
            return Ok(());
        }
        Held::Release(which) => (which, true),
        Held::Stop(which) => (which, false),
    };
    let ids = chosen(&which, &all)?;
    let count = ids.len();
    engine.write_blocking(move |tx| {
        for id in &ids {
            if leaves {
                held::release(tx, &SystemClock, &machine, *id)?;
            } else {
                held::withdraw(tx, &SystemClock, &machine, *id)?;
            }
        }
        Ok(())
    })?;
    let letters = counted(count as u64, "letter", "letters");
    let verb = match (leaves, count) {
        (true, 1) => "leaves now",
        (true, _) => "leave now",
        (false, 1) => "does not leave from here",
        (false, _) => "do not leave from here",
    };
    output::line(&format!("{letters} {verb}."))?;
    Ok(())
}

fn chosen(which: &WhichHeld, all: &[held::Held]) -> anyhow::Result<Vec<OutboxId>> {
    if which.all {
        return Ok(all.iter().map(|letter| letter.id).collect());
    }
    let mut ids = Vec::with_capacity(which.ids.len());
    for text in &which.ids {
        let id: OutboxId = text.parse()?;
        if !all.iter().any(|letter| letter.id == id) {
            bail!("{id} is not held: see bottega held list");
        }
        ids.push(id);
    }
    Ok(ids)
}
