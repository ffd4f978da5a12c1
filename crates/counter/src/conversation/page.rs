//! A conversation as a page.

use askama::Template;
use axum::extract::{Path, Query, State as AppState};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{AccountId, ConversationId, Cursor, Fault, Permission, PersonId, Reason};
use primitives::conversation::State;
use primitives::message::Kind;
use serde::Deserialize;
use web::{App, PersonPanel, Reply, Request, Room, Shell, Staff};

use super::around::Reach;
use super::thread::{self, Turn};
use super::{Desk, desk, snooze};
use crate::answer::{LONGEST, recipient};
use crate::channel;
use crate::line::{self, Mark, hue};
use crate::texts::Texts;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    before: Option<String>,
    done: Option<String>,
}

/// What somebody was writing, when the page is shown again because of a fault.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub text: String,
    pub note: bool,
    pub to: String,
    pub error: String,
}

#[derive(Template)]
#[template(path = "conversation/templates/page.html")]
struct ConversationPage {
    t: Texts,
    shell: Shell,
    id: String,
    title: String,
    mark: Mark,
    who: String,
    letters: String,
    hue: &'static str,
    person: String,
    about: String,
    followed: String,
    how: &'static str,
    turns: Vec<Turn>,
    earlier: String,
    is_earlier: bool,
    continues: Option<Banner>,
    answers: bool,
    closed: bool,
    reopen: &'static str,
    undo: bool,
    mine: bool,
    colleagues: Vec<Colleague>,
    error: String,
    pen: Option<Pen>,
    mailbox: String,
    product: String,
    tags: Vec<String>,
    begun: String,
    tomorrow: String,
    language: String,
    panels: Vec<String>,
}

struct Banner {
    id: String,
    subject: String,
    who: String,
}

struct Colleague {
    id: String,
    name: String,
    chosen: bool,
}

/// The composer.
pub(crate) struct Pen {
    pub action: String,
    pub answers: bool,
    pub note: bool,
    pub text: String,
    pub nonce: String,
    pub to: Vec<Choice>,
    pub name: String,
    pub language: String,
    pub error: String,
    pub missing: &'static str,
    pub person: String,
}

/// An address that an answer can go to.
pub(crate) struct Choice {
    pub id: String,
    pub shown: String,
    pub chosen: bool,
}

