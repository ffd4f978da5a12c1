//! The cookies that this room sets.

use kernel::Locale;
use web::App;
use web::request::{LOCALE_COOKIE, SESSION_COOKIE, THEME_COOKIE};

/// How long a browser keeps a cookie; the store decides how long a session lives. Seconds.
const KEPT_SECONDS: u32 = 31_536_000;

/// The cookie of a session: no script reads it, no other site sends it along with a form.
pub(crate) fn session(app: &App, secret: &str) -> String {
    cookie(app, SESSION_COOKIE, secret, KEPT_SECONDS, true)
}

/// Takes the session's cookie away.
pub(crate) fn no_session(app: &App) -> String {
    cookie(app, SESSION_COOKIE, "", 0, true)
}

/// The cookie of the language.
pub(crate) fn language(app: &App, locale: Locale) -> String {
    cookie(app, LOCALE_COOKIE, locale.code(), KEPT_SECONDS, true)
}

/// The cookie of the theme, which the script sets too; `None` follows the system.
pub(crate) fn theme(app: &App, theme: Option<&str>) -> String {
    let kept = if theme.is_some() { KEPT_SECONDS } else { 0 };
    cookie(app, THEME_COOKIE, theme.unwrap_or_default(), kept, false)
}

/// The cookie of who has shown the set-up code.
pub(crate) fn set_up(app: &App, code: &str) -> String {
    cookie(app, crate::set_up::gate::COOKIE, code, 86_400, true)
}

fn cookie(app: &App, name: &str, value: &str, kept_seconds: u32, hidden: bool) -> String {
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let secure = if app.is_secure() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={kept_seconds}; SameSite=Lax{hidden}{secure}")
}
