//! Node numbers: each process on a database leases its own, so that no two mint the same id.
//!
//! A lease is renewed and given back by whoever wrote its end, and by nobody else: a process that slept through it,
//! or could not reach the database for so long, finds another end there and takes another number.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use kernel::{Clock, Instant, SystemClock};

use crate::{DbError, Tx, params};

/// How long a lease holds without being renewed: short enough that a process that is killed and started again
/// every half second does not use up every number. Seconds.
const LEASE_SECONDS: i64 = 180;
/// After how many seconds it is renewed.
const RENEW_SECONDS: i64 = 45;

crate::statements! {
    /// A node number whose lease has ended, or 0 rows.
    FREE = "SELECT node FROM node_lease WHERE leased_until < $1 ORDER BY leased_until LIMIT 1";
    /// The highest number ever leased.
    HIGHEST = "SELECT COALESCE(MAX(node), -1) FROM node_lease";
    /// Takes a number.
    TAKE = "INSERT INTO node_lease (node, leased_until) VALUES ($1, $2)
            ON CONFLICT (node) DO UPDATE SET leased_until = excluded.leased_until";
    /// Another end of a lease, by whoever wrote the one before.
    MOVE = "UPDATE node_lease SET leased_until = $3 WHERE node = $1 AND leased_until = $2";
}

/// A number and the end of its lease, as this process wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) node: u16,
    until: Instant,
}

/// The lease of this process, kept by one of its threads at a time.
pub(crate) struct Held {
    lease: Mutex<Lease>,
    /// When it ends by the machine's clock, in microseconds: whoever writes asks this, whatever clock a use case
    /// was given.
    ends: AtomicI64,
}

impl Held {
    /// Holds what was just leased.
    pub(crate) fn new(lease: Lease) -> Held {
        Held { lease: Mutex::new(lease), ends: AtomicI64::new(end_by(SystemClock.now())) }
    }

    /// No lease, which never ends: for what only looks or loads.
    pub(crate) fn nothing() -> Held {
        let lease = Lease { node: 0, until: Instant::default() };
        Held { lease: Mutex::new(lease), ends: AtomicI64::new(i64::MAX) }
    }

    /// Whether it ended by the machine's clock: the number may be another's by now.
    pub(crate) fn has_ended(&self) -> bool {
        SystemClock.now().micros() > self.ends.load(Ordering::Relaxed)
    }

    /// The lease, for its renewal; `None` while another thread is at it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, Lease>> {
        match self.lease.try_lock() {
            Ok(lease) => Some(lease),
            Err(TryLockError::Poisoned(lease)) => Some(lease.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The lease, once no other thread is at it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It was renewed just now.
    pub(crate) fn renewed(&self) {
        self.ends.store(end_by(SystemClock.now()), Ordering::Relaxed);
    }
}

fn end_by(now: Instant) -> i64 {
    now.plus_seconds(LEASE_SECONDS).micros()
}

impl Lease {
    /// Whether it is time to renew it.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let since = now.seconds_since(self.until.plus_seconds(-LEASE_SECONDS));
        since.abs() >= RENEW_SECONDS
    }

    /// The instant at which it was leased or last renewed.
    pub(crate) fn kept_at(&self) -> Instant {
        self.until.plus_seconds(-LEASE_SECONDS)
    }
}

/// Leases a number that nobody holds.
pub(crate) fn lease(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<Lease, DbError> {
    let own = matches!(tx.dialect(), crate::Dialect::Sqlite);
    if own {
        tx.batch("BEGIN IMMEDIATE")?;
    }
    let leased = choose(tx, clock.now());
    if own {
        tx.batch(if leased.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    }
    leased
}

fn choose(tx: &mut Tx<'_>, now: Instant) -> Result<Lease, DbError> {
    let free = tx.find(&FREE, params![now], |row| row.take::<i64>())?;
    let node = match free {
        Some(node) => node,
        None => tx.one(&HIGHEST, &[], |row| row.take::<i64>())? + 1,
    };
    let node = u16::try_from(node).ok().filter(|node| *node < kernel::id::NODES);
    let node = node.ok_or(DbError::NoNode(kernel::id::NODES))?;
    let until = now.plus_seconds(LEASE_SECONDS);
    tx.execute(&TAKE, params![u32::from(node), until])?;
    Ok(Lease { node, until })
}

/// How long a number that was given back still rests: ids that the process minted ahead of its clock are
/// older than whatever the next one mints. Seconds.
const REST_SECONDS: i64 = 5;

/// Gives a number back, if it is still this process's.
pub(crate) fn release(tx: &mut Tx<'_>, lease: Lease, now: Instant) -> Result<(), DbError> {
    let rest = now.plus_seconds(REST_SECONDS);
    tx.execute(&MOVE, params![u32::from(lease.node), lease.until, rest])?;
    Ok(())
}

/// Prolongs the lease; leases another number when this one was lost.
pub(crate) fn renew(tx: &mut Tx<'_>, lease: Lease, now: Instant) -> Result<Lease, DbError> {
    let until = now.plus_seconds(LEASE_SECONDS);
    let renewed = tx.execute(&MOVE, params![u32::from(lease.node), lease.until, until])?;
    if renewed > 0 { Ok(Lease { until, ..lease }) } else { choose(tx, now) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_due_long_before_it_ends_whichever_way_the_clock_went() {
        let now = Instant::from_micros(1_800_000_000_000_000);
        let lease = Lease { node: 1, until: now.plus_seconds(LEASE_SECONDS) };
        assert_eq!(lease.kept_at(), now);
        assert!(!lease.is_due(now.plus_seconds(RENEW_SECONDS - 1)));
        assert!(lease.is_due(now.plus_seconds(RENEW_SECONDS)) && lease.is_due(now.plus_seconds(-3_600)));
        assert!(!Held::new(lease).has_ended() && !Held::nothing().has_ended());
        let slept = Held { lease: Mutex::new(lease), ends: AtomicI64::new(1) };
        assert!(slept.has_ended());
        slept.renewed();
        assert!(!slept.has_ended());
    }
}
