//! What people type into the search box.

use super::stem::Stemming;
use super::words::{folded, stretches};

/// A parsed search: words, `"phrases"`, `-excluded` ones and `begin*`nings. Any text is a valid query;
/// no character of it can act as an operator of the engines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    pub(super) wanted: Vec<Clause>,
    pub(super) excluded: Vec<Clause>,
}

/// Something that a text must (or must not) have.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Clause {
    /// One word, in any inflection.
    Word(Word),
    /// Words beginning like this.
    Prefix(Word),
    /// A code or address: joined, or its words in this order.
    Compound { joined: String, words: Vec<String> },
    /// Words as written, in this order.
    Phrase(Vec<String>),
}

/// A folded word with its stems.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub exact: String,
    pub stems: Vec<(Stemming, String)>,
}

impl Word {
    fn new(exact: String) -> Word {
        let stems = Stemming::ALL
            .into_iter()
            .filter_map(|stemming| Some((stemming, stemming.stem(&exact)?.into_owned())))
            .collect();
        Word { exact, stems }
    }
}

/// A pasted letter is no query: what follows this many words is ignored.
const MOST_CLAUSES: usize = 32;
/// Words of a phrase: a beginning of it is followed from every place of a text at which it may start.
const MOST_WORDS: usize = 32;

/// Words so frequent that they say nothing beside others.
const FREQUENT: [&str; 61] = [
    "a", "al", "alla", "ai", "alle", "an", "and", "are", "at", "che", "con", "da", "dal", "dalla", "de",
    "dei", "del", "della", "delle", "di", "e", "ed", "for", "from", "gli", "ha", "ho", "i", "il", "in", "is",
    "it", "la", "le", "lo", "ma", "mi", "my", "ne", "nel", "nella", "non", "o", "of", "on", "or", "per",
    "se", "si", "sono", "su", "sul", "the", "to", "un", "una", "uno", "was", "with", "you", "your",
];

impl Query {
    /// Reads a query as typed. Words that are in nearly every text (articles, prepositions) count
    /// only when there is nothing else.
    pub fn parse(input: &str) -> Query {
        Query::read(input, false)
    }

    /// Like [`Query::parse`], for a search that runs while the last word is still being typed: it
    /// also matches longer words that begin like it.
    pub fn parse_while_typing(input: &str) -> Query {
        Query::read(input, !input.ends_with(char::is_whitespace))
    }

    fn read(input: &str, last_is_prefix: bool) -> Query {
        let mut query = Query::default();
        let mut rest = input.trim();
        while !rest.is_empty() {
            let (sign, after_sign) = match rest.strip_prefix('-') {
                Some(after) => (true, after),
                None => (false, rest),
            };
            let (clauses, after) = match after_sign.strip_prefix(['"', '“', '”', '„', '«']) {
                Some(quoted) => {
                    let end = quoted.find(['"', '“', '”', '»']).unwrap_or(quoted.len());
                    (phrase(&quoted[..end]), quoted[end..].trim_start_matches(['"', '“', '”', '»']))
                }
                None => {
                    let end = after_sign
                        .find(|character: char| {
                            character.is_whitespace() || matches!(character, '"' | '“' | '„' | '«')
                        })
                        .unwrap_or(after_sign.len());
                    let (word, after) = after_sign.split_at(end);
                    (words(word, last_is_prefix && after.is_empty()), after)
                }
            };
            if sign { &mut query.excluded } else { &mut query.wanted }.extend(clauses);
            rest = after.trim_start();
        }
        for clause in query.wanted.iter_mut().chain(&mut query.excluded) {
            clause.bound();
        }
        query.wanted.truncate(MOST_CLAUSES);
        query.excluded.truncate(MOST_CLAUSES);
        query.forget_frequent_words();
        query
    }

    fn forget_frequent_words(&mut self) {
        let says_something = |clause: &Clause| match clause {
            Clause::Word(word) => !FREQUENT.contains(&word.exact.as_str()),
            _ => true,
        };
        if self.wanted.iter().any(says_something) {
            self.wanted.retain(says_something);
        }
    }

    /// Whether nothing is looked for; such a query matches no text.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The query for FTS5's `MATCH`, over text made by [`super::analyse`]; `None` when it is empty.
    pub fn to_fts5(&self) -> Option<String> {
        self.written(&FTS5)
    }

