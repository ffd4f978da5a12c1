//! The second factor: an authenticator app (RFC 6238) and ten recovery codes for the day on which it is lost.
//!
//! The secret is sealed with the installation's key; recovery codes are stored as digests. Which step of the app's
//! clock was used last is kept, so that a code that somebody saw cannot be used again.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant};

use crate::event::{self, EventKind, NewEvent};
use crate::session::{self, digest};

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;

/// For what the secret is sealed.
const PURPOSE: &str = "authenticator";

/// What an account has beside its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factors {
    /// Since when an authenticator app counts.
    pub authenticator_since: Option<Instant>,
    /// How many passkeys it has.
    pub passkeys: i64,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
}

impl Factors {
    /// Whether a right password alone is not enough.
    pub fn any(&self) -> bool {
        self.authenticator_since.is_some() || self.passkeys > 0
    }
}

engine::statements! {
    /// What an account has beside its password.
    FACTORS = "SELECT (SELECT confirmed_at FROM authenticator WHERE account_id = $1),
                 (SELECT CAST(COUNT(*) AS BIGINT) FROM passkey WHERE account_id = $1),
                 (SELECT CAST(COUNT(*) AS BIGINT) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL)";
    /// The authenticator of an account.
    FIND = "SELECT secret, last_step, confirmed_at FROM authenticator WHERE account_id = $1";
    /// Offers a secret; a confirmed one stays as it is.
    OFFER = "INSERT INTO authenticator (account_id, secret, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
             WHERE authenticator.confirmed_at IS NULL";
    /// A code of this step was used: no older or equal one counts any more. The first one confirms.
    STEP = "UPDATE authenticator SET last_step = $2, confirmed_at = COALESCE(confirmed_at, $3)
            WHERE account_id = $1 AND last_step < $2";
    /// Takes the authenticator away.
    REMOVE = "DELETE FROM authenticator WHERE account_id = $1";
    /// Forgets every recovery code of an account.
    FORGET_CODES = "DELETE FROM recovery_code WHERE account_id = $1";
    /// Keeps a recovery code.
    KEEP_CODE = "INSERT INTO recovery_code (account_id, digest, created_at) VALUES ($1, $2, $3)";
    /// Uses a recovery code once.
    USE_CODE = "UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND digest = $2 AND used_at IS NULL";
}

/// What an account has beside its password.
pub fn factors(tx: &mut Tx<'_>, account: AccountId) -> Result<Factors, DbError> {
    tx.one(&FACTORS, params![account], |row| {
        Ok(Factors { authenticator_since: row.take()?, passkeys: row.take()?, recovery_codes: row.take()? })
    })
}

/// An authenticator app, with its secret opened.
#[derive(Clone)]
pub struct Authenticator {
    /// The shared secret.
    pub secret: Vec<u8>,
    /// The step of the last code that was used.
    pub last_step: i64,
    /// Whether its owner showed that it works.
    pub confirmed: bool,
}

/// The authenticator of an account, confirmed or offered.
pub fn authenticator(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Authenticator>, DbError> {
    let found = tx.find(&FIND, params![account], |row| {
        Ok((row.take::<Vec<u8>>()?, row.take::<i64>()?, row.take::<Option<Instant>>()?))
    })?;
    let Some((sealed, last_step, confirmed)) = found else { return Ok(None) };
    let secret = tx.unseal(PURPOSE, &account.to_string(), &sealed)?;
    Ok(Some(Authenticator { secret, last_step, confirmed: confirmed.is_some() }))
}

/// Offers an account a secret that the caller drew at random. It counts once a code confirmed it; where one is
/// confirmed already, nothing changes.
pub fn offer(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId, secret: &[u8]) -> Result<(), DbError> {
    let sealed = tx.seal(PURPOSE, &account.to_string(), secret)?;
    tx.execute(&OFFER, params![account, sealed, clock.now()])?;
    Ok(())
}

/// Uses a code of a step up; `false` when it, or a newer one, was used already.
pub fn use_step(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId, step: i64) -> Result<bool, DbError> {
    Ok(tx.execute(&STEP, params![account, step, clock.now()])? == 1)
}

/// The offered authenticator was confirmed by a code of its own: it counts from now on. The caller has checked the
/// code against [`authenticator`].
pub fn confirm(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    step: i64,
) -> Result<bool, Fault> {
    if !use_step(tx, clock, account, step)? {
        return Ok(false);
    }
    let detail = serde_json::json!({ "factor": "authenticator" });
    let event = NewEvent::new(EventKind::SecondFactorOn, "account", account.raw()).detail(detail);
    event::append(tx, clock, actor, event)?;
    Ok(true)
}

/// Takes the authenticator away; recovery codes leave with it unless a passkey still needs them. The caller has asked
/// for the password and a code.
pub fn turn_off(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, account: AccountId) -> Result<(), Fault> {
    if tx.execute(&REMOVE, params![account])? == 0 {
        return Err(Fault::NotFound);
    }
    forget_idle_codes(tx, account)?;
    let detail = serde_json::json!({ "factor": "authenticator" });
    let event = NewEvent::new(EventKind::SecondFactorOff, "account", account.raw()).detail(detail);
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Forgets recovery codes that recover nothing.
pub(crate) fn forget_idle_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<(), DbError> {
    if !factors(tx, account)?.any() {
        tx.execute(&FORGET_CODES, params![account])?;
    }
    Ok(())
}

/// Takes everything away that somebody lost: the authenticator, the recovery codes, the passkeys. Sessions end, so
/// that nobody goes on with what may be in other hands. The caller authorises.
pub fn reset(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, account: AccountId) -> Result<(), Fault> {
    tx.execute(&REMOVE, params![account])?;
    tx.execute(&FORGET_CODES, params![account])?;
    crate::passkey::remove_all(tx, account)?;
    crate::doorway::close_all(tx, account)?;
    crate::known_browser::forget(tx, account)?;
    session::end_all(tx, account, None)?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::SecondFactorReset, "account", account.raw()))?;
    Ok(())
}

/// Replaces the recovery codes of an account by new ones that the caller drew at random.
pub fn renew_codes(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    codes: &[String],
) -> Result<(), Fault> {
    tx.execute(&FORGET_CODES, params![account])?;
    for code in codes {
        tx.execute(&KEEP_CODE, params![account, digest(&plain(code)), clock.now()])?;
    }
    let event = NewEvent::new(EventKind::RecoveryCodesRenewed, "account", account.raw());
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Uses a recovery code up; `false` when the account has no such code left.
pub fn use_code(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    given: &str,
) -> Result<bool, DbError> {
    if tx.execute(&USE_CODE, params![account, digest(&plain(given)), clock.now()])? == 0 {
        return Ok(false);
    }
    let actor = crate::account::actor(tx, account)?.unwrap_or_else(|| Actor::machine(Vec::new()));
    event::append(tx, clock, &actor, NewEvent::new(EventKind::RecoveryCodeUsed, "account", account.raw()))?;
    Ok(true)
}

/// A recovery code as it is compared: without the groups' dashes, spaces and case.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_as_one_types_it() {
        assert_eq!(plain(" K7D2-m9qf x1"), "k7d2m9qfx1");
    }
}
