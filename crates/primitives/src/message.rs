//! Messages: the turns of a conversation. An incoming one points at its voice and copies nothing.

use engine::{DbError, Row, Tx, params, search};
use kernel::{
    AccountId, Actor, ActorKind, Clock, ConversationId, Fault, Instant, MessageId, PersonId, VoiceId,
};
use serde::{Deserialize, Serialize};

use crate::Channel;
use crate::conversation::{self, Conversation, Said, State};
use crate::event::{self, EventKind, NewEvent};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// From the customer.
    Incoming,
    /// To the customer.
    Outgoing,
    /// Among employees; no customer ever reads it.
    Note,
}

impl Kind {
    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Incoming => "incoming",
            Kind::Outgoing => "outgoing",
            Kind::Note => "note",
        }
    }

    fn from_code(code: &str) -> Kind {
        match code {
            "incoming" => Kind::Incoming,
            "outgoing" => Kind::Outgoing,
            _ => Kind::Note,
        }
    }
}

/// A message as a thread shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Which way it goes.
    pub kind: Kind,
    /// The voice that it is, for an incoming one.
    pub voice: Option<VoiceId>,
    /// The employee who wrote it, or the customer's words.
    pub author: Option<AccountId>,
    /// The author's name: an employee's for ours, the person's for incoming ones.
    pub author_name: Option<String>,
    /// The text: the customer's own new words, or ours.
    pub body: String,
    /// Folded parts of an incoming mail, as JSON text.
    #[serde(skip)]
    pub folded: Option<String>,
    /// Whether the raw bytes of an incoming one are kept.
    #[serde(skip)]
    pub has_raw: bool,
    /// How an incoming one came.
    pub channel: Option<Channel>,
    /// The language it is in.
    pub language: Option<String>,
    /// Labels of an incoming one, such as `auto-reply`, separated by spaces.
    pub labels: Option<String>,
    /// The score that came with it.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// Where an outgoing one stands in the outbox: queued, attempting, sent, failed or held.
    pub delivery: Option<String>,
    /// Why it failed or is held.
    pub delivery_reason: Option<String>,
    /// When it was said.
    pub occurred_at: Instant,
}

engine::statements! {
    /// Adds a message.
    CREATE = "INSERT INTO message (id, conversation_id, person_id, kind, voice_id, author_id, body, language, message_key,
                occurred_at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// The last messages of a conversation before one, newest first.
    THREAD = "SELECT m.id, m.kind, m.voice_id, m.author_id, COALESCE(a.name, r.name, v.author), COALESCE(v.body, m.body, ''),
                v.folded, v.raw_digest IS NOT NULL, v.channel, COALESCE(v.language, m.language), v.labels, v.score, v.score_most, x.state, x.reason,
                m.occurred_at
              FROM message m
              LEFT JOIN voice v ON v.id = m.voice_id
              LEFT JOIN account a ON a.id = m.author_id
              LEFT JOIN person p ON p.id = v.person_id
              LEFT JOIN person r ON r.id = p.root_id
              LEFT JOIN outbox x ON x.message_id = m.id
              WHERE m.conversation_id = $1 AND (m.occurred_at < $2 OR (m.occurred_at = $2 AND m.id < $3))
              ORDER BY m.occurred_at DESC, m.id DESC LIMIT $4";
    /// The messages that a search found, with their conversations, for those who see them.
    SOME = "SELECT m.id, m.conversation_id, m.kind, m.body, m.occurred_at, a.name, c.subject
            FROM message m JOIN conversation c ON c.id = m.conversation_id LEFT JOIN account a ON a.id = m.author_id
            WHERE m.id IN LIST($1) AND c.mailbox_id IN LIST($2) AND m.body IS NOT NULL";
    /// Our own messages with these Message-IDs.
    BY_MESSAGE_KEY = "SELECT m.conversation_id, c.mailbox_id, c.person_id FROM message m
                      JOIN conversation c ON c.id = m.conversation_id
                      WHERE m.message_key IN LIST($1) ORDER BY m.id DESC LIMIT 50";
    /// The Message-IDs of a conversation, oldest first: what an answer refers to.
    KEYS = "SELECT COALESCE(m.message_key, v.message_key) FROM message m LEFT JOIN voice v ON v.id = m.voice_id
            WHERE m.conversation_id = $1 AND COALESCE(m.message_key, v.message_key) IS NOT NULL
            ORDER BY m.occurred_at, m.id LIMIT 200";
    /// Sets the Message-ID under which a message leaves.
    SET_KEY = "UPDATE message SET message_key = $2 WHERE id = $1";
}

fn read(row: &mut Row<'_>) -> Result<Message, DbError> {
    Ok(Message {
        id: row.take()?,
        kind: Kind::from_code(&row.take::<String>()?),
        voice: row.take()?,
        author: row.take()?,
        author_name: row.take()?,
        body: row.take()?,
        folded: row.take()?,
        has_raw: row.take()?,
        channel: row.take::<Option<String>>()?.as_deref().and_then(Channel::from_code),
        language: row.take()?,
        labels: row.take()?,
        score: row.take()?,
        score_most: row.take()?,
        delivery: row.take()?,
        delivery_reason: row.take()?,
        occurred_at: row.take()?,
    })
}

