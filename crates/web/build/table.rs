//! The table of finished files: hashed, compressed, and written down as Rust.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::explain;

/// Collects the files in a directory of their own.
pub struct Table {
    directory: PathBuf,
    entries: Vec<Entry>,
    icon: String,
}

struct Entry {
    name: String,
    file: String,
    kind: &'static str,
    hash: String,
    compressed: bool,
}

impl Table {
    /// Starts with an empty directory.
    pub fn new(directory: PathBuf) -> Result<Self, String> {
        match fs::remove_dir_all(&directory) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(explain(&directory, &cause)),
            _ => fs::create_dir_all(&directory).map_err(|cause| explain(&directory, &cause))?,
        }
        Ok(Self { directory, entries: Vec::new(), icon: String::new() })
    }

    /// Adds a file under a name that tells its content apart from every earlier one.
    pub fn add(&mut self, name: &str, kind: &'static str, content: impl AsRef<[u8]>) -> Result<(), String> {
        let hash = digest(content.as_ref());
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        self.store(name, format!("{stem}.{hash}.{extension}"), kind, hash, content.as_ref())
    }

    /// Adds a file that people look up by its name.
    pub fn add_unhashed(
        &mut self,
        name: &str,
        kind: &'static str,
        content: impl AsRef<[u8]>,
    ) -> Result<(), String> {
        self.store(name, name.to_owned(), kind, digest(content.as_ref()), content.as_ref())
    }

    fn store(
        &mut self,
        name: &str,
        file: String,
        kind: &'static str,
        hash: String,
        content: &[u8],
    ) -> Result<(), String> {
        let path = self.directory.join(&file);
        fs::write(&path, content).map_err(|cause| explain(&path, &cause))?;
        let packed = gzip(content).map_err(|cause| explain(&path, &cause))?;
        let compressed = packed.len() < content.len() * 9 / 10;
        if compressed {
            let path = self.directory.join(format!("{file}.gz"));
            fs::write(&path, packed).map_err(|cause| explain(&path, &cause))?;
        }
        self.entries.push(Entry { name: name.to_owned(), file, kind, hash, compressed });
        Ok(())
    }

    /// Keeps an SVG as an address that holds the picture itself, so that a page needs no request for it.
    pub fn icon(&mut self, svg: &str) {
        self.icon = svg
            .trim()
            .replace('%', "%25")
            .replace('#', "%23")
            .replace('"', "'")
            .replace('<', "%3C")
            .replace('>', "%3E");
        self.icon.insert_str(0, "data:image/svg+xml,");
    }

    /// Puts the real address wherever a text says `"/assets/name"`.
    pub fn with_addresses(&self, text: &str) -> String {
        self.entries.iter().fold(text.to_owned(), |text, entry| {
            text.replace(&format!("\"/assets/{}\"", entry.name), &format!("\"/assets/{}\"", entry.file))
        })
    }

    /// Writes the table that the library includes.
    pub fn write(&self, to: &Path) -> Result<(), String> {
        let mut text = format!(
            "pub(super) const ICON: &str = {:?};\n\npub(super) static FILES: &[File] = &[\n",
            self.icon
        );
        for entry in &self.entries {
            let include =
                |file: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/assets/{file}\"))");
            let gzip = if entry.compressed {
                format!("Some({})", include(&format!("{}.gz", entry.file)))
            } else {
                "None".to_owned()
            };
            let _ = writeln!(
                text,
                "    File {{ name: {:?}, file: {:?}, href: {:?}, kind: {:?}, etag: {:?}, plain: {}, gzip: {gzip} }},",
                entry.name,
                entry.file,
                format!("/assets/{}", entry.file),
                entry.kind,
                format!("\"{}\"", entry.hash),
                include(&entry.file),
            );
        }
        text.push_str("];\n");
        fs::write(to, text).map_err(|cause| explain(to, &cause))
    }
}

/// Ten characters tell the versions of one file apart.
fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(5).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
