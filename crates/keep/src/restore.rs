//! A shop made again from a backup or an export.
//!
//! Nothing is ever overwritten. Before the first byte is written every part is compared with its digest; after
//! the last, every row is read back and compared again. A mark in the data folder says that a restore is under
//! way: where the process dies, no shop opens on the half of it, and the next restore begins anew.

use std::path::{Path, PathBuf};

use engine::blob;
use engine::shelf::Blobs;
use engine::whole::{self, Table, Target};
use engine::{Options, Tx, Value};
use kernel::{Clock, Instant};
use serde::{Deserialize, Serialize};

use crate::log::{self, Note};
use crate::manifest::{Kind, Manifest, TableEntry};
use crate::read::Source;
use crate::shape::Sum;
use crate::take::{blob_row, fingerprint, summed};
use crate::write::{create_private, flush_folder};
use crate::{KeepError, Watch, place};

/// Rows that are added at a time.
const BATCH: usize = 2_000;
/// The mark of a restore that is under way, in the data folder.
pub const MARK: &str = "restore-unfinished";

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
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    from: String,
    started_at: Instant,
}

/// Makes a shop again where there is none. `key` is a key file kept elsewhere, for a backup without one.
pub fn restore(
    source: &Source,
    target: &Options,
    blobs: &Blobs,
    key: Option<&Path>,
    clock: &dyn Clock,
    watch: &mut dyn Watch,
) -> Result<Restored, KeepError> {
    watch.stage("checking", Some(source.bytes()));
    source.check(|bytes| watch.at(bytes))?;
    let key = fitting_key(source, key)?;
    if finished_before(source, target)? {
        let missing_blobs = source.manifest.blobs.missing.len();
        return Ok(Restored { rows: source.manifest.rows(), held: 0, key: key.is_some(), missing_blobs });
    }
    place::free_for_shop(target)?;
    place::room_for(&target.data_dir, source.bytes().saturating_mul(4))?;
    let mark = target.data_dir.join(MARK);
    let now = clock.now();
    let said = Mark { from: source.path().display().to_string(), started_at: now };
    {
        use std::io::Write;
        let mut file = create_private(&mark)?;
        let text = serde_json::to_vec(&said)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(KeepError::at(&mark))?;
        flush_folder(&target.data_dir)?;
    }
    let made = make(source, target, blobs, key.as_deref(), now, watch);
    if made.is_err() {
        remove_half(target)?;
    }
    std::fs::remove_file(&mark).map_err(KeepError::at(&mark))?;
    made
}

fn make(
    source: &Source,
    target: &Options,
    blobs: &Blobs,
    key: Option<&[u8]>,
    now: Instant,
    watch: &mut dyn Watch,
) -> Result<Restored, KeepError> {
    let built_at = place::building(target);
    let building = Options { url: built_at.url.clone(), data_dir: target.data_dir.clone() };
    if let Some(key) = key {
        use std::io::Write;
        let path = target.data_dir.join(engine::KEY_FILE);
        let mut file = create_private(&path)?;
        file.write_all(key).and_then(|()| file.sync_all()).map_err(KeepError::at(&path))?;
    }
    let manifest = &source.manifest;
    watch.stage("rows", Some(manifest.rows()));
    let note = Note::restore(source.path(), now, manifest.rows());
    let to = Target { options: &building, blobs, schema: manifest.schema };
    let watch = std::cell::RefCell::new(watch);
    let held = whole::build(
        &to,
        |tx| {
            fill(tx, source, &mut **watch.borrow_mut())?;
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
    built_at.settle()?;
    flush_folder(&target.data_dir)?;
    let missing_blobs = manifest.blobs.missing.len();
    Ok(Restored { rows: manifest.rows(), held, key: key.is_some(), missing_blobs })
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

fn fill(tx: &mut Tx<'_>, source: &Source, watch: &mut dyn Watch) -> Result<(), KeepError> {
    let tables = whole::tables(tx)?;
    let mut done = 0;
    for entry in &source.manifest.tables {
        let table = table_of(&tables, entry)?;
        let order = order_of(source.manifest.kind, entry);
        let mut sum = Sum::default();
        let mut batch: Vec<Vec<Value>> = Vec::with_capacity(BATCH);
        source.rows(entry, |row| {
            if entry.name == "blob" {
                keep_blob(tx, source, entry, &row)?;
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

fn keep_blob(tx: &mut Tx<'_>, source: &Source, entry: &TableEntry, row: &[Value]) -> Result<(), KeepError> {
    let (digest, size, inline) = blob_row(&entry.fields, row)?;
    if inline.is_some() || source.manifest.blobs.missing.contains(&digest.hex()) {
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
fn fitting_key(source: &Source, given: Option<&Path>) -> Result<Option<Vec<u8>>, KeepError> {
    let Some(path) = given else { return source.key() };
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

/// Whether a restore was interrupted in this data folder.
pub fn interrupted(data_dir: &Path) -> bool {
    data_dir.join(MARK).exists()
}

/// Clears what an interrupted restore left. `true` when it had done all its work and only its mark remained.
fn finished_before(source: &Source, target: &Options) -> Result<bool, KeepError> {
    let path = target.data_dir.join(MARK);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(KeepError::at(&path)(cause)),
    };
    // A mark that was cut short was written just before the end: nothing else had begun.
    let mark: Option<Mark> = serde_json::from_slice(&text).ok();
    let whole = match (&mark, place::holds_shop(target)?) {
        (Some(mark), true) => whole::look(target, |tx| log::restored_at(tx, mark.started_at))?,
        _ => false,
    };
    if whole {
        std::fs::remove_file(&path).map_err(KeepError::at(&path))?;
        return Ok(mark.is_some_and(|mark| Path::new(&mark.from) == source.path()));
    }
    remove_half(target)?;
    std::fs::remove_file(&path).map_err(KeepError::at(&path))?;
    Ok(false)
}

/// Removes what a restore that did not end has written: it began only where none of this was.
fn remove_half(target: &Options) -> Result<(), KeepError> {
    if place::holds_shop(target)? {
        // Somebody put a shop here meanwhile; none of our steps leaves one half-made.
        return Ok(());
    }
    place::building(target).discard()?;
    let blobs: PathBuf = target.data_dir.join("blobs");
    if blobs.exists() {
        std::fs::remove_dir_all(&blobs).map_err(KeepError::at(&blobs))?;
    }
    let key = target.data_dir.join(engine::KEY_FILE);
    match std::fs::remove_file(&key) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeepError::at(&key)(error)),
        _ => Ok(()),
    }
}
