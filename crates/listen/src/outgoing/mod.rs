//! The first channel out: a folder. Every item becomes a file, whole or not there at all, which a mail
//! program or a human takes from it.
//!
//! An attempt whose end is unknown is not blindly repeated: the folder is asked, which knows what left through it.
//! One that was made through another machine's folder is held, because only a human can ask there.

mod folder;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use engine::runner::JobContext;
use engine::{DbError, Engine};
use folder::Folder;
use kernel::{Actor, Clock, Fault, OutboxId};
use primitives::outbox::{self, Item, Outcome, SendJob};

/// How long the folder remembers a letter at least after it left. Seconds.
const REMEMBERED: i64 = 86_400;

/// Runs [`outbox::SEND_JOB`]: one attempt to send one item.
pub fn send(context: &JobContext, payload: &str) -> Result<(), Fault> {
    let SendJob { item } = serde_json::from_str(payload).map_err(Fault::store)?;
    let engine = &context.engine;
    let folder = Folder::of(engine.data_dir());
    let place = place(context, &folder)?;
    let clock = Arc::clone(&context.clock);
    let taken = engine.write_blocking(move |tx| Ok(outbox::attempt(tx, &*clock, item, &place)?))?;
    let Some((item, bytes)) = taken else { return Ok(()) };
    // Whoever slept since then must not go on: the attempt may be another's by now, or a human has decided.
    let asked = item.clone();
    if !engine.read_blocking(move |tx| Ok(outbox::is_under_way(tx, &asked)?))? {
        return Ok(());
    }
    let left = folder.leave(item.id, ending(&item), item.attempts, &bytes);
    let outcome = match &left {
        Ok(()) => Outcome::Sent,
        Err(error) => Outcome::Deferred(error.to_string()),
    };
    let clock = Arc::clone(&context.clock);
    engine.write_blocking(move |tx| {
        outbox::ended(tx, &*clock, &Actor::machine(vec![item.mailbox]), &item, &outcome)
    })?;
    // The job fails too, so that it is tried again after a while.
    left.map_err(|cause| at(folder.path(), cause).into())
}

/// The name of this machine's folder, given to it when it has none.
fn place(context: &JobContext, folder: &Folder) -> Result<String, Fault> {
    let failed = |cause| Fault::from(at(folder.path(), cause));
    if let Some(place) = folder.place().map_err(failed)? {
        return Ok(place);
    }
    let clock = Arc::clone(&context.clock);
    let name: OutboxId = context.engine.read_blocking(move |tx| Ok(tx.mint(&*clock)))?;
    folder.name(&name.to_string()).map_err(failed)
}

fn at(path: &Path, cause: std::io::Error) -> DbError {
    DbError::File { path: path.display().to_string(), cause }
}

/// What the name of an item's file ends in.
fn ending(item: &Item) -> &'static str {
    if item.recipient.starts_with("tel:") { "txt" } else { "eml" }
}

/// Has the folder forget letters whose end has been known for long, and attempts that came to nothing.
pub(crate) fn sweep(engine: &Engine, clock: &dyn Clock) -> Result<(), Fault> {
    let folder = Folder::of(engine.data_dir());
    let before = clock.now().plus_seconds(-REMEMBERED).micros();
    let before = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(before).unwrap_or(0));
    let left_over = folder.left_over(before).map_err(|cause| at(folder.path(), cause))?;
    for some in left_over.chunks(500) {
        let ids = some.iter().map(|(id, _)| id.raw()).collect();
        let under_way = engine.read_blocking(move |tx| Ok(outbox::not_ended(tx, ids)?))?;
        for (_, path) in some.iter().filter(|(id, _)| !under_way.contains(id)) {
            std::fs::remove_file(path).map_err(|cause| at(path, cause))?;
        }
    }
    Ok(())
}
