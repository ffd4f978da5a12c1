//! Whether every blob is there, whole, and counted as often as it is referred to.

use std::collections::HashMap;

use super::{Findings, Invariant, Rule, ranges};
use crate::blob::{self, BlobDigest};
use crate::{DbError, Tx, params};

/// The name of this invariant.
pub const NAME: &str = "blob.references";
/// What must hold.
pub const SENTENCE: &str = "Every blob is there and whole, and is counted as often as something refers to it; nothing refers to one that is not there.";

/// Blobs of one page.
const PAGE: u32 = 1_000;
/// References that are counted in memory at once: some 60 bytes each.
const AT_ONCE: u64 = 2_000_000;

crate::statements! {
    /// A page of the blobs, in the order of their addresses.
    PAGE_OF_BLOBS = "SELECT digest, refs FROM blob WHERE digest > $1 ORDER BY digest LIMIT $2";
}

/// Walks the blobs and everything that refers to them. Where there are too many to count at once, they are
/// taken in several passes by their first byte.
pub(super) fn check(
    tx: &mut Tx<'_>,
    refers: &[&'static Invariant],
    read: bool,
    findings: &mut Findings<'_>,
) -> Result<(), DbError> {
    let mut blobs = 0;
    each(tx, |tx, digest, _| {
        blobs += 1;
        if read && let Err(error) = blob::get_as_it_is(tx, &digest) {
            match error {
                DbError::Blob { .. } | DbError::File { .. } => findings.broken(error),
                other => return Err(other),
            }
        }
        if blobs % u64::from(PAGE) == 0 {
            findings.looked_at(u64::from(PAGE));
        }
        Ok(())
    })?;
    let passes = u16::try_from((blobs / AT_ONCE + 1).min(256)).unwrap_or(256);
    for pass in 0..passes {
        let of_pass = |digest: &BlobDigest| u16::from(digest.0[0]) * passes / 256 == pass;
        let mut counted: HashMap<BlobDigest, i64> = HashMap::new();
        for invariant in refers {
            let Rule::Refers { walk, digests } = &invariant.rule else { continue };
            ranges(tx, walk, |tx, from, to| {
                for digest in tx.query(digests, params![from, to], |row| row.take::<Vec<u8>>())? {
                    match BlobDigest::from_column(&digest) {
                        Some(digest) if of_pass(&digest) => *counted.entry(digest).or_default() += 1,
                        Some(_) => {}
                        None => findings.broken(format!(
                            "{} has an address of {} bytes",
                            invariant.name,
                            digest.len()
                        )),
                    }
                }
                findings.looked_at(u64::from(super::RANGE));
                Ok(())
            })?;
        }
        each(tx, |_, digest, refs| {
            if of_pass(&digest) {
                let found = counted.remove(&digest).unwrap_or(0);
                if found != refs {
                    findings.broken(format!("{} counts {refs} references, {found} were found", digest.hex()));
                }
            }
            Ok(())
        })?;
        for (digest, found) in counted {
            findings.broken(format!("{} is referred to {found} times and is not there", digest.hex()));
        }
    }
    Ok(())
}

fn each(
    tx: &mut Tx<'_>,
    mut look: impl FnMut(&mut Tx<'_>, BlobDigest, i64) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let page = tx.query(&PAGE_OF_BLOBS, params![after, PAGE], |row| {
            Ok((row.take::<Vec<u8>>()?, row.take::<i64>()?))
        })?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = last.clone();
        for (digest, refs) in page {
            let address = BlobDigest::from_column(&digest)
                .ok_or(DbError::Blob { digest: "of a row".into(), problem: "not 32 bytes long" })?;
            look(tx, address, refs)?;
        }
    }
}
