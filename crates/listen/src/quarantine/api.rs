//! The quarantine in the API.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use kernel::{ArrivalId, Fault, Instant, Reason, SourceId, paging};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::api::read_json;
use web::{App, Problem, Request};

use super::run::{self, RunId};
use super::{Filter, Held, Tried};

/// Something that came and nobody could read.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldView {
    /// `arr_…`.
    id: String,
    /// The source, `src_…`.
    source: String,
    /// Its name.
    source_name: String,
    /// By what its owner recognises it: a file's name, a row's number.
    name: String,
    /// mail, csv, jsonl or api.
    format: String,
    /// The kind of cause: empty, binary, no-header, nobody-named, columns, nothing-said, not-json, not-an-object,
    /// too-large, bytes-lost or failed.
    cause: String,
    /// The cause in words.
    because: String,
    /// How many bytes it has.
    size: i64,
    /// How often it was tried.
    tries: i64,
    /// When it came (RFC 3339).
    #[schema(value_type = String)]
    fetched_at: Instant,
    /// When somebody decided that nothing is to be made of it.
    #[schema(value_type = Option<String>)]
    set_aside_at: Option<Instant>,
    /// Why.
    set_aside_reason: Option<String>,
}

impl HeldView {
    fn of(held: Held) -> HeldView {
        let code = held.cause.code();
        let (at, reason) = held.set_aside.map(|aside| (aside.at, aside.reason)).unzip();
        HeldView {
            id: held.id.to_string(),
            source: held.source.to_string(),
            source_name: held.source_name,
            name: held.name,
            format: held.format,
            cause: code.split(' ').next().unwrap_or_default().to_owned(),
            because: held.cause.to_string(),
            size: held.size,
            tries: held.tries,
            fetched_at: held.fetched_at,
            set_aside_at: at,
            set_aside_reason: reason,
        }
    }
}

/// A page of the quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quarantine {
    /// What stands there, newest first.
    items: Vec<HeldView>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Which part of the quarantine.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Only of this source, `src_…`.
    source: Option<String>,
    /// Only for this kind of cause.
    cause: Option<String>,
    /// What was set aside, instead of what is to be looked at.
    set_aside: Option<bool>,
    /// Where the page starts: the `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// What came and nobody could read, newest first.
#[utoipa::path(get, path = "/quarantine", tag = "sources", operation_id = "list_quarantine", params(Asked),
    responses((status = 200, body = Quarantine), (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn list(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let filter = Filter {
            source: asked.source.as_deref().map(str::parse::<SourceId>).transpose()?,
            cause: asked.cause.clone().filter(|cause| !cause.is_empty()),
            set_aside: asked.set_aside.unwrap_or(false),
        };
        let before = match asked.cursor.as_deref() {
            Some(cursor) => Some(
                cursor
                    .parse::<ArrivalId>()
                    .map_err(|_| Fault::invalid("cursor", Reason::NotA("the `next` of the page before")))?,
            ),
            None => None,
        };
        let limit = paging::limit(asked.limit);
        let mut held = super::list(tx, actor, &filter, before, limit + 1)?;
        let more = held.len() > limit as usize;
        held.truncate(limit as usize);
        let next = if more { held.last().map(|held| held.id.to_string()) } else { None };
        Ok(Quarantine { items: held.into_iter().map(HeldView::of).collect(), next })
    })
    .await
}

/// One thing that came and nobody could read.
#[utoipa::path(get, path = "/quarantine/{id}", tag = "sources", operation_id = "show_quarantined",
    params(("id" = String, Path, description = "arr_…")),
    responses((status = 200, body = HeldView), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(kernel::Permission::ReadVoices)?;
        let held = super::visible(tx, actor, id.parse()?)?;
        if held.state != "quarantined" {
            return Err(Fault::NotFound);
        }
        Ok(HeldView::of(held))
    })
    .await
}

/// The bytes of an arrival as they came, whatever became of it.
#[utoipa::path(get, path = "/arrivals/{id}/raw", tag = "sources", operation_id = "arrival_raw",
    params(("id" = String, Path, description = "arr_…")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn raw(State(app): State<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    let read = app
        .api_read_raw(request, move |tx, actor| {
            actor.authorise(kernel::Permission::ReadVoices)?;
            let found = crate::arrival::raw(tx, actor, id.parse()?)?;
            Ok(found.ok_or(Fault::NotFound)?.1)
        })
        .await;
    match read {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let kind = HeaderValue::from_static("application/octet-stream");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        Err(refused) => refused,
    }
}

/// What became of trying one again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// stored, duplicate, quarantined (nobody can read it yet), or later (a run tries it, because it is large).
    became: String,
    /// The voice that it is, `voi_…`.
    voice: Option<String>,
    /// The run that tries it, `rty_…`.
    run: Option<String>,
}

/// Tries one again. What became something before stays that.
#[utoipa::path(post, path = "/quarantine/{id}/retry", tag = "sources", operation_id = "retry_quarantined",
    params(("id" = String, Path, description = "arr_…")),
    responses((status = 200, body = Retried), (status = 202, body = Retried), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("bearer" = ["voices:import", "voices:read"])))]
