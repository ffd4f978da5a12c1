//! Which conversation a mail belongs to.
//!
//! By the secret in the address it was sent to, then by the Message-IDs it names, in the same mailbox;
//! never by a subject. It joins only when its author is the person of the conversation.

use engine::{Tx, params};
use kernel::{ConversationId, Fault, MailboxId, PersonId};
use mail::CleanMessage;
use primitives::conversation::{self, Conversation};
use primitives::{message, person, voice};

use super::Desk;
use super::record::key;

/// Most Message-IDs of one mail that are looked up.
const NAMED: usize = 50;
/// Length of a reply token.
const TOKEN: usize = 26;
/// How often a conversation may have been joined into another.
const JOINS: usize = 8;

engine::statements! {
    /// The conversations in which any of these mails are named without having come.
    AWAITED_BY = "SELECT conversation_id FROM awaited_mail WHERE message_key IN LIST($1) AND mailbox_id = $2
                  ORDER BY conversation_id";
    /// A mail that has come is awaited no more.
    CAME = "DELETE FROM awaited_mail WHERE message_key = $1 AND mailbox_id = $2";
}

static AWAIT: engine::Insert = engine::Insert {
    table: "awaited_mail",
    columns: &["mailbox_id", "message_key", "conversation_id"],
    suffix: "ON CONFLICT DO NOTHING",
};

/// Where a mail belongs.
pub(crate) enum Place {
    /// Into this conversation.
    Join(Box<Conversation>),
    /// Into a new one, which seems to continue another: a human decides.
    Open(Option<ConversationId>),
}

/// What was found out about a mail's thread.
pub(crate) struct Thread {
    /// Where the mail belongs.
    pub place: Place,
    /// Message-IDs that it names and nobody has brought yet.
    unknown: Vec<String>,
}

/// The Message-ID under which a mail is known; `None` for a substitute, which nobody can name.
pub(crate) fn own_key(message: &CleanMessage) -> Option<String> {
    (!message.message_id_is_substitute).then(|| key(&message.message_id))
}

/// The Message-IDs that a mail answers, the nearest first.
fn named(message: &CleanMessage) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for id in message.in_reply_to.iter().chain(message.references.iter().rev()) {
        let id = key(id);
        if !id.is_empty() && id != message.message_id && !named.contains(&id) && named.len() < NAMED {
            named.push(id);
        }
    }
    named
}

/// The reply tokens in the addresses that a mail was sent to: what stands between `+` and `@`.
fn tokens(message: &CleanMessage) -> impl Iterator<Item = String> + '_ {
    let to = message.to.iter().chain(&message.cc).map(|to| to.address.as_str());
    to.chain(message.delivered_to.iter().map(String::as_str)).filter_map(|address| {
        let (local, _) = address.rsplit_once('@')?;
        let (_, token) = local.rsplit_once('+')?;
        let token = token.to_ascii_lowercase();
        (token.len() == TOKEN && token.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(token)
    })
}

/// Finds where a mail of this author belongs. Our own mails (`author` is the person they were sent to)
/// are placed by the same rule.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    desk: &Desk,
    message: &CleanMessage,
    author: Option<PersonId>,
) -> Result<Thread, Fault> {
    let mailbox = desk.source.mailbox;
    let named = named(message);
    let mut found: Vec<ConversationId> = Vec::new();
    for token in tokens(message).take(4) {
        found.extend(conversation::by_reply_token(tx, &token)?.and_then(|seen| seen.conversation));
    }
    let mut unknown = Vec::new();
    let own = own_key(message);
    if !named.is_empty() {
        for name in &named {
            // One at a time, nearest first: the nearest decides, and what nobody knows is awaited.
            let mut seen = voice::by_message_keys(tx, vec![name.clone()])?;
            if seen.is_empty() {
                seen = message::by_message_keys(tx, vec![name.clone()])?;
            }
            let here = seen.iter().filter(|seen| seen.mailbox == mailbox).find_map(|seen| seen.conversation);
            match here {
                Some(conversation) => {
                    found.push(conversation);
                    break;
                }
                None => unknown.push(name.clone()),
            }
        }
    }
    let mut asked = unknown.clone();
    asked.extend(own);
    if !asked.is_empty() {
        let awaiting = tx.query(&AWAITED_BY, params![asked, mailbox], |row| row.take::<ConversationId>())?;
        found.extend(awaiting);
    }
    let place = choose(tx, desk, &found, author)?;
    Ok(Thread { place, unknown })
}