/// The last `limit` messages before a place, oldest of them first, and whether there are earlier ones.
/// The caller has checked that the conversation is visible.
pub fn thread(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    before: Option<kernel::Cursor>,
    limit: u32,
) -> Result<(Vec<Message>, bool), DbError> {
    let before = before.unwrap_or(kernel::Cursor::NEWEST);
    let mut rows = tx.query(&THREAD, params![conversation, before.at, before.id, limit + 1], read)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    rows.reverse();
    Ok((rows, more))
}

/// A message of ours that a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The message.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Outgoing or note.
    pub kind: Kind,
    /// Its text.
    pub body: String,
    /// When it was said.
    pub occurred_at: Instant,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// What the conversation is about.
    pub subject: String,
}

/// Messages of ours, those of them that the actor may see, in no order.
pub fn some(tx: &mut Tx<'_>, actor: &Actor, ids: Vec<i64>) -> Result<Vec<Found>, DbError> {
    tx.query(&SOME, params![ids, actor.mailbox_keys()], |row| {
        Ok(Found {
            id: row.take()?,
            conversation: row.take()?,
            kind: Kind::from_code(&row.take::<String>()?),
            body: row.take()?,
            occurred_at: row.take()?,
            author_name: row.take()?,
            subject: row.take()?,
        })
    })
}

/// The conversations in which we sent any of these Message-IDs, newest first.
pub fn by_message_keys(tx: &mut Tx<'_>, keys: Vec<String>) -> Result<Vec<crate::voice::Seen>, DbError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    tx.query(&BY_MESSAGE_KEY, params![keys], |row| {
        let (conversation, mailbox, person) = (row.take()?, row.take()?, row.take()?);
        Ok(crate::voice::Seen { mailbox, conversation: Some(conversation), person })
    })
}

/// The Message-IDs of a conversation, oldest first.
pub fn keys(tx: &mut Tx<'_>, conversation: ConversationId) -> Result<Vec<String>, DbError> {
    tx.query(&KEYS, params![conversation], |row| row.take())
}

/// A voice that becomes a turn of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The voice.
    pub voice: VoiceId,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// The customer's words, for the preview of lists.
    pub words: &'a str,
    /// When it was said.
    pub at: Instant,
    /// Whether nobody is expected to answer it: an import of the past, an automatic reply.
    pub quiet: bool,
}

/// Adds a voice to a conversation: the customer waits for us from then on, unless it is quiet.
pub fn receive(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    conversation: ConversationId,
    incoming: Incoming<'_>,
) -> Result<MessageId, Fault> {
    let id: MessageId = tx.mint(clock);
    tx.execute(
        &CREATE,
        params![
            id,
            conversation,
            incoming.person,
            Kind::Incoming.code(),
            incoming.voice,
            Option::<i64>::None,
            Option::<String>::None,
            Option::<String>::None,
            Option::<String>::None,
            incoming.at,
            clock.now()
        ],
    )?;
    crate::voice::join(tx, incoming.voice, conversation)?;
    let state = (!incoming.quiet).then_some(State::WaitingForUs);
    // The customer's turn is the customer's doing, whoever carried it in.
    let customer = Actor { kind: ActorKind::Customer, account: None, ..actor.clone() };
    let said = Said { at: incoming.at, preview: Some(incoming.words), state };
    conversation::said(tx, clock, &customer, conversation, &said)?;
    Ok(id)
}

/// A message of ours to add.
#[derive(Debug, Clone)]
pub struct Ours<'a> {
    /// Outgoing or note.
    pub kind: Kind,
    /// Its text.
    pub body: &'a str,
    /// The language it is in.
    pub language: Option<&'a str>,
    /// The employee who wrote it; the actor when `None`.
    pub author: Option<AccountId>,
    /// When it was written; now when `None` (imports keep their own times).
    pub at: Option<Instant>,
    /// The state that follows; `None` leaves it as it is.
    pub state: Option<State>,
}

/// Adds an answer or a note to a visible conversation. The caller authorises and, for an answer, queues
/// it in the outbox in the same transaction.
pub fn write(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    conversation: &Conversation,
    ours: &Ours<'_>,
) -> Result<MessageId, Fault> {
    let id: MessageId = tx.mint(clock);
    let at = ours.at.unwrap_or_else(|| clock.now());
    tx.execute(
        &CREATE,
        params![
            id,
            conversation.id,
            conversation.person,
            ours.kind.code(),
            Option::<i64>::None,
            ours.author.or(actor.account),
            ours.body,
            ours.language,
            Option::<String>::None,
            at,
            clock.now()
        ],
    )?;
    search::index(tx, "message", id.raw(), conversation.mailbox, at, ours.body, ours.language)?;
    let kind = if ours.kind == Kind::Note { EventKind::MessageNoted } else { EventKind::MessageAnswered };
    let event = NewEvent {
        occurred_at: Some(at),
        enabled_at: conversation.waiting_since,
        ended_at: Some(at),
        case: Some(conversation.id.raw()),
        mailbox: Some(conversation.mailbox),
        person: conversation.person,
        product: conversation.product,
        ..NewEvent::new(kind, "message", id.raw())
    };
    let author = Actor { account: ours.author.or(actor.account), ..actor.clone() };
    event::append(tx, clock, &author, event)?;
    conversation::said(tx, clock, &author, conversation.id, &Said { at, preview: None, state: ours.state })?;
    Ok(id)
}

/// Sets the Message-ID under which a message leaves, by which its replies are recognised.
pub fn set_key(tx: &mut Tx<'_>, id: MessageId, key: &str) -> Result<(), DbError> {
    tx.execute(&SET_KEY, params![id, key])?;
    Ok(())
}
