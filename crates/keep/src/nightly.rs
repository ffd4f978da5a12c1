//! The backup of each night, and which of them are kept.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use engine::shelf::Blobs;
use engine::{Engine, Options};
use jiff::tz::TimeZone;
use kernel::{Clock, Fault, Instant};

use crate::backup::{Backup, Made, Soundness, backup, stamped};
use crate::log::{self, Kept};
use crate::manifest::{Kind, Manifest};
use crate::read::Source;
use crate::{KeepError, Unwatched};

/// What nightly backups are called, so that no other file is ever removed.
const PREFIX: &str = "nightly";
/// How long after a failure it is tried again. Seconds.
const AGAIN_SECONDS: i64 = 3_600;
/// How often a run tells that it is alive; it counts as alive for ten times as long.
const PULSE: Duration = Duration::from_secs(60);

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

/// The slot that is due, its instant, and the shop's zone; `None` when the shop is younger than it.
fn wanted(
    engine: &Engine,
    plan: &Nightly,
    now: Instant,
) -> Result<Option<(String, Instant, TimeZone)>, KeepError> {
    let zone = engine.read_blocking(|tx| {
        let shop = primitives::shop::find(tx)?;
        let oldest = log::opened_at(tx)?;
        Ok(shop.zip(oldest).map(|(shop, oldest)| (shop.zone, oldest)))
    })?;
    let Some((zone, oldest)) = zone else { return Ok(None) };
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let found = slot(now, plan.hour, &zone).filter(|(_, due)| oldest < *due);
    Ok(found.map(|(slot, due)| (slot, due, zone)))
}

/// Whether the backup of a night is due that nobody has made and nobody makes.
///
/// # Errors
/// When the database cannot be read.
pub fn due(engine: &Engine, plan: &Nightly, clock: &dyn Clock) -> Result<bool, KeepError> {
    let now = clock.now();
    let Some((slot, ..)) = wanted(engine, plan, now)? else { return Ok(false) };
    Ok(!engine.read_blocking(|tx| Ok(log::taken(tx, &slot, now)?))?)
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
    let Some((slot, due, zone)) = wanted(engine, plan, now)? else { return Ok(None) };
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
    let pulse = || tell_alive(engine, run, now, clock.now());
    let made = beside(PULSE, pulse, || backup(&order, clock, sound, &mut Unwatched));
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
    let ours =
        engine.write_blocking(move |tx| Ok(log::end(tx, run, &kept, ended.plus_seconds(AGAIN_SECONDS))?))?;
    if !ours {
        tracing::warn!(slot, "another process took this night over meanwhile; its line stays");
    }
    let made = made?;
    expire(engine, plan, &made, &zone)?;
    Ok(Some(made))
}

/// Does some work while a thread beside it does `pulse` now and then, whatever the work is busy with.
fn beside<T>(every: Duration, pulse: impl Fn() + Send, work: impl FnOnce() -> T) -> T {
    std::thread::scope(|scope| {
        let (done, ended) = channel::<()>();
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(every) {
                pulse();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Tells that the run which began then goes on.
fn tell_alive(engine: &Engine, run: i64, began: Instant, now: Instant) {
    match engine.write_blocking(move |tx| Ok(log::alive(tx, run, began, now)?)) {
        Ok(true) => {}
        Ok(false) => tracing::warn!("another process has taken this night's backup over"),
        Err(error) => tracing::warn!(%error, "the backup goes on, and could not tell so"),
    }
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

/// A night that lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Night {
    file: PathBuf,
    taken_at: Instant,
}

/// Removes the nights that are too old, by what lies in the folder: other nodes have folders of their own, and a shop
/// that was restored does not know what it made before. Only backups of this shop, under our own name.
fn expire(engine: &Engine, plan: &Nightly, made: &Made, zone: &TimeZone) -> Result<(), KeepError> {
    let nights = nights(&plan.folder, &made.manifest)?;
    for night in too_old(&nights, plan.daily, plan.weekly, zone) {
        match std::fs::remove_file(&night.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(KeepError::at(&night.file)(error));
            }
            _ => {}
        }
        let place = night.file.display().to_string();
        engine.write_blocking(move |tx| Ok(log::removed(tx, &place)?))?;
    }
    Ok(())
}

/// The nights of the shop of which this is a backup, newest first.
fn nights(folder: &Path, of: &Manifest) -> Result<Vec<Night>, KeepError> {
    let mut nights = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(KeepError::at(folder))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.strip_suffix(".tar").and_then(stamped).is_some_and(|(prefix, _)| prefix == PREFIX);
        if !ours {
            continue;
        }
        // One that cannot be read, or is of another shop that uses this folder, is not counted and not touched.
        let Ok(source) = Source::open(&entry.path()) else { continue };
        if source.manifest.kind == Kind::Backup && same_shop(&source.manifest, of) {
            nights.push(Night { file: entry.path(), taken_at: source.manifest.taken_at });
        }
    }
    nights.sort_by_key(|night| std::cmp::Reverse(night.taken_at));
    Ok(nights)
}

/// Whether two backups are of one shop: its key is its own, also where it was restored.
fn same_shop(one: &Manifest, other: &Manifest) -> bool {
    match (&one.key.fingerprint, &other.key.fingerprint) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.shop == other.shop,
        _ => false,
    }
}

/// Those that are neither among the newest nights nor the newest of one of the newest weeks. Newest first.
fn too_old<'a>(nights: &'a [Night], daily: usize, weekly: usize, zone: &TimeZone) -> Vec<&'a Night> {
    let mut weeks = HashSet::new();
    let keep_at_least_one = daily.max(1);
    nights
        .iter()
        .enumerate()
        .filter(|(at, night)| {
            let week = night.taken_at.timestamp().to_zoned(zone.clone()).date().iso_week_date();
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

    fn night_of(text: &str) -> Night {
        Night { file: text.into(), taken_at: at(text) }
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
        let nights: Vec<Night> = (0..30)
            .map(|back| night_of(&at("2026-11-20T02:00:00Z").plus_seconds(-back * 86_400).to_string()))
            .collect();
        let gone: HashSet<Instant> =
            too_old(&nights, 7, 4, &TimeZone::UTC).iter().map(|night| night.taken_at).collect();
        let kept: Vec<String> = nights
            .iter()
            .filter(|night| !gone.contains(&night.taken_at))
            .map(|night| night.taken_at.to_string()[..10].to_owned())
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

    #[test]
    fn a_run_tells_that_it_is_alive_whatever_it_is_busy_with() {
        let told = std::sync::atomic::AtomicU32::new(0);
        let (tell, heard) = channel();
        let pulse = || {
            told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let _ = tell.send(());
        };
        // The work itself says nothing: it waits until the thread beside it did, twice.
        let result = beside(Duration::from_millis(1), pulse, || {
            heard
                .recv_timeout(Duration::from_secs(60))
                .and_then(|()| heard.recv_timeout(Duration::from_secs(60)))
        });
        assert!(result.is_ok() && told.into_inner() >= 2);
    }
}
