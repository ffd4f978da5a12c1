//! A mail becomes a voice and a turn of a conversation.

use engine::Tx;
use engine::search::Prepared;
use kernel::{Clock, Fault, Instant, PersonId};
use mail::{Address, CleanMessage};
use primitives::attachment::{self, NewAttachment, Owner};
use primitives::conversation::{self, NewConversation};
use primitives::identity::{IdentityKind, is_email};
use primitives::message::{self, Incoming};
use primitives::voice::{self, NewVoice};
use primitives::{Channel, person};

use super::record::{TEXT, clip, short};
use super::thread::{self, Place};
use super::{Desk, own};
use crate::arrival::{self, Before, End, Mark, Pending};

/// How sure a guess of the language must be before anybody sees it.
const SURE: f32 = 0.6;
/// A mail from further in the future than this has a clock that lies. Seconds.
const AHEAD_SECONDS: i64 = 86_400;

/// What became of an item: what is odd about it, its end.
pub(crate) type Outcome = (Vec<&'static str>, End);

/// How a mail is known and what it says.
pub(crate) fn mark(message: &CleanMessage) -> Mark {
    Mark { external_id: thread::own_key(message), content: Some(content(message)) }
}

/// The digest of what a mail says: subject, text and files, normalised.
fn content(message: &CleanMessage) -> [u8; 32] {
    let mut said = format!("{}\n{}", message.subject, message.text);
    for file in &message.attachments {
        said.push('\n');
        said.push_str(&file.md5);
    }
    text::normalise::content_digest(&said)
}

/// When a mail was written; when it came, where it does not say so or its clock lies.
fn written_at(message: &CleanMessage, fetched_at: Instant, flags: &mut Vec<&'static str>) -> Instant {
    let said = message.date_micros.map(Instant::from_micros);
    match said.filter(|said| *said <= fetched_at.plus_seconds(AHEAD_SECONDS)) {
        Some(at) => at,
        None => {
            flags.push("date");
            fetched_at
        }
    }
}

/// Who wrote: From, or where answers should go when From is broken.
fn author(message: &CleanMessage) -> Option<&Address> {
    let usable = |address: &&Address| is_email(&address.address);
    message
        .from
        .as_ref()
        .filter(usable)
        .or_else(|| message.reply_to.iter().find(usable))
        .or_else(|| message.sender.as_ref().filter(usable))
        .or(message.from.as_ref())
}

/// The person behind an address.
pub(crate) fn who(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    desk: &Desk,
    address: Option<&Address>,
    language: Option<&str>,
    since: Instant,
) -> Result<Option<PersonId>, Fault> {
    let Some(address) = address else { return Ok(None) };
    let name = address.name.as_deref().and_then(short);
    let identities = [(IdentityKind::Email, address.address.as_str())];
    person::recognise(tx, clock, &desk.machine, name.as_deref(), &identities, language, since)
}

/// The language of a text, where it can be told.
pub(crate) fn language_of(text: &str) -> Option<String> {
    text::language::identify(text).at_least(SURE).map(str::to_owned)
}

/// A mail with everything that can be found out about it before the transaction.
#[derive(Debug, Clone)]
pub struct ReadMail {
    /// The mail.
    pub message: CleanMessage,
    /// How it is known.
    pub mark: Mark,
    /// The customer's own new words.
    pub(crate) words: String,
    /// Their language, where it can be told.
    language: Option<String>,
    /// Quoted history, signatures and forwarded mail, as JSON.
    folded: Option<String>,
    /// What search finds of it.
    searched: Prepared,
}

impl ReadMail {
    pub(crate) fn of(mut message: CleanMessage) -> ReadMail {
        let mark = mark(&message);
        let words = clip(&message.reply, TEXT);
        let language = language_of(&words);
        let folded =
            (!message.folded.is_empty()).then(|| serde_json::to_string(&message.folded).unwrap_or_default());
        let subject = short(&message.subject);
        let name = author_name(author(&message));
        let searched = voice::searchable(
            subject.as_deref(),
            &words,
            folded.as_deref(),
            name.as_deref(),
            language.as_deref(),
        );
        // What is not stored need not wait in memory for the transaction.
        (message.text, message.html, message.reply) = Default::default();
        ReadMail { message, mark, words, language, folded, searched }
    }
}

/// What the author of a mail is called: by name, else by address.
fn author_name(author: Option<&Address>) -> Option<String> {
    author.and_then(|author| author.name.as_deref().or(Some(&author.address)).and_then(short))
}

/// Stores a mail.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    desk: &Desk,
    pending: &Pending,
    read: &ReadMail,
) -> Result<Outcome, Fault> {
    let ReadMail { message, mark, words, language, folded, searched } = read;
    let mut flags = Vec::new();
    match arrival::before(tx, desk.source.id, mark)? {
        Before::New => {}
        Before::Same { arrival, .. } => return Ok((flags, End::Duplicate { of: arrival })),
        Before::Different => flags.push("same-id"),
    }
    let at = written_at(message, pending.fetched_at, &mut flags);
    if own::is_ours(desk, message) {
        own::store(tx, clock, desk, pending, read, at)?;
        return Ok((flags, End::Stored { voice: None }));
    }

    let author = author(message);
    let person = who(tx, clock, desk, author, language.as_deref(), at)?;
    let thread = thread::find(tx, desk, message, person)?;
    let new = NewVoice {
        source: Some(desk.source.id),
        mailbox: desk.source.mailbox,
        person,
        product: None,
        channel: Channel::Mail,
        subject: short(&message.subject),
        body: words.clone(),
        folded: folded.clone(),
        language: language.clone(),
        score: None,
        score_most: None,
        labels: message.labels.clone(),
        author: author_name(author),
        message_key: mark.external_id.clone(),
        external_id: None,
        raw: Some(pending.digest),
        captured_by: None,
        historical: pending.historical,
        occurred_at: at,
    };
    let voice = voice::hear_prepared(tx, clock, &desk.machine, &new, searched)?;
    let conversation = match &thread.place {
        Place::Join(conversation) => conversation.id,
        Place::Open(continues) => {
            let open = NewConversation {
                mailbox: desk.source.mailbox,
                person,
                subject: thread::topic(&message.subject),
                channel: Channel::Mail,
                language: language.clone(),
                owner: None,
                team: None,
                product: None,
                historical: pending.historical,
                continues: *continues,
                external_id: None,
                opened_at: at,
            };
            conversation::open(tx, clock, &desk.machine, &open)?
        }
    };
    let incoming = Incoming {
        voice,
        person,
        words: &new.body,
        at,
        quiet: pending.historical || is_quiet(&message.labels),
    };
    message::receive(tx, clock, &desk.machine, conversation, incoming)?;
    thread::remember(tx, desk.source.mailbox, &thread, message, conversation)?;
    keep_files(tx, clock, desk, Owner::Voice(voice), message)?;
    Ok((flags, End::Stored { voice: Some(voice) }))
}

/// Whether a machine wrote: nobody waits for an answer.
fn is_quiet(labels: &[String]) -> bool {
    const MACHINES: [&str; 8] =
        ["auto-reply", "out-of-office", "bounce", "receipt", "complaint", "list", "bulk", "loop"];
    labels.iter().any(|label| MACHINES.contains(&label.as_str()))
}

/// Keeps the files that came with a mail.
pub(crate) fn keep_files(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    desk: &Desk,
    owner: Owner,
    message: &CleanMessage,
) -> Result<(), Fault> {
    for file in &message.attachments {
        let name = file.name.as_deref().and_then(short);
        let new = NewAttachment {
            name: name.as_deref().unwrap_or(&file.media_type),
            media_type: &clip(&file.media_type, 100),
            bytes: &file.bytes,
            inline: file.inline,
        };
        attachment::keep(tx, clock, desk.source.mailbox, owner, &new)?;
    }
    Ok(())
}
