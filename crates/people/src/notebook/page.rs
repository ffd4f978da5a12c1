//! The notebook's page and forms.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{FactId, Fault, Instant};
use primitives::person::Person;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Shell, Staff};

use super::{Fact, NewFact, ToldBy};
use crate::person::page::{Done, Frame, Part, elsewhere, id, open};
use crate::person::{self};
use crate::texts::Texts;

/// A fact as its form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FactForm {
    #[serde(default)]
    body: String,
    #[serde(default)]
    told_by: String,
    /// The day on which it was told; today when empty.
    #[serde(default)]
    told_on: String,
    /// `story` when it was written beside the timeline.
    #[serde(default)]
    back: String,
}

struct Choice {
    code: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "notebook/templates/page.html")]
struct NotebookPage {
    t: Texts,
    shell: Shell,
    frame: Frame,
    facts: Vec<(Fact, String)>,
    choices: Vec<Choice>,
    form: FactForm,
    error: Option<String>,
    date_error: Option<String>,
}

/// What the notebook holds.
pub async fn show(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    Query(done): Query<Done>,
) -> Reply {
    app.page(request, move |tx, staff| {
        let asked = id(&path)?;
        let person = person::required(tx, &staff.actor, asked)?;
        match elsewhere(asked, &person) {
            Some(reply) => Ok(reply),
            None => page(tx, staff, person, &done.done, FactForm::default(), None),
        }
    })
    .await
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    person: Person,
    done: &str,
    form: FactForm,
    fault: Option<&Fault>,
) -> Result<Reply, Fault> {
    let facts = super::of_person(tx, &staff.actor, &person)?;
    let (frame, shell, t) = open(tx, staff, person, Part::Notebook, done)?;
    let facts = facts.into_iter().map(|fact| {
        let told = told(&t, staff, &fact);
        (fact, told)
    });
    let chosen = ToldBy::from_code(&form.told_by).unwrap_or(ToldBy::Person);
    let choice = |told_by: ToldBy| Choice {
        code: told_by.code(),
        label: match told_by {
            ToldBy::Person => t.notebook_choice_person(),
            ToldBy::Somebody => t.notebook_choice_somebody(),
            ToldBy::Purchase | ToldBy::Portal => t.notebook_choice_purchase(),
        },
        chosen: told_by == chosen,
    };
    let (error, date_error) = match fault {
        Some(Fault::Invalid { field: "told_at", .. }) => (None, Some(t.notebook_wrong_date().to_owned())),
        Some(Fault::Invalid { reason: kernel::Reason::Missing, .. }) => {
            (Some(t.notebook_missing().to_owned()), None)
        }
        Some(fault) => (Some(web::error::sentence(staff.locale(), fault)), None),
        None => (None, None),
    };
    Reply::page(&NotebookPage {
        facts: facts.collect(),
        choices: ToldBy::CHOICES.into_iter().map(choice).collect(),
        form,
        error,
        date_error,
        t,
        shell,
        frame,
    })
}

/// Writes a fact.
pub async fn add(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<FactForm>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let (person, form) = (id(&path)?, &form.fields);
        let told_by = ToldBy::from_code(&form.told_by)
            .filter(|told_by| ToldBy::CHOICES.contains(told_by))
            .unwrap_or(ToldBy::Person);
        let written = tx.savepoint(|tx| {
            let told_at = day(&form.told_on, staff)?;
            let new = NewFact { body: &form.body, told_by, told_at };
            super::add(tx, &*clock, &staff.actor, person, &new)
        });
        match written {
            Ok(_) if form.back == "story" => Ok(Reply::redirect(&format!("/people/{person}?done=fact"))),
            Ok(_) => Ok(Reply::redirect(&format!("/people/{person}/notebook?done=fact"))),
            Err(fault @ Fault::Invalid { .. }) => {
                let person = person::required(tx, &staff.actor, person)?;
                let page = page(tx, staff, person, "", form.clone(), Some(&fault))?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Noon, UTC, of a day that a form names: the same day in every zone that the shop is likely to be in. Now
/// when the day is today.
fn day(text: &str, staff: &Staff) -> Result<Option<Instant>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Fault::invalid("told_at", kernel::Reason::NotA("a day such as 2026-05-01"));
    let noon: Instant = format!("{text}T12:00:00Z").parse().map_err(|_| wrong())?;
    if noon > staff.now && noon.seconds_since(staff.now) < 86_400 {
        return Ok(None);
    }
    Ok(Some(noon))
}

/// Takes a fact out.
pub async fn remove(
    State(app): State<App>,
    request: Request,
    Path((path, fact)): Path<(String, String)>,
    form: Form<Done>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let person = id(&path)?;
        let fact: FactId = fact.parse().map_err(|_| Fault::NotFound)?;
        super::remove(tx, &*clock, &staff.actor, person, fact)?;
        Ok(Reply::redirect(&format!("/people/{person}/notebook?done=fact-removed")))
    })
    .await
}

/// Who told a fact and when, in a few words.
pub fn told(t: &Texts, staff: &Staff, fact: &Fact) -> String {
    let when = staff.formats.date_short(fact.told_at.micros());
    match (fact.told_by, &fact.recorded_by_name) {
        (ToldBy::Portal, _) => t.notebook_told_portal(when),
        (ToldBy::Purchase, _) => t.notebook_told_purchase(when),
        (ToldBy::Somebody, _) => t.notebook_told_somebody(when),
        (ToldBy::Person, _) if fact.recorded_by.is_some() && fact.recorded_by == staff.actor.account => {
            t.notebook_told_you(when)
        }
        // Colleagues call each other by the first name.
        (ToldBy::Person, Some(name)) => t.notebook_told(name.split_whitespace().next().unwrap_or(name), when),
        (ToldBy::Person, None) => t.notebook_told_us(when),
    }
}
