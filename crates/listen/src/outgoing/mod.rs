//! The first channel out: a folder. Every item becomes a file, whole or not there at all, which a mail
//! program or a human takes from it.
//!
//! An attempt whose end is unknown is not blindly repeated: the folder is asked. That the file is not there is
//! no answer, because somebody may have taken it; therefore a mark is set before it appears and removed when
//! the store knows that it left.

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
    let outcome = if uncertain && has_left(&path) {
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
    if outcome == Outcome::Sent {
        // One that stays says the truth and does no harm.
        let _ = fs::remove_file(beside(&path, "leaving"));
    }
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

/// A hidden file beside the one that leaves, which nobody takes.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{what}"))
}

/// Whether an attempt of which only the beginning is known has put the file there: it lies there, or the mark
/// was set and what was written is no longer under its first name.
fn has_left(path: &Path) -> bool {
    path.exists() || (beside(path, "leaving").exists() && !beside(path, "part").exists())
}

/// Writes beside, sets the mark, renames, and flushes each step: afterwards the file is whole, and at any
/// moment [`has_left`] knows whether it appeared.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let flush_folder = || File::open(folder)?.sync_all();
    fs::create_dir_all(folder)?;
    let part = beside(path, "part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    flush_folder()?;
    File::create(beside(path, "leaving"))?;
    flush_folder()?;
    fs::rename(&part, path)?;
    flush_folder()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_took_has_left_and_one_that_never_appeared_has_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox/out_1.eml");
        assert!(!has_left(&path));
        write(&path, b"letter").unwrap();
        assert!(has_left(&path));
        fs::remove_file(&path).unwrap();
        assert!(has_left(&path), "somebody took it before the store knew");
        // The process died after the mark and before the rename.
        fs::write(beside(&path, "part"), b"letter").unwrap();
        assert!(!has_left(&path));
    }
}
