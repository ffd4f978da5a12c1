//! Mailboxes: the desks at which voices arrive.

pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Clock, Fault, MailboxId, Permission, Reason, fault};
use primitives::event::{self, EventKind, NewEvent};
use primitives::mailbox;

/// Most characters of a name.
pub(crate) const MOST_NAME: usize = 80;

/// Creates a mailbox. `seen` lets its maker see it; nobody else does until it is granted.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    address: &str,
    seen: bool,
) -> Result<MailboxId, Fault> {
    actor.authorise(Permission::ManageMailboxes)?;
    let name = fault::required("name", name, MOST_NAME)?;
    let address = crate::form::address(address)?;
    let id = mailbox::create(tx, clock, actor, &name, address.as_deref(), None)?;
    if let Some(account) = actor.account.filter(|_| seen) {
        mailbox::grant(tx, clock, actor, id, account, true)?;
    }
    Ok(id)
}

/// Changes name and address of a mailbox.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: MailboxId,
    name: &str,
    address: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageMailboxes)?;
    let name = fault::required("name", name, MOST_NAME)?;
    let address = crate::form::address(address)?;
    if mailbox::by_name(tx, &name)?.is_some_and(|other| other.id != id) {
        return Err(Fault::invalid("name", Reason::Taken));
    }
    mailbox::change(tx, id, &name, address.as_deref())?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::MailboxChanged, "mailbox", id.raw()))?;
    Ok(())
}
