//! What is found, and that no text breaks the search.

use std::collections::HashMap;

use proptest::prelude::*;

use super::rank::may_have_stem;
use super::stem::Stemming;
use super::words::stretches;
use super::*;

fn terms(text: &str) -> Vec<String> {
    analyse(text, Some("it")).split(' ').map(str::to_owned).collect()
}

#[test]
fn words_come_first_then_joined_forms_then_stems() {
    assert_eq!(terms("L'anello VERA-6"), ["xanello", "xvera", "x6", "xvera6", "ianell", "iver"]);
}

#[test]
fn elisions_and_accents_do_not_hide_words() {
    for (text, word) in [
        ("dell’anello", "xanello"),
        ("Un'altra", "xaltra"),
        ("perché", "xperche"),
        ("PERCHE\u{301}", "xperche"),
        ("Straße", "xstrasse"),
        ("O'Brien", "xobrien"),
        ("anna.rossi@example.com", "xannarossiexamplecom"),
        ("ordine n.2026/00123", "xn202600123"),
        ("nul\0lo", "xnul"),
        ("e\u{ad}mail", "xemail"),
    ] {
        assert!(terms(text).iter().any(|term| term == word), "{text}: {:?}", terms(text));
    }
    assert!(!terms("l'anello").iter().any(|term| term == "xl"));
}

#[test]
fn inflections_find_each_other_in_both_languages() {
    for (query, text) in [
        ("anelli", "Vorrei un anello"),
        ("spedizioni", "la spedizione è in ritardo"),
        ("deliveries", "Where is my delivery?"),
        ("qualita", "la qualità"),
        ("vera6", "la VERA-6 in oro"),
        ("VERA-6", "la vera 6 in oro"),
        ("VERA-6", "codice vera6"),
        ("anna.rossi@example.com", "Scrivo da anna.rossi@example.com, grazie"),
        ("rossi", "anna.rossi@example.com"),
        ("\"oro bianco\"", "anello in Oro Bianco"),
        ("ane*", "due anelli"),
        ("la borsa della spesa", "borse per spesa"),
        ("東京", "東京タワー"),
    ] {
        assert!(Query::parse(query).matches(text), "{query} in {text}");
        assert!(Index::of(text, None).matches(&Query::parse(query)), "{query} in the index of {text}");
    }
    assert!(Query::parse_while_typing("anello spe").matches("anello spedito"));
    assert!(!Query::parse_while_typing("anello spe ").matches("anello spedito"));
}

#[test]
fn all_words_must_match_and_excluded_ones_must_not() {
    assert!(!Query::parse("anello argento").matches("anello in oro"));
    assert!(!Query::parse("anello -oro").matches("anello in oro"));
    assert!(!Query::parse("\"bianco oro\"").matches("oro bianco"));
    assert!(Query::parse("-oro").is_empty());
    assert_eq!(Query::parse("-oro").to_fts5(), None);
}

#[test]
fn queries_are_written_for_both_engines() {
    let query = Query::parse("anelli \"oro bianco\" VERA-6 spe* -argento");
    assert_eq!(
        query.to_fts5().as_deref(),
        Some(
            "((xanelli OR ianell OR eanelli) AND \"xoro xbianco\" AND (xvera6 OR \"xvera x6\") \
             AND (xspe* OR ispe OR espe)) NOT ((xargento OR iargent OR eargento))"
        )
    );
    assert_eq!(
        query.to_tsquery().as_deref(),
        Some(
            "((xanelli | ianell | eanelli) & (xoro <-> xbianco) & (xvera6 | (xvera <-> x6)) \
             & (xspe:* | ispe | espe)) & !((xargento | iargent | eargento))"
        )
    );
}

#[test]
fn nothing_typed_acts_as_an_operator() {
    for typed in [
        "AND",
        "NOT x",
        "a:b*",
        "'; drop table",
        "(((",
        "\"",
        "-\"",
        "a & !b | c <-> d",
        "NEAR(a b)",
        "^a {x}",
    ] {
        for written in [Query::parse(typed).to_fts5(), Query::parse(typed).to_tsquery()].into_iter().flatten()
        {
            let rest: String = written
                .split(|character: char| !character.is_ascii_alphanumeric())
                .filter(|term| !term.is_empty() && !["AND", "OR", "NOT"].contains(term))
                .filter(|term| !term.starts_with(['x', 'i', 'e']))
                .collect();
            assert_eq!(rest, "", "{typed} became {written}");
        }
    }
}

#[test]
fn better_answers_score_higher() {
    let query = Query::parse("anello oro");
    let filler = "parola ".repeat(200);
    let near = query.score("un anello oro per mia moglie");
    let apart = query.score("un anello, molto bello, ma forse non in oro");
    let inflected = query.score("degli anelli oro per mia moglie");
    let long = query.score(&format!("anello {filler} oro"));
    let repeated = query.score("anello oro, anello oro, anello oro");
    assert!(repeated > near && near > inflected && inflected > apart && apart > long && long > 0.0);
}

#[test]
fn a_snippet_shows_the_best_part_with_its_accents() {
    let text = format!("{} Città e qualità: l’anello è d'ORO. {}", "prima ".repeat(50), "dopo ".repeat(50));
    let pieces = Query::parse("qualita oro").snippet(&text, 60);
    let shown: String = pieces.iter().map(|piece| piece.text).collect();
    let hits: Vec<&str> = pieces.iter().filter(|piece| piece.hit).map(|piece| piece.text).collect();
    assert_eq!(hits, ["qualità", "ORO"]);
    assert!(shown.chars().count() <= 60 && text.contains(&shown), "{shown}");
    assert!(shown.starts_with("Città") && shown.ends_with("dopo"), "{shown}");
    let nothing = Query::parse("assente").snippet("Una frase senza la parola cercata", 14);
    assert_eq!(nothing, [Piece { text: "Una frase", hit: false }]);
}

