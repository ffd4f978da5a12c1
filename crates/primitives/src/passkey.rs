//! Passkeys: key pairs of a browser, a telephone or a security key. The store has the public half.

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant, PasskeyId, Reason};

use crate::event::{self, EventKind, NewEvent};

/// Most passkeys of one account.
pub const MOST: usize = 20;

/// A passkey.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// The public key with its counter and flags, as the protocol's library writes it (JSON).
    pub credential: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last used.
    pub used_at: Option<Instant>,
}

engine::statements! {
    /// The passkeys of an account.
    OF_ACCOUNT = "SELECT id, account_id, name, credential, created_at, used_at FROM passkey WHERE account_id = $1 ORDER BY id";
    /// A passkey by the id that its authenticator gave it.
    BY_CREDENTIAL = "SELECT k.id, k.account_id, k.name, k.credential, k.created_at, k.used_at
                     FROM passkey k JOIN account a ON a.id = k.account_id WHERE k.credential_id = $1 AND a.ended_at IS NULL";
    /// Keeps a passkey.
    ADD = "INSERT INTO passkey (id, account_id, credential_id, name, credential, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (credential_id) DO NOTHING";
    /// A passkey was used.
    USED = "UPDATE passkey SET credential = $2, used_at = $3 WHERE id = $1";
    /// Takes a passkey away.
    REMOVE = "DELETE FROM passkey WHERE id = $1 AND account_id = $2";
    /// Takes every passkey of an account away.
    REMOVE_ALL = "DELETE FROM passkey WHERE account_id = $1";
}

fn read(row: &mut Row<'_>) -> Result<Passkey, DbError> {
    Ok(Passkey {
        id: row.take()?,
        account: row.take()?,
        name: row.take()?,
        credential: row.take()?,
        created_at: row.take()?,
        used_at: row.take()?,
    })
}

/// The passkeys of an account, oldest first.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Passkey>, DbError> {
    tx.query(&OF_ACCOUNT, params![account], read)
}

/// The passkey of a living account by the id that its authenticator gave it.
pub fn by_credential(tx: &mut Tx<'_>, credential_id: &[u8]) -> Result<Option<Passkey>, DbError> {
    tx.find(&BY_CREDENTIAL, params![credential_id], read)
}

/// Keeps a passkey that was just made.
///
/// # Errors
/// `Invalid` on `name`: [`Reason::Taken`] when the same authenticator's key is known already, `Because` when the
/// account has [`MOST`] of them.
pub fn add(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    name: &str,
    credential_id: &[u8],
    credential: &str,
) -> Result<PasskeyId, Fault> {
    if of_account(tx, account)?.len() >= MOST {
        return Err(Fault::invalid("name", Reason::Because(format!("at most {MOST} passkeys"))));
    }
    let id: PasskeyId = tx.mint(clock);
    let params = params![id, account, credential_id, name, credential, clock.now()];
    if tx.execute(&ADD, params)? == 0 {
        return Err(Fault::invalid("name", Reason::Taken));
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::PasskeyAdded, "account", account.raw()))?;
    Ok(id)
}

/// A passkey was used: its counter, as the library writes it, and the instant.
pub fn used(tx: &mut Tx<'_>, clock: &dyn Clock, id: PasskeyId, credential: &str) -> Result<(), DbError> {
    tx.execute(&USED, params![id, credential, clock.now()])?;
    Ok(())
}

/// Takes one of an account's own passkeys away; recovery codes leave when nothing needs them any more.
///
/// # Errors
/// `NotFound`; [`kernel::Clash::LastAdministrator`] when it was the last way in of whoever administers.
pub fn remove(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    id: PasskeyId,
) -> Result<(), Fault> {
    if tx.execute(&REMOVE, params![id, account])? == 0 {
        return Err(Fault::NotFound);
    }
    crate::policy::keep_a_door(tx)?;
    crate::second_factor::forget_idle_codes(tx, account)?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::PasskeyRemoved, "account", account.raw()))?;
    Ok(())
}

/// Takes every passkey of an account away.
pub(crate) fn remove_all(tx: &mut Tx<'_>, account: AccountId) -> Result<(), DbError> {
    tx.execute(&REMOVE_ALL, params![account])?;
    Ok(())
}
