//! Journeys in a real browser: what a newcomer and a keeper do, as a person would, on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test stops where it fails"
)]

mod doors;
mod harness;
mod journeys;
mod set_up;
mod sheet;
