//! A row, a line or an API call becomes a voice; with a conversation when somebody waits for an answer.

use engine::Tx;
use engine::blob::BlobDigest;
use engine::search::Prepared;
use kernel::{Actor, Clock, ConversationId, Fault, Instant, MailboxId, SourceId, VoiceId};
use primitives::conversation::{self, NewConversation};
use primitives::identity::IdentityKind;
use primitives::message::{self, Incoming};
use primitives::voice::{self, NewVoice};
use primitives::{Channel, person, product};

use super::Desk;
use super::mail_item::Outcome;
pub(crate) use super::mail_item::language_of;
use super::record::Record;
use crate::arrival::{self, Before, End, Mark, Pending};

/// How a record is known to its source and what it says.
pub(crate) fn mark(record: &Record) -> Mark {
    Mark { external_id: record.external_id.clone(), content: Some(record.content()) }
}

/// A record with everything that can be found out about it before the transaction.
#[derive(Debug, Clone)]
pub struct ReadRecord {
    /// The record.
    pub record: Record,
    /// How it is known.
    pub mark: Mark,
    /// Its language, said or told.
    language: Option<String>,
    /// What search finds of it.
    searched: Prepared,
}

impl ReadRecord {
    pub(crate) fn of(record: Record) -> ReadRecord {
        let mark = mark(&record);
        let language = record.language.clone().or_else(|| language_of(&record.text));
        let author = author_name(&record);
        let subject = record.subject.as_deref();
        let searched = voice::searchable(subject, &record.text, None, author.as_deref(), language.as_deref());
        ReadRecord { record, mark, language, searched }
    }
}

/// What the author of a record is called.
fn author_name(record: &Record) -> Option<String> {
    record.author.name.clone().or_else(|| record.author.email.clone())
}

/// An author who is not recognised, as one line: the name, and the addresses by which somebody else may.
pub(crate) fn author_of(name: Option<&str>, contacts: &[&str]) -> Option<String> {
    let parts: Vec<&str> = name.into_iter().chain(contacts.iter().copied()).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Stores a record of a file.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    desk: &Desk,
    pending: &Pending,
    read: &ReadRecord,
) -> Result<Outcome, Fault> {
    let ReadRecord { record, mark, language, searched } = read;
    let mut flags = record.flags.clone();
    match arrival::before(tx, desk.source.id, mark)? {
        Before::New => {}
        Before::Same { arrival, .. } => return Ok((flags, End::Duplicate { of: arrival })),
        Before::Different => flags.push("same-id"),
    }
    let place = Where {
        source: desk.source.id,
        mailbox: desk.source.mailbox,
        raw: pending.digest,
        historical: pending.historical,
        fetched_at: pending.fetched_at,
    };
    let prepared = Some((language.as_deref(), searched));
    let (voice, _) = hear(tx, clock, &desk.machine, &desk.machine, &place, record, prepared)?;
    Ok((flags, End::Stored { voice: Some(voice) }))
}

/// Where a record comes from and goes to.
pub(crate) struct Where {
    /// The source.
    pub source: SourceId,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The address of its bytes.
    pub raw: BlobDigest,
    /// Whether it belongs to the past.
    pub historical: bool,
    /// When it came.
    pub fetched_at: Instant,
}

/// Makes a voice of a record, and a conversation when the customer waits for an answer. `teller` is who says whose
/// the voice is: of somebody whom they may not know it is nobody's for now, with the addresses beside the name.
/// `prepared` is its language and its searchable terms, where they were found out before.
pub(crate) fn hear(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    machine: &Actor,
    teller: &Actor,
    place: &Where,
    record: &Record,
    prepared: Option<(Option<&str>, &Prepared)>,
) -> Result<(VoiceId, Option<ConversationId>), Fault> {
    let at = record.occurred_at.unwrap_or(place.fetched_at);
    let language = match prepared {
        Some((language, _)) => language.map(str::to_owned),
        None => record.language.clone().or_else(|| language_of(&record.text)),
    };
    let named = &record.author;
    let identities: Vec<(IdentityKind, &str)> = [
        (IdentityKind::Email, &named.email),
        (IdentityKind::Phone, &named.phone),
        (IdentityKind::External, &named.external_id),
    ]
    .into_iter()
    .filter_map(|(kind, value)| value.as_deref().map(|value| (kind, value)))
    .collect();
    let name = named.name.as_deref();
    let elsewhere = person::is_elsewhere(tx, teller, &identities)?;
    let person = if elsewhere {
        None
    } else {
        person::recognise(tx, clock, machine, name, &identities, language.as_deref(), at)?
    };
    let author = if elsewhere {
        author_of(name, &identities.iter().map(|(_, value)| *value).collect::<Vec<_>>())
    } else {
        author_name(record)
    };
    let product = match &record.product {
        Some((name, version)) => Some(product::find_or_create(tx, clock, name, version)?),
        None => None,
    };
    let channel = record.channel.unwrap_or(Channel::Other);
    let new = NewVoice {
        source: Some(place.source),
        mailbox: place.mailbox,
        person,
        product,
        channel,
        subject: record.subject.clone(),
        body: record.text.clone(),
        folded: None,
        language: language.clone(),
        score: record.score,
        score_most: record.score_most,
        labels: Vec::new(),
        author,
        message_key: None,
        external_id: record.external_id.clone(),
        raw: Some(place.raw),
        captured_by: None,
        historical: place.historical,
        occurred_at: at,
    };
    let voice = match prepared {
        Some((_, searched)) => voice::hear_prepared(tx, clock, machine, &new, searched)?,
        None => voice::hear(tx, clock, machine, &new)?,
    };
    if place.historical || !(record.wants_answer || channel.opens_conversation()) {
        return Ok((voice, None));
    }
    let open = NewConversation {
        mailbox: place.mailbox,
        person,
        subject: record.subject.clone().unwrap_or_default(),
        channel,
        language,
        owner: None,
        team: None,
        product,
        historical: false,
        continues: None,
        external_id: None,
        opened_at: at,
    };
    let conversation = conversation::open(tx, clock, machine, &open)?;
    let incoming = Incoming { voice, person, words: &record.text, at, quiet: false };
    message::receive(tx, clock, machine, conversation, incoming)?;
    Ok((voice, Some(conversation)))
}
