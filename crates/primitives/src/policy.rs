//! What the company asks of whoever comes in: the second factor, passwords, how long a session lives.

use engine::{Tx, params};
use kernel::{Actor, Clash, Clock, Fault, Reason};

use crate::event::{self, EventKind, NewEvent};
use crate::session;

/// The policy of the doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether everybody needs a second factor or a passkey.
    pub second_factor_required: bool,
    /// Whether one may sign in by password. When not, the command line remains as the emergency way.
    pub password_sign_in: bool,
    /// How long a session lives without being used. Seconds, from [`LEAST_IDLE_SECONDS`].
    pub session_idle_seconds: i64,
    /// How long a session lives at most. Seconds, up to [`MOST_SECONDS`].
    pub session_most_seconds: i64,
}

/// The shortest idle time. Seconds.
pub const LEAST_IDLE_SECONDS: i64 = 15 * 60;
/// The longest life of a session. Seconds.
pub const MOST_SECONDS: i64 = 366 * 86_400;

impl Default for Policy {
    fn default() -> Self {
        Policy {
            second_factor_required: false,
            password_sign_in: true,
            session_idle_seconds: 14 * 86_400,
            session_most_seconds: 90 * 86_400,
        }
    }
}

engine::statements! {
    /// The policy.
    FIND = "SELECT second_factor_required, password_sign_in, session_idle_seconds, session_most_seconds FROM shop WHERE id = 1";
    /// Changes the policy.
    SAVE = "UPDATE shop SET second_factor_required = $1, password_sign_in = $2, session_idle_seconds = $3, session_most_seconds = $4
            WHERE id = 1";
    /// How many living administrators could come in without a password.
    ADMINISTRATORS_WITHOUT = "SELECT CAST(COUNT(*) AS BIGINT) FROM account a WHERE a.role = 'administrator' AND a.ended_at IS NULL
                              AND (EXISTS (SELECT 1 FROM passkey k WHERE k.account_id = a.id)
                                OR EXISTS (SELECT 1 FROM provider_subject s WHERE s.account_id = a.id))";
}

/// The policy; the usual one before set-up has named the shop.
pub fn find(tx: &mut Tx<'_>) -> Result<Policy, Fault> {
    let found = tx.find(&FIND, &[], |row| {
        Ok(Policy {
            second_factor_required: row.take()?,
            password_sign_in: row.take()?,
            session_idle_seconds: row.take()?,
            session_most_seconds: row.take()?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Whether an administrator could come in without a password.
pub fn opens_without_password(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    Ok(tx.one(&ADMINISTRATORS_WITHOUT, &[], |row| row.take::<i64>())? > 0)
}

/// To be asked after a change that takes a way in from somebody: where nobody signs in by password, an administrator
/// must still be able to come in.
///
/// # Errors
/// [`Clash::LastAdministrator`] when none could.
pub fn keep_a_door(tx: &mut Tx<'_>) -> Result<(), Fault> {
    if find(tx)?.password_sign_in || opens_without_password(tx)? {
        return Ok(());
    }
    Err(Fault::Conflict(Clash::LastAdministrator))
}

/// Changes the policy; sessions that last longer than it allows are shortened. The caller authorises.
///
/// # Errors
/// `Invalid` on `idle` or `most` when the times are out of bounds or the longest is shorter than the idle one.
pub fn save(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, policy: Policy) -> Result<(), Fault> {
    let Policy { second_factor_required, password_sign_in, session_idle_seconds, session_most_seconds } =
        policy;
    if !(LEAST_IDLE_SECONDS..=MOST_SECONDS).contains(&session_idle_seconds) {
        return Err(Fault::invalid("idle", Reason::NotA("a time between 15 minutes and a year")));
    }
    if session_most_seconds < session_idle_seconds || session_most_seconds > MOST_SECONDS {
        return Err(Fault::invalid("most", Reason::NotA("a time between the idle time and a year")));
    }
    tx.execute(
        &SAVE,
        params![second_factor_required, password_sign_in, session_idle_seconds, session_most_seconds],
    )?;
    session::shorten(tx)?;
    let detail = serde_json::json!({
        "second_factor_required": second_factor_required,
        "password_sign_in": password_sign_in,
        "session_idle_seconds": session_idle_seconds,
        "session_most_seconds": session_most_seconds,
    });
    event::append(tx, clock, actor, NewEvent::new(EventKind::DoorsChanged, "shop", 1).detail(detail))?;
    Ok(())
}
