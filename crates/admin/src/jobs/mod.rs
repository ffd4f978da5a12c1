//! Background jobs that failed, where somebody sees them and can try again.

pub(crate) mod page;

use engine::{Tx, job};
use kernel::{Actor, Clock, Fault, JobId, Permission};
use primitives::event::{self, EventKind, NewEvent};

/// Puts a dead job back into the queue.
pub fn retry(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: JobId) -> Result<(), Fault> {
    actor.authorise(Permission::ManageJobs)?;
    job::retry(tx, clock, id)?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::JobRetried, "job", id.raw()))?;
    Ok(())
}
