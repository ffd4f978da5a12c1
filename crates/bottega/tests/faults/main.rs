//! The product under faults: processes killed, databases cut off, disks full, stores that lie.
//! `docs/development/faults.md` says how to run more of it and how to repeat a run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test stops where it fails and says how it can be repeated"
)]

mod buckets;
mod cluster;
mod deeds;
mod disks;
mod encrypted;
mod house;
mod http;
mod kills;
mod luck;
mod memory;
mod outages;
mod proxy;