#[test]
fn long_texts_are_cut_between_words() {
    let text = "parola ".repeat(100_000);
    let parts: Vec<&str> = chunks(&text).collect();
    assert!(parts.len() > 2 && parts.iter().all(|part| part.len() <= CHUNK_BYTES));
    assert!(parts.iter().all(|part| part.split_whitespace().all(|word| word == "parola")));
    assert_eq!(parts.concat(), text);
    assert_eq!(chunks("breve").collect::<Vec<_>>(), ["breve"]);
    assert_eq!(chunks(&"è".repeat(CHUNK_BYTES)).map(str::len).sum::<usize>(), 2 * CHUNK_BYTES);
}

/// What an engine does with the terms: positions by term, and queries in FTS5's words.
struct Index {
    positions: HashMap<String, Vec<usize>>,
}

impl Index {
    fn of(text: &str, language: Option<&str>) -> Index {
        let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, term) in analyse(text, language).split_whitespace().enumerate() {
            positions.entry(term.to_owned()).or_default().push(position);
        }
        Index { positions }
    }

    fn matches(&self, query: &Query) -> bool {
        let Some(written) = query.to_fts5() else { return false };
        assert!(!written.contains(" NOT "), "the simulated index knows no exclusion");
        written.split(" AND ").all(|clause| {
            clause.trim_matches(['(', ')']).split(" OR ").any(|term| match term.strip_suffix('*') {
                Some(prefix) => self.positions.keys().any(|known| known.starts_with(prefix)),
                None => self.phrase(&term.trim_matches('"').split(' ').collect::<Vec<_>>()),
            })
        })
    }

    fn phrase(&self, words: &[&str]) -> bool {
        let Some(first) = words.first().and_then(|word| self.positions.get(*word)) else { return false };
        first.iter().any(|start| {
            words.iter().enumerate().all(|(offset, word)| {
                self.positions.get(*word).is_some_and(|positions| positions.contains(&(start + offset)))
            })
        })
    }
}

/// Texts as people write them, with everything that is awkward.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,60}",
        "([a-zàèìòù]{1,9}[ '’.@/_-]{0,2}){0,20}",
        "([a-zA-Z0-9\u{300}\u{301}ßœ東Жก\"*()-]{1,6}[ \n\u{0}]?){0,12}",
    ]
}

fn any_language() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some("it")), Just(Some("en")), Just(Some("de"))]
}

proptest! {
    #[test]
    fn every_term_is_plain(text in any_text(), language in any_language()) {
        for term in analyse(&text, language).split(' ').filter(|term| !term.is_empty()) {
            prop_assert!(term.len() <= 64 && term.starts_with(['x', 'i', 'e']), "{}", term);
            prop_assert!(term.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{}", term);
        }
    }

    #[test]
    fn a_text_is_found_by_each_of_its_words(text in any_text(), language in any_language()) {
        let index = Index::of(&text, language);
        for stretch in stretches(&text) {
            for (start, end) in stretch.words {
                let query = Query::parse(&text[start..end]);
                if !query.is_empty() {
                    prop_assert!(index.matches(&query), "{:?}", &text[start..end]);
                    prop_assert!(query.matches(&text), "{:?}", &text[start..end]);
                }
            }
        }
    }

    #[test]
    fn words_begin_like_their_stems(word in "[a-z]{1,6}(enza|azione|mente|issimo|ies|ying|ing|ed|ational|biliti|ly|y|)") {
        for stemming in Stemming::ALL {
            if let Some(stem) = stemming.stem(&word) {
                prop_assert!(may_have_stem(&word, &stem), "{} {}", word, stem);
            }
        }
    }

    #[test]
    fn snippets_are_parts_of_the_text(text in any_text(), typed in any_text(), most in 0usize..80) {
        for query in [Query::parse(&typed), Query::parse_while_typing(&text)] {
            let pieces = query.snippet(&text, most);
            let shown: String = pieces.iter().map(|piece| piece.text).collect();
            prop_assert!(text.contains(&shown));
            prop_assert!(shown.chars().count() <= most);
            prop_assert!(pieces.iter().all(|piece| !piece.text.is_empty()));
            prop_assert!(query.score(&text).is_finite());
        }
    }

    #[test]
    fn what_the_index_finds_the_text_confirms(text in any_text(), typed in any_text(), language in any_language()) {
        let query = Query::parse(&typed.replace('-', " "));
        if !query.is_empty() && Index::of(&text, language).matches(&query) {
            prop_assert!(query.matches(&text), "{:?}", query.to_fts5());
        }
    }
}

#[test]
fn a_text_of_one_word_over_and_over_is_ranked_in_a_moment() {
    // Work that grows with the square of the hits would take minutes here.
    let text = format!("guarnizione {}", "perde ".repeat(200_000));
    let query = Query::parse("guarnizione perde");
    assert!(query.score(&text) > 1.0);
    assert!(query.snippet(&text, 160).iter().any(|piece| piece.hit));
}

#[test]
fn a_pasted_letter_between_marks_is_looked_for_by_its_beginning() {
    let letter = "perde ".repeat(5_000);
    let query = Query::parse(&format!("\"{letter}\" {letter}"));
    assert!(query.to_fts5().unwrap().len() < 4_000);
    assert!(query.matches(&letter));
}