    /// The query for PostgreSQL's `to_tsquery('simple', …)` or a cast to `tsquery`, over text made by
    /// [`super::analyse`]; `None` when it is empty.
    pub fn to_tsquery(&self) -> Option<String> {
        self.written(&TSQUERY)
    }

    fn written(&self, syntax: &Syntax) -> Option<String> {
        if self.wanted.is_empty() {
            return None;
        }
        let all = |clauses: &[Clause], glue: &str| {
            clauses.iter().map(|clause| clause.written(syntax)).collect::<Vec<_>>().join(glue)
        };
        let wanted = all(&self.wanted, syntax.and);
        Some(if self.excluded.is_empty() {
            wanted
        } else {
            format!("({wanted}){}({})", syntax.and_not, all(&self.excluded, syntax.or))
        })
    }
}

/// The clauses of a word as typed: one, unless it is only marks.
fn words(typed: &str, typing: bool) -> Vec<Clause> {
    let starred = typed.ends_with('*');
    let stretches: Vec<_> = stretches(typed).collect();
    let count = stretches.len();
    stretches
        .into_iter()
        .enumerate()
        .filter_map(|(index, stretch)| {
            let words = folded_words(typed, &stretch.words);
            let ends_the_input =
                index + 1 == count && (starred || typing && typed.ends_with(char::is_alphanumeric));
            match (words.as_slice(), stretch.joined) {
                ([], _) => None,
                ([word], None) if ends_the_input => Some(Clause::Prefix(Word::new(word.clone()))),
                ([word], _) => Some(Clause::Word(Word::new(word.clone()))),
                (_, Some((start, end))) => {
                    Some(Clause::Compound { joined: folded(&typed[start..end]), words })
                }
                (_, None) => Some(Clause::Phrase(words)),
            }
        })
        .collect()
}

fn phrase(quoted: &str) -> Vec<Clause> {
    let words: Vec<String> =
        stretches(quoted).flat_map(|stretch| folded_words(quoted, &stretch.words)).collect();
    if words.is_empty() { Vec::new() } else { vec![Clause::Phrase(words)] }
}

fn folded_words(text: &str, words: &[(usize, usize)]) -> Vec<String> {
    words.iter().map(|&(start, end)| folded(&text[start..end])).filter(|word| !word.is_empty()).collect()
}

/// How an engine writes what both understand.
struct Syntax {
    and: &'static str,
    or: &'static str,
    and_not: &'static str,
    prefix: &'static str,
    /// Around a phrase, and between its words.
    phrase: (&'static str, &'static str, &'static str),
}

const FTS5: Syntax =
    Syntax { and: " AND ", or: " OR ", and_not: " NOT ", prefix: "*", phrase: ("\"", " ", "\"") };

const TSQUERY: Syntax =
    Syntax { and: " & ", or: " | ", and_not: " & !", prefix: ":*", phrase: ("(", " <-> ", ")") };

impl Clause {
    /// Leaves out what follows the last word that is looked for.
    fn bound(&mut self) {
        if let Clause::Phrase(words) | Clause::Compound { words, .. } = self {
            words.truncate(MOST_WORDS);
        }
    }

    fn written(&self, syntax: &Syntax) -> String {
        let any = |terms: Vec<String>| format!("({})", terms.join(syntax.or));
        let stems = |word: &Word| {
            word.stems.iter().map(|(stemming, stem)| format!("{}{stem}", stemming.letter())).collect()
        };
        match self {
            Clause::Word(word) => {
                let mut terms: Vec<String> = stems(word);
                terms.insert(0, format!("x{}", word.exact));
                any(terms)
            }
            Clause::Prefix(word) => {
                let mut terms: Vec<String> = stems(word);
                terms.insert(0, format!("x{}{}", word.exact, syntax.prefix));
                any(terms)
            }
            Clause::Compound { joined, words } => any(vec![format!("x{joined}"), phrase_of(words, syntax)]),
            Clause::Phrase(words) => phrase_of(words, syntax),
        }
    }
}

fn phrase_of(words: &[String], syntax: &Syntax) -> String {
    let (open, between, close) = syntax.phrase;
    let words: Vec<String> = words.iter().map(|word| format!("x{word}")).collect();
    format!("{open}{}{close}", words.join(between))
}
