//! `POST /people/{id}/facts` of the API.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use kernel::{FactId, Fault, Instant, Reason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::api::read_json;
use web::{App, Problem, Request};

use super::{Fact, NewFact, ToldBy};

/// A small fact of a notebook.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: FactId,
    /// What it says.
    pub body: String,
    /// Who told it: `customer`, `somebody`, `purchase` or `portal`.
    pub told_by: &'static str,
    /// When it was told (RFC 3339).
    #[schema(value_type = String)]
    pub told_at: Instant,
}

impl From<Fact> for FactView {
    fn from(fact: Fact) -> FactView {
        FactView { id: fact.id, body: fact.body, told_by: fact.told_by.code(), told_at: fact.told_at }
    }
}

/// A fact to write into a notebook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddFact {
    /// What it says, 280 characters at most. Never health, religion, politics, union, origin, private life.
    pub body: String,
    /// Who told it: `customer` (the default), `somebody` or `purchase`.
    #[serde(default)]
    pub told_by: Option<String>,
    /// When it was told (RFC 3339); now when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub told_at: Option<Instant>,
}

/// Writes a fact into a person's notebook.
#[utoipa::path(post, path = "/people/{id}/facts", tag = "people",
    params(("id" = String, Path, description = "per_…")), request_body = AddFact,
    responses((status = 201, body = Vec<FactView>), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["people:edit", "people:read"])))]
pub async fn add(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let id = id.parse()?;
        let asked: AddFact = read_json(&body)?;
        let told_by = match asked.told_by.as_deref() {
            None => ToldBy::Person,
            Some(code) => ToldBy::from_code(code)
                .filter(|told_by| ToldBy::CHOICES.contains(told_by))
                .ok_or(Fault::invalid("told_by", Reason::NotA("customer, somebody or purchase")))?,
        };
        let new = NewFact { body: &asked.body, told_by, told_at: asked.told_at };
        super::add(tx, &*clock, actor, id, &new)?;
        let facts = super::list(tx, actor, id)?;
        Ok((StatusCode::CREATED, facts.into_iter().map(FactView::from).collect::<Vec<_>>()))
    })
    .await
}
