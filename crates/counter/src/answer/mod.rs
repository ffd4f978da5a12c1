//! Answering: one message, one mail, one row of the outbox, in one transaction.

pub(crate) mod invariant;
mod letter;
pub mod recipient;

use engine::Tx;
use kernel::fault::required;
use kernel::{
    Actor, ActorKind, Clash, Clock, ConversationId, Fault, IdentityId, MessageId, Permission, Reason,
};
use primitives::attachment::{self, NewAttachment, Owner};
use primitives::conversation::{self, State};
use primitives::identity::IdentityKind;
use primitives::message::{self, Kind, Ours};
use primitives::outbox::{self, NewItem};
use primitives::shop;

use crate::conversation::around;
use letter::Letter;

/// Most characters of an answer or a note.
pub const LONGEST: usize = 100_000;
/// Most bytes of the files of one answer, together.
pub const MOST_FILE_BYTES: usize = 20 * 1024 * 1024;
/// The channel that carries answers out.
const CHANNEL: &str = "folder";

/// A file that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type, `type/subtype`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An answer to write.
#[derive(Debug, Clone, Default)]
pub struct Answer<'a> {
    /// What it says.
    pub text: &'a str,
    /// To which address; the one from which the person wrote last, when `None`.
    pub to: Option<IdentityId>,
    /// Whether the conversation ends with it.
    pub close: bool,
    /// What goes along.
    pub files: &'a [File],
}

/// Answers a conversation: the message, its files, the bytes that leave and the new state. A conversation
/// that is in nobody's hands comes into those of whoever answers.
pub fn answer(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    answer: &Answer<'_>,
) -> Result<MessageId, Fault> {
    actor.authorise(Permission::AnswerConversations)?;
    let conversation = conversation::required(tx, actor, id)?;
    if conversation.joined_into.is_some() {
        return Err(Fault::Conflict(Clash::State));
    }
    let text = required("text", &answer.text.replace("\r\n", "\n"), LONGEST)?;
    if answer.files.iter().map(|file| file.bytes.len()).sum::<usize>() > MOST_FILE_BYTES {
        return Err(Fault::invalid("file", Reason::TooLong(MOST_FILE_BYTES)));
    }
    let around = around::of(tx, actor, &conversation)?;
    let choices = recipient::choices(tx, actor, &around)?;
    let to = match answer.to {
        None => choices.first().ok_or(Fault::invalid("recipient", Reason::Missing))?,
        Some(id) => {
            choices.iter().find(|reach| reach.id == id).ok_or(Fault::invalid("recipient", Reason::Unknown))?
        }
    };
    let by_mail = to.kind == IdentityKind::Email;
    if !by_mail && !answer.files.is_empty() {
        let reason = "cannot go to a telephone; choose a mail address".to_owned();
        return Err(Fault::invalid("file", Reason::Because(reason)));
    }

    let thread = message::keys(tx, id)?;
    let language = text::language::identify(&text).at_least(0.5);
    let ours = Ours {
        kind: Kind::Outgoing,
        body: &text,
        language: language.or(conversation.language.as_deref()),
        author: None,
        at: None,
        state: Some(if answer.close { State::Closed } else { State::WaitingForCustomer }),
    };
    let message = message::write(tx, clock, actor, &conversation, &ours)?;
    for file in answer.files {
        let new = NewAttachment {
            name: &file.name,
            media_type: &file.media_type,
            bytes: &file.bytes,
            inline: false,
        };
        attachment::keep(tx, clock, conversation.mailbox, Owner::Message(message), &new)?;
    }

    let shop = shop::find(tx)?.map(|shop| shop.name).unwrap_or_default();
    let named = conversation.person_name.as_deref().filter(|name| !name.contains('@'));
    let letter = Letter {
        message: message.to_string(),
        author: &actor.name,
        shop: &shop,
        mailbox: around.mailbox_address.as_deref(),
        reply_token: &conversation.reply_token,
        to_name: named,
        subject: &conversation.subject,
        thread: &thread,
        at: clock.now(),
        text: &text,
        files: answer.files,
    };
    let (recipient, bytes) = if by_mail {
        (format!("mailto:{}", to.value), letter.mail(&to.value)?)
    } else {
        let recipient = format!("tel:{}", to.value);
        let bytes = letter.text(&recipient);
        (recipient, bytes)
    };
    let key = letter.key();
    message::set_key(tx, message, &key)?;
    let item = NewItem {
        unique_key: &format!("answer:{message}"),
        channel: CHANNEL,
        mailbox: conversation.mailbox,
        conversation: Some(id),
        message: Some(message),
        recipient: &recipient,
        bytes: &bytes,
        message_key: &key,
        not_before: clock.now(),
    };
    outbox::queue(tx, clock, &item)?;
    if conversation.owner.is_none() && actor.kind == ActorKind::Human {
        conversation::assign(tx, clock, actor, id, actor.account, conversation.team)?;
    }
    Ok(message)
}

/// Writes an internal note, which no customer ever reads.
pub fn note(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ConversationId,
    text: &str,
) -> Result<MessageId, Fault> {
    actor.authorise(Permission::WriteNotes)?;
    let conversation = conversation::required(tx, actor, id)?;
    if conversation.joined_into.is_some() {
        return Err(Fault::Conflict(Clash::State));
    }
    let text = required("text", &text.replace("\r\n", "\n"), LONGEST)?;
    let language = text::language::identify(&text).at_least(0.5);
    let ours = Ours { kind: Kind::Note, body: &text, language, author: None, at: None, state: None };
    message::write(tx, clock, actor, &conversation, &ours)
}
