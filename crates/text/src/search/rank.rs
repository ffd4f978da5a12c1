//! Ranking candidates.
//!
//! The engines answer which texts match; which of them matches best is decided here, the same way on
//! both: saturating term frequency with length normalisation (as in BM25, without the collection's
//! statistics, which the engines do not share), better when the words stand together.

use super::query::{Clause, Query, Word};
use super::words::{fold, stretches};

/// Saturation and length normalisation of BM25, with its usual values.
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// The length in words at which the normalisation is neutral: about that of a customer's mail.
const USUAL_WORDS: f32 = 100.0;

/// A word as written is worth more than another inflection of it, and that more than a longer word.
const INFLECTED: f32 = 0.8;
const LONGER: f32 = 0.6;

/// A place where a clause of the query matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Which of the wanted clauses.
    pub clause: usize,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// The first and last word of the hit, counted from the start of the text.
    words: (usize, usize),
    weight: f32,
}

/// What a query finds in a text.
#[derive(Default)]
pub(super) struct Found {
    /// In the order of their ends.
    pub hits: Vec<Hit>,
    words: usize,
    excluded: bool,
}

impl Query {
    /// How well a text answers: 0 when it does not match (a word is missing, an excluded one is
    /// there), otherwise above 0 without an upper bound. Comparable among texts for one query; how
    /// recent a text is, is the caller's to weigh.
    pub fn score(&self, text: &str) -> f32 {
        let found = self.find(text);
        if found.excluded || self.wanted.is_empty() {
            return 0.0;
        }
        let mut frequency = vec![0.0_f32; self.wanted.len()];
        for hit in &found.hits {
            frequency[hit.clause] += hit.weight;
        }
        if frequency.contains(&0.0) {
            return 0.0;
        }
        let norm = K1 * (1.0 - B + B * found.words as f32 / USUAL_WORDS);
        let terms: f32 = frequency
            .iter()
            .zip(&self.wanted)
            .map(|(tf, clause)| clause.worth() * tf * (K1 + 1.0) / (tf + norm))
            .sum();
        terms + found.nearness(self.wanted.len())
    }

    /// Whether a text matches: what the index says, asked of the text itself.
    pub fn matches(&self, text: &str) -> bool {
        self.score(text) > 0.0
    }

    /// Every place where a wanted clause matches, and whether an excluded one does.
    pub(super) fn find(&self, text: &str) -> Found {
        let mut found = Found::default();
        let clauses: Vec<&Clause> = self.wanted.iter().chain(&self.excluded).collect();
        let mut sequences: Vec<Sequence<'_>> = clauses
            .iter()
            .enumerate()
            .filter_map(|(clause, kind)| {
                Some(Sequence { clause, words: kind.sequence()?, begun: Vec::new() })
            })
            .collect();
        let mut word = String::new();
        let mut note = |hit: Hit| match hit.clause < self.wanted.len() {
            true => found.hits.push(hit),
            false => found.excluded = true,
        };
        let mut position = 0;
        for stretch in stretches(text) {
            let first = position;
            for &(start, end) in &stretch.words {
                word.clear();
                fold(&text[start..end], &mut word);
                if word.is_empty() {
                    continue;
                }
                for (clause, kind) in clauses.iter().enumerate() {
                    if let Some(weight) = kind.weight_of(&word) {
                        note(Hit { clause, start, end, words: (position, position), weight });
                    }
                }
                for sequence in &mut sequences {
                    if let Some(hit) = sequence.step(&word, start, end, position) {
                        note(hit);
                    }
                }
                position += 1;
            }
            if let Some((start, end)) = stretch.joined {
                word.clear();
                fold(&text[start..end], &mut word);
                for (clause, kind) in clauses.iter().enumerate() {
                    if let Some(weight) = kind.weight_of_joined(&word) {
                        note(Hit { clause, start, end, words: (first, position.max(first + 1) - 1), weight });
                    }
                }
            }
        }
        found.words = position;
        found
    }
}

/// A phrase being followed through a text.
struct Sequence<'q> {
    clause: usize,
    words: &'q [String],
    /// Beginnings that may still become the phrase: words seen, first byte, first word.
    begun: Vec<(usize, usize, usize)>,
}

