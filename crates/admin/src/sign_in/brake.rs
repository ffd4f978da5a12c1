//! Brakes on guessing passwords.
//!
//! Failures are counted per account *and* address, so that nobody can lock a colleague out from elsewhere,
//! and per address with a much higher bound, so that one person's mistakes do not close the door for a whole
//! office. An attempt is written down as a failure before it is judged: many at once count as many.

use std::net::IpAddr;

use engine::{DbError, Engine, Tx, params};
use kernel::{Clock, Instant};

/// One bound: how many failures are free, and how the wait grows after them.
#[derive(Debug, Clone, Copy)]
struct Bound {
    free: i64,
    first_wait_seconds: i64,
}

/// For one account from one address.
const ACCOUNT: Bound = Bound { free: 5, first_wait_seconds: 30 };
/// For everything from one address.
const ADDRESS: Bound = Bound { free: 60, first_wait_seconds: 10 };
/// Longest wait. Seconds.
const LONGEST_WAIT_SECONDS: i64 = 900;
/// How long a failure counts. Seconds.
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
    /// Forgets the failures of an account at an address.
    CLEAR = "DELETE FROM sign_in_failure WHERE subject = $1";
    /// Sweeps the oldest failures that count no more.
    SWEEP = "DELETE FROM sign_in_failure
             WHERE id IN (SELECT id FROM sign_in_failure WHERE failed_at < $1 ORDER BY failed_at LIMIT $2)";
}

/// Who is counted: derived texts, so that the table holds neither addresses nor what somebody mistyped.
#[derive(Debug, Clone)]
pub(crate) struct Subjects {
    account: String,
    address: String,
}

impl Subjects {
    /// For an attempt to be `who` from an address. Whether `who` exists makes no difference.
    pub(crate) fn new(engine: &Engine, who: &str, address: &str) -> Subjects {
        let place = place(address);
        let who = who.trim().to_lowercase();
        Subjects {
            account: engine.derive("sign-in brake", &format!("{who}\n{place}")),
            address: engine.derive("sign-in brake", &place),
        }
    }
}

/// The network that an address belongs to: IPv6 is handed out by /64, so one caller has all of it.
fn place(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// An attempt that was let through and counts as a failure until it is cleared.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    subjects: Subjects,
    address_row: i64,
}

/// Lets an attempt through and writes it down, or says how many seconds to wait.
pub(crate) fn admit(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    subjects: &Subjects,
) -> Result<Result<Attempt, u32>, DbError> {
    let now = clock.now();
    let since = now.plus_seconds(-COUNTS_SECONDS);
    let mut longest = 0;
    for (subject, bound) in [(&subjects.account, ACCOUNT), (&subjects.address, ADDRESS)] {
        let (failures, last) = tx.one(&COUNT, params![subject, since], |row| {
            Ok((row.take::<i64>()?, row.take::<Option<Instant>>()?))
        })?;
        let over = last.map_or(0, |last| wait_seconds(bound, failures) - now.seconds_since(last));
        longest = longest.max(over);
    }
    if longest > 0 {
        return Ok(Err(u32::try_from(longest).unwrap_or(u32::MAX)));
    }
    tx.execute(&SWEEP, params![since, SWEPT])?;
    let (account_row, address_row) = (tx.mint::<i64>(clock), tx.mint::<i64>(clock));
    tx.execute(&RECORD, params![account_row, &subjects.account, now])?;
    tx.execute(&RECORD, params![address_row, &subjects.address, now])?;
    Ok(Ok(Attempt { subjects: subjects.clone(), address_row }))
}

/// The attempt succeeded: the account starts afresh at this address, and the address is not charged.
pub(crate) fn clear(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), DbError> {
    tx.execute(&CLEAR, params![&attempt.subjects.account])?;
    tx.execute(&FORGIVE, params![attempt.address_row])?;
    Ok(())
}

/// Seconds to wait after the last of so many failures: none while they are free, then doubling.
fn wait_seconds(bound: Bound, failures: i64) -> i64 {
    if failures < bound.free {
        return 0;
    }
    let doublings = u32::try_from(failures - bound.free).unwrap_or(u32::MAX);
    bound.first_wait_seconds.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT_SECONDS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_failures_are_free_and_the_wait_then_grows_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (4..12).map(|failures| wait_seconds(ACCOUNT, failures)).collect();
        assert_eq!(waits, [0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(wait_seconds(ADDRESS, 59), 0);
        assert_eq!(wait_seconds(ADDRESS, i64::MAX), 900);
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_whole_network() {
        assert_eq!(place("2001:db8:1:2::1"), place("2001:db8:1:2:ffff::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_eq!(place("::ffff:192.0.2.7"), place("192.0.2.7"));
        assert_eq!(place("unknown"), "unknown");
    }

    proptest! {
        #[test]
        fn more_failures_never_wait_less(failures in 0_i64..1_000) {
            for bound in [ACCOUNT, ADDRESS] {
                prop_assert!(wait_seconds(bound, failures) <= wait_seconds(bound, failures + 1));
            }
        }
    }
}
