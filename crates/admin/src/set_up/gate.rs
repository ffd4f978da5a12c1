//! Who may set the shop up: whoever sits at the machine, or holds the code that its console shows. Until the
//! first administrator exists, nobody who merely passes by on the network can claim the shop.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use engine::Engine;
use web::request::is_own_name;
use web::{App, Request};

/// The cookie of a browser that has shown the code.
pub(crate) const COOKIE: &str = "bottega_set_up";

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
        let request = Request::from_request_parts(parts, app).await?;
        let here = request.is_from_this_machine() && is_own(app.public_url());
        Ok(Gate { open: here || shown(&parts.headers).is_some_and(|code| is_code(app.engine(), code)) })
    }
}

/// Whether the shop is not known under a name that other machines reach.
fn is_own(public_url: Option<&str>) -> bool {
    public_url.is_none_or(|url| is_own_name(url.split_once("://").map_or(url, |(_, rest)| rest)))
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

    #[test]
    fn a_shop_that_is_known_outside_asks_everybody_for_the_code() {
        assert!(is_own(None));
        assert!(is_own(Some("http://127.0.0.1:8080")));
        assert!(!is_own(Some("https://bottega.example")));
    }
}
