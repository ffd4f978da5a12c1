//! Sources: where voices come from. Each brings its voices to one mailbox.

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, Clock, Fault, MailboxId, Reason, SourceId};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique.
    pub name: String,
    /// What it is: `import`, `capture`, `api`, ….
    pub kind: String,
    /// The mailbox to which it brings.
    pub mailbox: MailboxId,
}

engine::statements! {
    /// The sources of the given mailboxes.
    VISIBLE = "SELECT id, name, kind, mailbox_id FROM source WHERE mailbox_id IN LIST($1) ORDER BY name, id";
    /// A source.
    BY_ID = "SELECT id, name, kind, mailbox_id FROM source WHERE id = $1";
    /// A source by name.
    BY_NAME = "SELECT id, name, kind, mailbox_id FROM source WHERE name = $1";
    /// Creates a source.
    CREATE = "INSERT INTO source (id, name, kind, mailbox_id, created_at) VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (name) DO NOTHING";
}

fn read(row: &mut Row<'_>) -> Result<Source, DbError> {
    Ok(Source { id: row.take()?, name: row.take()?, kind: row.take()?, mailbox: row.take()? })
}

/// The sources that the actor sees, by name.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Source>, DbError> {
    tx.query(&VISIBLE, params![actor.mailbox_keys()], read)
}

/// A source by id. The caller checks that it is visible.
pub fn by_id(tx: &mut Tx<'_>, id: SourceId) -> Result<Option<Source>, DbError> {
    tx.find(&BY_ID, params![id], read)
}

/// A source by name. The caller checks that it is visible.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Source>, DbError> {
    tx.find(&BY_NAME, params![name], read)
}

/// Creates a source. The caller authorises.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    kind: &str,
    mailbox: MailboxId,
) -> Result<Source, Fault> {
    let id: SourceId = tx.mint(clock);
    if tx.execute(&CREATE, params![id, name, kind, mailbox, clock.now()])? == 0 {
        return Err(Fault::invalid("name", Reason::Taken));
    }
    let event = NewEvent {
        mailbox: Some(mailbox),
        source: Some(id),
        ..NewEvent::new(EventKind::SourceCreated, "source", id.raw())
    };
    event::append(tx, clock, actor, event)?;
    Ok(Source { id, name: name.to_owned(), kind: kind.to_owned(), mailbox })
}

/// The source of this name, created for the mailbox when it is new.
pub fn find_or_create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    kind: &str,
    mailbox: MailboxId,
) -> Result<Source, Fault> {
    match by_name(tx, name)? {
        Some(source) => Ok(source),
        None => create(tx, clock, actor, name, kind, mailbox),
    }
}
