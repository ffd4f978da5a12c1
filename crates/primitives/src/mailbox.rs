//! Mailboxes: the desks at which voices arrive. Visibility is granted per mailbox; without a grant
//! nothing in it exists, whatever the role.

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, MailboxId, Reason, TeamId};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};

/// A mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// Its name.
    pub name: String,
    /// The mail address from which it answers, if it has one.
    pub address: Option<String>,
    /// The team that tends it.
    pub team: Option<TeamId>,
}

engine::statements! {
    /// Every mailbox by name.
    LIST = "SELECT id, name, address, team_id FROM mailbox ORDER BY name, id";
    /// A mailbox.
    BY_ID = "SELECT id, name, address, team_id FROM mailbox WHERE id = $1";
    /// A mailbox by name.
    BY_NAME = "SELECT id, name, address, team_id FROM mailbox WHERE name = $1";
    /// Some mailboxes by name.
    SOME = "SELECT id, name, address, team_id FROM mailbox WHERE id IN LIST($1) ORDER BY name, id";
    /// Creates a mailbox.
    CREATE = "INSERT INTO mailbox (id, name, address, team_id, created_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (name) DO NOTHING";
    /// Changes a mailbox.
    CHANGE = "UPDATE mailbox SET name = $2, address = $3 WHERE id = $1";
    /// Grants.
    GRANT = "INSERT INTO mailbox_grant (mailbox_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Takes a grant back.
    REVOKE = "DELETE FROM mailbox_grant WHERE mailbox_id = $1 AND account_id = $2";
    /// Who sees what.
    GRANTS = "SELECT mailbox_id, account_id FROM mailbox_grant ORDER BY mailbox_id, account_id";
    /// The addresses from which the shop itself writes.
    OWN_ADDRESSES = "SELECT address FROM mailbox WHERE address IS NOT NULL";
}

fn read(row: &mut Row<'_>) -> Result<Mailbox, DbError> {
    Ok(Mailbox { id: row.take()?, name: row.take()?, address: row.take()?, team: row.take()? })
}

/// Every mailbox, for who manages them.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Mailbox>, DbError> {
    tx.query(&LIST, &[], read)
}

/// The mailboxes that the actor sees.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Mailbox>, DbError> {
    tx.query(&SOME, params![actor.mailbox_keys()], read)
}

/// A mailbox by id. The caller checks that it is visible.
pub fn by_id(tx: &mut Tx<'_>, id: MailboxId) -> Result<Option<Mailbox>, DbError> {
    tx.find(&BY_ID, params![id], read)
}

/// A mailbox by name. The caller checks that it is visible.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Mailbox>, DbError> {
    tx.find(&BY_NAME, params![name], read)
}

/// The addresses from which the shop itself writes, lower case.
pub fn own_addresses(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    tx.query(&OWN_ADDRESSES, &[], |row| Ok(row.take::<String>()?.to_lowercase()))
}

/// Creates a mailbox. The caller authorises. Nobody sees it until it is granted.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    address: Option<&str>,
    team: Option<TeamId>,
) -> Result<MailboxId, Fault> {
    let id: MailboxId = tx.mint(clock);
    if address.is_some_and(|address| !crate::identity::is_email(address)) {
        return Err(Fault::invalid("address", Reason::NotA("a mail address")));
    }
    if tx.execute(&CREATE, params![id, name, address, team, clock.now()])? == 0 {
        return Err(Fault::invalid("name", Reason::Taken));
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::MailboxCreated, "mailbox", id.raw()))?;
    Ok(id)
}

/// Changes name and address. The caller authorises.
pub fn change(tx: &mut Tx<'_>, id: MailboxId, name: &str, address: Option<&str>) -> Result<(), Fault> {
    if address.is_some_and(|address| !crate::identity::is_email(address)) {
        return Err(Fault::invalid("address", Reason::NotA("a mail address")));
    }
    if tx.execute(&CHANGE, params![id, name, address])? == 0 {
        return Err(Fault::NotFound);
    }
    Ok(())
}

/// Lets an account see a mailbox, or no longer. The caller authorises.
pub fn grant(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    mailbox: MailboxId,
    account: AccountId,
    sees: bool,
) -> Result<(), Fault> {
    let changed = tx.execute(if sees { &GRANT } else { &REVOKE }, params![mailbox, account])?;
    if changed > 0 {
        let detail = serde_json::json!({ "account": account, "sees": sees });
        let event = NewEvent::new(EventKind::MailboxGranted, "mailbox", mailbox.raw()).detail(detail);
        event::append(tx, clock, actor, event)?;
        crate::session::tell(tx, account);
    }
    Ok(())
}

/// Who sees what.
pub fn grants(tx: &mut Tx<'_>) -> Result<Vec<(MailboxId, AccountId)>, DbError> {
    tx.query(&GRANTS, &[], |row| Ok((row.take()?, row.take()?)))
}
