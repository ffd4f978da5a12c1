//! The page of a person's addresses, and its forms.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use engine::Tx;
use kernel::{Fault, IdentityId, Reason};
use primitives::identity::{self, Identity, IdentityKind};
use primitives::person::Person;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Shell, Staff};

use super::kind_name;
use crate::person::page::{Done, Frame, Part, elsewhere, id, open};
use crate::person::{self};
use crate::texts::Texts;

/// An address as its form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct IdentityForm {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    value: String,
}

struct Choice {
    code: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "identities/templates/page.html")]
struct IdentitiesPage {
    t: Texts,
    shell: Shell,
    frame: Frame,
    identities: Vec<(&'static str, Identity)>,
    kinds: Vec<Choice>,
    value: String,
    error: Option<String>,
    taken_by: Option<Person>,
}

/// The addresses of a person.
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
            None => page(tx, staff, person, &done.done, &IdentityForm::default(), None),
        }
    })
    .await
}

fn page(
    tx: &mut Tx<'_>,
    staff: &Staff,
    person: Person,
    done: &str,
    form: &IdentityForm,
    fault: Option<&Fault>,
) -> Result<Reply, Fault> {
    let identities = identity::of_person(tx, person.id)?;
    let kind = IdentityKind::from_code(&form.kind).unwrap_or(IdentityKind::Email);
    let taken = matches!(fault, Some(Fault::Invalid { reason: Reason::Taken, .. }));
    let taken_by = if taken { super::user(tx, &staff.actor, kind, &form.value)? } else { None };
    // One that the person has already is no reason to merge them with themselves.
    let taken_by = taken_by.filter(|user| user.id != person.id);
    let (frame, shell, t) = open(tx, staff, person, Part::Identities, done)?;
    Reply::page(&IdentitiesPage {
        identities: identities.into_iter().map(|identity| (kind_name(&t, identity.kind), identity)).collect(),
        kinds: IdentityKind::ALL
            .into_iter()
            .map(|one| Choice { code: one.code(), label: kind_name(&t, one), chosen: one == kind })
            .collect(),
        value: form.value.clone(),
        error: fault.map(|fault| web::error::sentence(staff.locale(), fault)),
        taken_by,
        t,
        shell,
        frame,
    })
}

/// Adds an address.
pub async fn add(
    State(app): State<App>,
    request: Request,
    Path(path): Path<String>,
    form: Form<IdentityForm>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let (person, form) = (id(&path)?, &form.fields);
        let kind = IdentityKind::from_code(&form.kind).unwrap_or(IdentityKind::Email);
        let added = tx.savepoint(|tx| super::add(tx, &*clock, &staff.actor, person, kind, &form.value));
        match added {
            Ok(_) => Ok(Reply::redirect(&format!("/people/{person}/identities?done=identity"))),
            Err(fault @ Fault::Invalid { .. }) => {
                let person = person::required(tx, &staff.actor, person)?;
                let page = page(tx, staff, person, "", form, Some(&fault))?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(fault) => Err(fault),
        }
    })
    .await
}

/// Takes an address away.
pub async fn remove(
    State(app): State<App>,
    request: Request,
    Path((path, identity)): Path<(String, String)>,
    form: Form<Done>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let person = id(&path)?;
        let identity: IdentityId = identity.parse().map_err(|_| Fault::NotFound)?;
        super::remove(tx, &*clock, &staff.actor, person, identity)?;
        Ok(Reply::redirect(&format!("/people/{person}/identities?done=identity-removed")))
    })
    .await
}
