//! The shop itself: its name, its language, its time zone, and how far its set-up has come.

use engine::{DbError, Row, Tx, params};
use kernel::Locale;

/// The shop, once set-up has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// The company's name.
    pub name: String,
    /// The language that pages and messages have when nobody chose another.
    pub locale: Locale,
    /// The IANA time zone of its calendars.
    pub zone: String,
    /// How far set-up has come.
    pub step: SetupStep,
    /// Whether this is the demo company, in which one enters with one click.
    pub demo: bool,
}

/// The steps of set-up, in order. It may be left half-way and goes on where it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetupStep {
    /// Who is the first administrator?
    Administrator,
    /// Where do voices come from first?
    Source,
    /// Nothing is missing.
    Done,
}

impl SetupStep {
    fn code(self) -> &'static str {
        match self {
            SetupStep::Administrator => "administrator",
            SetupStep::Source => "source",
            SetupStep::Done => "done",
        }
    }

    fn from_code(code: &str) -> SetupStep {
        match code {
            "source" => SetupStep::Source,
            "done" => SetupStep::Done,
            _ => SetupStep::Administrator,
        }
    }
}

engine::statements! {
    /// The shop, if it has a name yet.
    FIND = "SELECT name, locale, zone, setup_step, demo FROM shop WHERE id = 1";
    /// Writes the shop down.
    SAVE = "INSERT INTO shop (id, name, locale, zone, setup_step, demo) VALUES (1, $1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, locale = excluded.locale, zone = excluded.zone,
              setup_step = excluded.setup_step, demo = excluded.demo";
}

fn read(row: &mut Row<'_>) -> Result<Shop, DbError> {
    Ok(Shop {
        name: row.take()?,
        locale: row.take::<String>()?.parse().unwrap_or_default(),
        zone: row.take()?,
        step: SetupStep::from_code(&row.take::<String>()?),
        demo: row.take()?,
    })
}

/// The shop; `None` until set-up has begun.
pub fn find(tx: &mut Tx<'_>) -> Result<Option<Shop>, DbError> {
    tx.find(&FIND, &[], read)
}

/// Writes the shop down.
pub fn save(tx: &mut Tx<'_>, shop: &Shop) -> Result<(), DbError> {
    let Shop { name, locale, zone, step, demo } = shop;
    tx.execute(&SAVE, params![name, locale.code(), zone, step.code(), *demo])?;
    Ok(())
}
