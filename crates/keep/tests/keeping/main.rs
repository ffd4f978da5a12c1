//! Backup, restore, export, move and upgrade, between both engines.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod backups;
mod nights;
mod old;
mod places;
mod same;
mod upgrades;

use engine::Options;
use kernel::{Instant, ManualClock};

/// The instant at which these tests play.
pub fn clock() -> ManualClock {
    ManualClock::at("2026-11-21T09:00:00Z".parse::<Instant>().unwrap())
}

/// Every table of a database with its rows and their sum, but for some.
pub fn sums(options: &Options, without: &[&str]) -> Vec<(String, u64, String)> {
    let read: Result<_, keep::KeepError> = engine::whole::look(options, |tx| {
        let mut all = Vec::new();
        for table in engine::whole::tables(tx)? {
            if without.contains(&table.name.as_str()) || table.name == "search_entry" {
                continue;
            }
            let order = keep::name_order(table.columns.iter().map(|column| column.name.as_str()));
            let mut sum = keep::Sum::default();
            engine::whole::stream(tx, &table, |row| {
                sum.add(&order, &row);
                Ok::<(), keep::KeepError>(())
            })?;
            all.push((table.name, sum.rows, sum.hex()));
        }
        Ok(all)
    });
    read.unwrap()
}

/// Nothing to be found.
pub fn sound(_: &engine::Engine) -> Result<Vec<String>, kernel::Fault> {
    Ok(Vec::new())
}
