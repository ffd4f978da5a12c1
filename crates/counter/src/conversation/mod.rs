//! One conversation: what was said, what was done about it, and what one can do now.

pub(crate) mod act;
pub(crate) mod api;
pub mod around;
pub(crate) mod form;
pub(crate) mod job;
pub(crate) mod page;
mod snooze;
pub(crate) mod sql;
pub(crate) mod thread;

use engine::{Tx, params};
use kernel::{
    AccountId, Actor, Clock, ConversationId, Cursor, Fault, Instant, MessageId, Permission, VoiceId,
};
use primitives::attachment::Attachment;
use primitives::conversation::{self, Conversation, State};
use primitives::message::{self, Message};

use around::Around;
pub use job::ask_again;

/// Messages of a page of the thread.
pub const TURNS: u32 = 100;

/// Something that was done about a conversation.
#[derive(Debug)]
pub struct Done {
    /// What, as the event log names it.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Human, robot or customer.
    pub actor_kind: String,
    /// By which employee.
    pub actor: Option<AccountId>,
    /// Their name.
    pub actor_name: Option<String>,
    /// Ids and codes that tell more.
    pub detail: serde_json::Value,
}

/// A conversation with everything that its page shows.
#[derive(Debug)]
pub struct Desk {
    /// The conversation.
    pub conversation: Conversation,
    /// What stands around it.
    pub around: Around,
    /// A stretch of its messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// The files of these messages.
    pub files: Vec<Attachment>,
    /// What was done in the time of these messages, oldest first.
    pub done: Vec<Done>,
}

/// A conversation as its page shows it, with the messages before a place (the last ones, when `None`):
/// five statements. "Not found" when the actor does not see it.
pub fn desk(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ConversationId,
    before: Option<Cursor>,
) -> Result<Desk, Fault> {
    actor.authorise(Permission::ReadVoices)?;
    let conversation = conversation::required(tx, actor, id)?;
    let around = around::of(tx, actor, &conversation)?;
    let (messages, earlier) = message::thread(tx, id, before, TURNS)?;
    let files = files(tx, &messages)?;
    // The facts of the stretch: since its first message, or since ever where it begins with the first of all.
    let since = messages.first().filter(|_| earlier).map_or(Cursor::OLDEST.at, |first| first.occurred_at);
    let until = before.map_or(Cursor::NEWEST.at, |before| before.at);
    let mut done = tx.query(&sql::DONE, params![id, since, until], |row| {
        Ok(Done {
            kind: row.take()?,
            at: row.take()?,
            actor_kind: row.take()?,
            actor: row.take()?,
            actor_name: row.take()?,
            detail: row
                .take::<Option<String>>()?
                .and_then(|detail| serde_json::from_str(&detail).ok())
                .unwrap_or_default(),
        })
    })?;
    done.reverse();
    Ok(Desk { conversation, around, messages, earlier, files, done })
}

/// The files of some messages and of their voices.
pub fn files(tx: &mut Tx<'_>, messages: &[Message]) -> Result<Vec<Attachment>, Fault> {
    let voices: Vec<i64> = messages.iter().filter_map(|message| message.voice).map(VoiceId::raw).collect();
    let ours: Vec<i64> = messages.iter().map(|message| message.id).map(MessageId::raw).collect();
    Ok(tx.query(&sql::FILES, params![voices, ours], |row| {
        Ok(Attachment {
            id: row.take()?,
            voice: row.take()?,
            message: row.take()?,
            name: row.take()?,
            media_type: row.take()?,
            size: row.take()?,
            inline: row.take()?,
        })
    })?)
}

/// Sets the state by hand. A snoozed conversation is woken by a job of the same transaction.
pub fn set_state(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    state: State,
    snoozed_until: Option<Instant>,
) -> Result<(), Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    conversation::set_state(tx, clock, actor, id, state, snoozed_until, None)?;
    if let (State::Snoozed, Some(until)) = (state, snoozed_until) {
        job::wake_at(tx, clock, id, until)?;
    }
    Ok(())
}

/// Puts a conversation into somebody's hands, or nobody's.
pub fn assign(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    owner: Option<AccountId>,
) -> Result<(), Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    let team = conversation::required(tx, actor, id)?.team;
    conversation::assign(tx, clock, actor, id, owner, team)
}

/// Says whether a conversation continues the one that it seems to; gives the one that is shown from now on.
pub fn continuation(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    join: bool,
) -> Result<ConversationId, Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    conversation::decide_continuation(tx, clock, actor, id, join)
}
