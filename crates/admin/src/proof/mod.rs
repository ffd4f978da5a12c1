//! The proof that it is still oneself who sits there, asked for before dangerous things: the second factor, tokens,
//! other people's accounts, the doors. A password or a passkey proves it for a quarter of an hour, and the session
//! goes on under a new secret.

pub(crate) mod page;

use web::request::encode;
use web::{Reply, Staff};

/// Where to prove it first, and to come back from to `then`; `None` for who proved it lately.
pub(crate) fn needed(staff: &Staff, then: &str) -> Option<Reply> {
    (!staff.is_proved()).then(|| Reply::redirect(&format!("/me/security/confirm?then={}", encode(then))))
}
