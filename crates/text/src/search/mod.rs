//! One analyser for both search engines.
//!
//! What is indexed is made here, so that SQLite's FTS5 and PostgreSQL's `tsvector('simple')` find the
//! same texts: every term consists of `a–z` and `0–9` only, which both tokenise alike. The first
//! letter says what kind of term it is:
//!
//! | letter | term |
//! |---|---|
//! | `x` | the word as written, without case and accents; a compound's joined form (`VERA-6` → `xvera6`) |
//! | `i` | its Italian stem |
//! | `e` | its English stem |
//!
//! The `x` terms of the words come first and in order, so that phrases can be asked of the index;
//! then the joined forms, then the stems. FTS5 must keep positions (`detail=full`).

mod analysis;
mod query;
mod rank;
mod snippet;
mod stem;
mod words;

#[cfg(test)]
mod tests;

pub use analysis::{CHUNK_BYTES, analyse, chunks};
pub use query::Query;
pub use snippet::Piece;
