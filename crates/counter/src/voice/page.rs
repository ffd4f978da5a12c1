//! A single voice as a page, with the form that answers it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, Permission, VoiceId};
use primitives::attachment;
use primitives::voice::Voice;
use web::{App, PersonPanel, Reply, Request, Room, Shell, Staff};

use crate::answer::{Answer, recipient};
use crate::conversation::around::{self, Around};
use crate::conversation::form::Sent;
use crate::conversation::page::{Addressee, Draft, Pen, mistake, pen, person_panels};
use crate::conversation::thread::{FileLink, folds, link};
use crate::line::{self, hue};
use crate::texts::Texts;
use crate::{channel, voice};

#[derive(Template)]
#[template(path = "voice/templates/page.html")]
struct VoicePage {
    t: Texts,
    shell: Shell,
    id: String,
    title: String,
    who: String,
    letters: String,
    hue: &'static str,
    person: String,
    about: String,
    how: &'static str,
    score: String,
    when: String,
    iso: String,
    exact: String,
    text: String,
    lang: String,
    folds: Vec<String>,
    folds_name: String,
    files: Vec<FileLink>,
    original: bool,
    product: String,
    mailbox: String,
    language: String,
    panels: Vec<String>,
    pen: Option<Pen>,
    claim: Option<Claim>,
}

/// The form that says whose a voice is, as it was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim {
    /// The address.
    pub contact: String,
    /// The name.
    pub name: String,
    /// What is wrong with it.
    pub error: String,
}

/// `GET /voices/{id}`: one that belongs to a conversation is shown there.
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    let panels = app.person_panels().to_vec();
    app.page(request, move |tx, staff| {
        let id: VoiceId = id.parse().map_err(|_| Fault::NotFound)?;
        let voice = voice::visible(tx, &staff.actor, id)?;
        if let Some(conversation) = voice.conversation {
            return Ok(Reply::redirect(&format!("/conversations/{conversation}")));
        }
        render(tx, staff, &panels, voice, Draft::default(), Claim::default())
    })
    .await
}

/// `POST /voices/{id}/answer`.
pub async fn answer(State(app): State<App>, request: Request, Path(id): Path<String>, sent: Sent) -> Reply {
    let (clock, panels) = (app.shared_clock(), app.person_panels().to_vec());
    app.change(request, sent.csrf.clone(), move |tx, staff| {
        staff.actor.authorise(Permission::AnswerConversations)?;
        let id: VoiceId = id.parse().map_err(|_| Fault::NotFound)?;
        let answered = tx.savepoint(|tx| {
            sent.once(tx, &*clock, &staff.actor, &id.to_string(), |tx| {
                let close = sent.get("then") == "close";
                let answer = Answer { text: sent.get("text"), to: sent.to()?, close, files: sent.files()? };
                let conversation = voice::answer(tx, &*clock, &staff.actor, id, &answer)?;
                let done = if close { "closed" } else { "answered" };
                Ok(format!("/conversations/{conversation}?done={done}"))
            })
        });
        match answered {
            Ok(to) => Ok(Reply::redirect(&to)),
            Err(fault) => {
                let error = mistake(staff, &fault).ok_or(fault)?;
                let (text, to) = (sent.get("text").to_owned(), sent.get("to").to_owned());
                let draft = Draft { text, to, error, note: false };
                let voice = voice::visible(tx, &staff.actor, id)?;
                Ok(render(tx, staff, &panels, voice, draft, Claim::default())?
                    .status(StatusCode::UNPROCESSABLE_ENTITY))
            }
        }
    })
    .await
}

pub(super) fn render(
    tx: &mut Tx<'_>,
    staff: &Staff,
    panels: &[PersonPanel],
    voice: Voice,
    draft: Draft,
    claim: Claim,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let files = attachment::of_voices(tx, &[voice.id])?;
    let around = around::of(tx, &staff.actor, &voice)?;
    let choices = recipient::choices(tx, &staff.actor, &around)?;
    let panels = match voice.person {
        Some(person) => person_panels(tx, staff, panels, person)?,
        None => Vec::new(),
    };
    let shell = Shell::new(tx, staff, Room::Listen)?;
    let action = |_| format!("/voices/{}/answer", voice.id);
    // A voice without conversation has no place for notes yet: only who answers gets the pen.
    let pen = match staff.actor.may(Permission::AnswerConversations) {
        true => {
            let language = voice.language.clone().or(around.person_language.clone());
            let to = Addressee { person: voice.person, name: voice.person_name.clone(), language };
            pen(staff, action, to, &choices, draft)?
        }
        false => None,
    };
    let mailbox = primitives::mailbox::by_id(tx, voice.mailbox)?.map(|mailbox| mailbox.name);
    let nobodys = voice.person.is_none() && staff.actor.may(Permission::EditPeople);
    let page = page(staff, t, shell, voice, around, files, panels, pen, mailbox.unwrap_or_default());
    Reply::page(&VoicePage { claim: nobodys.then_some(claim), ..page })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page, put together once")]
fn page(
    staff: &Staff,
    t: Texts,
    shell: Shell,
    voice: Voice,
    around: Around,
    files: Vec<attachment::Attachment>,
    panels: Vec<String>,
    pen: Option<Pen>,
    mailbox: String,
) -> VoicePage {
    let known = voice.person_name.clone().or_else(|| voice.author.clone());
    let who = known.unwrap_or_else(|| t.line_nobody().to_owned());
    let (folds, folds_name) = folds(&t, staff, voice.folded.as_deref());
    let how = channel::by(&t, voice.channel);
    VoicePage {
        title: match voice.subject.as_deref().filter(|subject| !subject.trim().is_empty()) {
            Some(subject) => subject.to_owned(),
            None => t.voice_of(&who),
        },
        letters: web::layout::initials(&who),
        hue: hue(&who),
        person: voice.person.map(|id| id.to_string()).unwrap_or_default(),
        about: around
            .organisation
            .unwrap_or_else(|| line::known(&t, staff, around.known_since, Some(voice.occurred_at))),
        how,
        score: voice::score(&t, staff, voice.score, voice.score_most),
        when: staff.formats.moment(voice.occurred_at.micros(), staff.now.micros()),
        iso: staff.formats.iso(voice.occurred_at.micros()),
        exact: staff.formats.date_time(voice.occurred_at.micros()),
        text: match voice.body.trim() {
            "" => t.conversation_no_text().to_owned(),
            text => text.to_owned(),
        },
        language: voice.language.as_deref().map(|code| channel::in_language(&t, code)).unwrap_or_default(),
        lang: voice.language.unwrap_or_default(),
        files: files.iter().map(|file| link(staff, file)).collect(),
        original: voice.has_raw,
        product: around.product.unwrap_or_default(),
        id: voice.id.to_string(),
        folds,
        folds_name,
        mailbox,
        who,
        panels,
        pen,
        claim: None,
        t,
        shell,
    }
}
