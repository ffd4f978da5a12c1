//! What a request brings with it, before anybody looks into the database.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use kernel::Locale;

use crate::app::App;
use crate::proxy::Proxies;

/// The cookie of the session. Where browsers come by HTTPS, [`cookie_name`] puts a prefix before it.
pub const SESSION_COOKIE: &str = "bottega_session";
/// The cookie by which a browser from which somebody came in before is known again.
pub const BROWSER_COOKIE: &str = "bottega_browser";
/// The cookie of a way in that is half walked.
pub const DOORWAY_COOKIE: &str = "bottega_doorway";
/// The cookie of the chosen theme.
pub const THEME_COOKIE: &str = "bottega_theme";
/// The cookie of the language chosen before signing in.
pub const LOCALE_COOKIE: &str = "bottega_language";

/// What a request brings with it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The session's secret.
    pub secret: Option<String>,
    /// The bearer token.
    pub bearer: Option<String>,
    /// `Idempotency-Key`, for the API.
    pub idempotency_key: Option<String>,
    /// The language that the browser or a cookie asks for.
    pub locale: Option<Locale>,
    /// The chosen theme, `light` or `dark`.
    pub theme: Option<&'static str>,
    /// Whether htmx asks for a part of the page.
    pub is_fragment: bool,
    /// Whether it is a GET.
    pub is_get: bool,
    /// Whether a JSON answer is expected.
    pub wants_json: bool,
    /// Path and query, as asked.
    pub path_and_query: String,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// The address it comes from: the peer's, or what a trusted proxy says.
    pub address: String,
    /// Whether the browser reaches the shop by HTTPS, by the public address or by what a trusted proxy says.
    pub is_secure: bool,
    /// The host that the browser asked for, with its port.
    pub host: Option<String>,
    /// The secret by which a browser from which somebody came in before is known again.
    pub browser: Option<String>,
    /// The secret of a way in that is half walked.
    pub doorway: Option<String>,
    /// How many bytes of a body it announces; `None` when it does not say.
    pub(crate) body_bytes: Option<u64>,
    site: Site,
    is_direct: bool,
}

/// From where a browser says that a request was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    Same,
    Cross,
    /// No browser that tells.
    Unsaid,
}

impl FromRequestParts<App> for Request {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Request::read(parts, app.proxies(), app.is_secure()))
    }
}

impl Request {
    /// What a request brings: `proxies` are believed about its origin; `secure` says that browsers come by HTTPS.
    pub(crate) fn read(parts: &Parts, proxies: &Proxies, secure: bool) -> Request {
        let headers = &parts.headers;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let cookie = |name| cookie(headers, name);
        let path_and_query =
            parts.uri.path_and_query().map_or("/", |path_and_query| path_and_query.as_str()).to_owned();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let origin = peer.map(|peer| proxies.origin(peer, headers));
        let is_secure = secure || origin.is_some_and(|origin| origin.https);
        let own = |name| self::cookie(headers, &cookie_name(name, is_secure));
        Request {
            // By HTTPS the plain name counts for nothing: a neighbouring site could have planted it.
            secret: own(SESSION_COOKIE).map(str::to_owned),
            bearer: text("authorization")
                .and_then(|value| value.strip_prefix("Bearer ").or(value.strip_prefix("bearer ")))
                .map(|token| token.trim().to_owned()),
            idempotency_key: text("idempotency-key").map(|key| key.chars().take(255).collect()),
            locale: cookie(LOCALE_COOKIE)
                .and_then(|code| code.parse().ok())
                .or_else(|| text("accept-language").and_then(Locale::from_accept_language)),
            theme: match cookie(THEME_COOKIE) {
                Some("dark") => Some("dark"),
                Some("light") => Some("light"),
                _ => None,
            },
            is_fragment: headers.contains_key("hx-request"),
            is_get: matches!(parts.method, Method::GET | Method::HEAD),
            wants_json: parts.uri.path().starts_with("/api/"),
            path_and_query,
            agent: text(header::USER_AGENT.as_str()).map(str::to_owned),
            address: origin.map_or_else(|| "unknown".to_owned(), |origin| origin.address.to_string()),
            is_secure,
            host: text("host").map(str::to_owned),
            browser: own(BROWSER_COOKIE).map(|secret| secret.chars().take(64).collect()),
            doorway: own(DOORWAY_COOKIE).map(|secret| secret.chars().take(64).collect()),
            body_bytes: body_bytes(headers),
            site: site(headers),
            is_direct: is_direct(headers),
        }
    }
}

