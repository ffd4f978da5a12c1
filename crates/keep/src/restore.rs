//! A shop made again from a backup or an export.
//!
//! Nothing is ever overwritten. Before the first byte is written every part, every file and the key are compared
//! with their digests; after the last, every row is read back and compared again. A mark in the data folder says
//! that a restore is under way, and is locked while it is: a second one refuses, and where the process dies, no shop
//! opens on the half of it, and the next restore begins anew. Until the database is whole, everything has names that
//! end in `.unfinished`; nothing else is ever removed.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use engine::blob::{self, BlobDigest};
use engine::shelf::Blobs;
use engine::whole::{self, Table, Target};
use engine::{Options, Tx, Value};
use kernel::{Clock, Instant};
use serde::Serialize;

use crate::log::{self, Note};
use crate::manifest::{Kind, Manifest, TableEntry};
use crate::mark::{Mark, Said};
use crate::read::Source;
use crate::shape::Sum;
use crate::take::{blob_row, fingerprint, summed};
use crate::write::{create_private, flush_folder};
use crate::{KeepError, Watch, place};

/// Rows that are added at a time.
const BATCH: usize = 2_000;
/// The mark of a restore that is under way, in the data folder.
pub const MARK: &str = "restore-unfinished";
/// Where key and files wait for the database to be whole, in the data folder.
const PARTS: &str = "restore.unfinished";

/// Where a shop is made again, and how.
#[derive(Debug, Clone)]
pub struct Restore<'a> {
    /// Its database and its data folder; nothing of a shop may be there.
    pub target: &'a Options,
    /// Where its large blobs go.
    pub blobs: &'a Blobs,
    /// A key file kept elsewhere, for a backup without one.
    pub key: Option<&'a Path>,
    /// Whether it is made without the files, and without the key inside, that are not as they were written.
    pub without_damaged: bool,
    /// Bytes of room to ask for, where more is known than the backup says.
    pub room: Option<u64>,
}

