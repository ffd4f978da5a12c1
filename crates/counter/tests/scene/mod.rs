//! What the journeys begin with: customers who said something.
#![allow(dead_code, reason = "each journey needs its own part of the scene")]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use engine::blob::{self, BlobDigest};
use engine::{Tx, params};
use kernel::{Actor, Clock, ConversationId, Fault, MailboxId, ManualClock, PersonId, VoiceId};
use primitives::Channel;
use primitives::attachment::{self, NewAttachment, Owner};
use primitives::conversation::{self, NewConversation};
use primitives::identity::IdentityKind;
use primitives::message::{self, Incoming};
use primitives::person;
use primitives::voice::{self, NewVoice};
use testkit::Shop;

/// The room on each engine.
pub fn on_both_engines(test: impl Fn(&Shop)) {
    Shop::on_both_engines(|| vec![counter::module()], test);
}

/// Does something in a transaction, as the machine.
pub fn write<T: Send + 'static>(
    shop: &Shop,
    act: impl Fn(&mut Tx<'_>, &ManualClock, &Actor) -> Result<T, Fault> + Send + 'static,
) -> T {
    let clock = shop.store.clock.clone();
    let machine = Actor::machine(vec![shop.banco, shop.private]);
    shop.store.engine().write_blocking(move |tx| act(tx, &clock, &machine)).unwrap()
}

/// Somebody who is known by an address.
pub fn customer(shop: &Shop, name: &'static str, email: &'static str) -> PersonId {
    write(shop, move |tx, clock, machine| {
        let identities = [(IdentityKind::Email, email)];
        let id = person::recognise(tx, clock, machine, Some(name), &identities, Some("it"), clock.now())?;
        Ok(id.unwrap())
    })
}

fn new_voice(
    mailbox: MailboxId,
    person: Option<PersonId>,
    channel: Channel,
    body: &str,
    clock: &ManualClock,
) -> NewVoice {
    NewVoice {
        source: None,
        mailbox,
        person,
        product: None,
        channel,
        subject: None,
        body: body.to_owned(),
        folded: None,
        language: Some("it".into()),
        score: None,
        score_most: None,
        labels: Vec::new(),
        author: None,
        message_key: None,
        external_id: None,
        raw: None,
        captured_by: None,
        historical: false,
        occurred_at: clock.now().plus_seconds(-3_600),
    }
}

/// A voice that is no conversation: something said at the counter.
pub fn capture(shop: &Shop, mailbox: MailboxId, person: Option<PersonId>, body: &'static str) -> VoiceId {
    write(shop, move |tx, clock, machine| {
        let voice = NewVoice {
            score: Some(3.0),
            score_most: Some(5.0),
            author: Some("Ospite <script>alert(1)</script>".into()),
            ..new_voice(mailbox, person, Channel::Counter, body, clock)
        };
        voice::hear(tx, clock, machine, &voice)
    })
}

/// A mail that opened a conversation, with a file.
pub fn mail(
    shop: &Shop,
    mailbox: MailboxId,
    person: PersonId,
    subject: &'static str,
    body: &'static str,
) -> (ConversationId, VoiceId) {
    mail_continuing(shop, mailbox, person, subject, body, None)
}

/// A mail that seems to continue another conversation.
pub fn mail_continuing(
    shop: &Shop,
    mailbox: MailboxId,
    person: PersonId,
    subject: &'static str,
    body: &'static str,
    continues: Option<ConversationId>,
) -> (ConversationId, VoiceId) {
    write(shop, move |tx, clock, machine| {
        let raw = format!(
            "From: Anna <anna@casa.example>\r\nSubject: {subject}\r\nMessage-ID: <da-lei@casa.example>\r\n\r\n{body}\r\n"
        );
        let voice = NewVoice {
            subject: Some(subject.to_owned()),
            folded: Some(r#"[{"kind":"quote","text":"Il giorno 3 <b>ha scritto</b>"},{"kind":"signature","text":"Anna"}]"#.into()),
            message_key: Some("da-lei@casa.example".into()),
            raw: Some(blob::put(tx, raw.as_bytes())?),
            ..new_voice(mailbox, Some(person), Channel::Mail, body, clock)
        };
        let at = voice.occurred_at;
        let heard = voice::hear(tx, clock, machine, &voice)?;
        let file = NewAttachment {
            name: "gruppo <script>.jpg",
            media_type: "text/html",
            bytes: b"<script>alert(1)</script>",
            inline: false,
        };
        attachment::keep(tx, clock, mailbox, Owner::Voice(heard), &file)?;
        let opened = conversation::open(
            tx,
            clock,
            machine,
            &NewConversation {
                mailbox,
                person: Some(person),
                subject: subject.to_owned(),
                channel: Channel::Mail,
                language: Some("it".into()),
                owner: None,
                team: None,
                product: None,
                historical: false,
                continues,
                external_id: None,
                opened_at: at,
            },
        )?;
        let incoming = Incoming { voice: heard, person: Some(person), words: body, at, quiet: false };
        message::receive(tx, clock, machine, opened, incoming)?;
        Ok((opened, heard))
    })
}

engine::statements! {
    /// Everything that waits to leave.
    OUTBOX = "SELECT unique_key, channel, state, recipient, message_key, digest FROM outbox ORDER BY id";
    /// The files of everything.
    FILES = "SELECT id FROM attachment ORDER BY id";
}

/// Something that waits to leave.
#[derive(Debug)]
pub struct Leaving {
    pub unique_key: String,
    pub channel: String,
    pub state: String,
    pub recipient: String,
    pub message_key: String,
    pub bytes: Vec<u8>,
}

/// Everything that waits to leave.
pub fn outbox(shop: &Shop) -> Vec<Leaving> {
    write(shop, |tx, _, _| {
        let rows = tx.query(&OUTBOX, params![], |row| {
            let head: (String, String, String, String, String) =
                (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
            Ok((head, row.take::<Vec<u8>>()?))
        })?;
        rows.into_iter()
            .map(|((unique_key, channel, state, recipient, message_key), digest)| {
                let bytes = blob::get(tx, &BlobDigest::from_column(&digest).unwrap())?;
                Ok(Leaving { unique_key, channel, state, recipient, message_key, bytes })
            })
            .collect()
    })
}

/// The address of the only file there is.
pub fn only_file(shop: &Shop) -> String {
    let ids =
        write(shop, |tx, _, _| Ok(tx.query(&FILES, params![], |row| row.take::<kernel::AttachmentId>())?));
    assert_eq!(ids.len(), 1);
    format!("/attachments/{}", ids[0])
}

/// The value of a hidden field of a page.
pub fn hidden(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = html.find(&mark).unwrap_or_else(|| panic!("no {name} in {html}")) + mark.len();
    html[start..].split('"').next().unwrap().to_owned()
}