impl Sequence<'_> {
    fn step(&mut self, word: &str, start: usize, end: usize, position: usize) -> Option<Hit> {
        let words = self.words;
        self.begun.retain_mut(|(seen, ..)| {
            let goes_on = words.get(*seen).is_some_and(|expected| expected == word);
            *seen += 1;
            goes_on
        });
        if words.first().is_some_and(|expected| expected == word) {
            self.begun.push((1, start, position));
        }
        let complete = self.begun.iter().position(|(seen, ..)| *seen == words.len())?;
        let (_, start, first) = self.begun.swap_remove(complete);
        Some(Hit { clause: self.clause, start, end, words: (first, position), weight: 1.0 })
    }
}

impl Clause {
    fn sequence(&self) -> Option<&[String]> {
        match self {
            Clause::Phrase(words) | Clause::Compound { words, .. } => Some(words),
            Clause::Word(_) | Clause::Prefix(_) => None,
        }
    }

    fn weight_of(&self, word: &str) -> Option<f32> {
        match self {
            Clause::Word(wanted) => wanted.weight_of(word),
            Clause::Prefix(wanted) => {
                wanted.weight_of(word).or_else(|| word.starts_with(&wanted.exact).then_some(LONGER))
            }
            Clause::Compound { joined, .. } => (joined == word).then_some(1.0),
            Clause::Phrase(_) => None,
        }
    }

    /// Joined forms are indexed as written, without stems.
    fn weight_of_joined(&self, joined_form: &str) -> Option<f32> {
        match self {
            Clause::Word(wanted) => (wanted.exact == joined_form).then_some(1.0),
            Clause::Prefix(wanted) => joined_form.starts_with(&wanted.exact).then_some(LONGER),
            Clause::Compound { joined, .. } => (joined == joined_form).then_some(1.0),
            Clause::Phrase(words) => matches!(words.as_slice(), [only] if only == joined_form).then_some(1.0),
        }
    }

    /// A phrase that is there says more than a word that is.
    fn worth(&self) -> f32 {
        self.sequence().map_or(1.0, |words| words.len() as f32)
    }
}

impl Word {
    fn weight_of(&self, word: &str) -> Option<f32> {
        if self.exact == word {
            return Some(1.0);
        }
        let same_stem = self.stems.iter().any(|(stemming, stem)| {
            may_have_stem(word, stem) && stemming.stem(word).is_some_and(|other| other == stem.as_str())
        });
        same_stem.then_some(INFLECTED)
    }
}

/// Whether a word begins like the stem. Stemming is the costly part of ranking, and it changes ends:
/// a stem shares all but its last letter with its words, up to the fourth at least (dying, lying and
/// tying are English exceptions).
pub(super) fn may_have_stem(word: &str, stem: &str) -> bool {
    let alike = stem.len().saturating_sub(1).clamp(1, 4);
    word.as_bytes().get(..alike) == stem.as_bytes().get(..alike) || word.len() == 5 && word.ends_with("ying")
}

impl Found {
    /// Up to half a point per clause for standing close together, and another half point for standing
    /// next to each other in the order of the query.
    fn nearness(&self, clauses: usize) -> f32 {
        if clauses < 2 {
            return 0.0;
        }
        let mut hits = self.hits.clone();
        hits.sort_by_key(|hit| hit.words);
        // Sums up to each hit, so that a window costs the same however long it is: a text of one word over and
        // over is a window of everything.
        let (mut words, mut turns) = (vec![0_usize], vec![0_usize]);
        for (place, hit) in hits.iter().enumerate() {
            words.push(words[place] + hit.words.1 - hit.words.0 + 1);
            turns.push(turns[place] + usize::from(place > 0 && hits[place - 1].clause > hit.clause));
        }
        let mut counts = vec![0_usize; clauses];
        let (mut first, mut present, mut best) = (0, 0, 0.0_f32);
        for last in 0..hits.len() {
            present += usize::from(counts[hits[last].clause] == 0);
            counts[hits[last].clause] += 1;
            while counts[hits[first].clause] > 1 {
                counts[hits[first].clause] -= 1;
                first += 1;
            }
            if present == clauses {
                let span = hits[last].words.1.max(hits[first].words.1) - hits[first].words.0 + 1;
                let words = words[last + 1] - words[first];
                let close = (words as f32 / span as f32).min(1.0) * clauses as f32 / 2.0;
                let in_order = words == span && turns[last + 1] == turns[first + 1];
                best = best.max(close + if in_order { 0.5 } else { 0.0 });
            }
        }
        best
    }
}
