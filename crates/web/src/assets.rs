//! The files that pages link to: styles, scripts, icons. They are part of the binary, carry the hash of their content
//! in their name, and may be kept by browsers for ever. `docs/development/interface.md` says how pages use them.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

mod table {
    use super::File;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// The shop's sign as a `data:` address for `<link rel="icon">`: it costs a page no request.
pub const ICON: &str = table::ICON;

struct File {
    name: &'static str,
    file: &'static str,
    href: &'static str,
    kind: &'static str,
    etag: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

/// The address of a file by its plain name, such as `app.css`, `shop.js`, `live.js` or `manifest.webmanifest`.
///
/// A name that does not exist leads to an address that answers 404; debug builds stop at once.
pub fn href(name: &str) -> &'static str {
    let found = table::FILES.iter().find(|file| file.name == name);
    debug_assert!(found.is_some(), "no asset is called {name}");
    found.map_or("/assets/missing", |file| file.href)
}

/// Serves every file below `/assets/`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = table::FILES.iter().find(|file| file.file == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let hashed = file.file != file.name;
    let lasting = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer: Vec<(HeaderName, &'static str)> = vec![
        (ETAG, file.etag),
        (CACHE_CONTROL, lasting),
        (VARY, "accept-encoding"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    if headers.get(IF_NONE_MATCH).is_some_and(|known| knows(known, file.etag)) {
        return (StatusCode::NOT_MODIFIED, collected(answer)).into_response();
    }
    answer.push((CONTENT_TYPE, file.kind));
    match file.gzip {
        Some(packed) if headers.get_all(ACCEPT_ENCODING).iter().any(takes_gzip) => {
            answer.push((CONTENT_ENCODING, "gzip"));
            (collected(answer), packed).into_response()
        }
        _ => (collected(answer), file.plain).into_response(),
    }
}

fn collected(pairs: Vec<(HeaderName, &'static str)>) -> HeaderMap {
    pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

/// Whether `If-None-Match` lists the tag; proxies that compress again mark it as weak.
fn knows(known: &HeaderValue, etag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}

/// Whether one `Accept-Encoding` header takes gzip, with a weight above nothing.
fn takes_gzip(accepted: &HeaderValue) -> bool {
    accepted.to_str().unwrap_or_default().split(',').any(|offer| {
        let (coding, weight) = offer.split_once(';').unwrap_or((offer, ""));
        let refused =
            weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        matches!(coding.trim().to_ascii_lowercase().as_str(), "gzip" | "x-gzip" | "*") && !refused
    })
}

#[cfg(test)]
mod tests;
