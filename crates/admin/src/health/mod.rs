//! How the shop is, for those who keep it: queues, what leaves, disk, database, and what every other room
//! says of itself.

pub(crate) mod api;
mod backup;
mod metrics;
pub(crate) mod page;
mod vitals;

pub(crate) use vitals::{ALL, HEALTH};
