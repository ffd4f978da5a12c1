//! The writing of a backup file or an export folder: parts first, the manifest last.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::KeepError;
use crate::manifest::{Manifest, NAME, Part};
use crate::mark::lock;
use crate::place::create_folder;
use crate::row::hex;

/// How many bytes of JSON make a part of a backup.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// A level that packs text well and costs a core about as much as reading the rows.
const LEVEL: i32 = 5;

/// Where it goes. A backup is one tar file of packed parts; an export is a folder of plain ones.
pub(crate) enum Sink {
    Tar(Box<Archive>),
    Folder(PathBuf),
}

pub(crate) struct Archive {
    path: PathBuf,
    tar: tar::Builder<BufWriter<File>>,
    /// Where the next entry starts.
    position: u64,
    /// Where the manifest starts, to be written again after the trial.
    manifest_at: u64,
    written_at: u64,
}

/// Opens a file of this installation's owner only.
pub(crate) fn create_private(path: &Path) -> Result<File, KeepError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(KeepError::at(path))
}

/// Flushes a folder's list of names.
pub(crate) fn flush_folder(folder: &Path) -> Result<(), KeepError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(KeepError::at(folder))
}

/// Flushes everything that was written in a folder.
fn flush_all(folder: &Path) -> Result<(), KeepError> {
    #[cfg(target_os = "linux")]
    {
        let opened = File::open(folder).map_err(KeepError::at(folder))?;
        rustix::fs::syncfs(&opened).map_err(|error| KeepError::at(folder)(error.into()))?;
    }
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    flush_folder(folder)
}

impl Sink {
    /// A backup file at a path that does not exist yet. `written_at`: seconds since 1970, for its entries.
    pub(crate) fn tar(path: &Path, written_at: i64) -> Result<Sink, KeepError> {
        let file = create_private(path)?;
        // Until it is dropped: who clears up sees that somebody is at it.
        if let Err(error) = lock(&file) {
            tracing::info!(%error, path = %path.display(), "this file cannot be locked");
        }
        Ok(Sink::Tar(Box::new(Archive {
            path: path.to_owned(),
            tar: tar::Builder::new(BufWriter::with_capacity(1 << 20, file)),
            position: 0,
            manifest_at: 0,
            written_at: written_at.unsigned_abs(),
        })))
    }

    /// An export in a folder that does not exist yet.
    pub(crate) fn folder(path: &Path) -> Result<Sink, KeepError> {
        if path.exists() {
            let next = "give a folder that does not exist yet".into();
            return Err(KeepError::Occupied { place: path.display().to_string(), next });
        }
        create_folder(&path.join("data"))?;
        Ok(Sink::Folder(path.to_owned()))
    }

