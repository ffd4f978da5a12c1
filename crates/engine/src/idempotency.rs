//! Idempotency keys: the same POST with the same key is done once and answered alike.

use kernel::{Clash, Clock, Fault};
use sha2::{Digest, Sha256};

use crate::{Tx, params};

crate::statements! {
    /// What was answered to a key.
    FIND = "SELECT request_digest, status, body FROM idempotency WHERE owner = $1 AND key = $2";
    /// Keeps an answer.
    KEEP = "INSERT INTO idempotency (owner, key, request_digest, status, body, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
    /// Forgets answers older than an instant.
    FORGET = "DELETE FROM idempotency WHERE created_at < $1";
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
}

/// Runs `work` once for a key: a second call with the same request gets the first answer, one with
/// another request a conflict. Without a key it simply runs. `owner` keeps the keys of different
/// accounts apart. Answer and change stand in one transaction.
pub fn once(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    owner: &str,
    key: Option<&str>,
    request: &[u8],
    work: impl FnOnce(&mut Tx<'_>) -> Result<Answer, Fault>,
) -> Result<Answer, Fault> {
    let Some(key) = key else { return work(tx) };
    let digest = Sha256::digest(request).to_vec();
    let kept = tx.find(&FIND, params![owner, key], |row| {
        Ok((row.take::<Vec<u8>>()?, row.take::<i64>()?, row.take::<String>()?))
    })?;
    if let Some((of, status, body)) = kept {
        if of != digest {
            return Err(Fault::Conflict(Clash::IdempotencyKey));
        }
        return Ok(Answer { status: u16::try_from(status).unwrap_or(200), body });
    }
    let answer = work(tx)?;
    let status = u32::from(answer.status);
    tx.execute(&KEEP, params![owner, key, digest, status, answer.body.as_str(), clock.now()])?;
    Ok(answer)
}

/// Forgets answers older than a day, after which a key may be used again.
pub fn forget_old(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), Fault> {
    tx.execute(&FORGET, params![clock.now().plus_seconds(-86_400)])?;
    Ok(())
}