impl<'a> Restore<'a> {
    /// To a place, with its files in its data folder and whatever key is inside.
    pub fn to(target: &'a Options) -> Restore<'a> {
        Restore { target, blobs: &Blobs::Folder, key: None, without_damaged: false, room: None }
    }
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// Rows restored.
    pub rows: u64,
    /// Letters that had not left when the backup was taken, and are held until somebody decides.
    pub held: u64,
    /// Whether the installation's key is in place again.
    pub key: bool,
    /// Blobs that were missing in the shop already when the backup was taken.
    pub missing_blobs: usize,
    /// Blobs that were damaged or missing in the backup itself, by digest.
    pub damaged_blobs: Vec<String>,
}

/// Makes a shop again where there is none.
///
/// # Errors
/// When the source is damaged, the place is taken or too small, or a restore is under way there. Nothing is left
/// then.
pub fn restore(
    source: &Source,
    order: &Restore<'_>,
    clock: &dyn Clock,
    watch: &mut dyn Watch,
) -> Result<Restored, KeepError> {
    let target = order.target;
    watch.stage("checking", Some(source.bytes()));
    let damaged = source.check(|bytes| watch.at(bytes))?;
    if !damaged.is_empty() && !order.without_damaged {
        return Err(source.damaged_files(&damaged));
    }
    let made = Made { key: fitting_key(source, order)?, lost: source.lost(&damaged), damaged };
    let path = target.data_dir.join(MARK);
    if !path.exists() {
        // What is refused leaves nothing, no folder either.
        place::free_for_shop(target)?;
    }
    place::create_folder(&target.data_dir)?;
    let mut marks = vec![Mark::take(&path)?];
    if let Some(file) = place::sqlite_file(target) {
        // The database may be built from another data folder at the same time.
        place::create_folder(place::folder_of(&file))?;
        marks.push(Mark::take(&PathBuf::from(format!("{}.restoring", file.display())))?);
    }
    let now = clock.now();
    let ended = under_marks(source, order, &made, &mut marks, now, watch);
    if let Err(error) = &ended {
        match clear(target, now) {
            Ok(true) => {}
            // The mark stays, no shop opens here, and the next restore looks what there is.
            Ok(false) => return ended,
            Err(second) => {
                tracing::error!(%error, %second, "what a restore had begun could not be removed");
                return ended;
            }
        }
    }
    for mark in marks.into_iter().rev() {
        mark.remove()?;
    }
    ended
}

/// What a restore has in its hands.
struct Made {
    key: Option<Vec<u8>>,
    /// Blobs that there are no bytes of.
    lost: HashSet<BlobDigest>,
    damaged: Vec<BlobDigest>,
}

impl Made {
    fn restored(&self, source: &Source, held: u64) -> Restored {
        Restored {
            rows: source.manifest.rows(),
            held,
            key: self.key.is_some(),
            missing_blobs: source.manifest.blobs.missing.len(),
            damaged_blobs: self.damaged.iter().map(BlobDigest::hex).collect(),
        }
    }
}

fn under_marks(
    source: &Source,
    order: &Restore<'_>,
    made: &Made,
    marks: &mut [Mark],
    now: Instant,
    watch: &mut dyn Watch,
) -> Result<Restored, KeepError> {
    let target = order.target;
    if let Some(held) = finished_before(source, target, marks)? {
        return Ok(made.restored(source, held));
    }
    place::free_for_shop(target)?;
    match order.room {
        Some(needed) => place::room_for(&target.data_dir, needed)?,
        None => room(source, order)?,
    }
    let said = Said { from: source.path().display().to_string(), started_at: now };
    marks.iter_mut().try_for_each(|mark| mark.say(&said))?;
    let held = build(source, order, made, now, watch)?;
    put_in_place(target)?;
    Ok(made.restored(source, held))
}

/// Asks for the room that the shop will have: its database where that lies, its files where they lie.
fn room(source: &Source, order: &Restore<'_>) -> Result<(), KeepError> {
    let target = order.target;
    let files = if matches!(order.blobs, Blobs::Folder) { source.manifest.blobs.bytes } else { 0 };
    match place::sqlite_file(target) {
        Some(file) if place::same_disk(place::folder_of(&file), &target.data_dir)? => {
            place::room_for(&target.data_dir, source.room() + files)
        }
        Some(file) => {
            place::room_for(place::folder_of(&file), source.room())?;
            place::room_for(&target.data_dir, files)
        }
        None => place::room_for(&target.data_dir, files),
    }
}

fn build(
    source: &Source,
    order: &Restore<'_>,
    made: &Made,
    now: Instant,
    watch: &mut dyn Watch,
) -> Result<u64, KeepError> {
    let built_at = place::building(order.target);
    let parts = order.target.data_dir.join(PARTS);
    place::create_folder(&parts)?;
    if matches!(order.blobs, Blobs::Folder) {
        // Also where none is left to lie in it: a shop whose folder is not there takes its disk for away.
        place::create_folder(&parts.join("blobs"))?;
    }
    let building = Options { url: built_at.url.clone(), data_dir: parts.clone() };
    if let Some(key) = &made.key {
        use std::io::Write;
        let path = parts.join(engine::KEY_FILE);
        let mut file = create_private(&path)?;
        file.write_all(key).and_then(|()| file.sync_all()).map_err(KeepError::at(&path))?;
    }
    let manifest = &source.manifest;
    watch.stage("rows", Some(manifest.rows()));
    let note = Note::restore(source.path(), now, manifest.rows());
    let to = Target { options: &building, blobs: order.blobs, schema: manifest.schema };
    let watch = RefCell::new(watch);
    let held = whole::build(
        &to,
        |tx| {
            fill(tx, source, &made.lost, &mut **watch.borrow_mut())?;
            watch.borrow_mut().stage("comparing", Some(manifest.rows()));
            compare(tx, manifest, &mut **watch.borrow_mut())
        },
        |tx| {
            let held = primitives::held::hold_all(tx, primitives::held::RESTORED)?;
            watch.borrow_mut().stage("search", Some(manifest.rows_of("voice") + manifest.rows_of("message")));
            primitives::searched::fill(tx, |done| watch.borrow_mut().at(done))?;
            log::write(tx, &note)?;
            Ok::<u64, KeepError>(held)
        },
    )?;
    flush_folder(&parts)?;
    built_at.settle()?;
    Ok(held)
}

/// Puts key and files where they belong, once the database is whole. Repeated after a crash it does what is left.
fn put_in_place(target: &Options) -> Result<(), KeepError> {
    let parts = target.data_dir.join(PARTS);
    if !parts.exists() {
        return Ok(());
    }
    for name in [engine::KEY_FILE, "blobs"] {
        let from = parts.join(name);
        if from.exists() {
            place::put(&from, &target.data_dir.join(name))?;
        }
    }
    flush_folder(&target.data_dir)?;
    std::fs::remove_dir_all(&parts).map_err(KeepError::at(&parts))
}

fn table_of(tables: &[Table], entry: &TableEntry) -> Result<Table, KeepError> {
    let differs = |why: String| KeepError::Differs { table: entry.name.clone(), why };
    let table = tables
        .iter()
        .find(|table| table.name == entry.name)
        .ok_or_else(|| differs("there is no such table in its schema".into()))?;
    // In the order in which the rows come.
    let columns = entry.fields.iter().map(|field| {
        let column = table.columns.iter().find(|column| column.name == field.name);
        column.cloned().ok_or_else(|| differs(format!("there is no column {}", field.name)))
    });
    Ok(Table { name: table.name.clone(), columns: columns.collect::<Result<_, _>>()? })
}

fn order_of(kind: Kind, entry: &TableEntry) -> Vec<usize> {
    let names: Vec<&str> = entry.fields.iter().map(|field| field.name.as_str()).collect();
    summed(kind, &entry.name, &names)
}

fn fill(
    tx: &mut Tx<'_>,
    source: &Source,
    lost: &HashSet<BlobDigest>,
    watch: &mut dyn Watch,
) -> Result<(), KeepError> {
    let tables = whole::tables(tx)?;
    let mut done = 0;
    for entry in &source.manifest.tables {
        let table = table_of(&tables, entry)?;
        let order = order_of(source.manifest.kind, entry);
        let mut sum = Sum::default();
        let mut batch: Vec<Vec<Value>> = Vec::with_capacity(BATCH);
        source.rows(entry, lost, |row| {
            if entry.name == "blob" {
                keep_blob(tx, source, lost, entry, &row)?;
            }
            sum.add(&order, &row);
            batch.push(row);
            if batch.len() == BATCH {
                done += BATCH as u64;
                watch.at(done);
                whole::insert(tx, &table, std::mem::take(&mut batch))?;
            }
            Ok(())
        })?;
        done += batch.len() as u64;
        whole::insert(tx, &table, batch)?;
        watch.at(done);
        if sum.rows != entry.rows || sum.hex() != entry.sum {
            return Err(KeepError::Damaged {
                path: source.path().display().to_string(),
                part: entry.name.clone(),
                why: format!("{} rows where {} were written, or other values", sum.rows, entry.rows),
            });
        }
    }
    Ok(())
}

fn keep_blob(
    tx: &mut Tx<'_>,
    source: &Source,
    lost: &HashSet<BlobDigest>,
    entry: &TableEntry,
    row: &[Value],
) -> Result<(), KeepError> {
    let (digest, size, inline) = blob_row(&entry.fields, row)?;
    if inline.is_some() || lost.contains(&digest) {
        return Ok(());
    }
    let packed = source.blob(&digest, size)?;
    Ok(blob::keep(tx, &digest, &packed)?)
}

/// Reads every row back and compares.
fn compare(tx: &mut Tx<'_>, manifest: &Manifest, watch: &mut dyn Watch) -> Result<(), KeepError> {
    let tables = whole::tables(tx)?;
    let mut done = 0;
    for entry in &manifest.tables {
        let table = table_of(&tables, entry)?;
        let order = order_of(manifest.kind, entry);
        let sum = sum_of(tx, &table, &order)?;
        done += sum.rows;
        watch.at(done);
        if sum.rows != entry.rows || sum.hex() != entry.sum {
            let why = format!("{} rows where {} were written, or other values", sum.rows, entry.rows);
            return Err(KeepError::Differs { table: entry.name.clone(), why });
        }
    }
    Ok(())
}

/// The sum of a table's rows as they lie.
pub(crate) fn sum_of(tx: &mut Tx<'_>, table: &Table, order: &[usize]) -> Result<Sum, KeepError> {
    let mut sum = Sum::default();
    whole::stream(tx, table, |row| {
        sum.add(order, &row);
        Ok::<(), KeepError>(())
    })?;
    Ok(sum)
}

/// The key that will be in place: the given one, which must be the shop's, or the one inside.
fn fitting_key(source: &Source, order: &Restore<'_>) -> Result<Option<Vec<u8>>, KeepError> {
    let Some(path) = order.key else {
        return match source.key() {
            Err(KeepError::Damaged { .. }) if order.without_damaged => Ok(None),
            Err(KeepError::Damaged { path, why, .. }) => Err(KeepError::Key(format!(
                "the key in {path} is not as it was written ({why}): give the bottega.key that lay in the data folder of \
                 {} with --key, or take the backup before it; or restore without the key, and without whatever else \
                 is damaged, with --without-damaged-files",
                source.manifest.shop
            ))),
            key => key,
        };
    };
    let key = std::fs::read(path).map_err(KeepError::at(path))?;
    match &source.manifest.key.fingerprint {
        Some(fits) if *fits != fingerprint(&key) => Err(KeepError::Key(format!(
            "{} is the key of another shop: give the bottega.key that lay in the data folder of {}",
            path.display(),
            source.manifest.shop
        ))),
        _ => Ok(Some(key)),
    }
}

/// Whether a restore is under way in this data folder, or was interrupted.
pub fn interrupted(data_dir: &Path) -> bool {
    data_dir.join(MARK).exists()
}

/// Whether the shop that is there is the one that a restore made which began then.
fn made_here(target: &Options, started_at: Instant) -> Result<bool, KeepError> {
    if !place::holds_shop(target)? {
        return Ok(false);
    }
    whole::look(target, |tx| {
        let ours = engine::migrate::found(tx)? == Some(engine::newest_schema());
        Ok::<_, KeepError>(ours && log::restored_at(tx, started_at)?)
    })
}

/// Clears what an interrupted restore left. Where it had made the database, the rest is put in its place, and it says
/// how many letters are held there, when that restore was of the same source.
fn finished_before(source: &Source, target: &Options, marks: &mut [Mark]) -> Result<Option<u64>, KeepError> {
    for mark in marks {
        let Some(said) = mark.said()? else { continue };
        if made_here(target, said.started_at)? {
            put_in_place(target)?;
            let same = Path::new(&said.from) == source.path();
            return if same { Ok(Some(whole::look(target, log::held)?)) } else { Ok(None) };
        }
    }
    discard(target)?;
    Ok(None)
}

/// Removes what a restore that began then has written and not ended. `false` when it had made the shop, whose key and
/// files are still to be put in place.
fn clear(target: &Options, started_at: Instant) -> Result<bool, KeepError> {
    if made_here(target, started_at)? {
        return Ok(false);
    }
    discard(target)?;
    Ok(true)
}

/// Removes what is unfinished, by names that only a restore gives.
fn discard(target: &Options) -> Result<(), KeepError> {
    place::building(target).discard()?;
    let parts = target.data_dir.join(PARTS);
    match std::fs::remove_dir_all(&parts) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeepError::at(&parts)(error)),
        _ => Ok(()),
    }
}
