//! The outbox: the only door out. Every send has a unique key, so nothing leaves twice.
//!
//! queued → attempting → sent | failed | held. The rendered bytes are kept before the first attempt.
//! An attempt whose end is unknown (the process died) is never blindly repeated: the channel is asked
//! whether it delivered, and only a clear "no" leads to another attempt. Each attempt names the place through which it
//! sends; where only another place could be asked, the item is held.

use engine::blob::{self, BlobDigest};
use engine::{DbError, Row, Tx, job, params};
use kernel::{Actor, Clock, ConversationId, Fault, Instant, MailboxId, MessageId, OutboxId};
use serde::{Deserialize, Serialize};

use crate::event::{self, EventKind, NewEvent};
use crate::held;

/// The job that sends one item.
pub const SEND_JOB: &str = "outbox.send";

/// The payload of [`SEND_JOB`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendJob {
    /// The item.
    pub item: OutboxId,
}

/// Something to send.
#[derive(Debug, Clone)]
pub struct NewItem<'a> {
    /// What makes this send the same as another: a second one of the same key changes nothing.
    pub unique_key: &'a str,
    /// The channel that delivers it.
    pub channel: &'a str,
    /// On whose behalf.
    pub mailbox: MailboxId,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// The message it carries.
    pub message: Option<MessageId>,
    /// To whom, as the channel understands it.
    pub recipient: &'a str,
    /// What is sent, rendered.
    pub bytes: &'a [u8],
    /// Its Message-ID, the same at every attempt.
    pub message_key: &'a str,
    /// Not before this instant.
    pub not_before: Instant,
}

/// An item about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: OutboxId,
    /// The channel that delivers it.
    pub channel: String,
    /// queued, attempting, sent, failed or held.
    pub state: String,
    /// On whose behalf.
    pub mailbox: MailboxId,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// To whom.
    pub recipient: String,
    /// Its Message-ID.
    pub message_key: String,
    /// Attempts so far, with the one that is under way: its number.
    pub attempts: i64,
    digest: Vec<u8>,
    place: Option<String>,
}

engine::statements! {
    /// Queues an item, once per key.
    QUEUE = "INSERT INTO outbox (id, unique_key, channel, state, mailbox_id, conversation_id, message_id, recipient,
               digest, message_key, not_before, created_at)
             VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (unique_key) DO NOTHING";
    /// An item.
    FIND = "SELECT id, channel, state, mailbox_id, conversation_id, recipient, message_key, attempts, digest, place
            FROM outbox WHERE id = $1";
    /// Takes an item for an attempt.
    ATTEMPT = "UPDATE outbox SET state = 'attempting', attempts = attempts + 1, attempted_at = $2, place = $3
               WHERE id = $1 AND state IN ('queued', 'attempting')";
    /// Holds an item of whose attempt only another place knows the end.
    HOLD = "UPDATE outbox SET state = 'held', reason = $2 WHERE id = $1 AND state = 'attempting'";
    /// Whether an item is still at this attempt.
    UNDER_WAY = "SELECT id FROM outbox WHERE id = $1 AND state = 'attempting' AND attempts = $2";
    /// Those of some items that have neither left nor failed.
    NOT_ENDED = "SELECT id FROM outbox WHERE id IN LIST($1) AND state IN ('queued', 'attempting', 'held')";
    /// Ends or defers an attempt. That an item left is a fact, whichever attempt says so and although it is held for
    /// want of an answer; anything else is said by the last attempt alone.
    END = "UPDATE outbox SET state = $2, reason = $3, ended_at = $4 WHERE id = $1
             AND ((state = 'attempting' AND (attempts = $5 OR $2 = 'sent'))
               OR (state = 'held' AND attempts = $5 AND $2 = 'sent'))";
}

fn read(row: &mut Row<'_>) -> Result<Item, DbError> {
    Ok(Item {
        id: row.take()?,
        channel: row.take()?,
        state: row.take()?,
        mailbox: row.take()?,
        conversation: row.take()?,
        recipient: row.take()?,
        message_key: row.take()?,
        attempts: row.take()?,
        digest: row.take()?,
        place: row.take()?,
    })
}

