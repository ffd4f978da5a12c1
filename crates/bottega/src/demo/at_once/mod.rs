//! Loads a company of any size in minutes: stories are told on one thread, made into rows on another and
//! written by the engine's bulk loading on further ones. A test holds that the rows are those that the use
//! cases write.

mod story;
mod tables;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use ::demo::{Company, Size, Story};
use anyhow::Context;
use engine::bulk::Bulk;
use engine::{Engine, Options};
use kernel::{Fault, Instant, ManualClock, SourceId, SystemClock, TagId};
use primitives::shop::{self, SetupStep, Shop};

use super::company::Known;
use super::{begin, load_people, unknown};
use crate::output::{self, Progress};

use story::Telling;
use tables::Tables;

/// Stories that go from thread to thread at a time.
const BATCH: usize = 1_000;
/// Batches that wait between the threads.
const WAITING: usize = 2;

/// What was made so far, and the rows on their way.
struct Loader {
    tables: Tables,
    sources: HashMap<String, SourceId>,
    tags: HashMap<&'static str, TagId>,
}

impl Loader {
    fn tag(&mut self, name: &'static str, mint: impl FnOnce() -> TagId) -> TagId {
        let tables = &mut self.tables;
        *self.tags.entry(name).or_insert_with(|| {
            let id = mint();
            tables.tag.push([id.into(), name.into()]);
            id
        })
    }
}

/// Makes the company of a seed as it stands at `now` in an empty database that nobody else uses.
pub(super) fn load(options: &Options, seed: u64, size: Size, now: Instant) -> anyhow::Result<()> {
    let company = Arc::new(Company::generate(seed, size, now.micros()));
    let clock = Arc::new(ManualClock::at(super::first_moment(now)));
    let (known, settings) = {
        let engine = open(options)?;
        let (known, settings) = begin(&engine, &clock, &company)?;
        load_people(&engine, &clock, &company, &known)?;
        (known, settings)
    };
    let mut bulk = Bulk::begin(options, &*clock)?;
    load_stories(&mut bulk, &clock, &company, &known, now)?;
    let mut progress = Progress::new("Indici", None);
    bulk.finish(|step| progress.of(step.done as u64, step.all as u64))?;
    progress.end();
    open(options)?
        .write_blocking(move |tx| Ok(shop::save(tx, &Shop { step: SetupStep::Done, ..settings.clone() })?))?;
    Ok(())
}

fn open(options: &Options) -> anyhow::Result<Engine> {
    Engine::open(options, &SystemClock)
        .with_context(|| format!("cannot open {}", engine::shown_address(&options.url)))
}

fn load_stories(
    bulk: &mut Bulk,
    clock: &ManualClock,
    company: &Company,
    known: &Known,
    now: Instant,
) -> anyhow::Result<()> {
    let mut loader = Loader { tables: Tables::new()?, sources: HashMap::new(), tags: HashMap::new() };
    let mut progress = Progress::new("Officina Vera", u64::try_from(company.size.stories()).ok());
    let (mut done, mut turns) = (0_u64, 0_u64);
    let (told, stories) = sync_channel::<Vec<Story>>(WAITING);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut all = company.stories();
            loop {
                let batch: Vec<Story> = all.by_ref().take(BATCH).collect();
                // Whoever listens is gone when the loading failed.
                if batch.is_empty() || told.send(batch).is_err() {
                    return;
                }
            }
        });
        // Moved in, so that the other thread hears it when the loading fails.
        let stories = stories;
        for batch in stories {
            for story in &batch {
                telling(bulk, clock, known, story, now)?.tell(&mut loader)?;
                turns += story.turns.len() as u64;
            }
            loader.tables.hand_over(bulk)?;
            done += batch.len() as u64;
            progress.at(done);
        }
        loader.tables.end(bulk)
    })?;
    progress.end();
    output::say(&format!("{done} stories of {} people, {turns} turns.", company.people.len()));
    Ok(())
}

fn telling<'a>(
    bulk: &'a Bulk,
    clock: &'a ManualClock,
    known: &'a Known,
    story: &'a Story,
    now: Instant,
) -> Result<Telling<'a>, Fault> {
    let product = story.product.and_then(|key| known.product(key, story.version));
    Ok(Telling {
        known,
        clock,
        bulk,
        story,
        mailbox: *known.mailboxes.get(story.mailbox).ok_or_else(|| unknown("mailbox"))?,
        person: story.person.and_then(|index| known.person(index)),
        product,
        now,
    })
}
