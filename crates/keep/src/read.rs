//! The reading of a backup file or an export folder.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use engine::Value;
use engine::blob::{self, BlobDigest};
use sha2::{Digest, Sha256};

use crate::manifest::{FORMAT, Kind, Manifest, NAME, Part, TableEntry};
use crate::row::{self, hex};
use crate::take::{blob_row, fingerprint};
use crate::{KeepError, OWN_VERSION};

/// The longest manifest that is read: it has a few hundred bytes a table and part. Bytes.
const LONGEST_MANIFEST: u64 = 256 * 1024 * 1024;
/// The longest line that is read: a blob of 64 KB in base64 is far below. Bytes.
const LONGEST_LINE: u64 = 512 * 1024 * 1024;
/// Room that is asked for beyond what will be written. Bytes.
pub(crate) const RESERVE: u64 = 64 << 20;

/// A backup or an export, opened.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    inside: Inside,
    /// What it says about itself.
    pub manifest: Manifest,
}

#[derive(Debug)]
enum Inside {
    /// Where each entry starts, and its length.
    Tar(HashMap<String, (u64, u64)>),
    Folder,
}

impl Source {
    /// Opens it and reads its manifest; nothing else is looked at yet.
    pub fn open(path: &Path) -> Result<Source, KeepError> {
        let not_ours = |why: &str| KeepError::NotOurs { path: path.display().to_string(), why: why.into() };
        let about = std::fs::metadata(path).map_err(KeepError::at(path))?;
        let inside = if about.is_dir() { Inside::Folder } else { Inside::Tar(entries(path)?) };
        let mut text = Vec::new();
        match open_part(path, &inside, NAME)? {
            Some(part) => {
                part.take(LONGEST_MANIFEST).read_to_end(&mut text).map_err(KeepError::at(path))?;
            }
            None if about.is_dir() => return Err(not_ours("it has no manifest.json")),
            None => {
                return Err(KeepError::Truncated {
                    path: path.display().to_string(),
                    why: "the manifest, which is written last, is missing".into(),
                });
            }
        }
        #[derive(serde::Deserialize)]
        struct Which {
            format: u32,
            version: String,
            schema: i64,
        }
        let which: Which =
            serde_json::from_slice(&text).map_err(|_| not_ours("its manifest cannot be read"))?;
        let known = engine::newest_schema();
        if which.format > FORMAT || which.schema > known {
            return Err(KeepError::Newer {
                path: path.display().to_string(),
                version: which.version,
                schema: which.schema,
                own: OWN_VERSION.to_owned(),
                known,
            });
        }
        let manifest = serde_json::from_slice(&text)
            .map_err(|error| not_ours(&format!("its manifest cannot be read: {error}")))?;
        Ok(Source { path: path.to_owned(), inside, manifest })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn damaged(&self, part: &str, why: impl Into<String>) -> KeepError {
        KeepError::Damaged { path: self.path.display().to_string(), part: part.to_owned(), why: why.into() }
    }

    fn part(&self, name: &str) -> Result<Box<dyn Read>, KeepError> {
        // Names come from a file that anybody may have written: none leaves the folder.
        let inside = !name.starts_with('/') && !name.split('/').any(|step| step == ".." || step.is_empty());
        let part = if inside { open_part(&self.path, &self.inside, name)? } else { None };
        part.ok_or_else(|| self.damaged(name, "it is missing"))
    }

    fn part_bytes(&self) -> u64 {
        self.manifest.tables.iter().flat_map(|table| &table.parts).map(|part| part.bytes).sum()
    }

    /// Bytes of the parts and blobs, as [`Source::check`] counts them.
    pub fn bytes(&self) -> u64 {
        self.part_bytes() + self.manifest.blobs.bytes
    }

    /// Bytes that the database made of it will have, rather too many than too few: rows unpack, and get indexes.
    /// Its large files come besides, as they are.
    pub fn room(&self) -> u64 {
        let rows = match self.manifest.kind {
            Kind::Backup => self.part_bytes().saturating_mul(5),
            Kind::Export => self.part_bytes(),
        };
        rows.saturating_add(RESERVE)
    }

    /// Compares every part and every large file with its digest; the key is compared where it is read. `progress` hears
    /// how many bytes were read. What it gives are the files that are missing or not as they were written: a shop
    /// can be made without them.
    ///
    /// # Errors
    /// When a part is not as it was written.
    pub fn check(&self, mut progress: impl FnMut(u64)) -> Result<Vec<BlobDigest>, KeepError> {
        let mut done = 0;
        for part in self.manifest.tables.iter().flat_map(|table| &table.parts) {
            self.check_part(part)?;
            done += part.bytes;
            progress(done);
        }
        let Some(table) = self.manifest.tables.iter().find(|table| table.name == "blob") else {
            return Ok(Vec::new());
        };
        let (lost, mut damaged) = (self.lost(&[]), Vec::new());
        self.plain_rows(table, &mut |row| {
            let (digest, size, inline) = blob_row(&table.fields, &row)?;
            let is_file = self.manifest.kind == Kind::Export || inline.is_none();
            if is_file && !lost.contains(&digest) {
                match self.check_file(&digest, size)? {
                    Some(bytes) => done += bytes,
                    None => damaged.push(digest),
                }
                progress(done);
            }
            Ok(())
        })?;
        Ok(damaged)
    }

    fn check_part(&self, part: &Part) -> Result<(), KeepError> {
        let (read, digest) = digest_of(&mut self.part(&part.name)?).map_err(KeepError::at(&self.path))?;
        if read != part.bytes {
            let why = format!("{read} bytes where {} were written", part.bytes);
            return Err(self.damaged(&part.name, why));
        }
        if hex(&digest) != part.sha256 {
            return Err(self.damaged(&part.name, "its digest is another"));
        }
        Ok(())
    }

    /// The bytes here of a blob that is a file; `None` when it is missing or not as it was written.
    fn check_file(&self, digest: &BlobDigest, size: usize) -> Result<Option<u64>, KeepError> {
        let name = blob_name(digest, self.manifest.kind);
        let file = match self.part(&name) {
            Ok(file) => file,
            Err(KeepError::Damaged { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        // Never more than it says, whatever it would unpack to.
        let most = size as u64 + 1;
        let found = match self.manifest.kind {
            Kind::Export => digest_of(&mut file.take(most)),
            Kind::Backup => {
                zstd::stream::Decoder::new(file).and_then(|plain| digest_of(&mut plain.take(most)))
            }
        };
        match found {
            Ok((_, found)) if found == digest.0 => self.length(&name).map(Some),
            _ => Ok(None),
        }
    }

    fn length(&self, name: &str) -> Result<u64, KeepError> {
        match &self.inside {
            Inside::Tar(entries) => Ok(entries.get(name).map_or(0, |(_, size)| *size)),
            Inside::Folder => {
                let path = self.path.join(name);
                std::fs::metadata(&path).map(|about| about.len()).map_err(KeepError::at(&path))
            }
        }
    }

    /// The error that says which files [`Source::check`] found.
    pub fn damaged_files(&self, damaged: &[BlobDigest]) -> KeepError {
        KeepError::DamagedFiles {
            path: self.path.display().to_string(),
            count: damaged.len(),
            first: damaged.first().map(|first| blob_name(first, self.manifest.kind)).unwrap_or_default(),
        }
    }

    /// The blobs of which there are no bytes: those that were missing before, and those found damaged.
    pub(crate) fn lost(&self, damaged: &[BlobDigest]) -> HashSet<BlobDigest> {
        let missing = self.manifest.blobs.missing.iter();
        missing.filter_map(|hex| from_hex(hex)).chain(damaged.iter().copied()).collect()
    }

    /// Gives every row of a table to `each`. `lost`: blobs of which there are no bytes.
    pub fn rows(
        &self,
        table: &TableEntry,
        lost: &HashSet<BlobDigest>,
        mut each: impl FnMut(Vec<Value>) -> Result<(), KeepError>,
    ) -> Result<(), KeepError> {
        let packs = self.manifest.kind == Kind::Export && table.name == "blob";
        self.plain_rows(table, &mut |mut row| {
            if packs {
                self.pack_blob(table, lost, &mut row)?;
            }
            each(row)
        })
    }

    /// Every row of a table as it is written here.
    fn plain_rows(
        &self,
        table: &TableEntry,
        each: &mut dyn FnMut(Vec<Value>) -> Result<(), KeepError>,
    ) -> Result<(), KeepError> {
        for part in &table.parts {
            let reader = self.part(&part.name)?;
            if part.name.ends_with(".zst") {
                let unpacked = zstd::stream::Decoder::new(reader)
                    .map_err(|error| self.damaged(&part.name, error.to_string()))?;
                self.lines(table, part, BufReader::with_capacity(1 << 17, unpacked), each)?;
            } else {
                self.lines(table, part, BufReader::with_capacity(1 << 17, reader), each)?;
            }
        }
        Ok(())
    }

    fn lines(
        &self,
        table: &TableEntry,
        part: &Part,
        mut reader: impl BufRead,
        each: &mut dyn FnMut(Vec<Value>) -> Result<(), KeepError>,
    ) -> Result<(), KeepError> {
        let (mut line, mut number) = (Vec::new(), 0_u64);
        loop {
            line.clear();
            number += 1;
            let read = (&mut reader)
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut line)
                .map_err(|error| self.damaged(&part.name, error.to_string()))?;
            if read == 0 {
                return Ok(());
            }
            let row = row::read(&line, &table.fields)
                .map_err(|why| self.damaged(&part.name, format!("line {number}: {why}")))?;
            each(row)?;
        }
    }

    /// An export keeps every blob as a plain file: the small ones go back into their rows.
    fn pack_blob(
        &self,
        table: &TableEntry,
        lost: &HashSet<BlobDigest>,
        row: &mut [Value],
    ) -> Result<(), KeepError> {
        let place = |name: &str| table.fields.iter().position(|field| field.name == name);
        let (Some(digest), Some(bytes)) = (place("digest"), place("bytes")) else { return Ok(()) };
        let Some(address) = as_digest(&row[digest]) else {
            return Err(self.damaged("data/blob.jsonl", "a digest is not one"));
        };
        if lost.contains(&address) {
            return Ok(());
        }
        let plain = self.plain_blob(&address)?;
        let packed = blob::pack(&plain).map_err(KeepError::at(&self.path))?;
        if packed.len() <= blob::INLINE {
            row[bytes] = Value::Bytes(packed);
        }
        Ok(())
    }

    fn plain_blob(&self, digest: &BlobDigest) -> Result<Vec<u8>, KeepError> {
        let name = blob_name(digest, Kind::Export);
        let mut plain = Vec::new();
        self.part(&name)?.read_to_end(&mut plain).map_err(KeepError::at(&self.path))?;
        if BlobDigest::of(&plain) == *digest {
            Ok(plain)
        } else {
            Err(self.damaged(&name, "its digest is another"))
        }
    }

    /// A blob that is a file in the shop, packed as it lies there; its bytes are compared with its address.
    pub fn blob(&self, digest: &BlobDigest, size: usize) -> Result<Vec<u8>, KeepError> {
        if self.manifest.kind == Kind::Export {
            return blob::pack(&self.plain_blob(digest)?).map_err(KeepError::at(&self.path));
        }
        let name = blob_name(digest, Kind::Backup);
        let mut packed = Vec::new();
        self.part(&name)?.read_to_end(&mut packed).map_err(KeepError::at(&self.path))?;
        blob::unpack(digest, size, &packed).map_err(|error| self.damaged(&name, error.to_string()))?;
        Ok(packed)
    }

    /// The installation's key, where it is inside.
    ///
    /// # Errors
    /// When it is missing or another than it was.
    pub fn key(&self) -> Result<Option<Vec<u8>>, KeepError> {
        let Some(part) = open_part(&self.path, &self.inside, engine::KEY_FILE)? else {
            let missing = self.manifest.key.included;
            return if missing { Err(self.damaged(engine::KEY_FILE, "it is missing")) } else { Ok(None) };
        };
        let mut key = Vec::new();
        part.take(4_096).read_to_end(&mut key).map_err(KeepError::at(&self.path))?;
        match &self.manifest.key.fingerprint {
            Some(fits) if *fits != fingerprint(&key) => {
                Err(self.damaged(engine::KEY_FILE, "its fingerprint is another"))
            }
            _ => Ok(Some(key)),
        }
    }
}

/// How many bytes there are, and their SHA-256.
fn digest_of(reader: &mut dyn Read) -> std::io::Result<(u64, [u8; 32])> {
    let (mut hash, mut read, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 17]);
    loop {
        let some = reader.read(&mut buffer)?;
        if some == 0 {
            return Ok((read, hash.finalize().into()));
        }
        read += some as u64;
        hash.update(&buffer[..some]);
    }
}

/// The address that a manifest names.
fn from_hex(hex: &str) -> Option<BlobDigest> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(BlobDigest(bytes))
}

/// The address in a value of a digest column.
pub(crate) fn as_digest(value: &Value) -> Option<BlobDigest> {
    match value {
        Value::Bytes(bytes) => BlobDigest::from_column(bytes),
        _ => None,
    }
}

/// The name of a blob's file.
pub(crate) fn blob_name(digest: &BlobDigest, kind: Kind) -> String {
    let hex = digest.hex();
    let end = if kind == Kind::Backup { ".zst" } else { "" };
    format!("blobs/{}/{}{end}", &hex[..2], &hex[2..])
}

/// Where each entry of a tar file starts. A file that ends early has no manifest, so that is told later.
fn entries(path: &Path) -> Result<HashMap<String, (u64, u64)>, KeepError> {
    let file = File::open(path).map_err(KeepError::at(path))?;
    let length = file.metadata().map_err(KeepError::at(path))?.len();
    let mut tar = tar::Archive::new(BufReader::new(file));
    let mut found = HashMap::new();
    let listed = tar.entries_with_seek().map_err(KeepError::at(path))?;
    for entry in listed {
        let entry = match entry {
            Ok(entry) => entry,
            Err(_) if found.is_empty() => {
                let why = "it is no tar file, as `bottega backup` writes them";
                return Err(KeepError::NotOurs { path: path.display().to_string(), why: why.into() });
            }
            Err(error) => {
                let why = format!("it breaks off: {error}");
                return Err(KeepError::Truncated { path: path.display().to_string(), why });
            }
        };
        let (start, size) = (entry.raw_file_position(), entry.size());
        if start.saturating_add(size) > length {
            let why = format!("it ends at {length} bytes, inside of an entry");
            return Err(KeepError::Truncated { path: path.display().to_string(), why });
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        found.insert(name, (start, size));
    }
    if found.is_empty() {
        let why = "it is empty, or no tar file";
        return Err(KeepError::NotOurs { path: path.display().to_string(), why: why.into() });
    }
    Ok(found)
}

fn open_part(path: &Path, inside: &Inside, name: &str) -> Result<Option<Box<dyn Read>>, KeepError> {
    match inside {
        Inside::Tar(entries) => {
            let Some((start, size)) = entries.get(name) else { return Ok(None) };
            let mut file = File::open(path).map_err(KeepError::at(path))?;
            file.seek(SeekFrom::Start(*start)).map_err(KeepError::at(path))?;
            Ok(Some(Box::new(file.take(*size))))
        }
        Inside::Folder => match File::open(path.join(name)) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(KeepError::at(&path.join(name))(cause)),
        },
    }
}
