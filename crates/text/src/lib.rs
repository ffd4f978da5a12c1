//! What can be known about a text without asking anybody: its language, the words by which it is
//! found, and whether it is the same text as another.

pub mod language;
pub mod normalise;
pub mod search;
