//! People over the API.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use engine::Tx;
use kernel::{AccountId, Actor, Fault, IdentityId, Instant, OrganisationId, PersonId};
use primitives::identity::{self, Identity, IdentityKind};
use primitives::person::Person;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use web::api::read_json;
use web::{App, Problem, Request};

use super::Change;
use crate::notebook::api::FactView;
use crate::notebook::{self};

/// An address or handle.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: IdentityId,
    /// `email`, `phone`, `handle` or `external`.
    #[schema(value_type = String)]
    pub kind: IdentityKind,
    /// The form under which it is found.
    pub value: String,
    /// As it was given.
    pub shown: String,
}

impl IdentityView {
    fn of(identity: Identity) -> IdentityView {
        let Identity { id, kind, value, shown, .. } = identity;
        IdentityView { id, kind, value, shown }
    }
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// Their id.
    #[schema(value_type = String)]
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The id of their organisation.
    #[schema(value_type = Option<String>)]
    pub organisation_id: Option<OrganisationId>,
    /// The name of their organisation.
    pub organisation: Option<String>,
    /// The language they want to be written to in (BCP 47).
    pub language: Option<String>,
    /// The account of the employee who answers for the relationship.
    #[schema(value_type = Option<String>)]
    pub keeper: Option<AccountId>,
    /// The account of who answers when the keeper is away.
    #[schema(value_type = Option<String>)]
    pub stand_in: Option<AccountId>,
    /// Their id in another system.
    pub external_id: Option<String>,
    /// Since when they are known (RFC 3339).
    #[schema(value_type = String)]
    pub known_since: Instant,
    /// Grows with every change.
    pub revision: i64,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> PersonView {
        PersonView {
            id: person.id,
            name: person.name,
            organisation_id: person.organisation,
            organisation: person.organisation_name,
            language: person.language,
            keeper: person.keeper,
            stand_in: person.stand_in,
            external_id: person.external_id,
            known_since: person.known_since,
            revision: person.revision,
        }
    }
}

/// A person with their addresses and the notebook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholePerson {
    /// The person.
    #[serde(flatten)]
    pub person: PersonView,
    /// Their addresses and handles.
    pub identities: Vec<IdentityView>,
    /// What the notebook holds, newest first.
    pub facts: Vec<FactView>,
}

pub(crate) fn whole(tx: &mut Tx<'_>, actor: &Actor, person: Person) -> Result<WholePerson, Fault> {
    let identities = identity::of_person(tx, person.id)?.into_iter().map(IdentityView::of).collect();
    let facts = notebook::of_person(tx, actor, &person)?.into_iter().map(FactView::from).collect();
    Ok(WholePerson { person: person.into(), identities, facts })
}

/// What may be changed: what is absent stays, what is null is emptied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePerson {
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The organisation, by name; created when it is new.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub organisation: Option<Option<String>>,
    /// The language (BCP 47).
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub language: Option<Option<String>>,
    /// The account of the keeper.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub keeper: Option<Option<AccountId>>,
    /// The account of the stand-in.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub stand_in: Option<Option<AccountId>>,
}

/// Tells a field that is null from one that is absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// One person. The id of somebody who was merged gives the person they are shown as.
#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = String, Path, description = "per_…")),
    responses((status = 200, body = WholePerson), (status = 404, body = Problem)),
    security(("bearer" = ["people:read"])))]
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let person = super::required(tx, actor, id.parse()?)?;
        whole(tx, actor, person)
    })
    .await
}

/// Changes a person.
#[utoipa::path(post, path = "/people/{id}", tag = "people", params(("id" = String, Path, description = "per_…")),
    request_body = ChangePerson,
    responses((status = 200, body = WholePerson), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["people:edit", "people:read"])))]
pub async fn change(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let id: PersonId = id.parse()?;
        let asked: ChangePerson = read_json(&body)?;
        let ChangePerson { name, organisation, language, keeper, stand_in } = asked;
        let change = Change { name, organisation, language, keeper, stand_in };
        let id = super::change(tx, &*clock, actor, id, &change)?;
        let person = super::required(tx, actor, id)?;
        Ok((StatusCode::OK, whole(tx, actor, person)?))
    })
    .await
}