/// The length that a body announces. One that comes in pieces has none, whatever else is said of it.
fn body_bytes(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Headers by which a proxy tells that the request began elsewhere.
const FORWARDING: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// Whether it was sent to the machine's own name and no proxy stands between.
fn is_direct(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    is_own_name(host) && !FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// Whether a host, perhaps with port and path, names the machine itself.
pub fn is_own_name(host: &str) -> bool {
    let host = host.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `Sec-Fetch-Site` where the browser sends it, else `Origin` against `Host`.
fn site(headers: &HeaderMap) -> Site {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some("same-origin" | "none"), _, _) => Site::Same,
        (Some(_), _, _) => Site::Cross,
        (None, Some(origin), Some(host)) => {
            let origin_host = origin.split_once("://").map_or(origin, |(_, host)| host);
            if origin_host == host { Site::Same } else { Site::Cross }
        }
        (None, Some(_), None) => Site::Cross,
        (None, None, _) => Site::Unsaid,
    }
}

/// The name of a cookie that opens something. By HTTPS its prefix makes browsers refuse it from a neighbouring site
/// and without TLS.
pub fn cookie_name(name: &str, is_secure: bool) -> String {
    if is_secure { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

impl Request {
    /// Who the brakes count this request for: the session or token, else the address.
    pub(crate) fn caller(&self) -> String {
        match (&self.secret, &self.bearer) {
            // A digest, so that the limiter holds no secret; a made-up secret is still one caller.
            (Some(secret), _) | (None, Some(secret)) => caller_of(secret),
            (None, None) => network(&self.address),
        }
    }

    /// The networks that it comes from, whoever it says that it is; the wider one first.
    pub(crate) fn networks(&self) -> impl Iterator<Item = String> {
        let site = match self.address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            // A site is given a /48 and splits it as it likes: 65,536 networks would be that many callers.
            Ok(IpAddr::V6(address)) => Some(format!("{:x}::/48", address.to_bits() >> 80)),
            _ => None,
        };
        site.into_iter().chain([network(&self.address)])
    }

    /// Whether the request comes from the machine itself: not through a proxy on it, and not from a page that
    /// made its own name point here.
    pub fn is_from_this_machine(&self) -> bool {
        let address = self.address.parse::<IpAddr>();
        self.is_direct && address.is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// Whether a browser says that another site started this request.
    pub fn is_cross_site(&self) -> bool {
        self.site == Site::Cross
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or("/")
    }

    /// The query without its question mark; empty where there is none.
    pub fn query(&self) -> &str {
        self.path_and_query.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Who the brakes count whoever shows a secret for.
pub(crate) fn caller_of(secret: &str) -> String {
    primitives::session::digest(secret).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The network that an address belongs to, by which brakes count: IPv6 is handed out by /64, so one caller has all
/// of it.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}::/64", address.to_bits() >> 64),
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Percent-encodes a text for the value of a query.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// A path of this shop to lead back to: never another site's address.
pub fn safe_path(path: &str) -> &str {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    if own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_led_back_to() {
        assert_eq!(safe_path("/people?q=a"), "/people?q=a");
        for foreign in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nSet-Cookie: x"]
        {
            assert_eq!(safe_path(foreign), "/", "{foreign:?}");
        }
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_whole_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_eq!(network("unknown"), "unknown");
        let networks = |address| from(address, &[]).networks().collect::<Vec<_>>();
        assert_eq!(networks("2001:db8:1:2::1")[0], networks("2001:db8:1:3::1")[0], "one site");
        assert_ne!(networks("2001:db8:1:2::1")[0], networks("2001:db8:2:2::1")[0]);
        assert_eq!(networks("192.0.2.7"), ["192.0.2.7"]);
    }

    #[test]
    fn a_body_announces_its_length_or_not() {
        assert_eq!(from("192.0.2.7", &[("content-length", "300")]).body_bytes, Some(300));
        assert_eq!(from("192.0.2.7", &[]).body_bytes, None);
        let pieces = [("content-length", "3"), ("transfer-encoding", "chunked")];
        assert_eq!(from("192.0.2.7", &pieces).body_bytes, None);
    }

    #[test]
    fn a_request_started_elsewhere_is_recognised() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect::<HeaderMap>()
        };
        assert_eq!(site(&headers(&[("sec-fetch-site", "same-origin")])), Site::Same);
        assert_eq!(site(&headers(&[("sec-fetch-site", "cross-site")])), Site::Cross);
        assert_eq!(site(&headers(&[("sec-fetch-site", "same-site")])), Site::Cross);
        assert_eq!(site(&headers(&[("origin", "http://a.example"), ("host", "a.example")])), Site::Same);
        assert_eq!(site(&headers(&[("origin", "null"), ("host", "a.example")])), Site::Cross);
        assert_eq!(site(&headers(&[])), Site::Unsaid);
    }

    fn from(address: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = axum::http::Request::get("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        if let Ok(ip) = address.parse() {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(ip, 40_000)));
        }
        Request::read(&parts, &Proxies::default(), false)
    }

    #[test]
    fn only_the_machine_itself_is_this_machine() {
        let local = [("host", "localhost:8080")];
        assert!(from("127.0.0.1", &local).is_from_this_machine());
        assert!(from("::1", &[("host", "[::1]:8080")]).is_from_this_machine());
        assert!(!from("192.0.2.7", &local).is_from_this_machine(), "another machine");
        assert!(!from("unknown", &local).is_from_this_machine());
        assert!(!from("127.0.0.1", &[("host", "evil.example")]).is_from_this_machine(), "a rebound name");
        assert!(!from("127.0.0.1", &[("host", "localhost.evil.example")]).is_from_this_machine());
        let proxied = [("host", "localhost"), ("x-forwarded-for", "192.0.2.7")];
        assert!(!from("127.0.0.1", &proxied).is_from_this_machine());
    }
}
