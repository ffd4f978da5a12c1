//! What reads bytes that anybody may send, each as a target that takes any bytes and holds what must be true of
//! them. The tests run the committed corpus and some thousands of mutations of it; `cargo xtask fuzz` runs the
//! same targets under libFuzzer, guided by coverage, for as long as one likes.
//!
//! A target panics where something is wrong. Every find becomes a file of `corpus/<target>`, so that the tests
//! repeat it for ever.
#![expect(clippy::expect_used, reason = "a target stops where something is wrong")]

mod keys;
mod letters;
mod tables;
mod words;

/// A reader of foreign bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: the folder of its corpus, and what `cargo xtask fuzz` takes.
    pub name: &'static str,
    /// Reads the bytes, and panics where something is wrong.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 12] = [
    Target { name: "ids", run: keys::ids },
    Target { name: "cursors", run: keys::cursors },
    Target { name: "ways", run: keys::ways },
    Target { name: "search", run: words::search },
    Target { name: "language", run: words::language },
    Target { name: "tables", run: tables::tables },
    Target { name: "choices", run: tables::choices },
    Target { name: "lines", run: tables::lines },
    Target { name: "mbox", run: letters::mbox },
    Target { name: "mail", run: letters::mail },
    Target { name: "html", run: letters::html },
    Target { name: "answers", run: letters::answers },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
