//! Voices: anything a customer expressed, once.

use engine::blob::BlobDigest;
use engine::{DbError, Row, Tx, params, search};
use kernel::{
    AccountId, Actor, ActorKind, Clash, Clock, ConversationId, Fault, Instant, MailboxId, PersonId,
    ProductId, SourceId, VoiceId,
};
use serde::Serialize;

use crate::Channel;
use crate::event::{self, EventKind, NewEvent};

/// A voice to store.
#[derive(Debug, Clone)]
pub struct NewVoice {
    /// Where it came from.
    pub source: Option<SourceId>,
    /// Where it is visible.
    pub mailbox: MailboxId,
    /// Whose it is; `None` when nobody can tell.
    pub person: Option<PersonId>,
    /// What it is about.
    pub product: Option<ProductId>,
    /// How it came.
    pub channel: Channel,
    /// Its subject line, if it has one.
    pub subject: Option<String>,
    /// The customer's own new words.
    pub body: String,
    /// Quoted history, signatures and forwarded mail: JSON as the mail parser gives it.
    pub folded: Option<String>,
    /// The language it is in (BCP 47); `None` when unsure.
    pub language: Option<String>,
    /// The score that the customer gave.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// Labels such as `auto-reply`.
    pub labels: Vec<String>,
    /// The author's name as given, for a voice that nobody can be found for.
    pub author: Option<String>,
    /// Message-ID without brackets.
    pub message_key: Option<String>,
    /// Its id in another system.
    pub external_id: Option<String>,
    /// The raw bytes it was read from.
    pub raw: Option<BlobDigest>,
    /// The employee who wrote it down.
    pub captured_by: Option<AccountId>,
    /// Whether it comes from an import of the past, which clocks, rules and sends ignore.
    pub historical: bool,
    /// When the customer said it.
    pub occurred_at: Instant,
}

/// A voice as shown.
#[derive(Debug, Clone, Serialize)]
pub struct Voice {
    /// Its id.
    pub id: VoiceId,
    /// Where it came from.
    pub source: Option<SourceId>,
    /// Where it is visible.
    pub mailbox: MailboxId,
    /// Whose it is: the person as whom they are shown.
    pub person: Option<PersonId>,
    /// Their name.
    pub person_name: Option<String>,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// What it is about.
    pub product: Option<ProductId>,
    /// How it came.
    pub channel: Channel,
    /// Its subject line.
    pub subject: Option<String>,
    /// The customer's own new words.
    pub body: String,
    /// Quoted history, signatures and forwarded mail, as JSON text.
    #[serde(skip)]
    pub folded: Option<String>,
    /// The language it is in.
    pub language: Option<String>,
    /// The score that the customer gave.
    pub score: Option<f64>,
    /// The highest score that could be given.
    pub score_most: Option<f64>,
    /// The author's name as given.
    pub author: Option<String>,
    /// Its id in another system.
    pub external_id: Option<String>,
    /// Whether its raw bytes are kept.
    pub has_raw: bool,
    /// Whether it comes from an import of the past.
    pub historical: bool,
    /// When the customer said it.
    pub occurred_at: Instant,
    /// When it was written down.
    pub recorded_at: Instant,
}

/// The columns of [`Voice`], in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.id, v.source_id, v.mailbox_id, p.root_id, r.name, v.conversation_id, v.product_id, v.channel, ",
            "v.subject, v.body, v.folded, v.language, v.score, v.score_most, v.author, v.external_id, ",
            "v.raw_digest IS NOT NULL, v.historical, v.occurred_at, v.recorded_at ",
            "FROM voice v LEFT JOIN person p ON p.id = v.person_id LEFT JOIN person r ON r.id = p.root_id ",
            $rest
        )
    };
}

