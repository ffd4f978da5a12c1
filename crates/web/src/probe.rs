//! What machines ask of the process: whether it lives, whether it can serve, what it counts.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use kernel::{Fault, Permission};

use crate::app::App;
use crate::pulse::Probe;
use crate::request::Request;
use crate::{api, meters};

/// How long the database may take to answer a probe.
const BOUND: Duration = Duration::from_secs(2);
/// For how long an answer of the database to a probe is given to others. Microseconds.
const FRESH_MICROS: i64 = 1_000_000;
/// How long it may take to say how every room is.
const LOOK_BOUND: Duration = Duration::from_secs(10);

/// `/healthz`, `/readyz`, `/metrics`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(figures))
}

/// `GET /healthz`: the process runs. It asks nothing of anybody, so that a database that is away does not make a
/// supervisor restart what is not broken.
async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok")
}

/// What can keep a process from serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hindrance {
    Stopping,
    NoAnswer,
    DatabaseFailed,
    DatabaseGone,
    Schema { found: i64, known: i64 },
}

impl std::fmt::Display for Hindrance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Hindrance::Stopping => write!(f, "stopping: the process was told to stop"),
            Hindrance::NoAnswer => {
                write!(f, "database: no answer within {} seconds", BOUND.as_secs())
            }
            Hindrance::DatabaseFailed => write!(f, "database: it failed; the log says how"),
            Hindrance::DatabaseGone => write!(f, "database: its file is no longer where it was opened"),
            Hindrance::Schema { found, known } => {
                write!(f, "schema: the database has {found}, this version knows {known}")
            }
        }
    }
}

/// `GET /readyz`: the process can serve: it is not stopping, the database answers soon, its schema is ours. Which
/// check failed is said, and nothing that a stranger should not read.
async fn ready(State(app): State<App>) -> impl IntoResponse {
    let (status, said) = match hindrance(&app).await {
        None => (StatusCode::OK, "ready".to_owned()),
        Some(hindrance) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready\n{hindrance}\n")),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], said)
}

async fn hindrance(app: &App) -> Option<Hindrance> {
    if app.is_stopping() {
        return Some(Hindrance::Stopping);
    }
    // A file that was deleted still answers whoever has it open.
    if app.engine().is_gone() {
        return Some(Hindrance::DatabaseGone);
    }
    // One question at a time, also when its answer is awaited no more: while the database hangs, probes must not
    // take every thread. Who comes in the second after an answer gets the same one.
    let clock = app.shared_clock();
    let asked = tokio::time::timeout(BOUND, async {
        let mut turn = app.probing().lock_owned().await;
        if let Some(known) = *turn
            && (0..FRESH_MICROS).contains(&(clock.now().micros() - known.at.micros()))
        {
            return known.schema;
        }
        let read = app.engine().read(move |tx| {
            let schema = engine::schema_found(tx)?;
            *turn = Some(Probe { at: clock.now(), schema: Some(schema) });
            Ok(schema)
        });
        match read.await {
            Ok(schema) => Some(schema),
            Err(fault) => {
                tracing::warn!(%fault, "the database failed a probe");
                *app.probing().lock_owned().await = Some(Probe { at: app.clock().now(), schema: None });
                None
            }
        }
    });
    match asked.await {
        Err(_) => Some(Hindrance::NoAnswer),
        Ok(None) => Some(Hindrance::DatabaseFailed),
        Ok(Some(found)) => {
            let known = engine::newest_schema();
            (found != known).then_some(Hindrance::Schema { found, known })
        }
    }
}

/// `GET /metrics`: for programs on this machine that come directly, and for tokens with the scope `health:read`.
async fn figures(State(app): State<App>, request: Request) -> Response<Body> {
    if !request.is_from_this_machine() {
        let checked =
            app.api_read_raw(request, |_, actor| Ok(actor.authorise(Permission::ReadHealth)?)).await;
        if let Err(refused) = checked {
            return refused;
        }
    }
    let vitals = tokio::time::timeout(LOOK_BOUND, app.vitals()).await;
    let vitals = match vitals {
        Ok(Ok(vitals)) => Some(vitals),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "the rooms could not say how they are");
            None
        }
        Err(_) => None,
    };
    match meters::exposition(&app, vitals.as_deref()) {
        Ok(text) => {
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(meters::MEDIA_TYPE));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => api::refuse(&Fault::store(error)),
    }
}
