//! A mail that the shop itself wrote: an outgoing message of its thread, never a voice.

use engine::Tx;
use kernel::{Clock, Fault, Instant};
use mail::CleanMessage;
use primitives::Channel;
use primitives::attachment::Owner;
use primitives::conversation::{self, NewConversation};
use primitives::message::{self, Kind, Ours};

use super::Desk;
use super::mail_item::{ReadMail, keep_files, language_of, who};
use super::thread::{self, Place};
use crate::arrival::Pending;

/// Whether the shop itself wrote a mail.
pub(crate) fn is_ours(desk: &Desk, message: &CleanMessage) -> bool {
    message.from.as_ref().is_some_and(|from| is_own(desk, &from.address))
}

/// Whether an address is one of the shop's, with or without a reply token.
fn is_own(desk: &Desk, address: &str) -> bool {
    let address = address.to_lowercase();
    let plain = match address.rsplit_once('@') {
        Some((local, host)) => format!("{}@{host}", local.split('+').next().unwrap_or(local)),
        None => address.clone(),
    };
    desk.own_addresses.iter().any(|own| *own == address || *own == plain)
}

/// Stores a mail of ours in the thread with whom it was written to. Who of us wrote it is not known: a
/// mailbox's address is nobody's account.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    desk: &Desk,
    pending: &Pending,
    read: &ReadMail,
    at: Instant,
) -> Result<(), Fault> {
    let message = &read.message;
    let recipient = message.to.iter().chain(&message.cc).find(|to| !is_own(desk, &to.address));
    let person = who(tx, clock, desk, recipient, None, at)?;
    let thread = thread::find(tx, desk, message, person)?;
    let language = language_of(&read.words);
    let conversation = match thread.place {
        Place::Join(ref conversation) => conversation.as_ref().clone(),
        Place::Open(continues) => {
            let open = NewConversation {
                mailbox: desk.source.mailbox,
                person,
                subject: thread::topic(&message.subject),
                channel: Channel::Mail,
                language: None,
                owner: None,
                team: None,
                product: None,
                historical: pending.historical,
                continues,
                external_id: None,
                opened_at: at,
            };
            let id = conversation::open(tx, clock, &desk.machine, &open)?;
            conversation::required(tx, &desk.machine, id)?
        }
    };
    let ours = Ours {
        kind: Kind::Outgoing,
        body: &read.words,
        language: language.as_deref(),
        author: None,
        at: Some(at),
        state: None,
    };
    let id = message::write(tx, clock, &desk.machine, &conversation, &ours)?;
    if let Some(key) = thread::own_key(message) {
        message::set_key(tx, id, &key)?;
    }
    thread::remember(tx, desk.source.mailbox, &thread, message, conversation.id)?;
    keep_files(tx, clock, desk, Owner::Message(id), message)
}
