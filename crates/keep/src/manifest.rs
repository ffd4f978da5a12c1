//! What a backup or an export says about itself.

use kernel::Instant;
use serde::{Deserialize, Serialize};

use crate::shape::Field;

/// The version of the format. One that is newer is refused.
pub const FORMAT: u32 = 1;
/// Its name in the file or folder. It is written last: where it is missing, the rest is not whole.
pub const NAME: &str = "manifest.json";

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// `backup` or `export`.
    pub kind: Kind,
    /// The version of Bottega that wrote it.
    pub version: String,
    /// The schema in which its rows are.
    pub schema: i64,
    /// `sqlite` or `postgres`: from which engine. It restores on either.
    pub engine: String,
    /// The shop's name.
    pub shop: String,
    /// The instant that it shows.
    pub taken_at: Instant,
    /// Its tables.
    pub tables: Vec<TableEntry>,
    /// The blobs that are files.
    pub blobs: Blobs,
    /// What became of the installation's key.
    pub key: KeyEntry,
    /// What is not in it, and why.
    pub left_out: Vec<LeftOut>,
    /// What was done to know that it can be restored.
    pub verified: Verified,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One file with everything that makes the shop the same again.
    Backup,
    /// A folder that others can read, without secrets.
    Export,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// The sum of the digests of its rows.
    pub sum: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The files that hold its rows, in order.
    pub parts: Vec<Part>,
}

/// A file of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: String,
}

/// The blobs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Blobs {
    /// How many are files here.
    pub files: u64,
    /// Their bytes here.
    pub bytes: u64,
    /// Those whose file was missing or damaged in the shop when this was taken, by digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// The installation's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// Whether it is inside.
    pub included: bool,
    /// A fingerprint by which it is known again; it tells nothing about the key.
    pub fingerprint: Option<String>,
    /// What that means, in words.
    pub note: String,
}

/// Something that is not inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which table or field.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What was done to know that it can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// `restored`: it was restored into a scratch shop, compared row by row and looked through for
    /// inconsistencies. `read`: it was read back and every digest was right, of rows, files and key. `no`: nothing yet.
    pub how: How,
    /// What was found that was in the shop itself already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// How it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Restored into a scratch shop.
    Restored,
    /// Read back.
    Read,
    /// Not at all.
    No,
}

impl How {
    /// Its word in the store.
    pub fn code(self) -> &'static str {
        match self {
            How::Restored => "restored",
            How::Read => "read",
            How::No => "no",
        }
    }
}

impl Manifest {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The rows of one table.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.tables.iter().find(|entry| entry.name == table).map_or(0, |entry| entry.rows)
    }
}
