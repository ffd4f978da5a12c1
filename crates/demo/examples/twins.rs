//! Counts near-duplicates among what customers say: texts of eight words and more whose word triples are
//! the same by four fifths (Jaccard 0.8), greeting and signature included. Exact, in bounded memory for millions:
//! `cargo run --release -p bottega-demo --example twins -- [small|medium|large|CONVERSATIONS] [--seed 7]`

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

use demo::{Company, Size};

const NOW_MICROS: i64 = 1_795_251_600_000_000;
/// Two texts count as twins from this share of common triples.
const ALIKE: f64 = 0.8;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = match arguments.first().map(String::as_str) {
        Some("large") => Size::Large,
        Some("medium") => Size::Medium,
        Some(number) if number.parse::<u32>().is_ok() => Size::Conversations(number.parse().unwrap_or(1_000)),
        _ => Size::Small,
    };
    let seed = arguments.iter().position(|word| word == "--seed").and_then(|at| arguments.get(at + 1));
    let seed = seed.and_then(|text| text.parse().ok()).unwrap_or(7);
    let company = Company::generate(seed, size, NOW_MICROS);
    let (mut stories, mut conversations, mut messages, mut longest) = (0, 0, 0, 0);
    let mut sets: Vec<Box<[u32]>> = Vec::new();
    for story in company.stories() {
        stories += 1;
        longest = longest.max(story.turns.len());
        if story.state.is_some() {
            conversations += 1;
            messages += story.turns.len();
        }
        let said = story.turns.iter().filter(|turn| turn.is_incoming());
        sets.extend(said.map(|turn| triples(&turn.text)).filter(|set| !set.is_empty()));
    }
    let mut out = io::stdout();
    writeln!(
        out,
        "{stories} stories, {conversations} conversations of {messages} messages, the longest {longest}"
    )?;
    let twins = twins(&sets);
    let share = 100.0 * twins as f64 / sets.len().max(1) as f64;
    writeln!(out, "{twins} of {} texts have a twin: {share:.2} %", sets.len())
}

/// The word triples of a text in order, none for a text of fewer than eight words.
fn triples(text: &str) -> Box<[u32]> {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.len() < 8 {
        return Box::default();
    }
    let mut triples: Vec<u32> = words
        .windows(3)
        .map(|triple| {
            let mut hasher = DefaultHasher::new();
            triple.hash(&mut hasher);
            hasher.finish() as u32
        })
        .collect();
    triples.sort_unstable();
    triples.dedup();
    triples.into_boxed_slice()
}

/// How many texts have a twin. Two that share four fifths meet in one of their rarest fifth plus one, so
/// only texts that meet there are compared.
fn twins(sets: &[Box<[u32]>]) -> usize {
    let mut frequency: HashMap<u32, u32> = HashMap::new();
    for triple in sets.iter().flat_map(|set| set.iter()) {
        *frequency.entry(*triple).or_default() += 1;
    }
    let mut rare: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut twin = vec![false; sets.len()];
    for (index, set) in sets.iter().enumerate() {
        let mut ordered: Vec<u32> = set.to_vec();
        ordered.sort_unstable_by_key(|triple| (frequency.get(triple).copied().unwrap_or(0), *triple));
        for triple in ordered.iter().take(ordered.len() / 5 + 1) {
            // A triple that occurs once meets nobody.
            if frequency.get(triple).is_some_and(|count| *count < 2) {
                continue;
            }
            let met = rare.entry(*triple).or_default();
            for other in met.iter().map(|other| *other as usize) {
                if !(twin[index] && twin[other]) && alike(set, &sets[other]) {
                    twin[index] = true;
                    twin[other] = true;
                }
            }
            met.push(index as u32);
        }
    }
    twin.iter().filter(|twin| **twin).count()
}

fn alike(one: &[u32], other: &[u32]) -> bool {
    let (mut left, mut right, mut shared) = (0, 0, 0_u32);
    while let (Some(a), Some(b)) = (one.get(left), other.get(right)) {
        left += usize::from(a <= b);
        right += usize::from(b <= a);
        shared += u32::from(a == b);
    }
    shared as f64 >= ALIKE * ((one.len() + other.len()) as f64 - shared as f64)
}
