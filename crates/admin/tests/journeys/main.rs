//! Journeys through the room, as browsers and programs take them, on both engines.

mod accounts;
mod browser;
mod record;
mod set_up;
mod settings;
mod sign_in;
mod statements;
mod tokens;
