//! Accounts: who works here, what they are, and which mailboxes they see.

pub(crate) mod api;
pub(crate) mod doors;
pub(crate) mod page;

use engine::Tx;
use kernel::{
    AccountId, Actor, Clock, Fault, Locale, MailboxId, Permission, ProviderId, Reason, Role, fault,
};
use primitives::account::{Account, NewAccount};
use primitives::{account, mailbox, policy, provider, second_factor, token};

/// Most characters of a name.
const MOST_NAME: usize = 120;
/// Most characters of what somebody does.
const MOST_TITLE: usize = 80;

/// Somebody who begins to work here.
#[derive(Debug, Clone)]
pub struct New {
    /// The address that they sign in with.
    pub email: String,
    /// Their name, as colleagues and customers see it.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// What they do, in words; may be empty.
    pub title: String,
    /// The language in which they read.
    pub locale: Locale,
    /// Their IANA time zone.
    pub zone: String,
    /// The hash of their first password ([`crate::password::hash`]); `None` for an account that cannot
    /// sign in by password.
    pub password_hash: Option<String>,
    /// The mailboxes that they see.
    pub mailboxes: Vec<MailboxId>,
}

/// Creates an account and gives it its mailboxes.
///
/// # Errors
/// `Forbidden` without [`Permission::ManageAccounts`]; `Invalid` on `name`, `email`, `title`, `zone` or
/// `mailbox`.
pub fn create(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, new: &New) -> Result<AccountId, Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    let account = NewAccount {
        email: fault::required("email", &new.email, 254)?,
        name: fault::required("name", &new.name, MOST_NAME)?,
        role: new.role,
        password_hash: new.password_hash.clone(),
        locale: new.locale,
        zone: crate::form::zone(&new.zone)?,
        title: fault::optional("title", &new.title, MOST_TITLE)?,
    };
    let id = account::create(tx, clock, actor, &account)?;
    for mailbox in &new.mailboxes {
        mailbox::by_id(tx, *mailbox)?.ok_or(Fault::invalid("mailbox", Reason::Unknown))?;
        mailbox::grant(tx, clock, actor, *mailbox, id, true)?;
    }
    Ok(id)
}

/// A living account.
pub(crate) fn living(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, Fault> {
    account::by_id(tx, id)?.filter(|account| account.ended_at.is_none()).ok_or(Fault::NotFound)
}

/// Changes name, role and title of a living account. The shop keeps at least one administrator.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    name: &str,
    role: Role,
    title: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    living(tx, id)?;
    let name = fault::required("name", name, MOST_NAME)?;
    let title = fault::optional("title", title, MOST_TITLE)?;
    account::change(tx, clock, actor, id, &name, role, title.as_deref())
}

/// Gives a living account another password, which ends its sessions.
pub fn set_password(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    password_hash: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    living(tx, id)?;
    account::set_password(tx, clock, actor, id, password_hash)
}

/// Takes every way in from a living account: another password, and no second factor, passkey, identity provider, session
/// or API token any more. For the day on which somebody else may have them.
///
/// # Errors
/// `Forbidden`, `NotFound`; [`Clash::LastAdministrator`] where nobody who administers could come in any more.
///
/// [`Clash::LastAdministrator`]: kernel::Clash::LastAdministrator
pub(crate) fn take_ways_in(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    password_hash: &str,
) -> Result<(), Fault> {
    set_password(tx, clock, actor, id, password_hash)?;
    second_factor::reset(tx, clock, actor, id)?;
    for link in provider::of_account(tx, id)? {
        provider::unlink(tx, clock, actor, link.provider, id)?;
    }
    for held in token::of_account(tx, id)? {
        token::revoke(tx, clock, actor, held.id)?;
    }
    policy::keep_a_door(tx)
}

/// Takes a lost second factor away. Somebody who administers can still come in afterwards.
pub(crate) fn reset_second_factor(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    living(tx, id)?;
    second_factor::reset(tx, clock, actor, id)?;
    policy::keep_a_door(tx)
}

/// A provider knows an account no more. Somebody who administers can still come in afterwards.
pub(crate) fn unlink(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    provider: ProviderId,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    living(tx, id)?;
    provider::unlink(tx, clock, actor, provider, id)?;
    policy::keep_a_door(tx)
}

/// Ends a living account with its sessions and tokens. What it did stays. The shop keeps at least one
/// administrator.
pub fn end(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: AccountId) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    living(tx, id)?;
    account::end(tx, clock, actor, id)
}

/// One change of who sees what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Who.
    pub account: AccountId,
    /// Which mailbox.
    pub mailbox: MailboxId,
    /// Whether they see it from now on.
    pub sees: bool,
}

/// Changes who sees what.
pub fn grant(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, changes: &[Sight]) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    if changes.is_empty() {
        return Ok(());
    }
    let accounts = account::list(tx)?;
    let mailboxes = mailbox::list(tx)?;
    for change in changes {
        let known = accounts.iter().any(|account| account.id == change.account)
            && mailboxes.iter().any(|mailbox| mailbox.id == change.mailbox);
        if !known {
            return Err(Fault::NotFound);
        }
        mailbox::grant(tx, clock, actor, change.mailbox, change.account, change.sees)?;
    }
    Ok(())
}