/// `GET /conversations/{id}`.
pub async fn show(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Reply {
    let panels = app.person_panels().to_vec();
    app.page(request, move |tx, staff| {
        let id: ConversationId = id.parse().map_err(|_| Fault::NotFound)?;
        let before = asked.before.as_deref().and_then(|before| before.parse().ok());
        render(tx, staff, &panels, id, before, asked.done.as_deref(), Draft::default(), String::new())
    })
    .await
}

/// The page once more, with what was written and why it was not accepted.
pub(crate) fn again(
    tx: &mut Tx<'_>,
    staff: &Staff,
    panels: &[PersonPanel],
    id: ConversationId,
    draft: Draft,
    error: String,
) -> Result<Reply, Fault> {
    let page = render(tx, staff, panels, id, None, None, draft, error)?;
    Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
}

#[expect(clippy::too_many_arguments, reason = "one page, called from the two places above")]
fn render(
    tx: &mut Tx<'_>,
    staff: &Staff,
    panels: &[PersonPanel],
    id: ConversationId,
    before: Option<Cursor>,
    done: Option<&str>,
    draft: Draft,
    error: String,
) -> Result<Reply, Fault> {
    let desk = desk(tx, &staff.actor, id, before)?;
    if let Some(target) = desk.conversation.joined_into {
        return Ok(Reply::redirect(&format!("/conversations/{target}")));
    }
    let t = Texts::new(staff.locale());
    let choices = recipient::choices(tx, &staff.actor, &desk.around)?;
    let mut shown = Vec::new();
    if let Some(person) = desk.conversation.person {
        shown = person_panels(tx, staff, panels, person)?;
    }
    let shell = Shell::new(tx, staff, Room::Conversations)?.flash(flash(&t, done));
    let action = |answers: bool| format!("/conversations/{id}/{}", if answers { "reply" } else { "note" });
    let pen = match before {
        Some(_) => None,
        None => {
            let c = &desk.conversation;
            let language = c.language.clone().or(desk.around.person_language.clone());
            let to = Addressee { person: c.person, name: c.person_name.clone(), language };
            pen(staff, action, to, &choices, draft)?
        }
    };
    Reply::page(&page(staff, t, shell, desk, before, done, pen, shown, error))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page, put together once")]
fn page(
    staff: &Staff,
    t: Texts,
    shell: Shell,
    desk: Desk,
    before: Option<Cursor>,
    done: Option<&str>,
    pen: Option<Pen>,
    panels: Vec<String>,
    error: String,
) -> ConversationPage {
    let turns = thread::turns(staff, &desk);
    let Desk { conversation: c, around, messages, earlier, .. } = desk;
    let who = c.person_name.clone().unwrap_or_else(|| t.conversation_unknown().to_owned());
    let mine = c.owner.is_some() && c.owner == staff.actor.account;
    let earlier = messages.first().filter(|_| earlier).map(|first| {
        let before = Cursor { at: first.occurred_at, id: first.id.raw() };
        format!("/conversations/{}?before={before}", c.id)
    });
    let answers = staff.actor.may(Permission::AnswerConversations);
    let last = messages.iter().rev().find(|message| message.kind != Kind::Note);
    ConversationPage {
        mark: line::mark(&t, staff, c.state, c.due_at, c.waiting_since, c.snoozed_until),
        title: if c.subject.is_empty() { t.conversation_no_subject().to_owned() } else { c.subject.clone() },
        letters: web::layout::initials(&who),
        hue: hue(&who),
        person: c.person.map(|id| id.to_string()).unwrap_or_default(),
        about: around
            .organisation
            .clone()
            .unwrap_or_else(|| line::known(&t, staff, around.known_since, c.waiting_since)),
        followed: match &c.owner_name {
            _ if mine => t.conversation_yours().to_owned(),
            Some(name) => t.conversation_theirs(name),
            None => t.conversation_nobodys().to_owned(),
        },
        how: channel::by(&t, c.channel),
        earlier: earlier.unwrap_or_default(),
        is_earlier: before.is_some(),
        continues: around.continues.filter(|_| answers).map(|other| Banner {
            id: other.id.to_string(),
            subject: match other.subject.as_str() {
                "" => t.conversation_no_subject().to_owned(),
                subject => line::quoted(&t, subject),
            },
            who: other.who,
        }),
        closed: c.state == State::Closed,
        reopen: reopened(before, last.map(|message| message.kind)).code(),
        undo: answers && done == Some("closed") && c.state == State::Closed,
        colleagues: colleagues(around.colleagues, c.owner, c.owner_name.as_deref()),
        mailbox: c.mailbox_name,
        product: around.product.unwrap_or_default(),
        tags: around.tags,
        tomorrow: snooze::tomorrow(staff.now, &staff.actor.zone),
        begun: staff.formats.moment(c.opened_at.micros(), staff.now.micros()),
        language: c.language.as_deref().map(|code| channel::in_language(&t, code)).unwrap_or_default(),
        id: c.id.to_string(),
        who,
        mine,
        answers,
        turns,
        error,
        pen,
        panels,
        t,
        shell,
    }
}

/// The state in which a closed conversation opens again: as the last word left it.
fn reopened(before: Option<Cursor>, last: Option<Kind>) -> State {
    match last.filter(|_| before.is_none()) {
        Some(Kind::Incoming) => State::WaitingForUs,
        Some(Kind::Outgoing) => State::WaitingForCustomer,
        _ => State::Open,
    }
}

/// Who can have it in hand; who has it stands among them, even if they no longer see the mailbox.
fn colleagues(
    colleagues: Vec<(AccountId, String)>,
    owner: Option<AccountId>,
    owner_name: Option<&str>,
) -> Vec<Colleague> {
    let stranger = owner.filter(|owner| colleagues.iter().all(|(id, _)| id != owner));
    let stranger = stranger.zip(owner_name.map(str::to_owned));
    let all = colleagues.into_iter().chain(stranger);
    all.map(|(id, name)| Colleague { chosen: Some(id) == owner, id: id.to_string(), name }).collect()
}

/// What other rooms show beside the person.
pub(crate) fn person_panels(
    tx: &mut Tx<'_>,
    staff: &Staff,
    panels: &[PersonPanel],
    person: PersonId,
) -> Result<Vec<String>, Fault> {
    let mut shown = Vec::new();
    for panel in panels {
        let html = panel(tx, staff, person)?;
        if !html.is_empty() {
            shown.push(html);
        }
    }
    Ok(shown)
}

/// Whom the composer writes to.
pub(crate) struct Addressee {
    pub person: Option<PersonId>,
    pub name: Option<String>,
    pub language: Option<String>,
}

/// The composer, for who may answer or at least leave a note.
pub(crate) fn pen(
    staff: &Staff,
    action: impl Fn(bool) -> String,
    to: Addressee,
    choices: &[Reach],
    draft: Draft,
) -> Result<Option<Pen>, Fault> {
    let t = Texts::new(staff.locale());
    if !staff.actor.may(Permission::WriteNotes) {
        return Ok(None);
    }
    let answers = staff.actor.may(Permission::AnswerConversations);
    let language = to.language.map(|code| channel::in_language(&t, &code)).unwrap_or_default();
    let missing = match (choices.is_empty(), to.person) {
        (false, _) => "",
        (true, Some(_)) => t.conversation_no_recipient(),
        (true, None) => t.conversation_no_person(),
    };
    Ok(Some(Pen {
        action: action(answers),
        note: draft.note || (answers && choices.is_empty()),
        text: draft.text,
        nonce: engine::random_secret()?,
        to: choices
            .iter()
            .enumerate()
            .map(|(place, reach)| {
                let id = reach.id.to_string();
                let chosen = if draft.to.is_empty() { place == 0 } else { id == draft.to };
                Choice { id, shown: reach.shown.clone(), chosen }
            })
            .collect(),
        name: to.name.unwrap_or_default(),
        language,
        error: draft.error,
        missing,
        person: to.person.map(|id| id.to_string()).unwrap_or_default(),
        answers,
    }))
}

/// What is wrong with an answer, with the next step; `None` for a fault that is no word to the writer.
pub(crate) fn mistake(staff: &Staff, fault: &Fault) -> Option<String> {
    let t = Texts::new(staff.locale());
    let Fault::Invalid { field, reason } = fault else { return None };
    Some(match (*field, reason) {
        ("recipient", Reason::Missing) => t.conversation_no_recipient().to_owned(),
        ("recipient", Reason::Unknown) => t.conversation_unknown_recipient().to_owned(),
        ("recipient", _) => t.conversation_bad_recipient().to_owned(),
        ("text", Reason::Missing) => t.conversation_empty_text().to_owned(),
        ("text", Reason::TooLong(_)) => t.conversation_long_text(LONGEST),
        ("file", Reason::TooLong(_)) => t.conversation_large_files().to_owned(),
        ("file", _) => t.conversation_files_by_phone().to_owned(),
        ("snoozed_until", _) => t.conversation_snooze_wrong().to_owned(),
        _ => web::error::sentence(staff.locale(), fault),
    })
}

/// What was just done, by the code that the redirect carries.
fn flash(t: &Texts, done: Option<&str>) -> Option<String> {
    let sentence = match done? {
        "answered" => t.conversation_done_answered(),
        "noted" => t.conversation_done_noted(),
        "reopened" => t.conversation_done_reopened(),
        "snoozed" => t.conversation_done_snoozed(),
        "assigned" => t.conversation_done_assigned(),
        "joined" => t.conversation_done_joined(),
        "apart" => t.conversation_done_apart(),
        _ => return None,
    };
    Some(sentence.to_owned())
}
