//! The demo company: made by the `demo` crate as plain data, loaded here through the same functions
//! that the product uses, so that it is a shop like any other.

mod at_once;
mod company;
mod story;

use std::path::Path;
use std::sync::Arc;

use ::demo::Company;
use anyhow::{Context, bail};
use engine::{DbError, Engine, Options};
use kernel::{Clock, Fault, Instant, Locale, ManualClock, SystemClock};
use primitives::shop::{self, SetupStep, Shop};

use crate::cli::{Demo, Size};
use crate::output::{self, Progress};

use company::Known;

/// Stories of one transaction.
const BATCH: usize = 250;

/// Opens the demo company in a folder, making it first when it is not there yet.
pub fn open(options: &Demo) -> anyhow::Result<Engine> {
    let engine_options = Options {
        url: options
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", options.dir.join("bottega-demo.db").display())),
        data_dir: options.dir.join("bottega-demo-files"),
    };
    if let Some(engine) = existing(&engine_options, options.database.is_none().then_some(&options.dir))? {
        return Ok(engine);
    }
    let size = match options.size {
        Size::Small => ::demo::Size::Small,
        Size::Medium => ::demo::Size::Medium,
        Size::Large => ::demo::Size::Large,
    };
    let (seed, now) = (options.seed, SystemClock.now());
    if size != ::demo::Size::Small {
        load_at_once(&engine_options, seed, size, now)?;
    }
    let engine = Engine::open(&engine_options, &SystemClock)
        .with_context(|| format!("cannot open {}", engine::shown_address(&engine_options.url)))?;
    if size == ::demo::Size::Small {
        load(&engine, seed, size, now)?;
    }
    Ok(engine)
}

/// The company as an earlier run left it. One that was left half-made is removed and made again, where
/// the files are ours alone.
fn existing(options: &Options, ours: Option<&std::path::PathBuf>) -> anyhow::Result<Option<Engine>> {
    if let Some(dir) = ours
        && !dir.join("bottega-demo.db").exists()
    {
        return Ok(None);
    }
    let engine = match Engine::open(options, &SystemClock) {
        Err(DbError::HalfLoaded) if ours.is_some() => {
            ours.map_or(Ok(()), |dir| remove(dir))?;
            return Ok(None);
        }
        opened => opened.with_context(|| format!("cannot open {}", engine::shown_address(&options.url)))?,
    };
    match engine.read_blocking(|tx| Ok(shop::find(tx)?))? {
        None => Ok(None),
        Some(shop) if !shop.demo => {
            bail!("{} holds a real company: choose another place", engine::shown_address(&options.url))
        }
        Some(shop) if shop.step == SetupStep::Done => Ok(Some(engine)),
        Some(_) => {
            let Some(dir) = ours else {
                let place = engine::shown_address(&options.url);
                bail!("{place} holds a demo company that was left half-made: give an empty database")
            };
            drop(engine);
            remove(dir)?;
            Ok(None)
        }
    }
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    for name in ["bottega-demo.db", "bottega-demo.db-wal", "bottega-demo.db-shm", "bottega-demo.db-loading"] {
        match std::fs::remove_file(dir.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {name}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the company of a seed as it stands at `now`, story by story.
pub fn load(engine: &Engine, seed: u64, size: ::demo::Size, now: Instant) -> anyhow::Result<()> {
    let company = Arc::new(Company::generate(seed, size, now.micros()));
    let clock = Arc::new(ManualClock::at(first_moment(now)));
    let (known, settings) = begin(engine, &clock, &company)?;
    load_people(engine, &clock, &company, &known)?;
    load_stories(engine, &clock, &company, &known, size, now)?;
    engine
        .write_blocking(move |tx| Ok(shop::save(tx, &Shop { step: SetupStep::Done, ..settings.clone() })?))?;
    Ok(())
}

/// The same into an empty database that nobody else uses, many times quicker: see [`engine::bulk`].
pub fn load_at_once(options: &Options, seed: u64, size: ::demo::Size, now: Instant) -> anyhow::Result<()> {
    at_once::load(options, seed, size, now)
}

/// Before anybody wrote. The clock walks through the history, so that ids and records are as old as what they tell.
fn first_moment(now: Instant) -> Instant {
    now.plus_seconds(-600 * 86_400)
}

/// Opens the shop, not yet done, with its desks and employees.
fn begin(
    engine: &Engine,
    clock: &Arc<ManualClock>,
    company: &Arc<Company>,
) -> Result<(Arc<Known>, Shop), Fault> {
    let settings = Shop {
        name: company.name.to_owned(),
        locale: Locale::It,
        zone: "Europe/Rome".into(),
        step: SetupStep::Source,
        demo: true,
    };
    let (company, clock, saved) = (Arc::clone(company), Arc::clone(clock), settings.clone());
    let known = engine.write_blocking(move |tx| {
        shop::save(tx, &saved)?;
        company::load(tx, &clock, &company)
    })?;
    Ok((Arc::new(known), settings))
}

fn load_people(
    engine: &Engine,
    clock: &Arc<ManualClock>,
    company: &Arc<Company>,
    known: &Arc<Known>,
) -> anyhow::Result<()> {
    let mut first = 0;
    while first < company.people.len() {
        let (clock, company, known) = (Arc::clone(clock), Arc::clone(company), Arc::clone(known));
        let last = (first + BATCH).min(company.people.len());
        engine.write_blocking(move |tx| {
            (first..last).try_for_each(|index| known.add_person(tx, &clock, &company, index))
        })?;
        first = last;
    }
    Ok(())
}

fn load_stories(
    engine: &Engine,
    clock: &Arc<ManualClock>,
    company: &Arc<Company>,
    known: &Arc<Known>,
    size: ::demo::Size,
    now: Instant,
) -> anyhow::Result<()> {
    let mut progress = Progress::new("Officina Vera", u64::try_from(size.stories()).ok());
    let mut stories = company.stories();
    let mut done = 0_u64;
    loop {
        let batch: Vec<::demo::Story> = stories.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        done += batch.len() as u64;
        let (clock, known) = (Arc::clone(clock), Arc::clone(known));
        engine.write_blocking(move |tx| {
            batch.iter().try_for_each(|story| story::load(tx, &clock, &known, story, now))
        })?;
        progress.at(done);
    }
    progress.end();
    output::say(&format!("{done} stories of {} people.", company.people.len()));
    Ok(())
}

/// What the loader says when the data does not fit together.
fn unknown(what: &'static str) -> Fault {
    Fault::invalid(what, kernel::Reason::Unknown)
}
