//! What the tests of this room stand on: voices that people of a shop said.

use engine::Tx;
use kernel::{Actor, Fault, Instant, MailboxId, PersonId, VoiceId};
use primitives::identity::IdentityKind;
use primitives::person::NewPerson;
use primitives::voice::NewVoice;
use primitives::{Channel, identity, person, voice};
use testkit::{Shop, Staffer};

/// Runs a test in a shop with this room, on both engines.
pub fn on_both_engines(test: impl Fn(&Shop)) {
    Shop::on_both_engines(|| vec![people::module()], test);
}

/// Changes the store of a shop.
pub fn write<T: Send + 'static>(
    shop: &Shop,
    job: impl Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
) -> T {
    shop.store.engine().write_blocking(job).unwrap()
}

/// Somebody with a mail address, who said nothing yet.
pub fn customer(shop: &Shop, name: &str, email: &str) -> PersonId {
    let (clock, name, email) = (shop.store.clock.clone(), name.to_owned(), email.to_owned());
    write(shop, move |tx| {
        let machine = Actor::machine(vec![]);
        let new = NewPerson { name: name.clone(), ..NewPerson::default() };
        let id = person::create(tx, &*clock, &machine, &new)?;
        identity::add(tx, &*clock, &machine, id, IdentityKind::Email, &email)?;
        Ok(id)
    })
}

/// A voice as a customer left it somewhere.
pub fn said(mailbox: MailboxId, person: PersonId, body: &str, at: &str) -> NewVoice {
    NewVoice {
        source: None,
        mailbox,
        person: Some(person),
        product: None,
        channel: Channel::Review,
        subject: None,
        body: body.to_owned(),
        folded: None,
        language: Some("it".into()),
        score: None,
        score_most: None,
        labels: vec![],
        author: None,
        message_key: None,
        external_id: None,
        raw: None,
        captured_by: None,
        historical: false,
        occurred_at: at.parse::<Instant>().unwrap(),
    }
}

/// Stores a voice.
pub fn hear(shop: &Shop, new: NewVoice) -> VoiceId {
    let clock = shop.store.clock.clone();
    write(shop, move |tx| voice::hear(tx, &*clock, &Actor::machine(vec![new.mailbox]), &new))
}

/// Somebody who was heard in a mailbox.
pub fn heard(shop: &Shop, mailbox: MailboxId, name: &str, email: &str, words: &str) -> PersonId {
    let id = customer(shop, name, email);
    hear(shop, said(mailbox, id, words, "2026-11-19T08:00:00Z"));
    id
}

/// Somebody who sees both mailboxes.
pub fn sees_all(shop: &Shop, name: &str) -> Staffer {
    shop.staffer(name, kernel::Role::Keeper, &[shop.banco, shop.private])
}