    /// Adds a named file.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), KeepError> {
        match self {
            Sink::Tar(archive) => archive.add(name, bytes),
            Sink::Folder(folder) => {
                let path = folder.join(name);
                if let Some(parent) = path.parent() {
                    create_folder(parent)?;
                }
                std::fs::write(&path, bytes).map_err(KeepError::at(&path))
            }
        }
    }

    /// Begins a table.
    pub(crate) fn table(&mut self, name: &str) -> Result<TableSink<'_>, KeepError> {
        let plain = match self {
            Sink::Tar(_) => None,
            Sink::Folder(folder) => {
                let part = format!("data/{name}.jsonl");
                let path = folder.join(&part);
                let file = File::create(&path).map_err(KeepError::at(&path))?;
                Some(Plain { part, path, file: BufWriter::new(file), hash: Sha256::new(), bytes: 0 })
            }
        };
        Ok(TableSink { sink: self, name: name.to_owned(), lines: Vec::new(), parts: Vec::new(), plain })
    }

    /// Writes the manifest; with it the whole is there, and flushed.
    pub(crate) fn finish(&mut self, manifest: &Manifest) -> Result<(), KeepError> {
        let text = serde_json::to_vec_pretty(manifest)?;
        match self {
            Sink::Tar(archive) => {
                archive.manifest_at = archive.position;
                archive.add(NAME, &text)?;
                archive.close()
            }
            Sink::Folder(folder) => {
                let folder = folder.clone();
                // One flush for all the files, and only then the manifest, with which they count.
                flush_all(&folder)?;
                self.add(NAME, &text)?;
                flush_all(&folder)
            }
        }
    }

    /// Writes the manifest of a finished backup again, when more is known of it.
    pub(crate) fn replace_manifest(&mut self, manifest: &Manifest) -> Result<(), KeepError> {
        let text = serde_json::to_vec_pretty(manifest)?;
        match self {
            Sink::Tar(archive) => {
                let writer = archive.tar.get_mut();
                let at = archive.manifest_at;
                let cut = |writer: &mut BufWriter<File>| {
                    writer.flush()?;
                    writer.get_mut().set_len(at)?;
                    writer.seek(SeekFrom::Start(at)).map(|_| ())
                };
                cut(writer).map_err(KeepError::at(&archive.path))?;
                archive.position = at;
                archive.add(NAME, &text)?;
                archive.close()
            }
            Sink::Folder(folder) => {
                // Beside and flushed first: without a whole manifest the folder would be nothing.
                let (beside, path) = (folder.join("manifest.unfinished"), folder.join(NAME));
                let written = File::create(&beside).and_then(|mut file| {
                    file.write_all(&text)?;
                    file.sync_all()
                });
                written.map_err(KeepError::at(&beside))?;
                std::fs::rename(&beside, &path).map_err(KeepError::at(&path))?;
                flush_folder(folder)
            }
        }
    }
}

impl Archive {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), KeepError> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.written_at);
        self.tar.append_data(&mut header, name, bytes).map_err(KeepError::at(&self.path))?;
        self.position += 512 + (bytes.len() as u64).next_multiple_of(512);
        Ok(())
    }

    /// The end of a tar file: two empty blocks; then flushed. More may be written over them.
    fn close(&mut self) -> Result<(), KeepError> {
        let writer = self.tar.get_mut();
        let end = |writer: &mut BufWriter<File>| {
            writer.write_all(&[0; 1024])?;
            writer.flush()?;
            writer.get_ref().sync_all()
        };
        end(writer).map_err(KeepError::at(&self.path))
    }
}

/// The rows of a table on their way out.
pub(crate) struct TableSink<'a> {
    sink: &'a mut Sink,
    name: String,
    /// Lines that wait for their part to be full.
    pub(crate) lines: Vec<u8>,
    parts: Vec<Part>,
    plain: Option<Plain>,
}

struct Plain {
    part: String,
    path: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl TableSink<'_> {
    /// To be called after each line.
    pub(crate) fn settle(&mut self) -> Result<(), KeepError> {
        if self.lines.len() >= PART_BYTES { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> Result<(), KeepError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        if let Some(plain) = &mut self.plain {
            plain.hash.update(&self.lines);
            plain.bytes += self.lines.len() as u64;
            plain.file.write_all(&self.lines).map_err(KeepError::at(&plain.path))?;
        } else {
            let name = format!("data/{}/{:05}.jsonl.zst", self.name, self.parts.len() + 1);
            let packed = zstd::bulk::compress(&self.lines, LEVEL).map_err(KeepError::at(Path::new(&name)))?;
            self.sink.add(&name, &packed)?;
            let sha256 = hex(&Sha256::digest(&packed));
            self.parts.push(Part { name, bytes: packed.len() as u64, sha256 });
        }
        self.lines.clear();
        Ok(())
    }

    /// Ends the table; its parts.
    pub(crate) fn end(mut self) -> Result<Vec<Part>, KeepError> {
        self.write_out()?;
        if let Some(plain) = self.plain.take() {
            let path = plain.path;
            plain.file.into_inner().map_err(|error| KeepError::at(&path)(error.into_error()))?;
            let sha256 = hex(&plain.hash.finalize());
            self.parts.push(Part { name: plain.part, bytes: plain.bytes, sha256 });
        }
        Ok(self.parts)
    }
}
