//! Lists of conversations: six views, one filter, pages by cursor.

pub(crate) mod api;
pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Cursor, Fault, MailboxId, Page, Permission};
use primitives::conversation::{self, Summary, View};

/// A page of a view, within what the actor sees; in one mailbox, when that is given.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    view: View,
    mailbox: Option<MailboxId>,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Summary>, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    Ok(conversation::list(tx, actor, view, mailbox, from, limit)?)
}
