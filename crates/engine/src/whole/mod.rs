//! The whole database as rows: what backups, exports and moves between engines stand on.
//!
//! Tables and columns are read from the schema itself, of whatever version it is, so that no table can be
//! forgotten. Values are the same on both engines: a truth value is 0 or 1.

mod build;
mod copy;
mod look;
mod refill;
mod schema;
mod twin;

pub use build::{Target, build};
pub use copy::{count, insert, stream};
pub use look::{bytes, connections, look, look_with};
pub use refill::Refill;
pub use schema::{Column, Kind, Table, is_empty, tables};
pub use twin::twin;

/// The statements of this module.
pub fn all() -> Vec<&'static crate::Statement> {
    [look::ALL, refill::ALL, schema::ALL].concat()
}
