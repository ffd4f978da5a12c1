//! What a page answers with.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Fault, SessionId};

/// An answer: a page, a redirect, a file.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
    pub(crate) stale_session: Option<SessionId>,
}

impl Reply {
    /// A page.
    pub fn page(template: &impl Template) -> Result<Reply, Fault> {
        let html = template.render().map_err(Fault::store)?;
        Ok(Reply::html(html))
    }

    /// A page that is written already.
    pub fn html(html: String) -> Reply {
        Reply::ok("text/html; charset=utf-8", html.into_bytes()).header(header::CACHE_CONTROL, "no-store")
    }

    fn ok(kind: &str, body: Vec<u8>) -> Reply {
        let headers = vec![(header::CONTENT_TYPE, kind.to_owned())];
        Reply { status: StatusCode::OK, headers, body, stale_session: None }
    }

    /// Leads elsewhere after a form ("see other").
    pub fn redirect(to: &str) -> Reply {
        Reply {
            status: StatusCode::SEE_OTHER,
            headers: vec![(header::LOCATION, to.to_owned())],
            body: Vec::new(),
            stale_session: None,
        }
    }

    /// A file to keep. Whatever it claims to be, a browser never runs it: only images that cannot carry
    /// scripts are shown in place.
    pub fn file(name: &str, media_type: &str, bytes: Vec<u8>) -> Reply {
        const SHOWN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
        let shown = SHOWN.contains(&media_type);
        let kind = if shown { media_type } else { "application/octet-stream" };
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || " ._-".contains(c) { c } else { '_' })
            .collect();
        let disposition = format!(
            "{}; filename=\"{plain}\"; filename*=UTF-8''{}",
            if shown { "inline" } else { "attachment" },
            crate::request::encode(name).replace('/', "%2F")
        );
        Reply::ok(kind, bytes)
            .header(header::CONTENT_DISPOSITION, &disposition)
            .header(header::CACHE_CONTROL, "private, no-store")
            .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
    }

    /// With another status.
    pub fn status(mut self, status: StatusCode) -> Reply {
        self.status = status;
        self
    }

    /// With a header more. A value that no header can carry is left out.
    pub fn header(mut self, name: HeaderName, value: &str) -> Reply {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with_staleness(mut self, session: Option<SessionId>) -> Reply {
        self.stale_session = session;
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
