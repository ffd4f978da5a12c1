//! From a text to the terms that are indexed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::stem::Stemming;
use super::words::{fold, stretches};

/// Texts longer than this are indexed in several parts (PostgreSQL's vectors are bounded).
pub const CHUNK_BYTES: usize = 256 * 1024;

/// How many stems a thread remembers before it forgets them all: texts of one shop share most of their words.
const REMEMBERED: usize = 20_000;

/// Words with their stems; `None` for what is no word of the language.
type Stems = HashMap<Box<str>, Option<Box<str>>>;

thread_local! {
    /// The stems of words that this thread has met, by language. Stemming is the costly part of analysis.
    static MET: RefCell<[Stems; 2]> = RefCell::default();
}

/// Hands the stem of a folded word to `use_stem`, if it has one.
fn stem(stemming: Stemming, word: &str, use_stem: impl FnOnce(&str)) {
    MET.with_borrow_mut(|met| {
        let met = &mut met[stemming as usize];
        if !met.contains_key(word) {
            if met.len() >= REMEMBERED {
                met.clear();
            }
            met.insert(word.into(), stemming.stem(word).map(|stem| stem.as_ref().into()));
        }
        if let Some(Some(stem)) = met.get(word) {
            use_stem(stem);
        }
    });
}

/// The terms of a text, separated by spaces, for `fts5` or `to_tsvector('simple', …)`. `language` is
/// the BCP 47 code of the text where it is known.
pub fn analyse(text: &str, language: Option<&str>) -> String {
    let stemmings = Stemming::of(language);
    let mut words = String::with_capacity(text.len() * 2);
    let mut joined = String::new();
    let mut stems = String::with_capacity(text.len());
    // A stem says that the word occurs, nothing about where: once is enough, and long texts repeat themselves.
    let mut stemmed: HashSet<u64> = HashSet::new();
    for stretch in stretches(text) {
        for &(start, end) in &stretch.words {
            let at = words.len();
            term(&mut words, 'x', |out| fold(&text[start..end], out));
            let word = words.get(at + 1..).unwrap_or_default().trim_end();
            if !stemmed.insert(hash(word)) {
                continue;
            }
            for stemming in stemmings {
                stem(*stemming, word, |stem| term(&mut stems, stemming.letter(), |out| out.push_str(stem)));
            }
        }
        if let Some((start, end)) = stretch.joined {
            term(&mut joined, 'x', |out| fold(&text[start..end], out));
        }
    }
    words.push_str(&joined);
    words.push_str(&stems);
    words.truncate(words.trim_end().len());
    words
}

/// A word as a number: two words that share one would share stems, which costs a match and no more.
fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Appends a term and a space, unless nothing is left of it.
fn term(out: &mut String, letter: char, write: impl FnOnce(&mut String)) {
    let before = out.len();
    out.push(letter);
    write(out);
    if out.len() == before + 1 {
        out.truncate(before);
    } else {
        out.push(' ');
    }
}

/// The parts in which a long text is indexed: each at most [`CHUNK_BYTES`], cut at white space where
/// there is some. A short text is its only part.
pub fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if rest.len() <= CHUNK_BYTES {
            return Some(std::mem::take(&mut rest));
        }
        let limit = rest.floor_char_boundary(CHUNK_BYTES);
        let cut = match rest[..limit].rfind(char::is_whitespace) {
            Some(space) if space > 0 => space,
            _ => limit,
        };
        let (chunk, after) = rest.split_at(cut);
        rest = after;
        Some(chunk)
    })
}
