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

    /// A JSON document for a script of our own.
    pub fn json(value: &impl serde::Serialize) -> Result<Reply, Fault> {
        let body = serde_json::to_vec(value).map_err(Fault::store)?;
        Ok(Reply::ok("application/json", body).header(header::CACHE_CONTROL, "no-store"))
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
        let name = &disclosed(name);
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

/// A file's name as it may reach a disk: one part of a path, without characters that end a line, that no system
/// takes, or that show `gpj.exe` as `exe.jpg`.
fn disclosed(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let misleads = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    let name: String = last.chars().map(|c| if misleads(c) { '_' } else { c }).take(200).collect();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_nothing_that_misleads() {
        let disposition = |name: &str| {
            let response = Reply::file(name, "text/html", vec![]).into_response();
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/octet-stream");
            response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned()
        };
        assert_eq!(
            disposition("perché no.pdf"),
            "attachment; filename=\"perch_ no.pdf\"; filename*=UTF-8''perch%C3%A9%20no.pdf"
        );
        for (name, told) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\..\\evil.exe", "evil.exe"),
            ("a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x_1"),
            ("gpj\u{202e}exe.jpg", "gpj_exe.jpg"),
            ("a\0b", "a_b"),
            (".htaccess", "htaccess"),
            ("\"; filename=\"x.html", "_; filename=_x.html"),
            ("..", "file"),
        ] {
            let header = disposition(name);
            let plain = header.split('"').nth(1).unwrap();
            assert_eq!(plain.replace([';', '='], "_"), told.replace([';', '='], "_"), "{name:?}");
            assert!(
                !header.contains("%2F") && !header.contains("%5C") && !header.contains("%00"),
                "{header}"
            );
            assert!(!header.contains("%E2%80%AE") && !header.contains("%0D"), "{header}");
        }
    }
}
