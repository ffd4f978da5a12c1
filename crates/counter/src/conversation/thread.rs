//! The thread as it is shown: messages, and between them what was done.

use mail::fold::{Fold, FoldKind};
use primitives::attachment::Attachment;
use primitives::message::{Kind, Message};
use web::Staff;

use super::{Desk, Done};
use crate::line::{first_name, hue};
use crate::texts::Texts;
use crate::{channel, voice};

/// A message or something done: exactly one of the two.
pub(super) struct Turn {
    pub message: Option<Said>,
    pub event: Option<Fact>,
}

/// A message, ready to be shown.
pub(super) struct Said {
    pub id: String,
    pub class: &'static str,
    pub who: String,
    pub letters: String,
    pub hue: &'static str,
    pub how: String,
    pub when: String,
    pub iso: String,
    pub exact: String,
    pub text: String,
    pub lang: String,
    pub automatic: bool,
    pub folds: Vec<String>,
    pub folds_name: String,
    pub files: Vec<FileLink>,
    pub original: String,
    pub delivery: &'static str,
    pub failure: String,
}

/// A file, as a link.
pub(crate) struct FileLink {
    pub id: String,
    pub name: String,
    pub size: String,
}

/// Something that was done, as a line.
pub(super) struct Fact {
    pub words: String,
    pub when: String,
    pub iso: String,
    pub kind: &'static str,
}

/// The turns of a desk, oldest first.
pub(super) fn turns(staff: &Staff, desk: &Desk) -> Vec<Turn> {
    let t = Texts::new(staff.locale());
    let mut facts = desk.done.iter().filter(|done| tells(done, &desk.messages)).peekable();
    let mut turns = Vec::new();
    for message in &desk.messages {
        while let Some(done) = facts.next_if(|done| done.at < message.occurred_at) {
            turns.extend(fact(&t, staff, desk, done));
        }
        turns.push(Turn { message: Some(said(&t, staff, message, &desk.files)), event: None });
    }
    for done in facts {
        turns.extend(fact(&t, staff, desk, done));
    }
    turns
}

/// Whether a fact tells more than the message it came with: that an answer makes us wait for the customer
/// goes without saying, that it closed the conversation does not.
fn tells(done: &Done, messages: &[Message]) -> bool {
    let with_message = messages.iter().any(|message| message.occurred_at == done.at);
    !(with_message && done.kind == "conversation.state") || done.detail["to"] == "closed"
}

fn said(t: &Texts, staff: &Staff, message: &Message, files: &[Attachment]) -> Said {
    let own = message.author.is_some() && message.author == staff.actor.account;
    let name = message.author_name.clone().unwrap_or_else(|| t.line_nobody().to_owned());
    let who = match message.kind {
        _ if own => t.conversation_you().to_owned(),
        Kind::Incoming => first_name(&name).to_owned(),
        _ => name.clone(),
    };
    let mut how: Vec<String> = Vec::new();
    match message.kind {
        Kind::Incoming => how.extend(message.channel.map(|by| channel::by(t, by).to_owned())),
        Kind::Note => how.push(t.conversation_note().to_owned()),
        Kind::Outgoing => {}
    }
    how.push(voice::score(t, staff, message.score, message.score_most));
    how.retain(|part| !part.is_empty());
    let withdrawn = primitives::held::is_withdrawn(message.delivery_reason.as_deref());
    let failed = matches!(message.delivery.as_deref(), Some("failed" | "held")) && !withdrawn;
    let (folds, folds_name) = folds(t, staff, message.folded.as_deref());
    let automatic = message.labels.as_deref().is_some_and(|labels| {
        labels.split(' ').any(|label| matches!(label, "auto-reply" | "out-of-office" | "bounce"))
    });
    Said {
        id: message.id.to_string(),
        class: match message.kind {
            Kind::Incoming => "",
            Kind::Outgoing if failed => " mine failed",
            Kind::Outgoing => " mine",
            Kind::Note => " note",
        },
        letters: web::layout::initials(&name),
        hue: hue(&name),
        who,
        how: how.join(", "),
        when: staff.formats.moment(message.occurred_at.micros(), staff.now.micros()),
        iso: staff.formats.iso(message.occurred_at.micros()),
        exact: staff.formats.date_time(message.occurred_at.micros()),
        text: if message.body.trim().is_empty() {
            t.conversation_no_text().to_owned()
        } else {
            message.body.trim().to_owned()
        },
        lang: message.language.clone().unwrap_or_default(),
        automatic,
        folds,
        folds_name,
        files: files
            .iter()
            .filter(|file| {
                file.message == Some(message.id) || (file.voice.is_some() && file.voice == message.voice)
            })
            .map(|file| link(staff, file))
            .collect(),
        original: match message.voice.filter(|_| message.has_raw) {
            Some(voice) => format!("/voices/{voice}/original"),
            None => String::new(),
        },
        delivery: match message.delivery.as_deref() {
            Some("queued" | "attempting") => t.conversation_leaving(),
            Some("sent") => t.conversation_left(),
            _ => "",
        },
        failure: match (message.delivery.as_deref(), message.delivery_reason.as_deref()) {
            (Some("failed"), Some(primitives::held::WITHDRAWN_RESTORED)) => {
                t.conversation_withdrawn_restored().to_owned()
            }
            (Some("failed"), Some(primitives::held::WITHDRAWN)) => t.conversation_withdrawn().to_owned(),
            (Some("failed"), reason) => t.conversation_failed(reason.unwrap_or_default()),
            (Some("held"), Some(primitives::held::RESTORED)) => t.conversation_held_restored().to_owned(),
            (Some("held"), Some(primitives::held::ELSEWHERE)) => t.conversation_held_elsewhere().to_owned(),
            (Some("held"), reason) => t.conversation_held(reason.unwrap_or_default()),
            _ => String::new(),
        },
    }
}