engine::statements! {
    /// Stores a voice.
    CREATE = "INSERT INTO voice (id, source_id, mailbox_id, person_id, product_id, channel, subject, body, folded,
                language, score, score_most, labels, author, message_key, external_id, raw_digest, captured_by,
                historical, occurred_at, recorded_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
    /// A voice that the actor may see.
    VISIBLE = select("WHERE v.id = $1 AND v.mailbox_id IN LIST($2)");
    /// A page of the voices that the actor may see, newest first, in the order of the index
    /// (see the plus in the lists of conversations).
    LIST = select("WHERE (v.occurred_at < $1 OR (v.occurred_at = $1 AND v.id < $2)) AND +v.mailbox_id IN LIST($3)
                   ORDER BY v.occurred_at DESC, v.id DESC LIMIT $4");
    /// The same, of one source.
    OF_SOURCE = select("WHERE (v.occurred_at < $1 OR (v.occurred_at = $1 AND v.id < $2)) AND +v.mailbox_id IN LIST($3)
                        AND v.source_id = $5 ORDER BY v.occurred_at DESC, v.id DESC LIMIT $4");
    /// Some voices that the actor may see.
    SOME = select("WHERE v.id IN LIST($1) AND v.mailbox_id IN LIST($2)");
    /// The raw bytes of a visible voice.
    RAW = "SELECT raw_digest FROM voice WHERE id = $1 AND mailbox_id IN LIST($2) AND raw_digest IS NOT NULL";
    /// Puts a voice into a conversation.
    JOIN = "UPDATE voice SET conversation_id = $2 WHERE id = $1";
    /// Says whose a voice is that was nobody's.
    ATTRIBUTE = "UPDATE voice SET person_id = $2 WHERE id = $1 AND person_id IS NULL AND mailbox_id IN LIST($3)";
    /// Its turn in a conversation is that person's too.
    ATTRIBUTE_TURN = "UPDATE message SET person_id = $2 WHERE voice_id = $1";
    /// And the conversation, where nobody's it was.
    ATTRIBUTE_CASE = "UPDATE conversation SET person_id = $2, revision = revision + 1
                      WHERE id = (SELECT conversation_id FROM voice WHERE id = $1) AND person_id IS NULL";
    /// Where a Message-ID was seen, newest first.
    BY_MESSAGE_KEY = "SELECT id, mailbox_id, conversation_id, person_id FROM voice
                      WHERE message_key IN LIST($1) ORDER BY id DESC LIMIT 50";
}

fn read(row: &mut Row<'_>) -> Result<Voice, DbError> {
    Ok(Voice {
        id: row.take()?,
        source: row.take()?,
        mailbox: row.take()?,
        person: row.take()?,
        person_name: row.take()?,
        conversation: row.take()?,
        product: row.take()?,
        channel: Channel::from_code(&row.take::<String>()?).unwrap_or(Channel::Other),
        subject: row.take()?,
        body: row.take()?,
        folded: row.take()?,
        language: row.take()?,
        score: row.take()?,
        score_most: row.take()?,
        author: row.take()?,
        external_id: row.take()?,
        has_raw: row.take()?,
        historical: row.take()?,
        occurred_at: row.take()?,
        recorded_at: row.take()?,
    })
}

/// What of a voice search finds, analysed: it needs no database and is the costly part of storing one.
pub fn searchable(
    subject: Option<&str>,
    body: &str,
    folded: Option<&str>,
    author: Option<&str>,
    language: Option<&str>,
) -> search::Prepared {
    search::Prepared::of(&crate::searched::voice_text(subject, body, folded, author), language)
}

/// Stores a voice with its event and its search entry. The caller authorises and has checked duplicates.
pub fn hear(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, new: &NewVoice) -> Result<VoiceId, Fault> {
    let (subject, folded, author) = (new.subject.as_deref(), new.folded.as_deref(), new.author.as_deref());
    let searched = searchable(subject, &new.body, folded, author, new.language.as_deref());
    hear_prepared(tx, clock, actor, new, &searched)
}

/// [`hear`] of a voice whose [`searchable`] parts were analysed before.
pub fn hear_prepared(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    new: &NewVoice,
    searched: &search::Prepared,
) -> Result<VoiceId, Fault> {
    let id: VoiceId = tx.mint(clock);
    let now = clock.now();
    tx.execute(
        &CREATE,
        params![
            id,
            new.source,
            new.mailbox,
            new.person,
            new.product,
            new.channel.code(),
            new.subject.as_deref(),
            &new.body,
            new.folded.as_deref(),
            new.language.as_deref(),
            new.score,
            new.score_most,
            (!new.labels.is_empty()).then(|| new.labels.join(" ")),
            new.author.as_deref(),
            new.message_key.as_deref(),
            new.external_id.as_deref(),
            new.raw,
            new.captured_by,
            new.historical,
            new.occurred_at,
            now
        ],
    )?;
    search::index_prepared(tx, "voice", id.raw(), new.mailbox, new.occurred_at, searched)?;
    let event = NewEvent {
        occurred_at: Some(new.occurred_at),
        mailbox: Some(new.mailbox),
        person: new.person,
        product: new.product,
        source: new.source,
        by: Some(if new.captured_by.is_some() { ActorKind::Human } else { ActorKind::Customer }),
        ..NewEvent::new(EventKind::VoiceHeard, "voice", id.raw())
            .detail(serde_json::json!({ "channel": new.channel.code() }))
    };
    event::append(tx, clock, actor, event)?;
    tx.signal(engine::Signal {
        kind: "voice".into(),
        id: id.to_string(),
        revision: 1,
        mailbox: Some(new.mailbox.raw()),
    });
    if let Some(person) = new.person {
        let root = crate::person::brief(tx, person)?.map_or(person, |brief| brief.root);
        tx.signal(crate::person::signal(root, new.mailbox));
    }
    Ok(id)
}

/// A voice, if the actor may see it.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: VoiceId) -> Result<Option<Voice>, DbError> {
    tx.find(&VISIBLE, params![id, actor.mailbox_keys()], read)
}

/// Some voices, those of them that the actor may see, in no order.
pub fn some(tx: &mut Tx<'_>, actor: &Actor, ids: Vec<i64>) -> Result<Vec<Voice>, DbError> {
    tx.query(&SOME, params![ids, actor.mailbox_keys()], read)
}

/// A page of the voices that the actor may see, newest first; of one source, if that is given.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    source: Option<SourceId>,
    from: Option<kernel::Cursor>,
    limit: u32,
) -> Result<kernel::Page<Voice>, DbError> {
    let from = from.unwrap_or(kernel::Cursor::NEWEST);
    let mailboxes = actor.mailbox_keys();
    let rows = match source {
        None => tx.query(&LIST, params![from.at, from.id, mailboxes, limit + 1], read)?,
        Some(source) => {
            tx.query(&OF_SOURCE, params![from.at, from.id, mailboxes, limit + 1, source], read)?
        }
    };
    Ok(kernel::Page::from_rows(rows, limit, |voice| kernel::Cursor {
        at: voice.occurred_at,
        id: voice.id.raw(),
    }))
}

