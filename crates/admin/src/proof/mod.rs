//! The proof that it is still oneself who sits there, asked for before dangerous things: the second factor, tokens,
//! other people's accounts, the doors. A password with the second factor, where there is one, or a passkey proves it for a
//! quarter of an hour, and the session goes on under a new secret.
//!
//! Who changes how they come in, and has a second factor, shows it on purpose: that they came in with it lately does not
//! do, because whoever sits down at an open page came in with nothing.

pub(crate) mod page;

use engine::Tx;
use kernel::Fault;
use primitives::{second_factor, session};
use web::request::encode;
use web::{Reply, Staff};

/// For how long the second factor, once shown, lets its owner change how they come in. Seconds.
const FACTOR_SECONDS: i64 = 10 * 60;

/// Where to prove it first, and to come back from to `then`; `None` for who proved it lately.
pub(crate) fn needed(staff: &Staff, then: &str) -> Option<Reply> {
    (!staff.is_proved()).then(|| Reply::redirect(&format!("/me/security/confirm?then={}", encode(then))))
}

/// Like [`needed`], before a change of how one comes in: whoever has a second factor shows it.
pub(crate) fn needed_for_factors(tx: &mut Tx<'_>, staff: &Staff) -> Result<Option<Reply>, Fault> {
    if let Some(first) = needed(staff, "/me/security") {
        return Ok(Some(first));
    }
    let account = staff.actor.account.ok_or(Fault::NotFound)?;
    if !second_factor::factors(tx, account)?.any() || has_shown_factor(tx, staff)? {
        return Ok(None);
    }
    Ok(Some(Reply::redirect("/me/security/confirm?factor=yes&then=/me/security")))
}

/// Whether the second factor was shown in this session lately, on purpose.
fn has_shown_factor(tx: &mut Tx<'_>, staff: &Staff) -> Result<bool, Fault> {
    let shown_at = session::footing(tx, staff.session)?.factor_at;
    Ok(staff.now.seconds_since(shown_at) <= FACTOR_SECONDS)
}
