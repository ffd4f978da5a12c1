//! Waking: a snoozed conversation comes back by itself.

use engine::runner::{Handlers, JobContext};
use engine::{Tx, job};
use kernel::{Actor, Clock, ConversationId, Fault, Instant};
use primitives::conversation;
use serde::{Deserialize, Serialize};

/// The kind of the job.
pub const WAKE: &str = "conversation.wake";

#[derive(Serialize, Deserialize)]
struct Wake {
    conversation: ConversationId,
}

/// Adds this capability's handlers.
pub fn register(handlers: &mut Handlers) {
    handlers.add(WAKE, wake);
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

/// Wakes whatever is due, which makes a late or repeated job harmless.
fn wake(context: &JobContext, _: &str) -> Result<(), Fault> {
    let clock = std::sync::Arc::clone(&context.clock);
    context.engine.write_blocking(move |tx| {
        while conversation::wake(tx, &*clock, &Actor::machine(Vec::new()))? > 0 {}
        Ok(())
    })
}
