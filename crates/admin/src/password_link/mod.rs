//! A link by which somebody chooses a password: for the first day, or when it was forgotten. Whoever keeps the accounts
//! makes it and passes it on; it opens once, within a day.

pub(crate) mod page;

use engine::Tx;
use kernel::{AccountId, Actor, Clock, Fault, Permission};
use primitives::account;
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};

/// Makes a link's secret count for a living account; earlier links of the account count no more.
pub(crate) fn make(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    secret: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    account::by_id(tx, account)?.filter(|it| it.ended_at.is_none()).ok_or(Fault::NotFound)?;
    doorway::close_kind(tx, account, Doorway::PasswordLink)?;
    doorway::open(tx, clock, Doorway::PasswordLink, secret, Some(account), &())?;
    let event = NewEvent::new(EventKind::PasswordLinkMade, "account", account.raw());
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Whose password a link sets; `None` when it was used or is too old.
fn owner(tx: &mut Tx<'_>, clock: &dyn Clock, secret: &str) -> Result<Option<account::Account>, Fault> {
    let found = doorway::look::<()>(tx, clock, Doorway::PasswordLink, secret)?;
    let Some((Some(account), ())) = found else { return Ok(None) };
    Ok(account::by_id(tx, account)?.filter(|it| it.ended_at.is_none()))
}

/// Sets the password of a link's owner, once.
fn choose(tx: &mut Tx<'_>, clock: &dyn Clock, secret: &str, hash: &str) -> Result<bool, Fault> {
    let Some(account) = owner(tx, clock, secret)? else { return Ok(false) };
    let Some(actor) = account::actor(tx, account.id)? else { return Ok(false) };
    // Closes the link with every other half walked way of the account.
    account::set_password(tx, clock, &actor, account.id, hash)?;
    Ok(true)
}
