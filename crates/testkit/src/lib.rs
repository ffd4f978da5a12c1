//! What tests stand on: a running shop on either engine, people of it who act, real servers, a browser.
//!
//! Everything here may panic: it is only ever a dependency of tests.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test stops where it fails"
)]

pub mod markup;
mod shop;
mod store;

pub use shop::{Answer, Shop, Staffer, roomy};
pub use store::{ALL, POSTGRES, Store, administer, on_both_engines};
