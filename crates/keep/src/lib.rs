//! Keeping the shop: backup, restore, export, the move to another engine, the upgrade.
//!
//! One format serves all: every table as lines of JSON, one object a row, with the ids and instants that the API
//! shows, and the blobs beside. A backup is such a folder in one tar file, packed, with the installation's key; an
//! export is the plain folder without secrets. Both restore on either engine. `docs/reference/export.md` describes
//! the format; the manifest inside describes each table.

mod backup;
mod error;
mod export;
mod log;
mod manifest;
mod mark;
mod moving;
mod nightly;
mod place;
mod policy;
mod read;
mod restore;
mod row;
mod shape;
mod sheet;
mod take;
mod upgrade;
mod write;

pub use backup::{Backup, Made, Soundness, backup};
pub use error::KeepError;
pub use export::{Exported, export};
pub use log::{Kept, last_good, last_restore, newest};
pub use manifest::{How, Kind, Manifest, TableEntry};
pub use moving::{Moved, MovedTable, relocate};
pub use nightly::{Nightly, due, night, note, slot};
pub use place::{free_bytes, free_for_shop, holds_shop, size_of, sqlite_file};
pub use policy::{Purpose, left, named};
pub use read::Source;
pub use restore::{Restore, Restored, interrupted, restore};
pub use shape::{Field, Form, Sum, fields, name_order};
pub use upgrade::{SMALL_BYTES, State, copy_before, in_use, state, upgrade};

/// The version that this is.
pub const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Hears how far a long run is.
pub trait Watch {
    /// Something begins that consists of so many things, where their number is known.
    fn stage(&mut self, what: &'static str, total: Option<u64>);
    /// So many of them are done.
    fn at(&mut self, done: u64);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn stage(&mut self, _: &'static str, _: Option<u64>) {}
    fn at(&mut self, _: u64) {}
}

/// The statements of this crate, for the test that prepares every one on both engines.
pub fn all_statements() -> Vec<&'static engine::Statement> {
    [log::ALL, place::ALL, sheet::ALL].concat()
}
