//! `GET /people/merges`: pairs that may be one person, side by side.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, Permission, PersonId, Reason};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use super::page::{Pair, sentence};
use super::suggest;
use crate::texts::Texts;

/// Pairs of one page: more would not be looked at with care.
const PAIRS: usize = 20;

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// People below this id are looked at.
    #[serde(default)]
    below: String,
    /// What was just done, as a code.
    #[serde(default)]
    done: String,
}

/// What somebody decided about a pair.
#[derive(Debug, Clone, Deserialize)]
pub struct Decided {
    #[serde(default)]
    first: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    below: String,
}

#[derive(Template)]
#[template(path = "merge/templates/suggestions.html")]
struct SuggestionsPage {
    t: Texts,
    shell: Shell,
    pairs: Vec<Pair>,
    decides: bool,
    below: String,
    older: Option<PersonId>,
    more: bool,
    error: Option<String>,
}

/// The pairs among the people whom the reader may know.
pub async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| page(tx, staff, &asked, None)).await
}

fn page(tx: &mut Tx<'_>, staff: &Staff, asked: &Asked, fault: Option<&Fault>) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let below: Option<PersonId> = asked.below.parse().ok();
    let (mut found, older) = suggest::newest(tx, &staff.actor, below)?;
    let more = found.len() > PAIRS;
    found.truncate(PAIRS);
    let flash = match asked.done.as_str() {
        "merged" => Some(t.person_done_merged().to_owned()),
        "differ" => Some(t.person_done_differ().to_owned()),
        _ => None,
    };
    let shell = Shell::new(tx, staff, Room::People)?.flash(flash);
    Reply::page(&SuggestionsPage {
        pairs: found.into_iter().map(|one| Pair::of(&t, staff, one)).collect(),
        decides: staff.actor.may(Permission::MergePeople),
        below: below.map(|id| id.to_string()).unwrap_or_default(),
        older,
        more,
        error: fault.map(|fault| sentence(&t, fault)),
        t,
        shell,
    })
}

/// One person or two.
pub async fn decide(State(app): State<App>, request: Request, form: Form<Decided>) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let fields = &form.fields;
        let decided = tx.savepoint(|tx| {
            let first: PersonId = fields.first.parse().map_err(|_| Fault::NotFound)?;
            let second = fields.second.parse().map_err(|_| Fault::invalid("with", Reason::Unknown))?;
            match fields.answer.as_str() {
                "same" => super::merge(tx, &*clock, &staff.actor, first, second).map(|_| "merged"),
                "two" => super::differ(tx, &*clock, &staff.actor, first, second).map(|()| "differ"),
                _ => Err(Fault::invalid("answer", Reason::Unknown)),
            }
        });
        match decided {
            Ok(done) => Ok(Reply::redirect(&format!(
                "/people/merges?done={done}&below={}",
                web::request::encode(&fields.below)
            ))),
            Err(fault @ Fault::Invalid { .. }) => {
                let asked = Asked { below: fields.below.clone(), done: String::new() };
                Ok(page(tx, staff, &asked, Some(&fault))?.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}
