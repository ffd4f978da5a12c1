//! API tokens: they act for an account, within scopes. Shown once, stored as a digest.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant, Permission, TokenId};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};
use crate::session::digest;

/// What every token begins with, so that a leaked one is recognised.
pub const PREFIX: &str = "bottega_";

/// A token as its page lists it.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// For whom it acts.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// What it is for.
    pub name: String,
    /// What it may do, within what its account may do.
    pub scopes: Vec<Permission>,
    /// When it was created.
    pub created_at: Instant,
    /// When it was last used, to some minutes.
    pub used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// A living token of an account, as the account's page lists it.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// When it was created.
    pub created_at: Instant,
}

engine::statements! {
    /// A living token by its digest.
    FIND = "SELECT id, account_id, scopes, used_at FROM token WHERE digest = $1 AND revoked_at IS NULL";
    /// Creates a token.
    CREATE = "INSERT INTO token (id, digest, account_id, name, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Every token, newest first.
    LIST = "SELECT t.id, t.account_id, a.name, t.name, t.scopes, t.created_at, t.used_at, t.revoked_at
            FROM token t JOIN account a ON a.id = t.account_id ORDER BY t.id DESC";
    /// The living tokens of an account, newest first.
    OF_ACCOUNT = "SELECT id, name, created_at FROM token WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id DESC";
    /// Revokes a token.
    REVOKE = "UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    /// For whom a token acts.
    OWNER = "SELECT account_id FROM token WHERE id = $1";
    /// Revokes every token of an account.
    REVOKE_ALL = "UPDATE token SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL";
    /// Writes down that a token was used.
    USED = "UPDATE token SET used_at = $2 WHERE id = $1";
}

fn scopes(text: &str) -> Vec<Permission> {
    text.split(' ').filter_map(Permission::from_code).collect()
}

/// The actor that a token's secret stands for; also whether its use should be written down.
pub fn actor(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    secret: &str,
) -> Result<Option<(TokenId, Actor, bool)>, DbError> {
    let found = tx.find(&FIND, params![digest(secret)], |row| {
        Ok((
            row.take::<TokenId>()?,
            row.take::<AccountId>()?,
            row.take::<String>()?,
            row.take::<Option<Instant>>()?,
        ))
    })?;
    let Some((id, account, held, used_at)) = found else { return Ok(None) };
    let stale = used_at.is_none_or(|used| clock.now().seconds_since(used) > 300);
    Ok(crate::account::actor(tx, account)?
        .map(|actor| (id, Actor { scopes: Some(scopes(&held)), ..actor }, stale)))
}

/// Writes down that a token was used.
pub fn used(tx: &mut Tx<'_>, clock: &dyn Clock, id: TokenId) -> Result<(), DbError> {
    tx.execute(&USED, params![id, clock.now()])?;
    Ok(())
}

/// Creates a token for a secret that the caller drew at random. The caller authorises.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    name: &str,
    scopes: &[Permission],
    secret: &str,
) -> Result<TokenId, Fault> {
    let id: TokenId = tx.mint(clock);
    let held: Vec<&str> = scopes.iter().map(|scope| scope.code()).collect();
    tx.execute(&CREATE, params![id, digest(secret), account, name, held.join(" "), clock.now()])?;
    let detail = serde_json::json!({ "account": account, "scopes": held });
    event::append(
        tx,
        clock,
        actor,
        NewEvent::new(EventKind::TokenCreated, "token", id.raw()).detail(detail),
    )?;
    Ok(id)
}

/// Every token, newest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Token>, DbError> {
    tx.query(&LIST, &[], |row| {
        Ok(Token {
            id: row.take()?,
            account: row.take()?,
            account_name: row.take()?,
            name: row.take()?,
            scopes: scopes(&row.take::<String>()?),
            created_at: row.take()?,
            used_at: row.take()?,
            revoked_at: row.take()?,
        })
    })
}

/// The living tokens of an account, newest first.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Held>, DbError> {
    tx.query(&OF_ACCOUNT, params![account], |row| {
        Ok(Held { id: row.take()?, name: row.take()?, created_at: row.take()? })
    })
}

/// Revokes a token. The caller authorises.
pub fn revoke(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: TokenId) -> Result<(), Fault> {
    if tx.execute(&REVOKE, params![id, clock.now()])? == 0 {
        return Err(Fault::NotFound);
    }
    if let Some(account) = tx.find(&OWNER, params![id], |row| row.take())? {
        crate::session::tell(tx, account);
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::TokenRevoked, "token", id.raw()))?;
    Ok(())
}

/// Revokes every token of an account.
pub fn revoke_all(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId) -> Result<(), DbError> {
    tx.execute(&REVOKE_ALL, params![account, clock.now()])?;
    Ok(())
}
