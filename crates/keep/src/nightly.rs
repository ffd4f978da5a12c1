//! The backup of each night, and which of them are kept.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use engine::shelf::Blobs;
use engine::{Engine, Options};
use jiff::tz::TimeZone;
use kernel::{Clock, Fault, Instant};

use crate::backup::{Backup, Made, Soundness, backup};
use crate::log::{self, Kept};
use crate::{KeepError, Watch, place};

/// What nightly backups are called, so that no other file is ever removed.
const PREFIX: &str = "nightly";
/// How long after a failure it is tried again. Seconds.
const AGAIN_SECONDS: i64 = 3_600;

/// How nights are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nightly {
    /// The folder.
    pub folder: PathBuf,
    /// The hour of the shop's own zone, 0 to 23.
    pub hour: i8,
    /// How many nights are kept.
    pub daily: usize,
    /// Of how many weeks the newest backup is kept besides.
    pub weekly: usize,
    /// Whether the installation's key goes in.
    pub with_key: bool,
}

/// The last moment at which a backup was due: its date, which is its slot, and its instant.
pub fn slot(now: Instant, hour: i8, zone: &TimeZone) -> Option<(String, Instant)> {
    let local = now.timestamp().to_zoned(zone.clone());
    let mut date = local.date();
    if local.hour() < hour {
        date = date.yesterday().ok()?;
    }
    // A night in which the clocks skip this hour has its backup at the next instant that exists.
    let at = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some((format!("{PREFIX} {date}"), at.timestamp().into()))
}

/// Makes the backup that is due, once on all the nodes of a database, and removes those that are too old.
/// `None` when none is due: tonight's is made, the shop is younger than it, or somebody else is at it.
pub fn night(
    engine: &Engine,
    options: &Options,
    blobs: &Blobs,
    plan: &Nightly,
    clock: &dyn Clock,
    sound: Soundness<'_>,
) -> Result<Option<Made>, KeepError> {
    let now = clock.now();
    let zone = engine.read_blocking(|tx| {
        let shop = primitives::shop::find(tx)?;
        let oldest = log::opened_at(tx)?;
        Ok(shop.zip(oldest).map(|(shop, oldest)| (shop.zone, oldest)))
    })?;
    let Some((zone, oldest)) = zone else { return Ok(None) };
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let Some((slot, due)) = slot(now, plan.hour, &zone).filter(|(_, due)| oldest < *due) else {
        return Ok(None);
    };
    let taken = slot.clone();
    let begun = engine.write_blocking(move |tx| {
        // The instant is its id, as that of every line of this table.
        Ok(log::begin(tx, now.micros(), PREFIX, Some(&taken), now)?)
    })?;
    let Some(run) = begun else { return Ok(None) };
    tracing::info!(slot, %due, "the nightly backup begins");
    let order = Backup {
        from: options,
        blobs,
        folder: &plan.folder,
        prefix: PREFIX,
        with_key: plan.with_key,
        trial: true,
    };
    let mut pulse = Pulse { engine, clock, run, told: now };
    let made = clear_unfinished(&plan.folder).and_then(|()| backup(&order, clock, sound, &mut pulse));
    let ended = clock.now();
    let kept = match &made {
        Ok(made) => line(PREFIX, now, ended, made),
        Err(error) => Kept {
            kind: PREFIX.into(),
            state: "failed".into(),
            started_at: now,
            ended_at: Some(ended),
            place: Some(plan.folder.display().to_string()),
            bytes: None,
            rows: None,
            verified: None,
            problem: Some(error.to_string()),
        },
    };
    engine.write_blocking(move |tx| Ok(log::end(tx, run, &kept, ended.plus_seconds(AGAIN_SECONDS))?))?;
    let made = made?;
    expire(engine, plan, &zone)?;
    Ok(Some(made))
}

fn line(kind: &str, started_at: Instant, ended: Instant, made: &Made) -> Kept {
    let findings = &made.manifest.verified.findings;
    Kept {
        kind: kind.into(),
        state: "good".into(),
        started_at,
        ended_at: Some(ended),
        place: Some(made.file.display().to_string()),
        bytes: i64::try_from(made.bytes).ok(),
        rows: i64::try_from(made.rows).ok(),
        verified: Some(made.manifest.verified.how.code().into()),
        problem: (!findings.is_empty()).then(|| findings.join("; ")),
    }
}

/// Writes down a backup that was made by hand.
pub fn note(engine: &Engine, started_at: Instant, clock: &dyn Clock, made: &Made) -> Result<(), Fault> {
    let kept = line("backup", started_at, clock.now(), made);
    engine.write_blocking(move |tx| Ok(log::write(tx, &log::Note { kept: kept.clone() })?))
}

/// Tells now and then that the run is alive.
struct Pulse<'a> {
    engine: &'a Engine,
    clock: &'a dyn Clock,
    run: i64,
    told: Instant,
}

