//! `GET /people` and `POST /people` of the API.

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use kernel::{Fault, Reason};
use primitives::identity::IdentityKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use web::api::read_json;
use web::{App, Listing, Problem, Request};

use crate::person::api::{PersonView, WholePerson, whole};
use crate::person::{self, Newcomer};

/// What is looked for, and the page of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindPeople {
    /// How the name starts, or a whole mail address or number.
    #[serde(default)]
    q: String,
    /// Where the page starts: the `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// An address or handle of a new person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// `email`, `phone`, `handle` or `external`.
    pub kind: String,
    /// The address or handle.
    pub value: String,
}

/// A person to write down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePerson {
    /// Their name.
    pub name: String,
    /// Their addresses and handles.
    #[serde(default)]
    pub identities: Vec<NewIdentity>,
    /// The language they want to be written to in (BCP 47).
    #[serde(default)]
    pub language: Option<String>,
    /// Their organisation, by name; created when it is new.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Their id in another system: the same one again answers with the person who is there.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// The people heard in the mailboxes of the token's owner, by name.
#[utoipa::path(get, path = "/people", tag = "people", params(FindPeople),
    responses((status = 200, body = Listing<PersonView>), (status = 422, body = Problem)),
    security(("bearer" = ["people:read"])))]
pub async fn list(
    State(app): State<App>,
    request: Request,
    Query(asked): Query<FindPeople>,
) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let after = asked.cursor.as_deref().map(str::parse).transpose()?;
        let people = super::list(tx, actor, &asked.q, after.as_ref(), kernel::paging::limit(asked.limit))?;
        Ok(Listing {
            items: people.items.into_iter().map(PersonView::from).collect(),
            next: people.next.map(|place| place.to_string()),
        })
    })
    .await
}

/// Writes down a person. Answers 201 for a new one, 200 where the `external_id` is known.
#[utoipa::path(post, path = "/people", tag = "people", request_body = CreatePerson,
    responses((status = 201, body = WholePerson), (status = 200, body = WholePerson), (status = 403, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["people:edit", "people:read"])))]
pub async fn create(State(app): State<App>, request: Request, body: Bytes) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let asked: CreatePerson = read_json(&body)?;
        let kind = |code: &str| {
            IdentityKind::from_code(code).ok_or(Fault::invalid(
                "identities",
                Reason::NotA("of the kind email, phone, handle or external"),
            ))
        };
        let identities = asked.identities.into_iter().map(|one| Ok((kind(&one.kind)?, one.value)));
        let new = Newcomer {
            name: asked.name,
            identities: identities.collect::<Result<_, Fault>>()?,
            language: asked.language,
            organisation: asked.organisation,
            external_id: asked.external_id,
        };
        let (person, is_new) = person::create(tx, &*clock, actor, &new)?;
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Ok((status, whole(tx, actor, person)?))
    })
    .await
}
