//! What one can do with a conversation: forms, each answered by a redirect.

use axum::extract::{Path, State as AppState};
use engine::Tx;
use kernel::{AccountId, ConversationId, Fault, Permission, Reason};
use primitives::conversation::State;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Staff};

use super::form::Sent;
use super::page::{self, Draft};
use super::snooze;
use crate::answer::{self, Answer};

fn read(id: &str) -> Result<ConversationId, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}

fn back(id: ConversationId, done: &str) -> String {
    format!("/conversations/{id}?done={done}")
}

/// `POST /conversations/{id}/reply`: an answer, or a note when that was chosen.
pub async fn reply(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    sent: Sent,
) -> Reply {
    write(app, request, id, sent, Permission::AnswerConversations).await
}

/// `POST /conversations/{id}/note`: a note.
pub async fn note(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    sent: Sent,
) -> Reply {
    write(app, request, id, sent, Permission::WriteNotes).await
}

async fn write(app: App, request: Request, id: String, sent: Sent, permission: Permission) -> Reply {
    let (clock, panels) = (app.shared_clock(), app.person_panels().to_vec());
    let csrf = sent.csrf.clone();
    app.change(request, csrf, move |tx, staff| {
        staff.actor.authorise(permission)?;
        let id = read(&id)?;
        let is_note = permission == Permission::WriteNotes || sent.get("kind") == "note";
        let path = format!("{id} {}", if is_note { "note" } else { "reply" });
        let written = tx.savepoint(|tx| {
            sent.once(tx, &*clock, &staff.actor, &path, |tx| {
                if is_note {
                    answer::note(tx, &*clock, &staff.actor, id, sent.get("text"))?;
                    return Ok(back(id, "noted"));
                }
                let close = sent.get("then") == "close";
                let files = sent.files()?;
                let answer = Answer { text: sent.get("text"), to: sent.to()?, close, files };
                answer::answer(tx, &*clock, &staff.actor, id, &answer)?;
                Ok(back(id, if close { "closed" } else { "answered" }))
            })
        });
        match written {
            Ok(to) => Ok(Reply::redirect(&to)),
            Err(fault) => {
                let error = page::mistake(staff, &fault).ok_or(fault)?;
                let draft = Draft {
                    text: sent.get("text").to_owned(),
                    note: is_note,
                    to: sent.get("to").to_owned(),
                    error,
                };
                page::again(tx, staff, &panels, id, draft, String::new())
            }
        }
    })
    .await
}

/// A state to set.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    until: String,
}

/// `POST /conversations/{id}/state`.
pub async fn state(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Wanted>,
) -> Reply {
    let (clock, panels) = (app.shared_clock(), app.person_panels().to_vec());
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::AnswerConversations)?;
        let id = read(&id)?;
        let set = tx.savepoint(|tx| {
            let state =
                State::from_code(&form.fields.state).ok_or(Fault::invalid("state", Reason::Unknown))?;
            let until = match state {
                State::Snoozed => Some(snooze::until(&form.fields.until, staff.now, &staff.actor.zone)?),
                _ => None,
            };
            super::set_state(tx, &*clock, &staff.actor, id, state, until)?;
            Ok(match state {
                State::Closed => "closed",
                State::Snoozed => "snoozed",
                State::Open | State::WaitingForUs | State::WaitingForCustomer => "reopened",
            })
        });
        match set {
            Ok(done) => Ok(Reply::redirect(&back(id, done))),
            Err(fault) => again(tx, staff, &panels, id, fault),
        }
    })
    .await
}

/// New hands.
#[derive(Debug, Default, Deserialize)]
pub struct Hands {
    #[serde(default)]
    owner: String,
}

/// `POST /conversations/{id}/assign`.
pub async fn assign(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Hands>,
) -> Reply {
    let (clock, panels) = (app.shared_clock(), app.person_panels().to_vec());
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::AnswerConversations)?;
        let id = read(&id)?;
        let assigned = tx.savepoint(|tx| {
            let owner = match form.fields.owner.as_str() {
                "" => None,
                "me" => staff.actor.account,
                other => {
                    let owner: Result<AccountId, _> = other.parse();
                    Some(owner.map_err(|_| Fault::invalid("owner", Reason::Unknown))?)
                }
            };
            super::assign(tx, &*clock, &staff.actor, id, owner)
        });
        match assigned {
            Ok(()) => Ok(Reply::redirect(&back(id, "assigned"))),
            Err(fault) => again(tx, staff, &panels, id, fault),
        }
    })
    .await
}

fn again(
    tx: &mut Tx<'_>,
    staff: &Staff,
    panels: &[web::PersonPanel],
    id: ConversationId,
    fault: Fault,
) -> Result<Reply, Fault> {
    let error = page::mistake(staff, &fault).ok_or(fault)?;
    page::again(tx, staff, panels, id, Draft::default(), error)
}

/// What somebody decided about a continuation.
#[derive(Debug, Default, Deserialize)]
pub struct Decision {
    #[serde(default)]
    join: String,
}

/// `POST /conversations/{id}/continuation`.
pub async fn continuation(
    AppState(app): AppState<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Decision>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::AnswerConversations)?;
        let join = match form.fields.join.as_str() {
            "yes" => true,
            "no" => false,
            _ => return Err(Fault::invalid("join", Reason::NotA("yes or no"))),
        };
        let shown = super::continuation(tx, &*clock, &staff.actor, read(&id)?, join)?;
        Ok(Reply::redirect(&back(shown, if join { "joined" } else { "apart" })))
    })
    .await
}
