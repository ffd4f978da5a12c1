//! A backup: one file with everything, taken while the shop goes on answering, and tried before it counts.

use std::path::{Path, PathBuf};

use engine::shelf::Blobs;
use engine::{Engine, Options, whole};
use kernel::{Clock, Fault, Instant};
use serde::Serialize;

use crate::manifest::{How, Kind, Manifest};
use crate::read::Source;
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
    // Packed it is smaller than the shop; the trial needs the shop's own size once more.
    let size = place::size_of(order.from)?;
    place::room_for(order.folder, size + size / 2 + (16 << 20))?;
    let now = clock.now();
    let name = format!("{}-{}", order.prefix, stamp(now));
    let file = order.folder.join(format!("{name}.tar"));
    if file.exists() {
        let next = "a backup of this second is there already; run it again".into();
        return Err(KeepError::Occupied { place: file.display().to_string(), next });
    }
    let beside = order.folder.join(format!("{name}.unfinished"));
    let scratch = order.folder.join(format!("{name}.trial"));
    let made = write(order, &beside, &scratch, now, clock, sound, watch);
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch).map_err(KeepError::at(&scratch))?;
    }
    let manifest = match made {
        Ok(manifest) => manifest,
        Err(error) => {
            if beside.exists() {
                std::fs::remove_file(&beside).map_err(KeepError::at(&beside))?;
            }
            return Err(error);
        }
    };
    std::fs::rename(&beside, &file).map_err(KeepError::at(&file))?;
    flush_folder(order.folder)?;
    let bytes = std::fs::metadata(&file).map_err(KeepError::at(&file))?.len();
    Ok(Made { file, bytes, rows: manifest.rows(), manifest })
}

fn write(
    order: &Backup<'_>,
    beside: &Path,
    scratch: &Path,
    now: Instant,
    clock: &dyn Clock,
    sound: Soundness<'_>,
    watch: &mut dyn Watch,
) -> Result<Manifest, KeepError> {
    let mut sink = Sink::tar(beside, now.millis() / 1_000)?;
    sink.add("READ-ME.txt", READ_ME.as_bytes())?;
    let taking =
        Order { kind: Kind::Backup, data_dir: &order.from.data_dir, with_key: order.with_key, at: now };
    let mut manifest = whole::look_with(order.from, order.blobs, |tx| take(tx, &taking, &mut sink, watch))?;
    sink.finish(&manifest)?;
    let source = Source::open(beside)?;
    if order.trial {
        manifest.verified.findings = trial(&source, scratch, clock, sound, watch)?;
        manifest.verified.how = How::Restored;
    } else {
        watch.stage("checking", Some(source.bytes()));
        source.check(|bytes| watch.at(bytes))?;
        manifest.verified.how = How::Read;
    }
    sink.replace_manifest(&manifest)?;
    Ok(manifest)
}

/// Restores into a scratch shop and looks through it. What is found there was in the shop itself: a backup of
/// a shop with a flaw is better than none, so it is kept and the flaw is told.
fn trial(
    source: &Source,
    scratch: &Path,
    clock: &dyn Clock,
    sound: Soundness<'_>,
    watch: &mut dyn Watch,
) -> Result<Vec<String>, KeepError> {
    let target = Options {
        url: format!("sqlite:{}", scratch.join("bottega.db").display()),
        data_dir: scratch.to_owned(),
    };
    let restored = restore::restore(source, &target, &Blobs::Folder, None, clock, watch)?;
    watch.stage("looking through", None);
    let engine = Engine::open(&target, clock)?;
    let mut findings = sound(&engine)?;
    if restored.missing_blobs > 0 {
        let missing = restored.missing_blobs;
        findings.insert(0, format!("{missing} files of the shop were missing before this backup was taken"));
    }
    Ok(findings)
}
