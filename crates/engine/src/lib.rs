//! The database on two engines: embedded SQLite and PostgreSQL, behind one transaction type.
//!
//! A use case is a plain function of `(&mut Tx, …)`. The edge calls [`Engine::read`] or
//! [`Engine::write`], one hop for a whole page. Everything that must happen with a change — events,
//! jobs, outbox rows, signals — is written in the same transaction. Also here, because they need nothing
//! but the store: jobs, blobs, search entries, node numbers and migrations.

mod dial;
mod disk;
mod engine;
mod error;
mod hearing;
mod key;
mod meters;
mod node;
mod pool;
mod postgresql;
mod seat;
mod signal;
mod sqlite;
mod statement;
mod terms;
mod tx;
mod value;

pub mod blob;
pub mod bulk;
pub mod idempotency;
pub mod inspect;
pub mod invariant;
pub mod job;
pub mod migrate;
pub mod runner;
pub mod search;
pub mod shelf;
pub mod whole;

pub use disk::Disk;
pub use engine::{Engine, Options, Shared};
pub use error::{DbError, Trouble, shown_address};
pub use key::{FILE as KEY_FILE, opens, random_bytes, random_secret};
pub use meters::{Labels, Meters};
pub use migrate::{newest_schema, schema_found};
pub use signal::Signal;
pub use statement::{Dialect, Statement};
pub use tx::{Insert, Tx};
pub use value::{Column, Row, Value};

pub(crate) use engine::caught;

/// The statements of this crate, for the test that prepares every one on both engines.
pub fn all_statements() -> Vec<&'static Statement> {
    [
        blob::ALL,
        bulk::ALL,
        idempotency::ALL,
        inspect::ALL,
        &invariant::store::statements(),
        job::ALL,
        migrate::ALL,
        node::ALL,
        postgresql::ALL,
        search::ALL,
        &whole::all(),
        shelf::owner::ALL,
        shelf::sweep::ALL,
    ]
    .concat()
}

/// What must hold of the tables of this crate.
pub fn invariants() -> Vec<&'static invariant::Invariant> {
    invariant::store::all()
}
