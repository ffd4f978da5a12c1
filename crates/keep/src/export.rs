//! An export: everything that others may read, in a folder of plain files.

use std::path::{Path, PathBuf};

use engine::shelf::Blobs;
use engine::{Options, whole};
use kernel::Clock;
use serde::Serialize;

use crate::manifest::{How, Kind};
use crate::read::Source;
use crate::sheet;
use crate::take::{Order, take};
use crate::write::{Sink, flush_folder};
use crate::{KeepError, Watch, place};

const READ_ME: &str = "This is an export of a Bottega shop: everything in it but its secrets.\n\n\
    data/<table>.jsonl   one JSON object a line and row; ids and instants as the API shows them\n\
    blobs/ab/cdef…       what came in and went out as it was, named by its SHA-256\n\
    manifest.json        what each table and field is, how many rows, digests; what is left out and why\n\
    people.csv, conversations.csv, where they are here, open in a spreadsheet\n\n\
    To make a shop of it again:   bottega restore FOLDER --to EMPTY-FOLDER\n";

/// An export that was made.
#[derive(Debug, Clone, Serialize)]
pub struct Exported {
    /// The folder.
    pub folder: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// Files beside the rows.
    pub files: u64,
    /// Those that were missing in the shop.
    pub missing: Vec<String>,
}

/// Writes everything into a folder that does not exist yet; it appears under its name only when it is whole.
/// With `csv`, people and conversations come as tables for spreadsheets too.
pub fn export(
    from: &Options,
    blobs: &Blobs,
    folder: &Path,
    csv: bool,
    clock: &dyn Clock,
    watch: &mut dyn Watch,
) -> Result<Exported, KeepError> {
    if folder.exists() {
        let next = "give a folder that does not exist yet".into();
        return Err(KeepError::Occupied { place: folder.display().to_string(), next });
    }
    if !place::holds_shop(from)? {
        return Err(KeepError::NoShop(engine::shown_address(&from.url)));
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    place::create_folder(above)?;
    // Plain text takes about twice the room of the database it comes from.
    place::room_for(above, place::size_of(from)?.saturating_mul(2))?;
    let mut beside = folder.as_os_str().to_owned();
    beside.push(".unfinished");
    let beside = PathBuf::from(beside);
    if beside.exists() {
        // An export that died; it is ours by its name and has no manifest.
        std::fs::remove_dir_all(&beside).map_err(KeepError::at(&beside))?;
    }
    let made = write(from, blobs, &beside, csv, clock, watch);
    if made.is_err()
        && beside.exists()
        && let Err(second) = std::fs::remove_dir_all(&beside)
    {
        tracing::warn!(%second, "what an export that failed has left is cleared by the next one");
    }
    let made = made?;
    std::fs::rename(&beside, folder).map_err(KeepError::at(folder))?;
    flush_folder(above)?;
    Ok(Exported { folder: folder.to_owned(), ..made })
}

fn write(
    from: &Options,
    blobs: &Blobs,
    beside: &Path,
    csv: bool,
    clock: &dyn Clock,
    watch: &mut dyn Watch,
) -> Result<Exported, KeepError> {
    let now = clock.now();
    let order = Order { kind: Kind::Export, data_dir: &from.data_dir, with_key: false, at: now };
    let mut sink = Sink::folder(beside)?;
    sink.add("READ-ME.txt", READ_ME.as_bytes())?;
    let mut manifest = whole::look_with(from, blobs, |tx| {
        let manifest = take(tx, &order, &mut sink, watch)?;
        if csv {
            watch.stage("csv", None);
            sheet::write(tx, beside)?;
        }
        Ok::<_, KeepError>(manifest)
    })?;
    sink.finish(&manifest)?;
    let source = Source::open(beside)?;
    watch.stage("checking", Some(source.bytes()));
    let damaged = source.check(|bytes| watch.at(bytes))?;
    if !damaged.is_empty() {
        return Err(source.damaged_files(&damaged));
    }
    manifest.verified.how = How::Read;
    sink.replace_manifest(&manifest)?;
    let (rows, blobs) = (manifest.rows(), manifest.blobs);
    Ok(Exported { folder: beside.to_owned(), rows, files: blobs.files, missing: blobs.missing })
}
