//! The move from one engine to the other: every row with its id, and proof that they are equal.

use std::cell::RefCell;
use std::path::Path;

use engine::blob;
use engine::shelf::Blobs;
use engine::whole::{self, Table, Target};
use engine::{Options, Tx, Value};
use serde::Serialize;

use crate::policy::Purpose;
use crate::restore::sum_of;
use crate::shape::{Sum, name_order};
use crate::take::{blob_row, carried, count};
use crate::write::{create_private, flush_folder};
use crate::{KeepError, Watch, place, shape};

/// Rows that are added at a time.
const BATCH: usize = 5_000;

/// What was moved.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// Rows in all.
    pub rows: u64,
    /// Each table with its rows and the sum of their digests, the same on both sides.
    pub tables: Vec<MovedTable>,
    /// Large files that were missing in the original, where files were copied.
    pub missing_files: u64,
}

/// A table that was moved.
#[derive(Debug, Clone, Serialize)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// The sum of their digests, read from the original and from the copy.
    pub sum: String,
}

/// Moves a shop to an empty database. The original stays as it is; nobody may work with it meanwhile. Where the
/// data folder is another too, the key and the blobs are copied there.
pub fn relocate(from: &Options, to: &Options, watch: &mut dyn Watch) -> Result<Moved, KeepError> {
    if place::sqlite_file(from).is_some_and(|file| !file.exists()) {
        return Err(KeepError::NoShop(engine::shown_address(&from.url)));
    }
    if place::holds_shop(to)? {
        let next = "give an empty one".into();
        return Err(KeepError::Occupied { place: engine::shown_address(&to.url), next });
    }
    if whole::connections(from)? > 0 {
        return Err(KeepError::InUse(engine::shown_address(&from.url)));
    }
    if let Some(file) = place::sqlite_file(to) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        place::create_folder(folder.unwrap_or(Path::new(".")))?;
        place::room_for(folder.unwrap_or(Path::new(".")), place::size_of(from)?)?;
    }
    let elsewhere = !same_folder(&from.data_dir, &to.data_dir);
    if elsewhere {
        place::free_for_shop(to)?;
    }
    let building = place::building(to);
    building.discard()?;
    let target = Options { url: building.url.clone(), data_dir: to.data_dir.clone() };
    let moved = whole::look(from, |source| copy(source, from, &target, elsewhere, watch));
    let moved = match moved {
        Ok(moved) => moved,
        Err(error) => {
            let back = if elsewhere { take_back(&to.data_dir) } else { Ok(()) };
            for second in [building.discard(), back].into_iter().filter_map(Result::err) {
                tracing::warn!(%second, "what a move that failed has written could not be removed");
            }
            return Err(error);
        }
    };
    building.settle()?;
    Ok(moved)
}

fn same_folder(one: &Path, other: &Path) -> bool {
    one == other
        || std::fs::canonicalize(one).ok().is_some_and(|one| std::fs::canonicalize(other).ok() == Some(one))
}

fn copy(
    source: &mut Tx<'_>,
    from: &Options,
    target: &Options,
    elsewhere: bool,
    watch: &mut dyn Watch,
) -> Result<Moved, KeepError> {
    let schema = engine::migrate::found(source)?.unwrap_or(0);
    let tables = carried(source, Purpose::Move)?;
    let rows = count(source, &tables)?;
    let texts: u64 = {
        let texts: Vec<Table> = tables
            .iter()
            .filter(|table| ["voice", "message"].contains(&table.name.as_str()))
            .cloned()
            .collect();
        count(source, &texts)?
    };
    if elsewhere {
        copy_key(from, target)?;
    }
    watch.stage("rows", Some(rows));
    let watch = RefCell::new(watch);
    let mut moved = Vec::with_capacity(tables.len());
    let mut missing_files = 0;
    whole::build(
        &Target { options: target, blobs: &Blobs::Folder, schema },
        |tx| {
            let theirs = whole::tables(tx)?;
            let mut done = 0;
            for table in &tables {
                let twin = twin(&theirs, table)?;
                let files = elsewhere.then_some((from, target));
                let sum = pour(source, table, tx, &twin, files, &mut missing_files, &mut |rows| {
                    watch.borrow_mut().at(done + rows);
                })?;
                done += sum.rows;
                moved.push((twin, MovedTable { name: table.name.clone(), rows: sum.rows, sum: sum.hex() }));
            }
            watch.borrow_mut().stage("comparing", Some(rows));
            let mut done = 0;
            for (table, one) in &moved {
                let sum = sum_of(tx, table, &order_of(table))?;
                done += sum.rows;
                watch.borrow_mut().at(done);
                if sum.rows != one.rows || sum.hex() != one.sum {
                    let why = format!("{} rows of {}, or other values", sum.rows, one.rows);
                    return Err(KeepError::Differs { table: one.name.clone(), why });
                }
            }
            Ok(())
        },
        |tx| {
            watch.borrow_mut().stage("search", Some(texts));
            primitives::searched::fill(tx, |done| watch.borrow_mut().at(done))?;
            Ok::<(), KeepError>(())
        },
    )?;
    Ok(Moved { rows, tables: moved.into_iter().map(|(_, moved)| moved).collect(), missing_files })
}

