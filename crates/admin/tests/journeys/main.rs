//! Journeys through the room, as browsers and programs take them, on both engines.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod accounts;
mod browser;
mod doors;
mod health;
mod house;
mod provider;
mod record;
mod second_factor;
mod set_up;
mod settings;
mod sign_in;
mod statements;
mod tokens;
