//! The whole house, and one of everything in the mailbox that few may see.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, header};
use engine::Tx;
use kernel::{Actor, Clock, Fault, MailboxId, ManualClock, PersonId};
use primitives::attachment::{NewAttachment, Owner};
use primitives::conversation::NewConversation;
use primitives::identity::IdentityKind;
use primitives::message::Incoming;
use primitives::voice::NewVoice;
use primitives::{Channel, attachment, conversation, message, organisation, person, source, voice};
use testkit::{Answer, Shop, Staffer, Store};

/// The whole house on SQLite.
pub fn house() -> Shop {
    Shop::open(Store::sqlite(), bottega::rooms::modules())
}

/// Words that stand in everything hidden.
pub const SECRET: &str = "parolasegretissima";

/// Makes one of everything in a mailbox; their ids by the segment of an address that names them.
pub fn one_of_everything(shop: &Shop, mailbox: MailboxId) -> BTreeMap<&'static str, String> {
    let clock = shop.store.clock.clone();
    let made = shop.store.engine().write_blocking(move |tx| make(tx, &clock, mailbox));
    made.unwrap()
}

fn make(
    tx: &mut Tx<'_>,
    clock: &ManualClock,
    mailbox: MailboxId,
) -> Result<BTreeMap<&'static str, String>, Fault> {
    let actor = Actor::machine(vec![mailbox]);
    let now = clock.now();
    let organisation = organisation::create(tx, clock, &actor, SECRET, None, None)?;
    let who = [(IdentityKind::Email, "segreta@private.example")];
    let person = person::recognise(tx, clock, &actor, Some(SECRET), &who, None, now)?;
    let source = source::create(tx, clock, &actor, SECRET, "import", mailbox)?;
    let voice = voice::hear(tx, clock, &actor, &voice_of(mailbox, Some(source.id), person, now))?;
    let file = NewAttachment { name: SECRET, media_type: "text/plain", bytes: b"x", inline: false };
    let attachment = attachment::keep(tx, clock, mailbox, Owner::Voice(voice), &file)?;
    let new = NewConversation {
        mailbox,
        person,
        subject: SECRET.into(),
        channel: Channel::Mail,
        language: None,
        owner: None,
        team: None,
        product: None,
        historical: false,
        continues: None,
        external_id: None,
        opened_at: now,
    };
    let conversation = conversation::open(tx, clock, &actor, &new)?;
    let incoming =
        Incoming { voice, person: person.ok_or(Fault::NotFound).ok(), words: SECRET, at: now, quiet: false };
    message::receive(tx, clock, &actor, conversation, incoming)?;
    let person = person.ok_or(Fault::NotFound)?;
    Ok(BTreeMap::from([
        ("conversations", conversation.to_string()),
        ("voices", voice.to_string()),
        ("attachments", attachment.to_string()),
        ("people", person.to_string()),
        ("organisations", organisation.to_string()),
        ("sources", source.id.to_string()),
    ]))
}

fn voice_of(
    mailbox: MailboxId,
    source: Option<kernel::SourceId>,
    person: Option<PersonId>,
    now: kernel::Instant,
) -> NewVoice {
    NewVoice {
        source,
        mailbox,
        person,
        product: None,
        channel: Channel::Mail,
        subject: Some(SECRET.into()),
        body: SECRET.into(),
        folded: None,
        language: Some("it".into()),
        score: None,
        score_most: None,
        labels: vec![],
        author: None,
        message_key: Some("segreto@private.example".into()),
        external_id: None,
        raw: None,
        captured_by: None,
        historical: false,
        occurred_at: now,
    }
}

/// An id of a kind that nothing has, by the segment before it.
pub fn nothing(segment: &str) -> String {
    let prefix = match segment {
        "accounts" => "acc",
        "arrivals" | "quarantine" => "arr",
        "attachments" => "att",
        "consent" => "con",
        "conversations" => "cnv",
        "facts" => "fct",
        "identities" => "idn",
        "import" => "imp",
        "jobs" => "job",
        "mailboxes" => "mbx",
        "merges" => "mrg",
        "organisations" => "org",
        "outbox" => "out",
        "people" => "per",
        "sessions" => "ses",
        "sources" => "src",
        "teams" => "tea",
        "tokens" => "tok",
        "voices" => "voi",
        _ => "xxx",
    };
    format!("{prefix}_0000000000001")
}

/// A pattern with its placeholders filled by the segment before each.
pub fn fill(pattern: &str, id_of: impl Fn(&str) -> String) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in pattern.split('/') {
        let filled = match part.strip_prefix('{') {
            Some(_) => id_of(parts.last().map_or("", String::as_str)),
            None => part.to_owned(),
        };
        parts.push(filled);
    }
    parts.join("/")
}

/// Fields that some form or other wants, so that what refuses is not the form.
pub const FIELDS: [(&str, &str); 15] = [
    ("name", "Prova"),
    ("text", "Prova"),
    ("body", "Prova"),
    ("state", "closed"),
    ("owner", ""),
    ("to", ""),
    ("join", "no"),
    ("purpose", "news"),
    ("basis", "consent"),
    ("kind", "email"),
    ("value", "prova@casa.example"),
    ("other", "per_0000000000002"),
    ("with", "per_0000000000002"),
    ("action", "apart"),
    ("language", "it"),
];

/// One request as somebody makes it: a page or form with a session, an operation with a token.
pub fn ask(shop: &Shop, method: &str, path: &str, who: Option<&Staffer>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    let api = path.starts_with("/api/");
    if let Some(who) = who {
        request = if api {
            request.header(header::AUTHORIZATION, format!("Bearer {}", who.token))
        } else {
            request.header(header::COOKIE, format!("{}={}", web::request::SESSION_COOKIE, who.secret))
        };
    }
    let body = match (method, api) {
        ("GET" | "HEAD", _) => Body::empty(),
        (_, true) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(plausible(path).to_string())
        }
        _ => {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let mut form = format!("csrf={}", who.map_or("", |who| &who.csrf));
            for (name, value) in FIELDS {
                form.push_str(&format!("&{name}={}", web::request::encode(value)));
            }
            Body::from(form)
        }
    };
    shop.send(request.body(body).unwrap())
}

/// A body that an operation can read.
pub fn plausible(path: &str) -> serde_json::Value {
    use serde_json::json;
    match path.rsplit('/').next().unwrap_or_default() {
        "messages" => json!({ "kind": "outgoing", "text": "x" }),
        "state" => json!({ "state": "closed" }),
        "assign" => json!({ "owner": null }),
        "facts" => json!({ "body": "x" }),
        "merge" => json!({ "with": "per_0000000000002" }),
        "people" => json!({ "name": "x" }),
        "voices" => json!({ "channel": "phone", "text": "x" }),
        _ => json!({}),
    }
}
