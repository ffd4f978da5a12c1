//! The second factor: an authenticator app (RFC 6238) and ten recovery codes for the day on which it is lost.
//!
//! The secret is sealed with the installation's key; recovery codes are stored as digests, so that they
//! still count where the key was lost. Which step of the app's clock was used last is kept, so that a code that somebody
//! saw cannot be used again.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant};

use crate::event::{self, EventKind, NewEvent};
use crate::session::{self, digest};

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;

/// How long one code of an app counts. Seconds (RFC 6238's usual step).
pub const STEP_SECONDS: i64 = 30;
/// A last step further ahead than this was written while the clock ran ahead: it does not refuse codes for ever.
const AHEAD_STEPS: i64 = 2;

/// For what the secret is sealed.
pub(crate) const PURPOSE: &str = "authenticator";

/// What an account has beside its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factors {
    /// Since when an authenticator app counts.
    pub authenticator_since: Option<Instant>,
    /// How many passkeys it has.
    pub passkeys: i64,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
    /// When an app, a passkey or recovery codes were last made, so that their owner sees what they did not make.
    pub made_at: Option<Instant>,
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
                 (SELECT CAST(COUNT(*) AS BIGINT) FROM recovery_code WHERE account_id = $1 AND used_at IS NULL),
                 (SELECT MAX(created_at) FROM passkey WHERE account_id = $1),
                 (SELECT MAX(created_at) FROM recovery_code WHERE account_id = $1)";
    /// The authenticator of an account.
    FIND = "SELECT secret FROM authenticator WHERE account_id = $1 AND confirmed_at IS NOT NULL";
    /// Keeps a secret whose first code was of this step; one that counts already stays as it is.
    CONFIRM = "INSERT INTO authenticator (account_id, secret, created_at, confirmed_at, last_step) VALUES ($1, $2, $3, $3, $4)
               ON CONFLICT (account_id) DO NOTHING";
    /// A code of this step was used: no older or equal one counts any more.
    STEP = "UPDATE authenticator SET last_step = $2 WHERE account_id = $1 AND (last_step < $2 OR last_step > $3)";
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
        let (authenticator_since, passkeys, recovery_codes) = (row.take()?, row.take()?, row.take()?);
        let (passkey_at, codes_at): (Option<Instant>, Option<Instant>) = (row.take()?, row.take()?);
        let made_at = [authenticator_since, passkey_at, codes_at].into_iter().flatten().max();
        Ok(Factors { authenticator_since, passkeys, recovery_codes, made_at })
    })
}

/// The secret of an account's authenticator app, opened.
pub fn authenticator(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Vec<u8>>, DbError> {
    let found = tx.find(&FIND, params![account], |row| row.take::<Vec<u8>>())?;
    found.map(|sealed| tx.unseal(PURPOSE, &account.to_string(), &sealed)).transpose()
}

/// Uses a code of a step up; `false` when it, or a newer one, was used already.
pub fn use_step(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId, step: i64) -> Result<bool, DbError> {
    let ahead = clock.now().millis() / 1_000 / STEP_SECONDS + AHEAD_STEPS;
    Ok(tx.execute(&STEP, params![account, step, ahead])? == 1)
}

/// Keeps an authenticator whose secret the caller drew, offered, and saw confirmed by a code of this step: it counts from
/// now on. `false` when the account has one already.
pub fn confirm(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    secret: &[u8],
    step: i64,
) -> Result<bool, Fault> {
    let sealed = tx.seal(PURPOSE, &account.to_string(), secret)?;
    if tx.execute(&CONFIRM, params![account, sealed, clock.now(), step])? == 0 {
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
        tx.execute(&KEEP_CODE, params![account, kept(account, code), clock.now()])?;
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
    if tx.execute(&USE_CODE, params![account, kept(account, given), clock.now()])? == 0 {
        return Ok(false);
    }
    let actor = crate::account::actor(tx, account)?.unwrap_or_else(|| Actor::machine(Vec::new()));
    event::append(tx, clock, &actor, NewEvent::new(EventKind::RecoveryCodeUsed, "account", account.raw()))?;
    Ok(true)
}

/// A recovery code as the store keeps it, for its account alone. The installation's key is not in it: on the day on which
/// that is lost, recovery codes are what opens. They have so many random bits that nobody guesses one from a copy of the
/// database.
fn kept(account: AccountId, code: &str) -> Vec<u8> {
    digest(&format!("recovery code\n{account}\n{}", plain(code)))
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
