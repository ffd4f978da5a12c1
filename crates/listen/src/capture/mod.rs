//! A voice written down by hand: what a customer said on the telephone, at the counter, at a fair.

pub mod page;

use engine::Tx;
use kernel::fault::{optional, required};
use kernel::{Actor, Clock, ConversationId, Fault, MailboxId, Permission, PersonId, Reason, VoiceId};
use primitives::conversation::{self, NewConversation};
use primitives::identity::IdentityKind;
use primitives::message::{self, Incoming};
use primitives::voice::{self, NewVoice};
use primitives::{Channel, person, product};

use crate::intake::record_item::{author_of, language_of};

/// Longest voice that is written down by hand, in characters.
const TEXT: usize = 20_000;
/// Longest name or product, in characters.
const SHORT: usize = 200;

/// What was written down.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// How it was said.
    pub channel: Option<Channel>,
    /// The words.
    pub text: String,
    /// Whose they are, when that was chosen.
    pub person: Option<PersonId>,
    /// Their name, when it was written.
    pub name: String,
    /// A mail address or telephone number of theirs.
    pub contact: String,
    /// What it is about.
    pub product: String,
    /// Where it belongs.
    pub mailbox: Option<MailboxId>,
    /// Whether they wait for an answer.
    pub waits: bool,
}

/// Writes a voice down; with a conversation in the writer's hands when the customer waits for an answer. A voice of
/// somebody known only in mailboxes that the writer does not see is kept as nobody's, with the address beside the
/// name: who sees both may say whose it is.
pub fn capture(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    heard: &Heard,
) -> Result<(VoiceId, Option<ConversationId>), Fault> {
    actor.authorise(Permission::CaptureVoices)?;
    let text = required("text", &heard.text, TEXT)?;
    let name = optional("name", &heard.name, SHORT)?;
    let contact = optional("identity", &heard.contact, SHORT)?;
    let about = optional("product", &heard.product, SHORT)?;
    let mailbox = heard
        .mailbox
        .or(actor.mailboxes.first().copied())
        .filter(|mailbox| actor.sees(*mailbox))
        .ok_or(Fault::invalid("mailbox", Reason::Unknown))?;
    let channel = heard.channel.unwrap_or(Channel::Counter);
    let now = clock.now();
    let language = language_of(&text);
    let mut author = name.clone();
    let person = match (heard.person, &contact) {
        (Some(chosen), _) => {
            Some(person::visible(tx, actor, chosen)?.ok_or(Fault::invalid("person", Reason::Unknown))?.id)
        }
        (None, None) => None,
        (None, Some(contact)) => {
            let uses = [(kind_of(contact)?, contact.as_str())];
            if person::is_elsewhere(tx, actor, &uses)? {
                author = author_of(name.as_deref(), &[contact]);
                None
            } else {
                person::recognise(tx, clock, actor, name.as_deref(), &uses, language.as_deref(), now)?
            }
        }
    };
    let product = match &about {
        Some(about) => Some(product::find_or_create(tx, clock, about, "")?),
        None => None,
    };
    let new = NewVoice {
        source: None,
        mailbox,
        person,
        product,
        channel,
        subject: None,
        body: text,
        folded: None,
        language: language.clone(),
        score: None,
        score_most: None,
        labels: Vec::new(),
        author,
        message_key: None,
        external_id: None,
        raw: None,
        captured_by: actor.account,
        historical: false,
        occurred_at: now,
    };
    let voice = voice::hear(tx, clock, actor, &new)?;
    if !heard.waits {
        return Ok((voice, None));
    }
    let open = NewConversation {
        mailbox,
        person,
        subject: String::new(),
        channel,
        language,
        owner: actor.account,
        team: None,
        product,
        historical: false,
        continues: None,
        external_id: None,
        opened_at: now,
    };
    let conversation = conversation::open(tx, clock, actor, &open)?;
    let incoming = Incoming { voice, person, words: &new.body, at: now, quiet: false };
    message::receive(tx, clock, actor, conversation, incoming)?;
    Ok((voice, Some(conversation)))
}

/// What kind of address somebody wrote.
fn kind_of(contact: &str) -> Result<IdentityKind, Fault> {
    let kind = if contact.contains('@') { IdentityKind::Email } else { IdentityKind::Phone };
    kind.normalise(contact)
        .map(|_| kind)
        .ok_or(Fault::invalid("identity", Reason::NotA("a mail address or a telephone number")))
}