fn order_of(table: &Table) -> Vec<usize> {
    name_order(table.columns.iter().map(|column| column.name.as_str()))
}

/// The same table on the other side, its columns in the order of this one's.
fn twin(theirs: &[Table], table: &Table) -> Result<Table, KeepError> {
    let differs = |why: String| KeepError::Differs { table: table.name.clone(), why };
    let other = theirs.iter().find(|other| other.name == table.name);
    let other = other.ok_or_else(|| differs("the other side has no such table".into()))?;
    let columns = table.columns.iter().map(|column| {
        let found = other.columns.iter().find(|theirs| theirs.name == column.name).cloned();
        found.ok_or_else(|| differs(format!("the other side has no column {}", column.name)))
    });
    Ok(Table { name: other.name.clone(), columns: columns.collect::<Result<_, _>>()? })
}

/// Pours a table over.
fn pour(
    source: &mut Tx<'_>,
    table: &Table,
    to: &mut Tx<'_>,
    twin: &Table,
    files: Option<(&Options, &Options)>,
    missing: &mut u64,
    progress: &mut dyn FnMut(u64),
) -> Result<Sum, KeepError> {
    let order = order_of(table);
    let fields = shape::fields(table);
    let mut sum = Sum::default();
    let mut batch: Vec<Vec<Value>> = Vec::with_capacity(BATCH);
    whole::stream(source, table, |row| {
        if let (Some((from, target)), "blob") = (files, table.name.as_str()) {
            let (digest, _, inline) = blob_row(&fields, &row)?;
            match inline {
                Some(_) => {}
                None => match blob::packed_file(&from.data_dir, &digest)? {
                    Some(packed) => blob::keep_file(&target.data_dir, &digest, &packed)?,
                    None => *missing += 1,
                },
            }
        }
        sum.add(&order, &row);
        batch.push(row);
        if batch.len() == BATCH {
            whole::insert(to, twin, std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
            progress(sum.rows);
        }
        Ok::<(), KeepError>(())
    })?;
    whole::insert(to, twin, batch)?;
    Ok(sum)
}

fn copy_key(from: &Options, to: &Options) -> Result<(), KeepError> {
    use std::io::Write;
    let path = from.data_dir.join(engine::KEY_FILE);
    let key = match std::fs::read(&path) {
        Ok(key) => key,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(KeepError::at(&path)(cause)),
    };
    let path = to.data_dir.join(engine::KEY_FILE);
    let mut file = create_private(&path)?;
    file.write_all(&key).and_then(|()| file.sync_all()).map_err(KeepError::at(&path))?;
    flush_folder(&to.data_dir)
}

/// Removes the key and the blobs that were copied to a folder that had neither.
fn take_back(data_dir: &Path) -> Result<(), KeepError> {
    let blobs = data_dir.join("blobs");
    if blobs.exists() {
        std::fs::remove_dir_all(&blobs).map_err(KeepError::at(&blobs))?;
    }
    let key = data_dir.join(engine::KEY_FILE);
    match std::fs::remove_file(&key) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(KeepError::at(&key)(error)),
        _ => Ok(()),
    }
}
