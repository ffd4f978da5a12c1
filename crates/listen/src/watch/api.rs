//! The alarms of the ledger in the API.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use kernel::Instant;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, Request};

use super::Alarm;

/// Something wrong with what a source brings.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmView {
    /// `alm_…`.
    id: String,
    /// The source, `src_…`.
    source: String,
    /// Its name.
    source_name: String,
    /// gap (silent for longer than usual), pending (something waits for too long) or unbalanced (the sum of a
    /// closed day was not that of its arrivals; it was made again).
    kind: &'static str,
    /// Since when (RFC 3339): of a gap the last arrival, of a waiting one when it came.
    #[schema(value_type = String)]
    since: Instant,
    /// Of a gap what is usual: `weekdays` (0 is Monday) on which something is expected and how many of them in a row
    /// were `missed` at most, or the longest silence in `days`. Of pending ones their `count`. Of a sum its `days`.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// When it was raised (RFC 3339).
    #[schema(value_type = String)]
    raised_at: Instant,
}

impl AlarmView {
    /// As the API shows it.
    pub(crate) fn of(alarm: Alarm) -> AlarmView {
        AlarmView {
            id: alarm.id.to_string(),
            source: alarm.source.to_string(),
            source_name: alarm.source_name,
            kind: alarm.kind.code(),
            since: alarm.since,
            detail: alarm.detail,
            raised_at: alarm.raised_at,
        }
    }
}

/// The alarms that are not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alarms {
    /// They, the longest standing first.
    items: Vec<AlarmView>,
}

/// The alarms of the ledger that are not over.
#[utoipa::path(get, path = "/ledger/alarms", tag = "sources",
    responses((status = 200, body = Alarms), (status = 401, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn alarms(State(app): State<App>, request: Request) -> Response<Body> {
    app.api_read(request, |tx, actor| {
        Ok(Alarms { items: super::open(tx, actor)?.into_iter().map(AlarmView::of).collect() })
    })
    .await
}
