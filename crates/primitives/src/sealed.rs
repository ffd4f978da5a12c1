//! What is sealed with the installation's key: whether the key that is there opens it.

use engine::{DbError, Tx};
use kernel::{AccountId, ProviderId};

use crate::{provider, second_factor};

engine::statements! {
    /// The secrets of authenticator apps.
    APPS = "SELECT account_id, secret FROM authenticator WHERE confirmed_at IS NOT NULL ORDER BY account_id";
    /// The secrets of providers.
    PROVIDERS = "SELECT id, client_secret FROM provider WHERE client_secret IS NOT NULL ORDER BY id";
}

/// How many sealed secrets there are, and how many of them do not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// All of them.
    pub all: usize,
    /// Those that were sealed with another key, or are damaged.
    pub shut: usize,
}

/// Tries every sealed secret. `opens` hears for what it was sealed, for whom, and the sealed bytes.
///
/// # Errors
/// When the database or the key cannot be read.
pub fn look(
    tx: &mut Tx<'_>,
    opens: impl Fn(&str, &str, &[u8]) -> Result<bool, DbError>,
) -> Result<Sealed, DbError> {
    let apps = tx.query(&APPS, &[], |row| {
        Ok((second_factor::PURPOSE, row.take::<AccountId>()?.to_string(), row.take::<Vec<u8>>()?))
    })?;
    let providers = tx.query(&PROVIDERS, &[], |row| {
        Ok((provider::PURPOSE, row.take::<ProviderId>()?.to_string(), row.take::<Vec<u8>>()?))
    })?;
    let mut found = Sealed::default();
    for (purpose, owner, sealed) in apps.into_iter().chain(providers) {
        found.all += 1;
        if !opens(purpose, &owner, &sealed)? {
            found.shut += 1;
        }
    }
    Ok(found)
}
