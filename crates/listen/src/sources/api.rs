//! Sources and their ledger in the API.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::Response;
use kernel::SourceId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{App, Problem, Request};

use crate::arrival::Counts;

/// How many items came and what became of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsView {
    /// Everything that came.
    fetched: i64,
    /// What became a voice.
    stored: i64,
    /// What had come before.
    duplicate: i64,
    /// What nobody could read.
    quarantined: i64,
    /// What waits for its second step.
    pending: i64,
    /// Whether fetched = stored + duplicate + quarantined.
    balanced: bool,
}

impl CountsView {
    fn of(counts: Counts) -> CountsView {
        let Counts { fetched, stored, duplicate, quarantined, pending } = counts;
        CountsView { fetched, stored, duplicate, quarantined, pending, balanced: counts.balanced() }
    }
}

/// A source.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceView {
    /// `src_…`.
    id: String,
    /// Its name.
    name: String,
    /// import, api, ….
    kind: String,
    /// The mailbox to which it brings, `mbx_…`.
    mailbox: String,
    /// What it brought today (UTC).
    today: CountsView,
    /// What it brought ever.
    total: CountsView,
}

/// Every visible source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    /// Those that brought most first.
    items: Vec<SourceView>,
}

/// The sources of the visible mailboxes, with what each brought.
#[utoipa::path(get, path = "/sources", tag = "sources",
    responses((status = 200, body = Sources), (status = 401, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn list(State(app): State<App>, request: Request) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_read(request, move |tx, actor| {
        let lines = super::list(tx, &*clock, actor)?;
        let items = lines
            .into_iter()
            .map(|line| SourceView {
                id: line.source.id.to_string(),
                name: line.source.name,
                kind: line.source.kind,
                mailbox: line.source.mailbox.to_string(),
                today: CountsView::of(line.totals.day),
                total: CountsView::of(line.totals.ever),
            })
            .collect();
        Ok(Sources { items })
    })
    .await
}

/// One day of a ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    /// The day in UTC, such as `2026-11-21`.
    day: String,
    /// What came on it.
    #[serde(flatten)]
    counts: CountsView,
}

/// The ledger of a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerView {
    /// Its newest days, newest first.
    days: Vec<DayView>,
    /// What it brought ever.
    total: CountsView,
    /// `before` for older days; null when there are none.
    next: Option<i64>,
}

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Before {
    /// Only days before this one: the `next` of the answer before.
    before: Option<i64>,
}

/// The ledger of a source by day.
#[utoipa::path(get, path = "/sources/{id}/ledger", tag = "sources",
    params(("id" = String, Path, description = "src_…"), Before),
    responses((status = 200, body = LedgerView), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn ledger(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    Query(asked): Query<Before>,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_read(request, move |tx, actor| {
        let id: SourceId = id.parse()?;
        let (_, days, ever) = super::ledger(tx, &*clock, actor, id, asked.before)?;
        let next = (days.len() == super::DAYS as usize).then(|| days.last().map(|day| day.day)).flatten();
        let days = days
            .into_iter()
            .map(|day| DayView { day: super::day_text(day.day), counts: CountsView::of(day.counts) })
            .collect();
        Ok(LedgerView { days, total: CountsView::of(ever), next })
    })
    .await
}
