//! Ways in that are half walked: a right password that awaits its second factor, a passkey's challenge, the way to
//! an identity provider and back, a link to choose a new password. Each is held by a secret of the browser or of a
//! link, sealed in the store, taken up once, and outlived soon.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Clock, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::session::digest;

/// What a doorway is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doorway {
    /// The password was right; the second factor is awaited.
    SecondFactor,
    /// A passkey was asked to sign in.
    PasskeySignIn,
    /// A passkey was asked to prove again who somebody is, or to be the second factor.
    PasskeyProof,
    /// A passkey is being made.
    PasskeyMaking,
    /// Somebody went to an identity provider.
    Provider,
    /// A link to choose a password.
    PasswordLink,
    /// An authenticator app is offered to a session; its first code is awaited.
    Enrolment,
}

impl Doorway {
    fn code(self) -> &'static str {
        match self {
            Doorway::SecondFactor => "second-factor",
            Doorway::PasskeySignIn => "passkey-sign-in",
            Doorway::PasskeyProof => "passkey-proof",
            Doorway::PasskeyMaking => "passkey-making",
            Doorway::Provider => "provider",
            Doorway::PasswordLink => "password-link",
            Doorway::Enrolment => "enrolment",
        }
    }

    /// How long it stays open. Seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Doorway::SecondFactor | Doorway::Provider => 600,
            Doorway::PasskeySignIn | Doorway::PasskeyProof | Doorway::PasskeyMaking => 300,
            Doorway::PasswordLink => 86_400,
            Doorway::Enrolment => 1_800,
        }
    }
}

engine::statements! {
    /// Opens a doorway.
    OPEN = "INSERT INTO doorway (digest, kind, account_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)";
    /// What stands in a living doorway.
    LOOK = "SELECT account_id, state FROM doorway WHERE digest = $1 AND kind = $2 AND expires_at > $3";
    /// Closes a doorway.
    CLOSE = "DELETE FROM doorway WHERE digest = $1 AND kind = $2";
    /// Closes the doorways of one kind of an account.
    CLOSE_KIND = "DELETE FROM doorway WHERE account_id = $1 AND kind = $2";
    /// Closes every doorway of an account.
    CLOSE_ALL = "DELETE FROM doorway WHERE account_id = $1";
    /// Sweeps the outlived ones away.
    FORGET = "DELETE FROM doorway WHERE expires_at <= $1";
}

/// Opens a doorway under a secret that the caller drew at random.
pub fn open<S: Serialize>(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    kind: Doorway,
    secret: &str,
    account: Option<AccountId>,
    state: &S,
) -> Result<(), Fault> {
    let now = clock.now();
    tx.execute(&FORGET, params![now])?;
    let state = serde_json::to_vec(state).map_err(Fault::store)?;
    let sealed = tx.seal("doorway", kind.code(), &state)?;
    tx.execute(
        &OPEN,
        params![digest(secret), kind.code(), account, sealed, now.plus_seconds(kind.seconds())],
    )?;
    Ok(())
}

/// What stands in a living doorway, and whose it is; it stays open.
pub fn look<S: DeserializeOwned>(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    kind: Doorway,
    secret: &str,
) -> Result<Option<(Option<AccountId>, S)>, Fault> {
    let found = tx.find(&LOOK, params![digest(secret), kind.code(), clock.now()], |row| {
        Ok((row.take::<Option<AccountId>>()?, row.take::<Vec<u8>>()?))
    })?;
    let Some((account, sealed)) = found else { return Ok(None) };
    let state = tx.unseal("doorway", kind.code(), &sealed)?;
    Ok(Some((account, serde_json::from_slice(&state).map_err(Fault::store)?)))
}

/// Like [`look`], and closes it: whoever comes a second time finds nothing.
pub fn take<S: DeserializeOwned>(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    kind: Doorway,
    secret: &str,
) -> Result<Option<(Option<AccountId>, S)>, Fault> {
    let found = look(tx, clock, kind, secret)?;
    close(tx, kind, secret)?;
    Ok(found)
}

/// Closes a doorway.
pub fn close(tx: &mut Tx<'_>, kind: Doorway, secret: &str) -> Result<(), DbError> {
    tx.execute(&CLOSE, params![digest(secret), kind.code()])?;
    Ok(())
}

/// Closes the doorways of one kind of an account, such as links that a newer one replaces.
pub fn close_kind(tx: &mut Tx<'_>, account: AccountId, kind: Doorway) -> Result<(), DbError> {
    tx.execute(&CLOSE_KIND, params![account, kind.code()])?;
    Ok(())
}

/// Closes every doorway of an account: its password changed, or it ended.
pub fn close_all(tx: &mut Tx<'_>, account: AccountId) -> Result<(), DbError> {
    tx.execute(&CLOSE_ALL, params![account])?;
    Ok(())
}