/// The raw bytes that a visible voice was read from.
pub fn raw(tx: &mut Tx<'_>, actor: &Actor, id: VoiceId) -> Result<Option<Vec<u8>>, DbError> {
    let digest = tx.find(&RAW, params![id, actor.mailbox_keys()], |row| row.take::<Vec<u8>>())?;
    match digest.as_deref().and_then(BlobDigest::from_column) {
        Some(digest) => engine::blob::get(tx, &digest).map(Some),
        None => Ok(None),
    }
}

/// Says whose a visible voice is that was nobody's, and with it its turn of a conversation; the conversation too,
/// when it was nobody's yet. A voice that is somebody's is not taken from them: the state does not allow it. The
/// caller authorises, and has checked that the person is visible.
pub fn attribute(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    voice: &Voice,
    person: PersonId,
) -> Result<(), Fault> {
    if tx.execute(&ATTRIBUTE, params![voice.id, person, actor.mailbox_keys()])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    tx.execute(&ATTRIBUTE_TURN, params![voice.id, person])?;
    tx.execute(&ATTRIBUTE_CASE, params![voice.id, person])?;
    let event = NewEvent {
        person: Some(person),
        mailbox: Some(voice.mailbox),
        ..NewEvent::new(EventKind::VoiceAttributed, "voice", voice.id.raw())
    };
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Puts a voice into a conversation.
pub(crate) fn join(tx: &mut Tx<'_>, id: VoiceId, conversation: ConversationId) -> Result<(), DbError> {
    tx.execute(&JOIN, params![id, conversation])?;
    Ok(())
}

/// Where a Message-ID was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The mailbox in which it is visible.
    pub mailbox: MailboxId,
    /// The conversation it belongs to.
    pub conversation: Option<ConversationId>,
    /// The person it was written for.
    pub person: Option<PersonId>,
}

/// Where any of these Message-IDs were seen before, newest first.
pub fn by_message_keys(tx: &mut Tx<'_>, keys: Vec<String>) -> Result<Vec<Seen>, DbError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    tx.query(&BY_MESSAGE_KEY, params![keys], |row| {
        row.skip();
        Ok(Seen { mailbox: row.take()?, conversation: row.take()?, person: row.take()? })
    })
}
