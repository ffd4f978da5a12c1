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
use web::{App, Form, Problem, Reply, Request, Staff};

use super::page::{Claim, render};
use crate::conversation::page::{Draft, mistake};
use crate::texts::Texts;

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

/// Says whose a visible voice is; gives the person, as whom they are shown. Somebody known only in mailboxes that the
/// actor does not see is taken: attributing would open their page.
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
            let name = optional("name", &whose.name, SHORT)?.or(known.author.clone());
            let kind = if contact.contains('@') { IdentityKind::Email } else { IdentityKind::Phone };
            let identities = [(kind, contact.as_str())];
            let language = known.language.as_deref();
            let found = person::recognise(
                tx,
                clock,
                actor,
                name.as_deref(),
                &identities,
                language,
                known.occurred_at,
            )?
            .ok_or(Fault::invalid("identity", Reason::NotA("a mail address or a telephone number")))?;
            person::brief(tx, found)?.map_or(found, |brief| brief.root)
        }
    };
    if known.person != Some(person) {
        voice::attribute(tx, clock, actor, &known, person)?;
        tx.signal(person::signal(person, known.mailbox));
    }
    Ok(person)
}

/// What is wrong with the form, with the next step; `None` for a fault that is no word to the writer.
fn wrong(staff: &Staff, fault: &Fault) -> Option<String> {
    match fault {
        Fault::Invalid { field: "identity", reason: Reason::Taken } => {
            Some(Texts::new(staff.locale()).voice_contact_elsewhere().to_owned())
        }
        other => mistake(staff, other),
    }
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
                let error = wrong(staff, &fault).ok_or(fault)?;
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

/// Says whose a voice is that is nobody's: a person, or whoever uses an address. Somebody new is made known when nobody
/// does; somebody known only in mailboxes that the token does not see is refused.
#[utoipa::path(post, path = "/voices/{id}/attribute", tag = "voices", operation_id = "attribute_voice",
    params(("id" = String, Path, description = "voi_…")), request_body = Whose,
    responses((status = 200, body = Attributed), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem, description = "it is somebody else's already"),
        (status = 422, body = Problem, description = "identity is taken: by somebody known only in other mailboxes")),
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
