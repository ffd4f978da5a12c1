//! Waking: a snoozed conversation comes back by itself.

use engine::runner::{Handlers, JobContext};
use engine::{Tx, job};
use kernel::{Actor, Clock, ConversationId, Fault, Instant};
use primitives::conversation;
use serde::{Deserialize, Serialize};

/// The kind of the job.
pub const WAKE: &str = "conversation.wake";

engine::statements! {
    /// Everything that comes back by itself.
    SNOOZED = "SELECT id, snoozed_until FROM conversation WHERE snoozed_until IS NOT NULL ORDER BY snoozed_until, id";
}

#[derive(Serialize, Deserialize)]
struct Wake {
    conversation: ConversationId,
}

/// Adds this capability's handlers.
pub fn register(handlers: &mut Handlers) {
    handlers.add_quick(WAKE, wake);
}

/// Enqueues the waking of a conversation.
pub(super) fn wake_at(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    id: ConversationId,
    until: Instant,
) -> Result<(), Fault> {
    let key = format!("wake:{id}:{}", until.micros());
    Ok(job::enqueue(tx, clock, WAKE, &Wake { conversation: id }, Some(&key), Some(until))?)
}

/// Asks again for the waking of every snoozed conversation: a shop made of an export has them and no jobs. Those that
/// are asked for already stay as they are.
///
/// # Errors
/// When the database cannot be read or written.
pub fn ask_again(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), Fault> {
    let snoozed = tx.query(&SNOOZED, &[], |row| Ok((row.take()?, row.take()?)))?;
    snoozed.into_iter().try_for_each(|(id, until)| wake_at(tx, clock, id, until))
}

/// Wakes whatever is due, which makes a late or repeated job harmless.
fn wake(context: &JobContext, _: &str) -> Result<(), Fault> {
    let clock = std::sync::Arc::clone(&context.clock);
    context.engine.write_blocking(move |tx| {
        while conversation::wake(tx, &*clock, &Actor::machine(Vec::new()))? > 0 {}
        Ok(())
    })
}
