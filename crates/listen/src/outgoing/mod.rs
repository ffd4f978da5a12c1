//! The first channel out: a folder. Every item becomes a file, whole or not there at all, which a mail
//! program or a human takes from it.
//!
//! An attempt whose end is unknown is not blindly repeated: the folder is asked whether the file is there.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::runner::JobContext;
use kernel::{Actor, Fault, OutboxId};
use primitives::outbox::{self, Item, Outcome, SendJob};

/// The folder under the data folder.
const FOLDER: &str = "outbox";

/// Runs [`outbox::SEND_JOB`]: one attempt to send one item.
pub fn send(context: &JobContext, payload: &str) -> Result<(), Fault> {
    let SendJob { item } = serde_json::from_str(payload).map_err(Fault::store)?;
    let clock = Arc::clone(&context.clock);
    let taken = context.engine.write_blocking(move |tx| Ok(outbox::attempt(tx, &*clock, item)?))?;
    let Some((item, bytes, uncertain)) = taken else { return Ok(()) };
    let path = path(context.engine.data_dir(), &item);
    let outcome = if uncertain && path.exists() {
        Outcome::Sent
    } else {
        match write(&path, &bytes) {
            Ok(()) => Outcome::Sent,
            Err(error) => Outcome::Deferred(error.to_string()),
        }
    };
    let (clock, ended) = (Arc::clone(&context.clock), outcome.clone());
    context.engine.write_blocking(move |tx| {
        outbox::ended(tx, &*clock, &Actor::machine(vec![item.mailbox]), &item, &ended)
    })?;
    match outcome {
        // The job fails too, so that it is tried again after a while.
        Outcome::Deferred(reason) => Err(Fault::store(std::io::Error::other(reason))),
        Outcome::Sent | Outcome::Failed(_) => Ok(()),
    }
}

/// Where an item lies once it has left.
fn path(data_dir: &Path, item: &Item) -> PathBuf {
    let kind = if item.recipient.starts_with("tel:") { "txt" } else { "eml" };
    file(data_dir, item.id, kind)
}

fn file(data_dir: &Path, id: OutboxId, kind: &str) -> PathBuf {
    data_dir.join(FOLDER).join(format!("{id}.{kind}"))
}

/// Writes beside, flushes, renames, flushes the folder: afterwards the file is whole, whatever happens.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("part");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}
