//! Brakes on guessing passwords and codes.
//!
//! Failures are counted per account *and* place, so that nobody can lock a colleague out from elsewhere; per account
//! wherever they come from, against guessing from many places; and per place with a much higher bound, against trying
//! one password on everybody. Nobody can close the door for a whole office: a browser that somebody came in with
//! before is counted by itself, an account that came in from the place before does not wait for what others do there,
//! and what remains is a slow queue, never a closed door. Passkeys and identity providers are not guessed; ways in
//! that are begun and not finished are counted, so that nobody fills the store and the record with them. An attempt is
//! written down as a failure before it is judged: many at once count as many.

use engine::{DbError, Engine, Tx, params};
use kernel::{AccountId, Clock, Instant, SessionId};
use primitives::known_browser::Known;
use web::Request;
use web::request::network;

/// One bound: how many failures are free, and how the wait grows after them.
#[derive(Debug, Clone, Copy)]
struct Bound {
    free: i64,
    first_wait_seconds: i64,
    longest_wait_seconds: i64,
    /// How long a failure counts.
    counts_seconds: i64,
}

/// For one account from one place, or from a browser that it knows.
const ACCOUNT: Bound =
    Bound { free: 5, first_wait_seconds: 30, longest_wait_seconds: 900, counts_seconds: COUNTS_SECONDS };
/// For one account from everywhere it does not know.
const ANYWHERE: Bound =
    Bound { free: 60, first_wait_seconds: 30, longest_wait_seconds: 900, counts_seconds: COUNTS_SECONDS };
/// For everything from one place: after the free ones, one attempt in ten seconds.
const PLACE: Bound =
    Bound { free: 60, first_wait_seconds: 10, longest_wait_seconds: 10, counts_seconds: COUNTS_SECONDS };
/// For the second factor of one account, whose password is known to who tries: six digits are soon guessed.
const CODE: Bound =
    Bound { free: 5, first_wait_seconds: 60, longest_wait_seconds: 3_600, counts_seconds: COUNTS_SECONDS };
/// For ways in that were begun and not finished, by a browser or from a place: passkeys and identity providers.
const JOURNEY: Bound =
    Bound { free: 120, first_wait_seconds: 5, longest_wait_seconds: 5, counts_seconds: 600 };
/// How long a failure counts at most. Seconds.
const COUNTS_SECONDS: i64 = 3 * 3_600;
/// How many outlived failures leave with each attempt: more than an attempt adds.
const SWEPT: u32 = 20;

engine::statements! {
    /// How often somebody failed since an instant, and when last.
    COUNT = "SELECT CAST(COUNT(*) AS BIGINT), MAX(failed_at) FROM sign_in_failure WHERE subject = $1 AND failed_at > $2";
    /// Writes an attempt down as a failure.
    RECORD = "INSERT INTO sign_in_failure (id, subject, failed_at) VALUES ($1, $2, $3)";
    /// The attempt was none.
    FORGIVE = "DELETE FROM sign_in_failure WHERE id = $1";
    /// Forgets the failures of a subject.
    CLEAR = "DELETE FROM sign_in_failure WHERE subject = $1";
    /// Sweeps the oldest failures that count no more.
    SWEEP = "DELETE FROM sign_in_failure
             WHERE id IN (SELECT id FROM sign_in_failure WHERE failed_at < $1 ORDER BY failed_at LIMIT $2)";
}

/// What is counted: a derived text, so that the table holds neither addresses nor what somebody mistyped.
#[derive(Debug, Clone)]
struct Counted {
    subject: String,
    bound: Bound,
    /// Whether success clears every failure of it, or forgives this attempt only.
    clears: bool,
}

/// By what an attempt is counted.
#[derive(Debug, Clone)]
pub(crate) struct Subjects(Vec<Counted>);

/// The place that a request comes from, as a derived text.
pub(crate) fn place(engine: &Engine, request: &Request) -> String {
    engine.derive("place", &network(&request.address))
}

impl Subjects {
    /// For an attempt to be `who` by password. Whether `who` exists makes no difference.
    pub(crate) fn sign_in(engine: &Engine, request: &Request, who: &str, known: Known) -> Subjects {
        let who = who.trim().to_lowercase();
        let counted =
            |what: &str, of: &str, bound, clears| Counted { subject: engine.derive(what, of), bound, clears };
        if known.browser {
            let browser = request.browser.as_deref().unwrap_or_default();
            return Subjects(vec![counted("brake browser", &format!("{who}\n{browser}"), ACCOUNT, true)]);
        }
        let place = network(&request.address);
        let mut subjects = vec![counted("brake account", &format!("{who}\n{place}"), ACCOUNT, true)];
        if !known.place {
            subjects.push(counted("brake anywhere", &who, ANYWHERE, false));
            subjects.push(counted("brake place", &place, PLACE, false));
        }
        Subjects(subjects)
    }

