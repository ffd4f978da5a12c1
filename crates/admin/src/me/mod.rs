//! One's own page: language, time zone, password, sessions.

mod agent;
pub(crate) mod api;
pub(crate) mod page;

use engine::{Tx, params};
use kernel::{AccountId, Actor, Clock, Fault};
use primitives::{account, session};

use crate::sign_in::Secrets;
use crate::sign_in::brake::{self, Attempt};

engine::statements! {
    /// The address and the password's hash of an account.
    CREDENTIALS = "SELECT email, password_hash FROM account WHERE id = $1 AND ended_at IS NULL";
}

/// What one signs in with oneself.
struct Credentials {
    email: String,
    /// `None` for who has no password.
    password_hash: Option<String>,
}

fn credentials(tx: &mut Tx<'_>, account: AccountId) -> Result<Credentials, Fault> {
    let found = tx.find(&CREDENTIALS, params![account], |row| {
        Ok(Credentials { email: row.take()?, password_hash: row.take()? })
    })?;
    found.ok_or(Fault::NotFound)
}

/// Changes one's own password after the old one was proved: every session ends, and a new one begins here.
fn change_password(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    new_hash: &str,
    attempt: &Attempt,
    secrets: &Secrets,
    agent: Option<&str>,
) -> Result<(), Fault> {
    let account = actor.account.ok_or(Fault::NotFound)?;
    brake::clear(tx, attempt)?;
    account::set_password(tx, clock, actor, account, new_hash)?;
    session::begin(tx, clock, account, &secrets.session, secrets.csrf(), agent)?;
    Ok(())
}
