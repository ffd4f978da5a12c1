//! What is held in the outbox until somebody decides: letters that a restored shop had not sent yet when its
//! backup was taken and that may have left since, and those whose attempt on another machine has no known end. Only a
//! human knows.

use engine::{DbError, Row, Tx, job, params};
use kernel::{Actor, Clash, Clock, ConversationId, Fault, Instant, MailboxId, OutboxId, Permission};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};
use crate::outbox::{SEND_JOB, SendJob};

/// The reason that a restore gives.
pub const RESTORED: &str = "restored from a backup";
/// The reason of an attempt of which only another machine's folder could tell the end.
pub const ELSEWHERE: &str = "an attempt on another machine has no known end";

/// The reason of a letter that a restore held, and of which somebody decided that it does not leave from here.
pub const WITHDRAWN_RESTORED: &str = "withdrawn by hand after a restore";

/// The reason of another that was held, and of which the same was decided.
pub const WITHDRAWN: &str = "withdrawn by hand";

/// Whether a letter did not leave because somebody decided so: nothing failed.
pub fn is_withdrawn(reason: Option<&str>) -> bool {
    matches!(reason, Some(WITHDRAWN | WITHDRAWN_RESTORED))
}

/// A letter that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The item.
    pub id: OutboxId,
    /// To whom.
    pub recipient: String,
    /// Why it is held.
    pub reason: Option<String>,
    /// On whose behalf.
    pub mailbox: MailboxId,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// Its subject, where it belongs to a conversation.
    pub subject: Option<String>,
    /// When it was written.
    pub created_at: Instant,
}

engine::statements! {
    /// Holds everything that waits or whose attempt has no known end.
    HOLD_ALL = "UPDATE outbox SET state = 'held', reason = $1 WHERE state IN ('queued', 'attempting')";
    /// The jobs that would have sent it.
    FORGET_JOBS = "DELETE FROM job WHERE kind = $1 AND state IN ('waiting', 'running', 'dead')";
    /// What is held in some mailboxes, oldest first.
    LIST = "SELECT o.id, o.recipient, o.reason, o.mailbox_id, o.conversation_id, c.subject, o.created_at
            FROM outbox o LEFT JOIN conversation c ON c.id = o.conversation_id
            WHERE o.state = 'held' AND o.mailbox_id IN LIST($1) ORDER BY o.not_before, o.id LIMIT $2";
    /// One that is held.
    FIND = "SELECT o.id, o.recipient, o.reason, o.mailbox_id, o.conversation_id, c.subject, o.created_at
            FROM outbox o LEFT JOIN conversation c ON c.id = o.conversation_id
            WHERE o.id = $1 AND o.state = 'held' AND o.mailbox_id IN LIST($2)";
    /// Lets it go.
    RELEASE = "UPDATE outbox SET state = 'queued', reason = NULL WHERE id = $1 AND state = 'held'";
    /// Says that it will not leave from here.
    DROP_IT = "UPDATE outbox SET state = 'failed', reason = $2, ended_at = $3 WHERE id = $1 AND state = 'held'";
}

fn read(row: &mut Row<'_>) -> Result<Held, DbError> {
    Ok(Held {
        id: row.take()?,
        recipient: row.take()?,
        reason: row.take()?,
        mailbox: row.take()?,
        conversation: row.take()?,
        subject: row.take()?,
        created_at: row.take()?,
    })
}

/// Holds everything that has not left, with a reason; how much that is.
pub fn hold_all(tx: &mut Tx<'_>, reason: &str) -> Result<u64, DbError> {
    let held = tx.execute(&HOLD_ALL, params![reason])?;
    tx.execute(&FORGET_JOBS, params![SEND_JOB])?;
    Ok(held)
}

/// What is held and the actor may see, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, limit: u32) -> Result<Vec<Held>, DbError> {
    tx.query(&LIST, params![actor.mailbox_keys(), limit], read)
}

fn find(tx: &mut Tx<'_>, actor: &Actor, id: OutboxId) -> Result<Held, Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    tx.find(&FIND, params![id, actor.mailbox_keys()], read)?.ok_or(Fault::NotFound)
}

/// Lets a letter go: it is sent like any other.
pub fn release(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: OutboxId) -> Result<(), Fault> {
    let held = find(tx, actor, id)?;
    if tx.execute(&RELEASE, params![id])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    let key = format!("send:{id}");
    job::enqueue(tx, clock, SEND_JOB, &SendJob { item: id }, Some(&key), None)?;
    told(tx, clock, actor, &held, EventKind::OutboxReleased)
}

/// Says that a letter will not leave from here, because it has left already or is no longer wanted.
pub fn withdraw(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: OutboxId) -> Result<(), Fault> {
    let held = find(tx, actor, id)?;
    let restored = held.reason.as_deref() == Some(RESTORED);
    let reason = if restored { WITHDRAWN_RESTORED } else { WITHDRAWN };
    if tx.execute(&DROP_IT, params![id, reason, clock.now()])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    told(tx, clock, actor, &held, EventKind::OutboxWithdrawn)
}

fn told(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    held: &Held,
    kind: EventKind,
) -> Result<(), Fault> {
    let event = NewEvent {
        case: held.conversation.map(ConversationId::raw),
        mailbox: Some(held.mailbox),
        ..NewEvent::new(kind, "outbox", held.id.raw())
    };
    event::append(tx, clock, actor, event)?;
    if let Some(conversation) = held.conversation {
        tx.signal(engine::Signal {
            kind: "conversation".into(),
            id: conversation.to_string(),
            revision: 0,
            mailbox: Some(held.mailbox.raw()),
        });
    }
    Ok(())
}
