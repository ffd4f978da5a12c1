//! Who may set the shop up: whoever sits at the machine, or holds the code that its console shows. Until the
//! first administrator exists, nobody who merely passes by on the network can claim the shop.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use engine::Engine;
use web::{App, Request};

/// The cookie of a browser that has shown the code.
pub(crate) const COOKIE: &str = "bottega_set_up";
/// Headers by which a proxy tells that the request began elsewhere.
const FORWARDING: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// The code that allows to set the shop up from another machine: 60 bits in groups, the same until the
/// installation's key changes. `bottega serve` prints it while the shop is not set up.
pub fn set_up_code(engine: &Engine) -> String {
    crate::password::grouped(&engine.derive("set-up", ""), 3, 4)
}

/// Whether a text is the code; groups and case do not matter.
pub(crate) fn is_code(engine: &Engine, given: &str) -> bool {
    let plain = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    let (code, given) = (plain(&set_up_code(engine)), plain(given));
    // Every byte compared: how long it takes tells nothing.
    code.len() == given.len() && code.iter().zip(&given).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Whether the request may set the shop up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    pub(crate) open: bool,
}

impl FromRequestParts<App> for Gate {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Gate, Infallible> {
        let Request { address, .. } = Request::from_request_parts(parts, app).await?;
        let here = is_at_the_machine(&address, &parts.headers, app.public_url());
        Ok(Gate { open: here || shown(&parts.headers).is_some_and(|code| is_code(app.engine(), code)) })
    }
}

/// Whether the request comes from the machine itself: not through a proxy on it, and not from a page that
/// made its own name point here.
fn is_at_the_machine(address: &str, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
        && is_own_name(host)
        && public_url.is_none_or(|url| is_own_name(url.split_once("://").map_or(url, |(_, rest)| rest)))
        && !FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// Whether a host, perhaps with port and path, names the machine itself.
fn is_own_name(host: &str) -> bool {
    let host = host.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn shown(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_the_machine_itself_goes_without_the_code() {
        let local = headers(&[("host", "localhost:8080")]);
        assert!(is_at_the_machine("127.0.0.1", &local, None));
        assert!(is_at_the_machine("::1", &headers(&[("host", "[::1]:8080")]), Some("http://127.0.0.1:8080")));
        assert!(!is_at_the_machine("192.0.2.7", &local, None), "another machine");
        assert!(!is_at_the_machine("unknown", &local, None));
        assert!(
            !is_at_the_machine("127.0.0.1", &headers(&[("host", "evil.example")]), None),
            "a rebound name"
        );
        assert!(!is_at_the_machine("127.0.0.1", &headers(&[("host", "localhost.evil.example")]), None));
        assert!(!is_at_the_machine("127.0.0.1", &local, Some("https://bottega.example")), "behind a proxy");
        let proxied = headers(&[("host", "localhost"), ("x-forwarded-for", "192.0.2.7")]);
        assert!(!is_at_the_machine("127.0.0.1", &proxied, None));
    }
}
