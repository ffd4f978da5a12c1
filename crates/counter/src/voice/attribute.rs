//! Saying whose a voice is, when nobody could tell from where it came.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use engine::Tx;
use kernel::fault::{optional, required};
use kernel::{Actor, Clock, Fault, Permission, PersonId, Reason, VoiceId};
use primitives::identity::IdentityKind;
use primitives::{person, voice};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::api::read_json;
use web::{App, Form, Problem, Reply, Request};

use super::page::{Claim, render};
use crate::conversation::page::{Draft, mistake};

/// Longest name or address, in characters.
const SHORT: usize = 200;

/// Whose a voice is: somebody known, or whoever uses an address.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Whose {
    /// A person, `per_…`.
    #[serde(default)]
    person: Option<String>,
    /// Their mail address or telephone number; somebody new when nobody uses it.
    #[serde(default)]
    contact: String,
    /// What somebody new is called.
    #[serde(default)]
    name: String,
}

/// Says whose a visible voice is; gives the person.
pub fn attribute(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: VoiceId,
    whose: &Whose,
) -> Result<PersonId, Fault> {
    actor.authorise(Permission::EditPeople)?;
    let known = super::visible(tx, actor, id)?;
    let person = match whose.person.as_deref().map(str::trim).filter(|person| !person.is_empty()) {
        Some(chosen) => {
            let chosen: PersonId = chosen.parse().map_err(|_| Fault::invalid("person", Reason::Unknown))?;
            person::visible(tx, actor, chosen)?.ok_or(Fault::invalid("person", Reason::Unknown))?.id
        }
        None => {
            let contact = required("identity", &whose.contact, SHORT)?;
            let name = optional("name", &whose.name, SHORT)?.or(known.author);
            let kind = if contact.contains('@') { IdentityKind::Email } else { IdentityKind::Phone };
            let identities = [(kind, contact.as_str())];
            let language = known.language.as_deref();
            person::recognise(tx, clock, actor, name.as_deref(), &identities, language, known.occurred_at)?
                .ok_or(Fault::invalid("identity", Reason::NotA("a mail address or a telephone number")))?
        }
    };
    if known.person != Some(person) {
        voice::attribute(tx, clock, actor, id, person)?;
        tx.signal(person::signal(person, known.mailbox));
    }
    Ok(person)
}

/// `POST /voices/{id}/attribute`.
pub async fn set(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Whose>,
) -> Reply {
    let (clock, panels) = (app.shared_clock(), app.person_panels().to_vec());
    app.change(request, form.csrf, move |tx, staff| {
        let id: VoiceId = id.parse().map_err(|_| Fault::NotFound)?;
        let whose = &form.fields;
        match tx.savepoint(|tx| attribute(tx, &*clock, &staff.actor, id, whose)) {
            Ok(_) => Ok(Reply::redirect(&format!("/voices/{id}"))),
            Err(fault) => {
                let error = mistake(staff, &fault).ok_or(fault)?;
                let claim = Claim { contact: whose.contact.clone(), name: whose.name.clone(), error };
                let voice = super::visible(tx, &staff.actor, id)?;
                let page = render(tx, staff, &panels, voice, Draft::default(), claim)?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
        }
    })
    .await
}

/// Whose a voice is now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attributed {
    /// The person, `per_…`.
    person: String,
}

/// Says whose a voice is: a person, or whoever uses an address. Somebody new is made known when nobody does.
#[utoipa::path(post, path = "/voices/{id}/attribute", tag = "voices", operation_id = "attribute_voice",
    params(("id" = String, Path, description = "voi_…")), request_body = Whose,
    responses((status = 200, body = Attributed), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["people:edit", "voices:read"])))]
pub async fn api(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        actor.authorise(Permission::EditPeople)?;
        let id: VoiceId = id.parse()?;
        super::visible(tx, actor, id)?;
        let whose: Whose = read_json(&body)?;
        let person = attribute(tx, &*clock, actor, id, &whose)?;
        Ok((StatusCode::OK, Attributed { person: person.to_string() }))
    })
    .await
}
