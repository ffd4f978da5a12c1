//! Where the large blobs lie: in a folder of this machine, or in a bucket that every node reaches.
//!
//! Whatever is put here is whole afterwards, or not there. A file is put before its row is written, so what a
//! crash leaves is a file without a row, never a row without its file. Files without a row are swept once they
//! have had none for a day ([`sweep`]), by the database to which the place belongs ([`owner`]).

mod bucket;
pub(crate) mod folder;
pub mod owner;
pub mod sweep;

use std::path::{Path, PathBuf};

use kernel::Instant;

use crate::DbError;
use crate::blob::BlobDigest;

pub use bucket::BucketOptions;

/// Where the large blobs of an installation lie.
#[derive(Debug, Clone, Default)]
pub enum Blobs {
    /// In the data folder.
    #[default]
    Folder,
    /// In a bucket that speaks S3.
    Bucket(BucketOptions),
}

/// The place where large blobs lie, open.
pub(crate) enum Shelf {
    Folder(PathBuf),
    Bucket(bucket::Bucket),
}

impl Shelf {
    pub(crate) fn open(blobs: &Blobs, data_dir: &Path) -> Result<Shelf, DbError> {
        match blobs {
            Blobs::Folder => Ok(Shelf::Folder(folder::root(data_dir))),
            Blobs::Bucket(options) => Ok(Shelf::Bucket(bucket::Bucket::open(options)?)),
        }
    }

    /// Whether putting is quick enough to be done inside of a transaction.
    pub(crate) fn is_quick(&self) -> bool {
        matches!(self, Shelf::Folder(_))
    }

    /// Whether a blob was put lately by this process.
    pub(crate) fn is_staged(&self, digest: &BlobDigest) -> bool {
        match self {
            Shelf::Folder(_) => false,
            Shelf::Bucket(bucket) => bucket.is_staged(digest),
        }
    }

    /// Puts what a write wants here before it is run again. Blocks.
    pub(crate) fn stage(&self, unstaged: &Unstaged) -> Result<(), DbError> {
        unstaged.0.iter().try_for_each(|packed| self.put(&packed.digest, &packed.bytes))
    }

    /// Puts packed bytes under their address; when they are there already, makes them young.
    pub(crate) fn put(&self, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
        match self {
            Shelf::Folder(root) => folder::put(root, digest, packed),
            Shelf::Bucket(bucket) => bucket.put(digest, packed),
        }
    }

    /// The packed bytes of an address.
    pub(crate) fn get(&self, digest: &BlobDigest) -> Result<Vec<u8>, DbError> {
        match self {
            Shelf::Folder(root) => folder::get(root, digest),
            Shelf::Bucket(bucket) => bucket.get(digest),
        }
    }

    /// Removes what nothing refers to.
    fn remove(&self, digest: &BlobDigest) -> Result<(), DbError> {
        match self {
            Shelf::Folder(root) => folder::remove(root, digest),
            Shelf::Bucket(bucket) => bucket.remove(digest),
        }
    }

    /// That one file is not there says something about it, unless the folder itself is not there: then nothing is
    /// known about any of them.
    pub(crate) fn or_all_away(&self, error: DbError) -> DbError {
        match self {
            Shelf::Folder(root)
                if matches!(error, DbError::File { .. }) && error.is_missing() && !root.is_dir() =>
            {
                DbError::Away(format!("the folder {} is not there: is its disk mounted?", root.display()))
            }
            _ => error,
        }
    }

    /// The mark of the database to which this place belongs; `None` when none lies here.
    fn mark(&self) -> Result<Option<String>, DbError> {
        match self {
            Shelf::Folder(root) => folder::mark(root),
            Shelf::Bucket(bucket) => bucket.mark(),
        }
    }

    /// Lays a mark here in place of the one before.
    fn set_mark(&self, mark: &str) -> Result<(), DbError> {
        match self {
            Shelf::Folder(root) => folder::set_mark(root, mark),
            Shelf::Bucket(bucket) => bucket.set_mark(mark),
        }
    }

    /// Removes what a process that was killed while it put a file left of it, where it was begun before an instant.
    fn remove_halves(&self, before: Instant) -> Result<(), DbError> {
        match self {
            Shelf::Folder(root) => folder::remove_halves(root, before),
            // An object is whole or not there.
            Shelf::Bucket(_) => Ok(()),
        }
    }

    /// Everything that lies here, in groups, with when it was put.
    fn each(&self, look: &mut dyn FnMut(Vec<Lying>) -> Result<(), DbError>) -> Result<(), DbError> {
        match self {
            Shelf::Folder(root) => folder::each(root, look),
            Shelf::Bucket(bucket) => bucket.each(look),
        }
    }
}

/// A large blob, packed, on its way to the shelf.
pub(crate) struct Packed {
    pub(crate) digest: BlobDigest,
    pub(crate) bytes: Vec<u8>,
}

/// The name under which the mark lies beside the groups.
const MARK: &str = "owner";

/// Large blobs that a write wants on the shelf before it is kept.
pub struct Unstaged(pub(crate) Vec<Packed>);

impl Unstaged {
    pub(crate) fn digests(&self) -> Vec<BlobDigest> {
        self.0.iter().map(|packed| packed.digest).collect()
    }
}

impl std::fmt::Debug for Unstaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} large blobs are to be put into the bucket first", self.0.len())
    }
}

/// Something that lies on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lying {
    digest: BlobDigest,
    put_at: Instant,
}

/// The two parts of an address under which a blob lies: a group of 256, and the rest.
fn parts(digest: &BlobDigest) -> (String, String) {
    let mut group = digest.hex();
    let rest = group.split_off(2);
    (group, rest)
}

/// The address that two parts make; `None` for a name that is none of ours.
fn address(group: &str, rest: &str) -> Option<BlobDigest> {
    let hex = format!("{group}{rest}");
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(BlobDigest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_its_two_parts() {
        let digest = BlobDigest::of(b"x");
        let (group, rest) = parts(&digest);
        assert_eq!(address(&group, &rest), Some(digest));
        assert_eq!(address("ab", "short"), None);
        assert_eq!(address("à", "b".repeat(62).as_str()), None);
    }
}
