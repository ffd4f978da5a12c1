//! Raw bytes, content-addressed by SHA-256 and compressed.
//!
//! Up to [`INLINE`] compressed bytes live in the database, in the same transaction as the row that
//! points at them. Larger ones lie on the [`crate::shelf`], a folder or a bucket, and are there before the
//! row: a crash leaves at most a file without a row, never a row without its file. References are counted,
//! so that erasing the last one erases the bytes.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::shelf::{Packed, folder, sweep};
use crate::{DbError, Tx, params};

/// Most compressed bytes that live in the database.
pub const INLINE: usize = 64 * 1024;
/// A compression level that costs little at intake.
const LEVEL: i32 = 3;

/// The SHA-256 of some bytes: their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobDigest(pub [u8; 32]);

impl BlobDigest {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> BlobDigest {
        BlobDigest(Sha256::digest(bytes).into())
    }

    /// As read from a column.
    pub fn from_column(bytes: &[u8]) -> Option<BlobDigest> {
        bytes.try_into().ok().map(BlobDigest)
    }

    /// Hexadecimal, as file names and errors show it.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl From<BlobDigest> for crate::Value {
    fn from(digest: BlobDigest) -> crate::Value {
        crate::Value::Bytes(digest.0.to_vec())
    }
}

crate::statements! {
    /// Stores a blob, or counts one reference more.
    PUT = "INSERT INTO blob (digest, size, bytes, refs) VALUES ($1, $2, $3, 1)
           ON CONFLICT (digest) DO UPDATE SET refs = blob.refs + 1";
    /// The bytes of a blob; NULL where they are in a file.
    GET = "SELECT size, bytes FROM blob WHERE digest = $1";
    /// Counts one reference less and tells how many are left.
    RELEASE = "UPDATE blob SET refs = refs - 1 WHERE digest = $1 RETURNING refs";
    /// Forgets a blob that nothing refers to.
    FORGET = "DELETE FROM blob WHERE digest = $1 AND refs <= 0";
}

/// Stores bytes and counts a reference; gives their address.
pub fn put(tx: &mut Tx<'_>, bytes: &[u8]) -> Result<BlobDigest, DbError> {
    let digest = BlobDigest::of(bytes);
    let packed =
        pack(bytes).map_err(|cause| DbError::File { path: format!("blob {}", digest.hex()), cause })?;
    let inline = packed.len() <= INLINE;
    let inside = if inline {
        Some(packed)
    } else {
        sweep::spare(tx, &digest)?;
        if tx.stages_itself || tx.shared.shelf.is_quick() {
            tx.shared.shelf.put(&digest, &packed)?;
        } else if !tx.shared.shelf.is_staged(&digest) {
            tx.to_stage.push(Packed { digest, bytes: packed });
        }
        None
    };
    tx.execute(&PUT, params![digest, bytes.len(), inside])?;
    Ok(digest)
}

/// Packs many blobs, one after the other, as [`put`] packs one: for [`crate::bulk`].
pub struct Packer(zstd::bulk::Compressor<'static>);

impl Packer {
    /// One that is ready.
    pub fn new() -> Result<Packer, DbError> {
        let failed = |cause| DbError::File { path: "zstd".into(), cause };
        zstd::bulk::Compressor::new(LEVEL).map(Packer).map_err(failed)
    }

    /// The address of some bytes, and the bytes as the database holds them. Only for what is small: nothing
    /// is moved to a file.
    pub fn pack(&mut self, bytes: &[u8]) -> Result<(BlobDigest, Vec<u8>), DbError> {
        let digest = BlobDigest::of(bytes);
        let failed = |cause| DbError::File { path: format!("blob {}", digest.hex()), cause };
        Ok((digest, self.0.compress(bytes).map_err(failed)?))
    }
}

/// The bytes at an address. Damage is found by comparing their digest with the address. Where the folder of all the
/// large ones is not there, that is told, and not that this one is missing.
pub fn get(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<Vec<u8>, DbError> {
    get_as_it_is(tx, digest).map_err(|error| tx.shared.shelf.or_all_away(error))
}

/// [`get`], for whoever looks at each one.
pub(crate) fn get_as_it_is(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<Vec<u8>, DbError> {
    let bad = |problem| DbError::Blob { digest: digest.hex(), problem };
    let (size, inline) = tx
        .find(&GET, params![*digest], |row| Ok((row.take::<i64>()?, row.take::<Option<Vec<u8>>>()?)))?
        .ok_or_else(|| bad("unknown"))?;
    let packed = match inline {
        Some(packed) => packed,
        None => tx.shared.shelf.get(digest)?,
    };
    let size = usize::try_from(size).map_err(|_| bad("damaged"))?;
    unpack(digest, size, &packed)
}

/// Counts a reference less. The row goes with the last one; its file, if it has one, is left to the
/// sweep that compares files with rows, because a rolled back transaction must find it again.
pub fn release(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<(), DbError> {
    let left = tx.find(&RELEASE, params![*digest], |row| row.take::<i64>())?;
    if left.is_some_and(|left| left <= 0) {
        tx.execute(&FORGET, params![*digest])?;
    }
    Ok(())
}

/// Bytes as they are kept.
pub fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, LEVEL)
}

/// The bytes of what is kept at an address, which must be theirs.
pub fn unpack(digest: &BlobDigest, size: usize, packed: &[u8]) -> Result<Vec<u8>, DbError> {
    let bad = |problem| DbError::Blob { digest: digest.hex(), problem };
    let bytes = zstd::bulk::decompress(packed, size).map_err(|_| bad("damaged"))?;
    if BlobDigest::of(&bytes) == *digest { Ok(bytes) } else { Err(bad("damaged")) }
}

/// The packed bytes of a large blob, wherever this installation's lie; `None` where it is not there.
pub fn packed(tx: &mut Tx<'_>, digest: &BlobDigest) -> Result<Option<Vec<u8>>, DbError> {
    match tx.shared.shelf.get(digest) {
        Ok(packed) => Ok(Some(packed)),
        Err(DbError::Blob { .. }) => Ok(None),
        Err(DbError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps packed bytes where this installation's large blobs lie; they are there before this returns.
pub fn keep(tx: &mut Tx<'_>, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
    tx.shared.shelf.put(digest, packed)
}

/// The packed bytes of a blob that lies in a data folder; `None` where the file is not there.
pub fn packed_file(data_dir: &Path, digest: &BlobDigest) -> Result<Option<Vec<u8>>, DbError> {
    match folder::get(&folder::root(data_dir), digest) {
        Ok(packed) => Ok(Some(packed)),
        Err(DbError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps packed bytes as a file of a data folder, flushed before this returns.
pub fn keep_file(data_dir: &Path, digest: &BlobDigest, packed: &[u8]) -> Result<(), DbError> {
    folder::put(&folder::root(data_dir), digest, packed)
}
