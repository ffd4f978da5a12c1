//! Merging over the API.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use kernel::{MergeId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::api::read_json;
use web::{App, Problem, Request};

use crate::person::api::{WholePerson, whole};
use crate::person::{self};

/// With whom somebody is merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeWith {
    /// The other person, who is shown as this one from then on.
    #[schema(value_type = String)]
    pub with: PersonId,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeView {
    /// Its id, by which it is undone.
    #[schema(value_type = String)]
    pub id: MergeId,
    /// As whom both are shown.
    pub person: WholePerson,
}

/// Says that two people are one. Nothing moves; the merge can be undone exactly.
#[utoipa::path(post, path = "/people/{id}/merge", tag = "people",
    params(("id" = String, Path, description = "per_…, who stays")), request_body = MergeWith,
    responses((status = 201, body = MergeView), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["people:merge", "people:read"])))]
pub async fn merge(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let first: PersonId = id.parse()?;
        let asked: MergeWith = read_json(&body)?;
        let id = super::merge(tx, &*clock, actor, first, asked.with)?;
        let person = person::required(tx, actor, first)?;
        Ok((StatusCode::CREATED, MergeView { id, person: whole(tx, actor, person)? }))
    })
    .await
}

/// Takes a merge back: everything is as it was. Any merge that stands can be taken back, in any order.
#[utoipa::path(post, path = "/merges/{id}/undo", tag = "people",
    params(("id" = String, Path, description = "mrg_…")),
    responses((status = 200, body = WholePerson), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem)),
    security(("bearer" = ["people:merge", "people:read"])))]
pub async fn undo(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let winner = super::unmerge(tx, &*clock, actor, id.parse()?)?;
        let person = person::required(tx, actor, winner)?;
        Ok((StatusCode::OK, whole(tx, actor, person)?))
    })
    .await
}
