//! The rooms composed into one application, and what stands around every route: headers, compression,
//! bounds, panics.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::get;
use engine::runner::Handlers;
use kernel::Fault;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::module::{Module, Route};
use crate::request::Request;
use crate::{assets, live};

/// Most bytes of any request: an import of a large file goes by the command line.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    font-src 'self'; manifest-src 'self'";

/// The rooms, composed.
pub struct Composed {
    /// Everything that answers.
    pub router: Router,
    /// The API's document.
    pub openapi: OpenApi,
    /// Every page's declared route.
    pub declared: Vec<Route>,
    /// The handlers of every room's jobs.
    pub handlers: Handlers,
    /// The application's state.
    pub app: App,
}

/// Composes the rooms. `also` adds what belongs to no room, such as health checks.
pub fn compose(app: App, modules: Vec<Module>, also: Router<App>) -> Composed {
    let person = modules.iter().filter_map(|module| module.person_panel).collect();
    let today = modules.iter().filter_map(|module| module.today_panel).collect();
    let healths = modules.iter().filter_map(|module| module.health).collect();
    let app = app.with_rooms(person, today, healths);
    let mut handlers = Handlers::default();
    let mut declared = Vec::new();
    let mut pages = Router::new().route("/live", get(live::page)).merge(assets::routes()).merge(also);
    let mut api = OpenApiRouter::with_openapi(crate::api::Document::openapi());
    for module in modules {
        (module.jobs)(&mut handlers);
        declared.extend_from_slice(module.routes.declared());
        pages = pages.merge(module.routes.into_router());
        api = api.nest("/api/v1", module.api);
    }
    let (api, mut openapi) = api.split_for_parts();
    name_operations(&mut openapi);
    let document = openapi.to_json().unwrap_or_default();
    let router = pages
        .merge(api)
        .route(
            "/api/v1/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document) }),
        )
        .route("/api/v1/events", get(crate::api::events))
        .fallback(missing)
        .with_state(app.clone());
    Composed { router: around(router), openapi, declared, handlers, app }
}

/// Gives every operation a name of its own, as the document needs: handlers of different rooms share theirs.
fn name_operations(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        let place = path.trim_start_matches("/api/v1/").replace(['/', '-'], "_").replace(['{', '}'], "");
        for (method, operation) in [("get", &mut item.get), ("post", &mut item.post)] {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{place}"));
            }
        }
    }
}

async fn missing(request: Request) -> Response<Body> {
    if request.wants_json {
        crate::api::refuse(&Fault::NotFound)
    } else {
        crate::error::page(&request, None, &Fault::NotFound).into_response()
    }
}

/// Puts the layers around the routes.
fn around(router: Router) -> Router {
    // A stream of events must reach the browser as it comes, not when a buffer is full.
    let compressible = DefaultPredicate::new().and(NotForContentType::new("text/event-stream"));
    router
        .layer(CompressionLayer::new().gzip(true).compress_when(compressible))
        .layer(from_fn(headers))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyLimitLayer::new(MOST_BYTES))
}

async fn headers(request: HttpRequest, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers
        .insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    // A file has a stricter policy of its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    response
}

/// A panic is counted in the log and answered; the transaction that it was in was rolled back.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let what = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(what, "a request panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Bottega: this is a fault of ours; nothing was changed. Try again.")
        .into_response()
}