    /// For somebody signed in who proves again who they are, wherever they go with their session.
    pub(crate) fn proof(engine: &Engine, session: SessionId) -> Subjects {
        let subject = engine.derive("brake proof", &session.to_string());
        Subjects(vec![Counted { subject, bound: ACCOUNT, clears: true }])
    }

    /// For the second factor of an account: from wherever, or from a browser that the account knows, which is counted
    /// by itself, so that a thief of the password does not keep its owner out.
    pub(crate) fn code(engine: &Engine, account: AccountId, known_browser: Option<&str>) -> Subjects {
        let subject = match known_browser {
            Some(browser) => engine.derive("brake code browser", &format!("{account}\n{browser}")),
            None => engine.derive("brake code", &account.to_string()),
        };
        Subjects(vec![Counted { subject, bound: CODE, clears: true }])
    }

    /// For a code that somebody signed in is asked for.
    pub(crate) fn code_inside(engine: &Engine, session: SessionId) -> Subjects {
        let subject = engine.derive("brake code inside", &session.to_string());
        Subjects(vec![Counted { subject, bound: CODE, clears: true }])
    }

    /// For a way in that is begun: from a browser by which somebody came in before, or from its place. A stranger slows
    /// the strangers of their place, and nobody else.
    pub(crate) fn journey(engine: &Engine, request: &Request) -> Subjects {
        let browser = request.browser.as_deref().filter(|secret| super::is_ours(engine, secret));
        let subject = match browser {
            Some(browser) => engine.derive("brake journey browser", browser),
            None => engine.derive("brake journey", &network(&request.address)),
        };
        Subjects(vec![Counted { subject, bound: JOURNEY, clears: true }])
    }
}

/// What was begun came to its good end: it starts afresh.
pub(crate) fn forget(tx: &mut Tx<'_>, subjects: &Subjects) -> Result<(), DbError> {
    for counted in &subjects.0 {
        tx.execute(&CLEAR, params![&counted.subject])?;
    }
    Ok(())
}

/// An attempt that was let through and counts as a failure until it is cleared.
#[derive(Debug, Clone)]
pub(crate) struct Attempt(Vec<(Counted, i64)>);

/// Lets an attempt through and writes it down, or says how many seconds to wait.
pub(crate) fn admit(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    subjects: &Subjects,
) -> Result<Result<Attempt, u32>, DbError> {
    let now = clock.now();
    let mut longest = 0;
    for counted in &subjects.0 {
        let since = now.plus_seconds(-counted.bound.counts_seconds);
        let (failures, last) = tx.one(&COUNT, params![&counted.subject, since], |row| {
            Ok((row.take::<i64>()?, row.take::<Option<Instant>>()?))
        })?;
        let over = last.map_or(0, |last| wait_seconds(counted.bound, failures) - now.seconds_since(last));
        longest = longest.max(over);
    }
    if longest > 0 {
        return Ok(Err(u32::try_from(longest).unwrap_or(u32::MAX)));
    }
    tx.execute(&SWEEP, params![now.plus_seconds(-COUNTS_SECONDS), SWEPT])?;
    let mut attempt = Vec::with_capacity(subjects.0.len());
    for counted in &subjects.0 {
        let row = tx.mint::<i64>(clock);
        tx.execute(&RECORD, params![row, &counted.subject, now])?;
        attempt.push((counted.clone(), row));
    }
    Ok(Ok(Attempt(attempt)))
}

/// The attempt succeeded: the account starts afresh here, and the place is not charged.
pub(crate) fn clear(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), DbError> {
    for (counted, row) in &attempt.0 {
        if counted.clears {
            tx.execute(&CLEAR, params![&counted.subject])?;
        } else {
            tx.execute(&FORGIVE, params![*row])?;
        }
    }
    Ok(())
}

/// Seconds to wait after the last of so many failures: none while they are free, then doubling.
fn wait_seconds(bound: Bound, failures: i64) -> i64 {
    if failures < bound.free {
        return 0;
    }
    let doublings = u32::try_from(failures - bound.free).unwrap_or(u32::MAX);
    bound.first_wait_seconds.saturating_mul(2_i64.saturating_pow(doublings)).min(bound.longest_wait_seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_failures_are_free_and_the_wait_then_grows_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (4..12).map(|failures| wait_seconds(ACCOUNT, failures)).collect();
        assert_eq!(waits, [0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(wait_seconds(PLACE, 59), 0);
        assert_eq!(wait_seconds(PLACE, i64::MAX), 10, "an office is slowed, never shut");
        assert_eq!(wait_seconds(CODE, i64::MAX), 3_600);
        assert_eq!(wait_seconds(JOURNEY, i64::MAX), 5);
    }

    proptest! {
        #[test]
        fn more_failures_never_wait_less(failures in 0_i64..1_000) {
            for bound in [ACCOUNT, ANYWHERE, PLACE, CODE, JOURNEY] {
                prop_assert!(wait_seconds(bound, failures) <= wait_seconds(bound, failures + 1));
            }
        }
    }
}
