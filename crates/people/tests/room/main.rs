//! The room of the people, through HTTP, on both engines.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod abuse;
mod api;
mod merges;
mod pages;
mod speed;
mod statements;
mod world;
