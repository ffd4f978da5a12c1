//! Browsers from which somebody came in before, by the digest of a secret that each keeps. Whoever guesses from
//! elsewhere, or beside them in the same office, does not brake them.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Clock, Fault};

use crate::session::digest;

/// How long a browser stays known after it was last used to sign in. Seconds.
pub const KNOWN_SECONDS: i64 = 180 * 86_400;

/// How an account is known where it now comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The browser has a secret that this account got.
    pub browser: bool,
    /// The account came in from this place before, with whatever browser.
    pub place: bool,
}

engine::statements! {
    /// Whether the browser and the place of an account are known.
    KNOWN = "SELECT CAST(COALESCE(SUM(CASE WHEN digest = $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
               CAST(COALESCE(SUM(CASE WHEN place = $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
             FROM known_browser WHERE account_id = $1 AND seen_at > $4";
    /// Remembers a browser.
    REMEMBER = "INSERT INTO known_browser (digest, account_id, place, seen_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (digest) DO UPDATE SET place = excluded.place, seen_at = excluded.seen_at";
    /// Forgets what was not used for long.
    FORGET = "DELETE FROM known_browser WHERE seen_at <= $1";
    /// Forgets the browsers of an account.
    FORGET_ALL = "DELETE FROM known_browser WHERE account_id = $1";
}

/// The digest of a browser's secret for one account: browsers that several share are known for each.
fn of(account: AccountId, secret: &str) -> Vec<u8> {
    digest(&format!("{account}\n{secret}"))
}

/// How an account is known at a browser's secret and a place (a derived text).
pub fn known(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    secret: Option<&str>,
    place: &str,
) -> Result<Known, DbError> {
    let digest = secret.map(|secret| of(account, secret)).unwrap_or_default();
    let since = clock.now().plus_seconds(-KNOWN_SECONDS);
    tx.one(&KNOWN, params![account, digest, place, since], |row| {
        Ok(Known { browser: row.take::<i64>()? > 0, place: row.take::<i64>()? > 0 })
    })
}

/// Remembers that an account came in from a browser at a place.
pub fn remember(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    secret: &str,
    place: &str,
) -> Result<(), DbError> {
    let now = clock.now();
    tx.execute(&FORGET, params![now.plus_seconds(-KNOWN_SECONDS)])?;
    tx.execute(&REMEMBER, params![of(account, secret), account, place, now])?;
    Ok(())
}

/// Forgets every browser of an account.
pub fn forget(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Fault> {
    tx.execute(&FORGET_ALL, params![account])?;
    Ok(())
}
