//! Node numbers: each process on a database leases its own, so that no two mint the same id.

use kernel::{Clock, Instant};

use crate::{DbError, Tx, params};

/// How long a lease holds without being renewed: short enough that a process that is killed and started again
/// every half second does not use up every number. Seconds.
const LEASE_SECONDS: i64 = 180;
/// After how many seconds it is renewed.
pub(crate) const RENEW_SECONDS: i64 = 45;

crate::statements! {
    /// A node number whose lease has ended, or 0 rows.
    FREE = "SELECT node FROM node_lease WHERE leased_until < $1 ORDER BY leased_until LIMIT 1";
    /// The highest number ever leased.
    HIGHEST = "SELECT COALESCE(MAX(node), -1) FROM node_lease";
    /// Takes or renews a number.
    TAKE = "INSERT INTO node_lease (node, leased_until) VALUES ($1, $2)
            ON CONFLICT (node) DO UPDATE SET leased_until = excluded.leased_until";
}

/// Leases a number that nobody holds.
pub(crate) fn lease(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<u16, DbError> {
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

fn choose(tx: &mut Tx<'_>, now: Instant) -> Result<u16, DbError> {
    let free = tx.find(&FREE, params![now], |row| row.take::<i64>())?;
    let node = match free {
        Some(node) => node,
        None => tx.one(&HIGHEST, &[], |row| row.take::<i64>())? + 1,
    };
    let node = u16::try_from(node).ok().filter(|node| *node < kernel::id::NODES);
    let node = node.ok_or(DbError::NoNode(kernel::id::NODES))?;
    renew(tx, node, now)?;
    Ok(node)
}

/// How long a number that was given back still rests: ids that the process minted ahead of its clock are
/// older than whatever the next one mints. Seconds.
const REST_SECONDS: i64 = 5;

/// Gives a number back.
pub(crate) fn release(tx: &mut Tx<'_>, node: u16, now: Instant) -> Result<(), DbError> {
    tx.execute(&TAKE, params![u32::from(node), now.plus_seconds(REST_SECONDS)])?;
    Ok(())
}

/// Prolongs the lease.
pub(crate) fn renew(tx: &mut Tx<'_>, node: u16, now: Instant) -> Result<(), DbError> {
    tx.execute(&TAKE, params![u32::from(node), now.plus_seconds(LEASE_SECONDS)])?;
    Ok(())
}
