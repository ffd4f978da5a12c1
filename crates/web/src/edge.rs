//! What stands around every route: bounds, headers, panics, and an answer of ours where a library would say a
//! word of its own.

use std::any::Any;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request as HttpRequest, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::IntoResponse;
use http_body_util::Limited;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;

use crate::app::App;
use crate::request::Request;
use crate::serve::MOST_BYTES;

/// Most bytes of a request of who is not signed in, and of every form of the door, which are small.
pub const MOST_BYTES_OF_STRANGERS: usize = 64 * 1024;
/// Most bytes of an address with its query.
pub const MOST_BYTES_OF_ADDRESS: usize = 8 * 1024;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    font-src 'self'; manifest-src 'self'";

/// Puts the layers around the routes; the last one is the outermost.
pub(crate) fn around(router: Router, app: App) -> Router {
    // A stream of events must reach the browser as it comes, not when a buffer is full.
    let compressible = DefaultPredicate::new().and(NotForContentType::new("text/event-stream"));
    router
        .layer(CompressionLayer::new().gzip(true).compress_when(compressible))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(RequestBodyLimitLayer::new(MOST_BYTES))
        .layer(from_fn_with_state(app.clone(), bounded))
        .layer(from_fn_with_state(app.clone(), ours))
        .layer(from_fn_with_state(app, headers))
}

/// Refuses what is too large before anybody reads it. Who sends more than a stranger may is asked first whether they
/// are signed in: to say so is not enough, and the forms of the door are small for everybody.
async fn bounded(State(app): State<App>, request: HttpRequest, next: Next) -> Response<Body> {
    if request.uri().path_and_query().is_some_and(|asked| asked.as_str().len() > MOST_BYTES_OF_ADDRESS) {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if request.body().size_hint().upper().is_some_and(|most| most <= MOST_BYTES_OF_STRANGERS as u64) {
        return next.run(request).await;
    }
    let matched = request.extensions().get::<MatchedPath>();
    let is_open = matched.is_some_and(|matched| app.is_open_form(matched.as_str()));
    let (parts, body) = request.into_parts();
    let asking = Request::read(&parts, app.proxies(), app.is_secure());
    if !is_open && (asking.secret.is_some() || asking.bearer.is_some()) {
        return match app.lives(&asking).await {
            Ok(true) => next.run(HttpRequest::from_parts(parts, body)).await,
            Ok(false) if asking.wants_json => crate::api::refuse_with(StatusCode::UNAUTHORIZED),
            Ok(false) => crate::app::sign_in(&asking).into_response(),
            Err(fault) if asking.wants_json => crate::api::refuse(&fault),
            Err(fault) => crate::error::page(&asking, None, &fault).into_response(),
        };
    }
    if body.size_hint().lower() > MOST_BYTES_OF_STRANGERS as u64 {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let body = Body::new(Limited::new(body, MOST_BYTES_OF_STRANGERS));
    next.run(HttpRequest::from_parts(parts, body)).await
}

/// Where a library or an extractor refused with a bare word, says it as the rest of the house does: a page with
/// the next step, or a problem document.
async fn ours(State(app): State<App>, request: HttpRequest, next: Next) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let asking = Request::read(&parts, app.proxies(), app.is_secure());
    let response = next.run(HttpRequest::from_parts(parts, body)).await;
    if !is_bare(&response) {
        return response;
    }
    let status = response.status();
    let mut said = if asking.wants_json {
        crate::api::refuse_with(status)
    } else {
        crate::error::bare(&asking, status).into_response()
    };
    if let Some(allow) = response.headers().get(header::ALLOW) {
        said.headers_mut().insert(header::ALLOW, allow.clone());
    }
    said
}

/// Whether a refusal is none of ours: ours are pages or documents.
fn is_bare(response: &Response<Body>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // What is unavailable says so in words of its own, for machines that ask how we are.
    (response.status().is_client_error() || response.status() == StatusCode::INTERNAL_SERVER_ERROR)
        && kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

async fn headers(State(app): State<App>, request: HttpRequest, next: Next) -> Response<Body> {
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
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers
        .insert("permissions-policy", HeaderValue::from_static("camera=(), microphone=(), geolocation=()"));
    if app.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // A file has a stricter policy of its own, and the house's own files may be kept.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A panic is written down and answered; the transaction that it was in was rolled back. A message that was put
/// together may quote a customer's words, one that stands in our source cannot.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let what = cause.downcast_ref::<&'static str>().copied().unwrap_or("(a message that may quote data)");
    tracing::error!(what, "a request panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
