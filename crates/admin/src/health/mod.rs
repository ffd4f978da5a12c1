//! How the shop is, for those who keep it: queues, what leaves, disk, database, and what every other room
//! says of itself.

mod metrics;
mod vitals;

pub(crate) use vitals::{ALL, HEALTH};
