//! Stems in the two languages of the house.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// A language whose words are stemmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stemming {
    Italian,
    English,
}

impl Stemming {
    pub(super) const ALL: [Stemming; 2] = [Stemming::Italian, Stemming::English];

    /// The languages to stem a text in: its own, or both where it is neither or unknown, since
    /// short texts are easily mistaken for another language.
    pub(super) fn of(language: Option<&str>) -> &'static [Stemming] {
        match language {
            Some("it") => &[Stemming::Italian],
            Some("en") => &[Stemming::English],
            _ => &Stemming::ALL,
        }
    }

    /// The letter that marks terms of this kind.
    pub(super) fn letter(self) -> char {
        match self {
            Stemming::Italian => 'i',
            Stemming::English => 'e',
        }
    }

    /// The stem of a folded word, `None` where it is no word (digits, other scripts' spelling). The
    /// stem is taken without accents on purpose: people search without them.
    pub(super) fn stem(self, folded: &str) -> Option<std::borrow::Cow<'_, str>> {
        static ITALIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Italian));
        static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
        if folded.is_empty() || !folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let stem = match self {
            Stemming::Italian => ITALIAN.stem(folded),
            Stemming::English => ENGLISH.stem(folded),
        };
        // The Italian stemmer marks some vowels with capitals on its way.
        stem.bytes().all(|byte| byte.is_ascii_lowercase()).then_some(stem).filter(|stem| !stem.is_empty())
    }
}