pub(crate) fn link(staff: &Staff, file: &Attachment) -> FileLink {
    FileLink {
        id: file.id.to_string(),
        name: file.name.clone(),
        size: staff.formats.bytes(file.size.unsigned_abs()),
    }
}

/// The folded parts of a mail, and what they are together: "testo citato e firma".
pub(crate) fn folds(t: &Texts, staff: &Staff, folded: Option<&str>) -> (Vec<String>, String) {
    let parts: Vec<Fold> = folded.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for part in &parts {
        let name = match part.kind {
            FoldKind::Quote => t.conversation_fold_quote(),
            FoldKind::Signature => t.conversation_fold_signature(),
            FoldKind::Forward => t.conversation_fold_forward(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (parts.iter().map(|part| part.text.trim().to_owned()).collect(), staff.formats.list(&names))
}

/// What was done, as a sentence; nothing for what needs no telling.
fn fact(t: &Texts, staff: &Staff, desk: &Desk, done: &Done) -> Option<Turn> {
    let who = match (done.actor, &done.actor_name) {
        (Some(actor), _) if Some(actor) == staff.actor.account => t.conversation_by_you().to_owned(),
        (_, Some(name)) => name.clone(),
        _ => t.conversation_by_the_shop().to_owned(),
    };
    let (kind, words) = match done.kind.as_str() {
        "conversation.state" => state_fact(t, done, &who)?,
        "conversation.assigned" => ("", owner_fact(t, desk, done, &who)),
        "conversation.continuation" if done.detail["joined"] == true => ("", t.conversation_was_joined(who)),
        "conversation.continuation" => ("", t.conversation_was_kept_apart(who)),
        _ => return None,
    };
    let event = Fact {
        words,
        kind,
        when: staff.formats.moment(done.at.micros(), staff.now.micros()),
        iso: staff.formats.iso(done.at.micros()),
    };
    Some(Turn { message: None, event: Some(event) })
}

fn state_fact(t: &Texts, done: &Done, who: &str) -> Option<(&'static str, String)> {
    let (from, to) = (done.detail["from"].as_str()?, done.detail["to"].as_str()?);
    Some(match (from, to) {
        (_, "closed") => ("kept", t.conversation_was_closed(who)),
        ("snoozed", _) if done.actor_kind == "robot" => ("calm", t.conversation_woke().to_owned()),
        (_, "snoozed") => ("calm", t.conversation_was_snoozed(who)),
        ("closed", _) if done.actor_kind == "customer" => return None,
        ("closed", _) => ("", t.conversation_was_reopened(who)),
        _ if done.actor_kind == "human" => ("", t.conversation_state_changed(who)),
        _ => return None,
    })
}

fn owner_fact(t: &Texts, desk: &Desk, done: &Done, who: &str) -> String {
    let Some(owner) = done.detail["owner"].as_str() else { return t.conversation_was_let_go(who) };
    if done.actor.is_some_and(|actor| actor.to_string() == owner) {
        return t.conversation_was_taken(who);
    }
    let colleague = desk.around.colleagues.iter().find(|(id, _)| id.to_string() == owner);
    let name = colleague.map_or(t.conversation_a_colleague(), |(_, name)| name);
    t.conversation_was_passed(name, who)
}
