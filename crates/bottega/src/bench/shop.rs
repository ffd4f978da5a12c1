//! The company that is measured: made once for a size, with what the clients need to know of it.

use std::path::Path;

use ::demo::{Company, Size};
use anyhow::{Context, bail};
use engine::{Engine, Options, params};
use kernel::{AccountId, Clock, ConversationId, MailboxId, Permission, SystemClock};
use primitives::account;
use primitives::shop::{self, SetupStep};
use serde::Serialize;

use super::dice::Dice;
use super::process::{self, Place};

/// Conversations whose pages are asked for.
const SAMPLES: usize = 4_000;

engine::statements! {
    /// The first and the last conversation.
    ENDS = "SELECT (SELECT MIN(id) FROM conversation), (SELECT MAX(id) FROM conversation)";
    /// The conversation at or after an id.
    AT = "SELECT id, mailbox_id FROM conversation WHERE id >= $1 ORDER BY id LIMIT 1";
    /// Employees of a demo company, in the order in which they were made.
    EMPLOYEES = "SELECT id FROM account WHERE ended_at IS NULL ORDER BY id";
}

/// Somebody who works in the shop, and conversations from all of its time that they see.
pub(super) struct Employee {
    pub account: AccountId,
    pub answers: bool,
    pub conversations: Vec<ConversationId>,
}

/// How the making of the company went.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Made {
    pub conversations: usize,
    pub seconds: f64,
    pub peak_memory_mb: f64,
    pub disk_mb: Option<f64>,
}

pub(super) struct Shop {
    pub place: Place,
    pub employees: Vec<Employee>,
    /// What customers say, for voices that are sent.
    pub texts: Vec<String>,
    /// `None` where it was there already.
    pub made: Option<Made>,
}

/// Opens the company of a size, making it where it is not there yet.
pub(super) fn open(place: Place, size: Size, folder: Option<&Path>) -> anyhow::Result<Shop> {
    let options = Options { url: place.url.clone(), data_dir: place.data_dir.clone() };
    let made = if is_there(&options)? { None } else { Some(make(&options, size, folder)?) };
    let engine = Engine::open(&options, &SystemClock)?;
    let employees = employees(&engine)?;
    let small = Company::generate(3, Size::Small, SystemClock.now().micros());
    let texts = small.stories().flat_map(|story| story.turns).filter(|turn| turn.is_incoming());
    Ok(Shop { place, employees, texts: texts.map(|turn| turn.text).collect(), made })
}

fn is_there(options: &Options) -> anyhow::Result<bool> {
    if let Some(path) = options.url.strip_prefix("sqlite:")
        && !Path::new(path).exists()
    {
        return Ok(false);
    }
    let engine = Engine::open(options, &SystemClock)
        .with_context(|| format!("cannot measure on {}", engine::shown_address(&options.url)))?;
    match engine.read_blocking(|tx| Ok(shop::find(tx)?))? {
        None => Ok(false),
        Some(shop) if shop.demo && shop.step == SetupStep::Done => Ok(true),
        Some(_) => {
            bail!("{} holds something else: give an empty database", engine::shown_address(&options.url))
        }
    }
}

fn make(options: &Options, size: Size, folder: Option<&Path>) -> anyhow::Result<Made> {
    let started = std::time::Instant::now();
    crate::demo::load_at_once(options, 7, size, SystemClock.now())?;
    Ok(Made {
        conversations: size.stories(),
        seconds: started.elapsed().as_secs_f64(),
        peak_memory_mb: process::own_peak()?,
        disk_mb: folder.map(process::disk),
    })
}

fn employees(engine: &Engine) -> anyhow::Result<Vec<Employee>> {
    let found = engine.read_blocking(|tx| {
        let (first, last): (i64, i64) = tx.one(&ENDS, &[], |row| Ok((row.take()?, row.take()?)))?;
        let mut dice = Dice::new(1);
        let mut samples: Vec<(ConversationId, MailboxId)> = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let at = first + (dice.fraction() * (last - first) as f64) as i64;
            samples.extend(tx.find(&AT, params![at], |row| Ok((row.take()?, row.take()?)))?);
        }
        let ids = tx.query(&EMPLOYEES, &[], |row| row.take::<AccountId>())?;
        let mut employees = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(actor) = account::actor(tx, id)? else { continue };
            let visible = samples.iter().filter(|(_, mailbox)| actor.sees(*mailbox));
            employees.push(Employee {
                account: id,
                answers: actor.may(Permission::AnswerConversations),
                conversations: visible.map(|(id, _)| *id).collect(),
            });
        }
        Ok(employees)
    })?;
    Ok(found.into_iter().filter(|employee| !employee.conversations.is_empty()).collect())
}
