//! One's own page: language, time zone, password, sessions.

pub(crate) mod agent;
pub(crate) mod api;
pub(crate) mod page;

use engine::{Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, SessionId};
use primitives::event::{self, EventKind, NewEvent};
use primitives::{account, session};
use web::Staff;

use crate::sign_in::brake::{self, Attempt};
use crate::sign_in::{Entry, Secrets, start};

engine::statements! {
    /// The address and the password's hash of an account.
    CREDENTIALS = "SELECT email, password_hash FROM account WHERE id = $1 AND ended_at IS NULL";
}

/// What one signs in with oneself.
pub(crate) struct Credentials {
    /// The address.
    pub(crate) email: String,
    /// `None` for who has no password.
    pub(crate) password_hash: Option<String>,
}

/// What a living account signs in with.
pub(crate) fn credentials(tx: &mut Tx<'_>, account: AccountId) -> Result<Credentials, Fault> {
    let found = tx.find(&CREDENTIALS, params![account], |row| {
        Ok(Credentials { email: row.take()?, password_hash: row.take()? })
    })?;
    found.ok_or(Fault::NotFound)
}

/// Changes one's own password after the old one was proved: every session ends, and a new one begins here.
fn change_password(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    staff: &Staff,
    new_hash: &str,
    attempt: &Attempt,
    secrets: &Secrets,
) -> Result<(), Fault> {
    let account = staff.actor.account.ok_or(Fault::NotFound)?;
    // Who came in by a provider's word stays in by it.
    let entry = match session::footing(tx, staff.session)?.provider {
        Some(provider) => Entry::by(staff.way, provider, clock.now()),
        None => Entry::here(staff.way),
    };
    brake::clear(tx, attempt)?;
    account::set_password(tx, clock, &staff.actor, account, new_hash)?;
    start(tx, clock, &staff.request, account, secrets, entry)
}

/// Ends one session of an account, its live stream with it. The caller authorises.
pub(crate) fn end_session(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    id: SessionId,
) -> Result<(), Fault> {
    session::end(tx, account, id)?;
    log_end(tx, clock, actor, account, 1)
}

/// Ends every session of an account but the one that is spared. The caller authorises.
pub(crate) fn end_sessions(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    spared: Option<SessionId>,
) -> Result<u64, Fault> {
    let ended = session::end_all(tx, account, spared)?;
    if ended > 0 {
        log_end(tx, clock, actor, account, ended)?;
    }
    Ok(ended)
}

fn log_end(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    sessions: u64,
) -> Result<(), Fault> {
    let detail = serde_json::json!({ "sessions": sessions });
    let event = NewEvent::new(EventKind::SessionsClosed, "account", account.raw()).detail(detail);
    event::append(tx, clock, actor, event)?;
    Ok(())
}
