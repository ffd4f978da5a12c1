//! A backup: one file with everything, taken while the shop goes on answering, and tried before it counts.

use std::fs::File;
use std::path::{Path, PathBuf};

use engine::shelf::Blobs;
use engine::{Engine, Options, whole};
use kernel::{Clock, Fault, Instant};
use serde::Serialize;

use crate::manifest::{How, Kind, Manifest};
use crate::mark::lock;
use crate::read::{RESERVE, Source};
use crate::restore::Restore;
use crate::take::{Order, take};
use crate::write::{Sink, flush_folder};
use crate::{KeepError, Watch, place, restore};

/// Looks through a shop for what must not be; a sentence for each thing found.
pub type Soundness<'a> = &'a dyn Fn(&Engine) -> Result<Vec<String>, Fault>;

const READ_ME: &str = "This is a backup of a Bottega shop, taken while it was open.\n\n\
    To look at what is inside, without changing anything:   bottega restore FILE --dry-run\n\
    To make the shop again, in an empty folder:             bottega restore FILE --to FOLDER\n\
    To make it again where the configuration says:          bottega restore FILE\n\n\
    Nothing is ever overwritten. manifest.json says what is here. Each table is in data/, as lines of JSON packed\n\
    with zstd; large files are in blobs/, packed with zstd, named by the SHA-256 of what they hold. bottega.key,\n\
    where it is here, opens what is encrypted: keep this file as you keep the shop's own keys.\n";

/// How long a stamp is.
const STAMP: usize = "2026-11-21T090000Z".len();

/// What to back up, and how.
pub struct Backup<'a> {
    /// The shop.
    pub from: &'a Options,
    /// Where its large blobs lie. They go into the backup wherever that is.
    pub blobs: &'a Blobs,
    /// The folder of backups; made when it is missing.
    pub folder: &'a Path,
    /// What the file's name begins with.
    pub prefix: &'a str,
    /// Whether the installation's key goes in.
    pub with_key: bool,
    /// Whether it is restored into a scratch shop beside, and looked through; otherwise it is read back only.
    pub trial: bool,
}

/// A backup that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// What it says about itself.
    #[serde(skip)]
    pub manifest: Manifest,
}

/// The stamp in a backup's name: the instant, sortable, fit for every file system.
pub(crate) fn stamp(at: Instant) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H%M%SZ").to_string()
}

/// Takes a backup. The file appears under its name only when it is whole, flushed and verified.
pub fn backup(
    order: &Backup<'_>,
    clock: &dyn Clock,
    sound: Soundness<'_>,
    watch: &mut dyn Watch,
) -> Result<Made, KeepError> {
    if !place::holds_shop(order.from)? {
        return Err(KeepError::NoShop(engine::shown_address(&order.from.url)));
    }
    place::create_folder(order.folder)?;
    clear_leftovers(order.folder)?;
    // Rows pack to less than half; files are packed already. The trial has all of it once more, and the living
    // shop, which may be on the same disk, goes on writing meanwhile.
    let database = whole::bytes(order.from)?;
    let shop = database + place::files_of(order.from, order.blobs)?;
    let tar = shop - database / 2;
    place::room_for(order.folder, tar + if order.trial { shop } else { 0 } + RESERVE)?;
    let now = clock.now();
    let name = format!("{}-{}", order.prefix, stamp(now));
    let file = order.folder.join(format!("{name}.tar"));
    if file.exists() {
        let next = "a backup of this second is there already; run it again".into();
        return Err(KeepError::Occupied { place: file.display().to_string(), next });
    }
    let beside = order.folder.join(format!("{name}.unfinished"));
    let scratch = order.folder.join(format!("{name}.trial"));
    let made = write(order, &beside, &scratch, shop, now, clock, sound, watch);
    let cleared = remove(&scratch);
    let (manifest, sink) = match made {
        Ok(made) => made,
        Err(error) => {
            // Why there is no backup is told, not what came after.
            for second in [cleared, remove(&beside)].into_iter().filter_map(Result::err) {
                tracing::warn!(%second, "what a backup that failed has left is cleared by the next one");
            }
            return Err(error);
        }
    };
    cleared?;
    // Nobody has it for a leftover until it has its name.
    std::fs::rename(&beside, &file).map_err(KeepError::at(&file))?;
    drop(sink);
    flush_folder(order.folder)?;
    let bytes = std::fs::metadata(&file).map_err(KeepError::at(&file))?.len();
    Ok(Made { file, bytes, rows: manifest.rows(), manifest })
}

/// Removes a file or a folder that is ours, if it is there.
fn remove(path: &Path) -> Result<(), KeepError> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeepError::at(path)(error)),
        _ => Ok(()),
    }
}