impl Watch for Pulse<'_> {
    fn stage(&mut self, _: &'static str, _: Option<u64>) {
        self.at(0);
    }

    fn at(&mut self, _: u64) {
        let (run, now) = (self.run, self.clock.now());
        if now.seconds_since(self.told) < 60 {
            return;
        }
        self.told = now;
        if let Err(error) = self.engine.write_blocking(move |tx| Ok(log::alive(tx, run, now)?)) {
            tracing::warn!(%error, "the backup goes on, and could not tell so");
        }
    }
}

/// What a nightly backup that died has left, by our own names.
fn clear_unfinished(folder: &Path) -> Result<(), KeepError> {
    place::create_folder(folder)?;
    let inside = std::fs::read_dir(folder).map_err(KeepError::at(folder))?;
    for entry in inside.flatten() {
        let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        if !name.starts_with(&format!("{PREFIX}-")) {
            continue;
        }
        if name.ends_with(".unfinished") {
            std::fs::remove_file(&path).map_err(KeepError::at(&path))?;
        } else if name.ends_with(".trial") {
            std::fs::remove_dir_all(&path).map_err(KeepError::at(&path))?;
        }
    }
    Ok(())
}

/// Removes the nights that are too old. Only files that this table says we made, in this folder, under our own
/// name.
fn expire(engine: &Engine, plan: &Nightly, zone: &TimeZone) -> Result<(), KeepError> {
    let nights = engine.read_blocking(|tx| Ok(log::nightly(tx)?))?;
    let old = too_old(&nights, plan.daily, plan.weekly, zone);
    for night in old {
        let Some(place) = &night.place else { continue };
        let path = Path::new(place);
        let ours = path.parent() == Some(plan.folder.as_path())
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{PREFIX}-")));
        if !ours {
            continue;
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(KeepError::at(path)(error));
            }
            _ => {
                let place = place.clone();
                engine.write_blocking(move |tx| Ok(log::removed(tx, &place)?))?;
            }
        }
    }
    Ok(())
}

/// Those that are neither among the newest nights nor the newest of one of the newest weeks. Newest first.
fn too_old<'a>(nights: &'a [Kept], daily: usize, weekly: usize, zone: &TimeZone) -> Vec<&'a Kept> {
    let mut weeks = HashSet::new();
    let keep_at_least_one = daily.max(1);
    nights
        .iter()
        .enumerate()
        .filter(|(at, night)| {
            let week = night.started_at.timestamp().to_zoned(zone.clone()).date().iso_week_date();
            let first_of_week = weeks.insert((week.year(), week.week()));
            *at >= keep_at_least_one && !(first_of_week && weeks.len() <= weekly)
        })
        .map(|(_, night)| night)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn night_of(text: &str) -> Kept {
        Kept {
            kind: PREFIX.into(),
            state: "good".into(),
            started_at: at(text),
            ended_at: None,
            place: Some(text.into()),
            bytes: None,
            rows: None,
            verified: None,
            problem: None,
        }
    }

    #[test]
    fn a_night_has_one_slot_in_the_zone_of_the_shop() {
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let (before, due) = slot(at("2026-11-21T01:59:00Z"), 3, &rome).unwrap();
        assert_eq!((before.as_str(), due), ("nightly 2026-11-20", at("2026-11-20T02:00:00Z")));
        let (after, due) = slot(at("2026-11-21T02:00:00Z"), 3, &rome).unwrap();
        assert_eq!((after.as_str(), due), ("nightly 2026-11-21", at("2026-11-21T02:00:00Z")));
        // The night in which the clocks go forward has no 02:00 in Rome.
        let (spring, due) = slot(at("2026-03-29T05:00:00Z"), 2, &rome).unwrap();
        assert_eq!((spring.as_str(), due), ("nightly 2026-03-29", at("2026-03-29T01:00:00Z")));
    }

    #[test]
    fn the_newest_nights_and_the_newest_of_each_week_stay() {
        let nights: Vec<Kept> = (0..30)
            .map(|back| night_of(&at("2026-11-20T02:00:00Z").plus_seconds(-back * 86_400).to_string()))
            .collect();
        let gone: HashSet<Instant> =
            too_old(&nights, 7, 4, &TimeZone::UTC).iter().map(|night| night.started_at).collect();
        let kept: Vec<String> = nights
            .iter()
            .filter(|night| !gone.contains(&night.started_at))
            .map(|night| night.started_at.to_string()[..10].to_owned())
            .collect();
        // Seven nights, which touch two weeks, and the Sundays of the two weeks before.
        assert_eq!(
            kept,
            [
                "2026-11-20",
                "2026-11-19",
                "2026-11-18",
                "2026-11-17",
                "2026-11-16",
                "2026-11-15",
                "2026-11-14",
                "2026-11-08",
                "2026-11-01"
            ]
        );
        assert!(too_old(&nights[..1], 0, 0, &TimeZone::UTC).is_empty(), "the only one is never removed");
    }
}
