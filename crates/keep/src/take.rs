//! Everything out of a shop, as it is at one instant, into a backup or an export.

use std::path::Path;

use engine::blob::{self, BlobDigest};
use engine::whole::{self, Table};
use engine::{Dialect, Tx, Value};
use kernel::Instant;
use sha2::{Digest, Sha256};

use crate::manifest::{Blobs, FORMAT, How, KeyEntry, Kind, LeftOut, Manifest, TableEntry, Verified};
use crate::policy::{self, Purpose};
use crate::read::{as_digest, blob_name};
use crate::row::{self, hex};
use crate::shape::{Field, Sum, fields, name_order};
use crate::write::Sink;
use crate::{KeepError, OWN_VERSION, Watch};

/// How often progress is told. Rows.
const TELL_EVERY: u64 = 1_000;

/// What to take.
pub(crate) struct Order<'a> {
    pub(crate) kind: Kind,
    /// The folder of blob files and the key.
    pub(crate) data_dir: &'a Path,
    pub(crate) with_key: bool,
    pub(crate) at: Instant,
}

impl Order<'_> {
    fn purpose(&self) -> Purpose {
        match self.kind {
            Kind::Backup => Purpose::Backup,
            Kind::Export => Purpose::Export,
        }
    }
}

/// The columns whose values make a row's digest: all, but for the packed bytes of blobs in an export, which
/// are files there and may be packed otherwise by a later version.
pub(crate) fn summed(kind: Kind, table: &str, names: &[&str]) -> Vec<usize> {
    let mut order = name_order(names.iter().copied());
    if kind == Kind::Export && table == "blob" {
        order.retain(|index| names[*index] != "bytes");
    }
    order
}

/// The tables that are carried, blobs first, so that their files are copied at once.
pub(crate) fn carried(tx: &mut Tx<'_>, purpose: Purpose) -> Result<Vec<Table>, KeepError> {
    let mut tables = whole::tables(tx)?;
    tables.retain(|table| policy::left(purpose, &table.name).is_none());
    tables.sort_by_key(|table| table.name != "blob");
    Ok(tables)
}

/// How many rows there are in some tables.
pub(crate) fn count(tx: &mut Tx<'_>, tables: &[Table]) -> Result<u64, KeepError> {
    let mut rows = 0;
    for table in tables {
        rows += whole::count(tx, table)?;
    }
    Ok(rows)
}

/// Writes everything; the manifest of what was written.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    order: &Order<'_>,
    sink: &mut Sink,
    watch: &mut dyn Watch,
) -> Result<Manifest, KeepError> {
    let purpose = order.purpose();
    let schema = engine::migrate::found(tx)?.unwrap_or(0);
    let shop =
        primitives::shop::find(tx)?.map_or_else(|| "a shop that is not set up yet".into(), |shop| shop.name);
    let tables = carried(tx, purpose)?;
    let total = count(tx, &tables)?;
    watch.stage("rows", Some(total));
    let mut done = 0;
    let mut entries = Vec::with_capacity(tables.len());
    let mut blobs = Blobs::default();
    for table in &tables {
        let fields = fields(table);
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let summed = summed(order.kind, &table.name, &names);
        let withheld: Vec<usize> =
            (0..names.len()).filter(|at| policy::withheld(purpose, &table.name, names[*at])).collect();
        let mut sum = Sum::default();
        let mut files: Vec<(BlobDigest, usize)> = Vec::new();
        // An export writes files while it reads rows; a backup's one file takes them after the rows.
        let mut plain = Vec::new();
        let mut out = sink.table(&table.name)?;
        whole::stream(tx, table, |mut row| {
            withheld.iter().for_each(|at| row[*at] = Value::Null);
            if table.name == "blob" {
                let (digest, size, bytes) = blob_row(&fields, &row)?;
                match (order.kind, &bytes) {
                    (Kind::Backup, None) => files.push((digest, size)),
                    (Kind::Export, _) => plain.push((digest, size)),
                    (Kind::Backup, Some(_)) => {}
                }
            }
            sum.add(&summed, &row);
            if order.kind == Kind::Export && table.name == "blob" {
                blank(&fields, &mut row);
            }
            row::write(&mut out.lines, &fields, &row)?;
            out.settle()?;
            done += 1;
            if done % TELL_EVERY == 0 {
                watch.at(done);
            }
            Ok::<(), KeepError>(())
        })?;
        let parts = out.end()?;
        entries.push(TableEntry { name: table.name.clone(), rows: sum.rows, sum: sum.hex(), fields, parts });
        if table.name == "blob" {
            watch.stage("files", Some((files.len() + plain.len()) as u64));
            keep_files(tx, &files, sink, &mut blobs, watch)?;
            keep_plain(tx, &plain, sink, &mut blobs, watch)?;
            watch.stage("rows", Some(total));
        }
    }
    let key = keep_key(order, sink)?;
    let left_out = policy::all_left(purpose).into_iter().map(|(what, why)| LeftOut { what, why }).collect();
    let engine = if tx.dialect() == Dialect::Sqlite { "sqlite" } else { "postgres" };
    Ok(Manifest {
        format: FORMAT,
        kind: order.kind,
        version: OWN_VERSION.to_owned(),
        schema,
        engine: engine.to_owned(),
        shop,
        taken_at: order.at,
        tables: entries,
        blobs,
        key,
        left_out,
        verified: Verified { how: How::No, findings: Vec::new() },
    })
}

