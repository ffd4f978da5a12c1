//! The cookies that this room sets.

use kernel::Locale;
use web::Request;
use web::request::{
    BROWSER_COOKIE, DOORWAY_COOKIE, LOCALE_COOKIE, SESSION_COOKIE, THEME_COOKIE, cookie_name,
};

/// How long a browser keeps a cookie; the store decides how long a session lives. Seconds.
const KEPT_SECONDS: i64 = 31_536_000;

/// The cookie of a session: no script reads it, no other site sends it along with a form, and by HTTPS no
/// neighbouring site can plant it.
pub(crate) fn session(request: &Request, secret: &str) -> String {
    opening(request, SESSION_COOKIE, secret, KEPT_SECONDS)
}

/// Takes the session's cookie away.
pub(crate) fn no_session(request: &Request) -> String {
    opening(request, SESSION_COOKIE, "", 0)
}

/// The cookie by which a browser is known again.
pub(crate) fn browser(request: &Request, secret: &str) -> String {
    opening(request, BROWSER_COOKIE, secret, KEPT_SECONDS)
}

/// The cookie of a way in that is half walked, for so many seconds.
pub(crate) fn doorway(request: &Request, secret: &str, seconds: i64) -> String {
    opening(request, DOORWAY_COOKIE, secret, seconds)
}

/// Takes the cookie of a half walked way away.
pub(crate) fn no_doorway(request: &Request) -> String {
    opening(request, DOORWAY_COOKIE, "", 0)
}

/// The cookie of the language.
pub(crate) fn language(request: &Request, locale: Locale) -> String {
    cookie(request, LOCALE_COOKIE, locale.code(), KEPT_SECONDS, true)
}

/// The cookie of the theme, which the script sets too; `None` follows the system.
pub(crate) fn theme(request: &Request, theme: Option<&str>) -> String {
    let kept = if theme.is_some() { KEPT_SECONDS } else { 0 };
    cookie(request, THEME_COOKIE, theme.unwrap_or_default(), kept, false)
}

/// The cookie of who has shown the set-up code.
pub(crate) fn set_up(request: &Request, code: &str) -> String {
    cookie(request, crate::set_up::gate::COOKIE, code, 86_400, true)
}

/// A cookie that opens something: no script reads it, no neighbouring site plants it.
fn opening(request: &Request, name: &str, value: &str, kept_seconds: i64) -> String {
    cookie(request, &cookie_name(name, request.is_secure), value, kept_seconds, true)
}

fn cookie(request: &Request, name: &str, value: &str, kept_seconds: i64, hidden: bool) -> String {
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let secure = if request.is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={kept_seconds}; SameSite=Lax{hidden}{secure}")
}
