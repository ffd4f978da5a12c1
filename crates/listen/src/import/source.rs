//! The source of an import, created when it is new.

use std::sync::Arc;

use engine::{Engine, Tx};
use kernel::{Actor, Clock, Fault, Locale, MailboxId, Role};
use primitives::source::{self, Source};
use primitives::{account, mailbox, shop};

use super::ImportError;

/// What a source that files are imported into is.
pub(crate) const KIND: &str = "import";

/// The source of this name. A new one brings to the named mailbox, or to the first one that the actor sees
/// (the machine sees them all); a shop without any gets its first.
pub(crate) fn resolve(
    engine: &Engine,
    clock: &Arc<dyn Clock>,
    actor: &Actor,
    name: &str,
    mailbox: Option<&str>,
) -> Result<Source, ImportError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(ImportError::SourceName);
    }
    let (clock, actor, mailbox) = (Arc::clone(clock), actor.clone(), mailbox.map(str::to_owned));
    // What is wrong with the request comes out of the transaction as a value, faults of the store as such.
    engine.write_blocking(move |tx| {
        let wanted = match mailbox.as_deref() {
            None => None,
            Some(mailbox) => match mailbox::by_name(tx, mailbox)?.filter(|found| sees(&actor, found.id)) {
                Some(found) => Some(found.id),
                None => return Ok(Err(ImportError::UnknownMailbox(mailbox.to_owned()))),
            },
        };
        if let Some(found) = source::by_name(tx, &name)? {
            let fits = sees(&actor, found.mailbox) && wanted.is_none_or(|wanted| wanted == found.mailbox);
            return Ok(if fits {
                Ok(found)
            } else {
                Err(ImportError::SourceElsewhere { name: name.clone() })
            });
        }
        let place = match wanted {
            Some(place) => place,
            None => first_mailbox(tx, &*clock, &actor)?,
        };
        Ok(Ok(source::create(tx, &*clock, &actor, &name, KIND, place)?))
    })?
}

/// Whether an actor may bring to a mailbox: the machine may to any.
fn sees(actor: &Actor, mailbox: MailboxId) -> bool {
    actor.role.is_none() || actor.sees(mailbox)
}

fn first_mailbox(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor) -> Result<MailboxId, Fault> {
    let known = mailbox::list(tx)?;
    if let Some(first) = known.iter().find(|known| sees(actor, known.id)) {
        return Ok(first.id);
    }
    if !known.is_empty() {
        return Err(Fault::invalid("mailbox", kernel::Reason::Missing));
    }
    let name = match shop::find(tx)?.map(|shop| shop.locale).unwrap_or_default() {
        Locale::It => "Banco",
        Locale::En => "Counter",
    };
    let id = mailbox::create(tx, clock, actor, name, None, None)?;
    for account in account::list(tx)? {
        if account.role == Role::Administrator && account.ended_at.is_none() {
            mailbox::grant(tx, clock, actor, id, account.id, true)?;
        }
    }
    Ok(id)
}
