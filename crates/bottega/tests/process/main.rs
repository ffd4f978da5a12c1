//! The process as whoever runs it meets it: its start, its log, its end.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod ending;
mod resumed;
mod running;
