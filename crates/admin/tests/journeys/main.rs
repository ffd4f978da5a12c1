//! Journeys through the room, as browsers and programs take them, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod accounts;
mod browser;
mod health;
mod record;
mod set_up;
mod settings;
mod sign_in;
mod statements;
mod tokens;