/// Digest, size and packed bytes of a row of the table of blobs.
pub(crate) fn blob_row<'r>(
    fields: &[Field],
    row: &'r [Value],
) -> Result<(BlobDigest, usize, Option<&'r [u8]>), KeepError> {
    let at = |name: &str| fields.iter().position(|field| field.name == name).and_then(|at| row.get(at));
    let digest = at("digest").and_then(as_digest);
    let size = match at("size") {
        Some(Value::Int(size)) => usize::try_from(*size).ok(),
        _ => None,
    };
    let bytes = match at("bytes") {
        Some(Value::Bytes(bytes)) => Some(bytes.as_slice()),
        _ => None,
    };
    match (digest, size) {
        (Some(digest), Some(size)) => Ok((digest, size, bytes)),
        _ => Err(KeepError::Unwritable { field: "blob.digest".into() }),
    }
}

fn blank(fields: &[Field], row: &mut [Value]) {
    if let Some(at) = fields.iter().position(|field| field.name == "bytes") {
        row[at] = Value::Null;
    }
}

/// The files of large blobs, packed as they lie. One that is missing or damaged was so before: the backup
/// goes on and says it.
fn keep_files(
    tx: &mut Tx<'_>,
    files: &[(BlobDigest, usize)],
    sink: &mut Sink,
    blobs: &mut Blobs,
    watch: &mut dyn Watch,
) -> Result<(), KeepError> {
    for (at, (digest, size)) in files.iter().enumerate() {
        let whole = blob::packed(tx, digest)?.filter(|packed| blob::unpack(digest, *size, packed).is_ok());
        match whole {
            Some(packed) => {
                blobs.files += 1;
                blobs.bytes += packed.len() as u64;
                sink.add(&blob_name(digest, Kind::Backup), &packed)?;
            }
            None => blobs.missing.push(digest.hex()),
        }
        watch.at(at as u64 + 1);
    }
    Ok(())
}

/// Every blob as a plain file.
fn keep_plain(
    tx: &mut Tx<'_>,
    plain: &[(BlobDigest, usize)],
    sink: &mut Sink,
    blobs: &mut Blobs,
    watch: &mut dyn Watch,
) -> Result<(), KeepError> {
    for (at, (digest, _)) in plain.iter().enumerate() {
        match blob::get(tx, digest) {
            Ok(bytes) => {
                blobs.files += 1;
                blobs.bytes += bytes.len() as u64;
                sink.add(&blob_name(digest, Kind::Export), &bytes)?;
            }
            Err(engine::DbError::Blob { .. }) => blobs.missing.push(digest.hex()),
            Err(engine::DbError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => {
                blobs.missing.push(digest.hex());
            }
            Err(error) => return Err(error.into()),
        }
        watch.at(at as u64 + 1);
    }
    Ok(())
}

/// A key's fingerprint: enough to know it again.
pub(crate) fn fingerprint(key: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"bottega key fingerprint");
    hash.update(key);
    hex(&hash.finalize()[..8])
}

/// What is lost where the key is.
pub(crate) const WITHOUT_KEY: &str = "The key bottega.key is not inside. Everything else restores without it. Lost without \
    it: what was encrypted with it (second factors, secrets of other services), and links and marks that were \
    derived from it. Keep it in another place and give it with --key.";
const WITH_KEY: &str = "The key bottega.key is inside: whoever has this file has the whole shop. Keep it as you keep the \
    shop's own keys.";

fn keep_key(order: &Order<'_>, sink: &mut Sink) -> Result<KeyEntry, KeepError> {
    let path = order.data_dir.join(engine::KEY_FILE);
    let key = match std::fs::read(&path) {
        Ok(key) => Some(key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(cause) => return Err(KeepError::at(&path)(cause)),
    };
    let fingerprint = key.as_deref().map(fingerprint);
    let included = match &key {
        Some(key) if order.with_key => {
            sink.add(engine::KEY_FILE, key)?;
            true
        }
        _ => false,
    };
    let note = if included { WITH_KEY } else { WITHOUT_KEY }.to_owned();
    Ok(KeyEntry { included, fingerprint, note })
}