fn choose(
    tx: &mut Tx<'_>,
    desk: &Desk,
    found: &[ConversationId],
    author: Option<PersonId>,
) -> Result<Place, Fault> {
    let mut continues = None;
    let mut looked_at: Vec<ConversationId> = Vec::new();
    for id in found {
        let Some(conversation) = standing(tx, desk, *id)? else { continue };
        if looked_at.contains(&conversation.id) {
            continue;
        }
        looked_at.push(conversation.id);
        let root = match author {
            Some(author) => person::brief(tx, author)?.map(|brief| brief.root),
            None => None,
        };
        if root.is_some() && root == conversation.person {
            return Ok(Place::Join(Box::new(conversation)));
        }
        continues.get_or_insert(conversation.id);
    }
    Ok(Place::Open(continues))
}

/// The conversation that an id stands for today, in this mailbox: one that was joined stands for the one
/// it was joined to.
fn standing(tx: &mut Tx<'_>, desk: &Desk, id: ConversationId) -> Result<Option<Conversation>, Fault> {
    let mut id = id;
    for _ in 0..JOINS {
        let Some(conversation) = conversation::visible(tx, &desk.machine, id)? else { return Ok(None) };
        match conversation.joined_into {
            Some(into) => id = into,
            None => return Ok(Some(conversation)),
        }
    }
    Ok(None)
}

/// Writes down what the mail names and nobody has brought, and that the mail itself has come.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    mailbox: MailboxId,
    thread: &Thread,
    message: &CleanMessage,
    conversation: ConversationId,
) -> Result<(), Fault> {
    if let Some(own) = own_key(message) {
        tx.execute(&CAME, params![own, mailbox])?;
    }
    if !thread.unknown.is_empty() {
        let rows: Vec<_> =
            thread.unknown.iter().map(|name| params![mailbox, name, conversation].to_vec()).collect();
        tx.insert_many(&AWAIT, &rows)?;
    }
    Ok(())
}

/// A subject without what mail programs put before it: what a conversation is about.
pub(crate) fn topic(subject: &str) -> String {
    const BEFORE: [&str; 10] = ["re:", "r:", "rif:", "fw:", "fwd:", "i:", "aw:", "wg:", "tr:", "sv:"];
    let mut rest = subject.trim();
    while let Some(prefix) = BEFORE
        .iter()
        .find(|prefix| rest.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    {
        rest = rest[prefix.len()..].trim_start();
    }
    super::record::short(rest).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_a_subject_without_the_marks_of_answering() {
        assert_eq!(topic("Re: R: FWD: la macchina  perde"), "la macchina perde");
        assert_eq!(topic("Rif: ordine 12"), "ordine 12");
        assert_eq!(topic("Regalo"), "Regalo");
        assert_eq!(topic("Re:"), "");
        assert_eq!(topic("é"), "é");
    }

    #[test]
    fn the_nearest_named_mail_comes_first_and_none_twice() {
        let message = mail::parse(
            b"Message-ID: <d@x>\nIn-Reply-To: <c@x>\nReferences: <a@x> <b@x> <c@x> <d@x>\nFrom: a@x\n\nx",
        );
        assert_eq!(named(&message), ["c@x", "b@x", "a@x"]);
    }

    #[test]
    fn only_a_whole_token_is_looked_up() {
        let token = "0123456789abcdefghjkmnpqrs";
        let message = mail::parse(
            format!("From: a@x\nTo: aiuto+{token}@x.example, aiuto+novita@x.example\n\nx").as_bytes(),
        );
        assert_eq!(tokens(&message).collect::<Vec<_>>(), [token]);
    }
}