/// The instant in a name that [`stamp`] made, without its end, and what stands before it.
pub(crate) fn stamped(name: &str) -> Option<(&str, Instant)> {
    let (prefix, at) = name.split_at_checked(name.len().checked_sub(STAMP)?)?;
    let at = jiff::civil::DateTime::strptime("%Y-%m-%dT%H%M%SZ", at).ok()?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some((prefix.strip_suffix('-')?, at.timestamp().into()))
}

/// What backups that died have left in this folder, by our own names. One whose file somebody holds is being made by
/// another process, or on another machine.
fn clear_leftovers(folder: &Path) -> Result<(), KeepError> {
    let inside = std::fs::read_dir(folder).map_err(KeepError::at(folder))?;
    for entry in inside.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(stem) = [".unfinished", ".trial"].iter().find_map(|end| name.strip_suffix(end)) else {
            continue;
        };
        if stamped(stem).is_none() {
            continue;
        }
        let file = folder.join(format!("{stem}.unfinished"));
        let dead = match File::options().append(true).open(&file) {
            // Where there are no locks nobody can say, and it stays.
            Ok(opened) => lock(&opened).unwrap_or(false),
            // Of a trial whose file is gone, nobody will ask for anything.
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if dead {
            remove(&folder.join(format!("{stem}.trial")))?;
            remove(&file)?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one run")]
fn write(
    order: &Backup<'_>,
    beside: &Path,
    scratch: &Path,
    shop: u64,
    now: Instant,
    clock: &dyn Clock,
    sound: Soundness<'_>,
    watch: &mut dyn Watch,
) -> Result<(Manifest, Sink), KeepError> {
    let mut sink = Sink::tar(beside, now.millis() / 1_000)?;
    sink.add("READ-ME.txt", READ_ME.as_bytes())?;
    let taking =
        Order { kind: Kind::Backup, data_dir: &order.from.data_dir, with_key: order.with_key, at: now };
    let mut manifest = whole::look_with(order.from, order.blobs, |tx| take(tx, &taking, &mut sink, watch))?;
    sink.finish(&manifest)?;
    let source = Source::open(beside)?;
    if order.trial {
        manifest.verified.findings = trial(&source, scratch, shop, clock, sound, watch)?;
        manifest.verified.how = How::Restored;
    } else {
        watch.stage("checking", Some(source.bytes()));
        let damaged = source.check(|bytes| watch.at(bytes))?;
        if !damaged.is_empty() {
            return Err(source.damaged_files(&damaged));
        }
        source.key()?;
        manifest.verified.how = How::Read;
    }
    sink.replace_manifest(&manifest)?;
    Ok((manifest, sink))
}

/// Restores into a scratch shop and looks through it. What is found there was in the shop itself: a backup of
/// a shop with a flaw is better than none, so it is kept and the flaw is told.
fn trial(
    source: &Source,
    scratch: &Path,
    shop: u64,
    clock: &dyn Clock,
    sound: Soundness<'_>,
    watch: &mut dyn Watch,
) -> Result<Vec<String>, KeepError> {
    let target = Options {
        url: format!("sqlite:{}", scratch.join("bottega.db").display()),
        data_dir: scratch.to_owned(),
    };
    let order = Restore { room: Some(shop), ..Restore::to(&target) };
    let restored = restore::restore(source, &order, clock, watch)?;
    watch.stage("looking through", None);
    let engine = Engine::open(&target, clock)?;
    let mut findings = sound(&engine)?;
    if restored.missing_blobs > 0 {
        let missing = restored.missing_blobs;
        findings.insert(0, format!("{missing} files of the shop were missing before this backup was taken"));
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_have_a_stamp() {
        let at: Instant = "2026-11-21T09:00:00Z".parse().unwrap();
        assert_eq!(stamped(&format!("nightly-{}", stamp(at))), Some(("nightly", at)));
        for name in
            ["nightly-of-somebody-else", "2026-11-21T090000Z", "nightly-2026-13-21T090000Z", "x", "nightly-é"]
        {
            assert_eq!(stamped(name), None, "{name}");
        }
    }

    #[test]
    fn what_a_dead_backup_left_is_cleared_and_what_somebody_holds_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (dead, living) = ("bottega-2026-11-20T020000Z", "nightly-2026-11-21T020000Z");
        for name in [dead, living, "my-own"] {
            std::fs::write(dir.path().join(format!("{name}.unfinished")), "half").unwrap();
            std::fs::create_dir(dir.path().join(format!("{name}.trial"))).unwrap();
        }
        std::fs::create_dir(dir.path().join("b-2026-11-19T020000Z.trial")).unwrap();
        let path = dir.path().join(format!("{living}.unfinished"));
        let held = File::open(&path).unwrap();
        assert!(lock(&held).unwrap());
        clear_leftovers(dir.path()).unwrap();
        let mut left: Vec<String> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let (file, trial) = (format!("{living}.unfinished"), format!("{living}.trial"));
        assert_eq!(left, ["my-own.trial", "my-own.unfinished", &trial, &file]);
    }
}
