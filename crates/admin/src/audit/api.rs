//! The audit for programs.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::Response;
use kernel::{AccountId, EventId, Fault, Instant, Reason};
use primitives::event::{Event, EventKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{ApiRead, App, Listing, Problem, Request};

/// A fact of the log. It carries ids and codes, never personal text.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its id.
    #[schema(value_type = String, example = "evt_0c8kz3m5t1v7q")]
    id: EventId,
    /// What happened.
    #[schema(example = "account.created")]
    kind: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Instant,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// `human`, `robot` or `customer`.
    actor_kind: String,
    /// The employee, when one acted.
    #[schema(value_type = Option<String>)]
    actor: Option<AccountId>,
    /// The kind of what it happened to.
    subject_kind: String,
    /// The id of what it happened to.
    subject: String,
    /// Ids and codes that tell more.
    #[schema(value_type = Object, nullable)]
    detail: Option<serde_json::Value>,
}

impl EventView {
    fn of(event: Event) -> EventView {
        EventView {
            subject: super::subject_id(&event.subject_kind, event.subject_id),
            id: event.id,
            kind: event.kind,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            actor_kind: event.actor_kind,
            actor: event.actor,
            subject_kind: event.subject_kind,
            detail: event.detail,
        }
    }
}

/// Which facts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only facts of this kind, such as `session.refused`.
    kind: Option<String>,
}

/// What happened, newest first.
#[utoipa::path(get, path = "/audit", tag = "admin", params(ApiRead, Wanted),
    responses((status = 200, body = Listing<EventView>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("bearer" = ["audit:read"])))]
pub async fn list(
    State(app): State<App>,
    request: Request,
    Query(paging): Query<ApiRead>,
    Query(wanted): Query<Wanted>,
) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let unknown = || Fault::invalid("kind", Reason::NotA("a kind of event"));
        let kind = match &wanted.kind {
            Some(code) => Some(EventKind::from_code(code).ok_or_else(unknown)?),
            None => None,
        };
        let (cursor, limit) = paging.page()?;
        Ok(Listing::of(super::read(tx, actor, kind, cursor, limit)?, EventView::of))
    })
    .await
}
