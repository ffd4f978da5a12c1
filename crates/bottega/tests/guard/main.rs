//! Ill will, tried on the whole house: every route by everybody who could try, every form from elsewhere, every
//! text that a customer or an import can bring, and what reaches the log.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod contract;
mod forms;
mod headers;
mod injection;
mod payloads;
mod routes;
mod scene;
mod secrets;
mod sight;
mod streams;
