//! Every target over its committed corpus, and over mutations of it that follow from a seed.
//!
//! `BOTTEGA_FUZZ_RUNS` says how many mutations (1,500 for each target by default), `BOTTEGA_FUZZ_SEED` from which
//! seed; a failure prints both and the bytes.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fuzz::{TARGETS, Target};
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Longest mutated input. Bytes.
const LONGEST: usize = 4 * 1024;

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|given| given.parse().ok()).unwrap_or(otherwise)
}

struct Mutator {
    rng: TestRng,
    pieces: Vec<Vec<u8>>,
}

impl Mutator {
    fn below(&mut self, most: usize) -> usize {
        use proptest::prelude::Rng;
        usize::try_from(self.rng.next_u64() % most.max(1) as u64).unwrap()
    }

    fn piece(&mut self) -> Vec<u8> {
        let which = self.below(self.pieces.len());
        let piece = self.pieces[which].clone();
        let (a, b) = (self.below(piece.len() + 1), self.below(piece.len() + 1));
        piece[a.min(b)..a.max(b)].to_vec()
    }

    /// One of the corpus with a few bytes changed, doubled, dropped, or replaced by a stretch of another.
    fn next(&mut self) -> Vec<u8> {
        const ODD: [&[u8]; 12] = [
            b"\0",
            b"\xff",
            b"\r\n",
            b"\n\n",
            b"\"",
            b"<",
            b"=?",
            b"\xe2\x80\xae",
            b"\xf0\x9f\xa4\xa6",
            b"9999999999",
            b"--",
            b"\\",
        ];
        let which = self.below(self.pieces.len());
        let mut bytes = self.pieces[which].clone();
        for _ in 0..=self.below(5) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(20)).min(bytes.len());
            let new = match self.below(6) {
                0 => vec![u8::try_from(self.below(256)).unwrap()],
                1 => ODD[self.below(ODD.len())].to_vec(),
                2 => self.piece(),
                3 => bytes[at..end].repeat(self.below(40)),
                _ => Vec::new(),
            };
            let cut = if self.below(2) == 0 { at } else { end };
            bytes.splice(at..cut, new);
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

fn hold(target: &Target) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{} has a corpus", target.name);
    let seed = number("BOTTEGA_FUZZ_SEED", 7);
    let runs = number("BOTTEGA_FUZZ_RUNS", 1_500);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut mutator = Mutator { rng, pieces: corpus.clone() };
    let mutated = std::iter::repeat_with(|| mutator.next()).take(usize::try_from(runs).unwrap());
    for (place, input) in corpus.into_iter().chain(mutated).enumerate() {
        let held = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        assert!(
            held.is_ok(),
            "{} fails on input {place} of seed {seed}: {:?}\n{input:?}",
            target.name,
            String::from_utf8_lossy(&input)
        );
    }
}

macro_rules! held {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            hold(&fuzz::target(stringify!($name)).unwrap());
        }
    )* };
}

held! { ids cursors ways search language tables choices lines mbox mail html answers }

#[test]
fn every_target_is_held() {
    let source = include_str!("corpus.rs");
    for target in TARGETS {
        assert!(source.contains(target.name), "{} is in no test", target.name);
    }
}