pub async fn retry(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        Ok(match super::retry(tx, &*clock, actor, id.parse()?)? {
            Tried::Later(run) => {
                let run = Some(run.to_string());
                (StatusCode::ACCEPTED, Retried { became: "later".into(), voice: None, run })
            }
            Tried::Now { state, voice } => {
                let voice = voice.map(|id| id.to_string());
                (StatusCode::OK, Retried { became: state, voice, run: None })
            }
        })
    })
    .await
}

/// Why something is set aside.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Aside {
    /// In at most 500 characters.
    #[serde(default)]
    reason: String,
}

/// Sets one aside: nothing is to be made of it. It stays in the ledger, quarantined.
#[utoipa::path(post, path = "/quarantine/{id}/set-aside", tag = "sources", operation_id = "set_quarantined_aside",
    params(("id" = String, Path, description = "arr_…")), request_body = Aside,
    responses((status = 200, body = HeldView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["voices:import", "voices:read"])))]
pub async fn set_aside(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let id: ArrivalId = id.parse()?;
        actor.authorise(kernel::Permission::ImportVoices)?;
        super::visible(tx, actor, id)?;
        let given: Aside = read_json(&body)?;
        super::set_aside(tx, &*clock, actor, id, &given.reason)?;
        Ok((StatusCode::OK, HeldView::of(super::visible(tx, actor, id)?)))
    })
    .await
}

/// Puts one that was set aside back among those to be looked at.
#[utoipa::path(post, path = "/quarantine/{id}/put-back", tag = "sources", operation_id = "put_quarantined_back",
    params(("id" = String, Path, description = "arr_…")),
    responses((status = 200, body = HeldView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("bearer" = ["voices:import", "voices:read"])))]
pub async fn put_back(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        let id: ArrivalId = id.parse()?;
        super::put_back(tx, &*clock, actor, id)?;
        Ok((StatusCode::OK, HeldView::of(super::visible(tx, actor, id)?)))
    })
    .await
}

/// What is to be tried again.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Part {
    /// Only of this source, `src_…`.
    source: Option<String>,
    /// Only for this kind of cause.
    cause: Option<String>,
}

/// Many tried again, and how far that is.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    /// `rty_…`; null when there was nothing to try.
    id: Option<String>,
    /// Whether it is over.
    ended: bool,
    /// How many there were when it began.
    expected: i64,
    /// How many were tried.
    tried: i64,
    /// Of them, those that are voices now.
    stored: i64,
    /// Of them, those that turned out to repeat something.
    duplicate: i64,
    /// Of them, those that nobody can read yet.
    still: i64,
}

impl RunView {
    fn of(run: &run::Run) -> RunView {
        RunView {
            id: Some(run.id.to_string()),
            ended: run.ended,
            expected: run.expected,
            tried: run.tried,
            stored: run.stored,
            duplicate: run.duplicate,
            still: run.still(),
        }
    }
}

/// Tries everything again that was not set aside, of a source or for a cause where these are given.
#[utoipa::path(post, path = "/quarantine/retry", tag = "sources", operation_id = "retry_quarantine",
    request_body = Part,
    responses((status = 202, body = RunView), (status = 200, body = RunView, description = "there is nothing to try"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, body = Problem)),
    security(("bearer" = ["voices:import", "voices:read"])))]
pub async fn retry_all(State(app): State<App>, request: Request, body: Bytes) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, body.to_vec(), move |tx, actor| {
        actor.authorise(kernel::Permission::ImportVoices)?;
        let part: Part = if body.is_empty() { Part::default() } else { read_json(&body)? };
        let source = part.source.as_deref().map(str::parse::<SourceId>).transpose()?;
        let cause = part.cause.filter(|cause| !cause.is_empty());
        let filter = Filter { source, cause, set_aside: false };
        Ok(match run::begin(tx, &*clock, actor, &filter)? {
            Some(id) => (StatusCode::ACCEPTED, RunView::of(&run::visible(tx, actor, id)?)),
            None => {
                let none = RunView {
                    id: None,
                    ended: true,
                    expected: 0,
                    tried: 0,
                    stored: 0,
                    duplicate: 0,
                    still: 0,
                };
                (StatusCode::OK, none)
            }
        })
    })
    .await
}

/// How far a run is that tries many again.
#[utoipa::path(get, path = "/quarantine/runs/{id}", tag = "sources", operation_id = "quarantine_run",
    params(("id" = String, Path, description = "rty_…")),
    responses((status = 200, body = RunView), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("bearer" = ["voices:import"])))]
pub async fn show_run(State(app): State<App>, request: Request, Path(id): Path<String>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        actor.authorise(kernel::Permission::ImportVoices)?;
        let id: RunId = id.parse()?;
        Ok(RunView::of(&run::visible(tx, actor, id)?))
    })
    .await
}
