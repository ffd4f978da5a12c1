//! `GET /organisations` of the API.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::Response;
use kernel::{Fault, OrganisationId, Permission, Reason};
use primitives::organisation::{self, Organisation};
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiRead, App, Listing, Problem, Request};

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Where it is, in words.
    pub place: Option<String>,
    /// Its id in another system.
    pub external_id: Option<String>,
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> OrganisationView {
        let Organisation { id, name, place, external_id } = organisation;
        OrganisationView { id, name, place, external_id }
    }
}

/// The organisations in which somebody was heard in the mailboxes of the token's owner, by name.
#[utoipa::path(get, path = "/organisations", tag = "people", params(ApiRead),
    responses((status = 200, body = Listing<OrganisationView>), (status = 422, body = Problem)),
    security(("bearer" = ["people:read"])))]
pub async fn list(State(app): State<App>, request: Request, Query(asked): Query<ApiRead>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ReadPeople)?;
        let limit = kernel::paging::limit(asked.limit);
        let after = asked.cursor.as_deref().map(place).transpose()?;
        let after = after.as_ref().map(|(id, name)| (name.as_str(), *id));
        let mut items = organisation::list(tx, actor, after, limit + 1)?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| format!("{}~{}", last.id, last.name));
        Ok(Listing { items: items.into_iter().map(OrganisationView::from).collect(), next })
    })
    .await
}

/// The last organisation of the page before.
fn place(cursor: &str) -> Result<(OrganisationId, String), Fault> {
    let wrong = || Fault::invalid("cursor", Reason::NotA("one that a page of this list gave"));
    let (id, name) = cursor.split_once('~').ok_or_else(wrong)?;
    Ok((id.parse().map_err(|_| wrong())?, name.to_owned()))
}
