//! What is seen of every request: a name by which its lines are found in the log, how it was answered, how long
//! that took. Neither its path nor its query is written down, because people type names and addresses there; the
//! pattern of its route is.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request as HttpRequest, State};
use axum::http::{HeaderValue, Method, Response};
use axum::middleware::Next;
use tracing::Instrument;

use crate::app::App;

/// An answer that takes longer is told of. Streams are answered at their first byte.
const SLOW: Duration = Duration::from_secs(2);

/// The header that carries the request's name back to who asked.
const REQUEST_ID: &str = "x-request-id";

/// Stands around every route.
pub(crate) async fn around(State(app): State<App>, request: HttpRequest, next: Next) -> Response<Body> {
    let id = app.name_request();
    let method = method(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!("request", id, method, route);
    let (began, _answering) = (Instant::now(), app.meters().answering());
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.meters().answered(method, route, status, took);
    let ms = took.as_millis() as u64;
    span.in_scope(|| match status {
        500.. if status != 503 => tracing::error!(status, ms, "a request failed"),
        _ if took > SLOW => tracing::warn!(status, ms, "a request was slow"),
        _ => tracing::debug!(status, ms, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The methods that have a name here; anybody may invent others.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