/// Queues an item and the job that sends it; `None` when the key was used before.
pub fn queue(tx: &mut Tx<'_>, clock: &dyn Clock, new: &NewItem<'_>) -> Result<Option<OutboxId>, Fault> {
    let id: OutboxId = tx.mint(clock);
    let digest = blob::put(tx, new.bytes)?;
    let queued = tx.execute(
        &QUEUE,
        params![
            id,
            new.unique_key,
            new.channel,
            new.mailbox,
            new.conversation,
            new.message,
            new.recipient,
            digest,
            new.message_key,
            new.not_before,
            clock.now()
        ],
    )?;
    if queued == 0 {
        blob::release(tx, &digest)?;
        return Ok(None);
    }
    let key = format!("send:{id}");
    job::enqueue(tx, clock, SEND_JOB, &SendJob { item: id }, Some(&key), Some(new.not_before))?;
    Ok(Some(id))
}

/// Takes an item for an attempt through a place: the item and its bytes. `None` when it has left, failed or is held
/// already, and when it is held now, because an attempt through another place has no known end.
pub fn attempt(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    id: OutboxId,
    place: &str,
) -> Result<Option<(Item, Vec<u8>)>, DbError> {
    let Some(mut item) = tx.find(&FIND, params![id], read)? else { return Ok(None) };
    let elsewhere = item.place.as_deref().is_some_and(|before| before != place);
    if item.state == "attempting" && elsewhere {
        tx.execute(&HOLD, params![id, held::ELSEWHERE])?;
        tell(tx, &item);
        return Ok(None);
    }
    if tx.execute(&ATTEMPT, params![id, clock.now(), place])? == 0 {
        return Ok(None);
    }
    item.attempts += 1;
    let digest = BlobDigest::from_column(&item.digest)
        .ok_or_else(|| DbError::Blob { digest: item.id.to_string(), problem: "without address" })?;
    let bytes = blob::get(tx, &digest)?;
    Ok(Some((item, bytes)))
}

/// Whether an item is still at the attempt for which it was taken.
pub fn is_under_way(tx: &mut Tx<'_>, item: &Item) -> Result<bool, DbError> {
    Ok(tx.find(&UNDER_WAY, params![item.id, item.attempts], |row| row.take::<OutboxId>())?.is_some())
}

/// Those of some items, by their raw ids, that have neither left nor failed.
pub fn not_ended(tx: &mut Tx<'_>, ids: Vec<i64>) -> Result<Vec<OutboxId>, DbError> {
    tx.query(&NOT_ENDED, params![ids], |row| row.take())
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It left.
    Sent,
    /// It did not leave and may later; why.
    Deferred(String),
    /// It will never leave as it is; why.
    Failed(String),
}

/// Writes down how an attempt ended, with its event and the conversation's signal.
pub fn ended(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    item: &Item,
    outcome: &Outcome,
) -> Result<(), Fault> {
    let (state, reason) = match outcome {
        Outcome::Sent => ("sent", None),
        Outcome::Deferred(reason) => ("queued", Some(reason.as_str())),
        Outcome::Failed(reason) => ("failed", Some(reason.as_str())),
    };
    let now = clock.now();
    let ended_at = (state != "queued").then_some(now);
    if tx.execute(&END, params![item.id, state, reason, ended_at, item.attempts])? == 0 {
        // Somebody else ended this attempt meanwhile, and told of it.
        return Ok(());
    }
    if state != "queued" {
        let kind = if state == "sent" { EventKind::OutboxSent } else { EventKind::OutboxFailed };
        let event = NewEvent {
            case: item.conversation.map(ConversationId::raw),
            mailbox: Some(item.mailbox),
            ..NewEvent::new(kind, "outbox", item.id.raw())
        };
        event::append(tx, clock, actor, event)?;
    }
    tell(tx, item);
    Ok(())
}

/// Tells the pages that show its conversation.
fn tell(tx: &mut Tx<'_>, item: &Item) {
    if let Some(conversation) = item.conversation {
        tx.signal(engine::Signal {
            kind: "conversation".into(),
            id: conversation.to_string(),
            revision: 0,
            mailbox: Some(item.mailbox.raw()),
        });
    }
}
