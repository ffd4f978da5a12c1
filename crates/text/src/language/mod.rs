//! Which language a text is written in.
//!
//! Three witnesses are heard. A small linear model over letter groups (`whichlang`) is fast and good
//! for sixteen languages, but it always answers and does not know Romanian, Catalan or Albanian. Clues
//! written by hand (see `clues`) know these, say how sure they are, and carry short texts. Where neither
//! recognises anything, and for other scripts, `whatlang` with its seventy languages is asked; alone it
//! would be less accurate and too slow.

mod clues;

use std::sync::LazyLock;

use clues::{Clues, LANGUAGES, Scores};

/// What a text was taken for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// BCP 47 code, `None` when it cannot be told.
    pub language: Option<&'static str>,
    /// From 0 to 1: about how often such a guess is right. Below 0.5 a guess should not decide
    /// anything that a person sees.
    pub confidence: f32,
}

impl Guess {
    const UNKNOWN: Guess = Guess { language: None, confidence: 0.0 };

    /// The language, if the guess is at least this sure.
    pub fn at_least(self, confidence: f32) -> Option<&'static str> {
        self.language.filter(|_| self.confidence >= confidence)
    }
}

/// More of a text says nothing new about its language.
const READ_BYTES: usize = 2_000;

/// How much the linear model's answer counts, in frequent words of one language: little for one word,
/// more with every further one.
fn model_weight(words: usize) -> f32 {
    (0.7 + 0.2 * words as f32).min(1.7)
}

/// Languages that the linear model does not know, and the share of its answer that speaks for them
/// too, because it takes them for the language named first.
const SIBLINGS: [(&str, &[(&str, f32)]); 6] = [
    ("it", &[("ro", 0.5), ("la", 0.5), ("ca", 0.3), ("sq", 0.2)]),
    ("es", &[("ca", 0.6), ("la", 0.3), ("ro", 0.2)]),
    ("pt", &[("ca", 0.5), ("la", 0.5), ("ro", 0.4)]),
    ("fr", &[("ca", 0.5), ("ro", 0.4), ("la", 0.4)]),
    ("en", &[("la", 0.4), ("sq", 0.3), ("ro", 0.3), ("ca", 0.3)]),
    ("nl", &[("sq", 0.5)]),
];

/// In fewer words the trigrams are wrong too often to be worth their time.
const TRIGRAM_WORDS: usize = 3;

/// They need no more than this of a text.
const TRIGRAM_BYTES: usize = 400;

/// A lead smaller than this is a doubt in which the trigrams are heard too.
const DOUBT: f32 = 1.6;

/// Guesses the language of a text. Addresses, numbers and marks are ignored; a text without letters is
/// of no language.
pub fn identify(text: &str) -> Guess {
    let read = Reading::of(&text[..text.floor_char_boundary(READ_BYTES)]);
    if read.letters == 0 {
        return Guess::UNKNOWN;
    }
    if read.foreign_letters * 2 > read.letters {
        return by_script(text);
    }
    let model = latin(whichlang::detect_language(&read.prose));
    let mut scores = read.scores;
    if let Model::Known(language) = model {
        believe_model(LANGUAGES[language], read.words, &mut scores);
    }
    let (mut best, mut second) = leaders(&scores);
    let model_knows = |place: usize| !UNKNOWN_TO_MODEL.contains(&LANGUAGES[place]);
    let doubtful = read.words >= TRIGRAM_WORDS && scores[best] - scores[second] < DOUBT;
    if doubtful && !(model_knows(best) && model_knows(second)) {
        believe_trigrams(&read, &mut scores);
        (best, second) = leaders(&scores);
    }
    // Several words and hardly one of them known: a language that the clues do not have.
    let recognised = (read.frequent as f32 + 0.5) / read.words as f32;
    if read.words >= 4 && recognised < 0.2 {
        if let Model::Other(language) = model {
            return Guess { language: Some(language), confidence: 0.8 };
        }
        if let Some(guess) = by_trigrams(&read.prose) {
            return guess;
        }
    }
    if let (Model::Other(language), true) = (model, scores[best] < 1.0) {
        return Guess { language: Some(language), confidence: 0.3 };
    }
    if scores[best] <= 0.0 {
        return Guess::UNKNOWN;
    }
    let margin = scores[best] - scores[second];
    Guess { language: Some(LANGUAGES[best]), confidence: (margin / (margin + 0.7)).clamp(0.05, 0.99) }
}

/// The languages of the clues that the linear model cannot answer.
const UNKNOWN_TO_MODEL: [&str; 4] = ["ro", "ca", "sq", "la"];

/// Counts the linear model's answer, for the language and for those that it would call the same.
fn believe_model(language: &str, words: usize, scores: &mut Scores) {
    let weight = model_weight(words);
    let siblings =
        SIBLINGS.iter().find(|(named, _)| *named == language).map_or(&[][..], |(_, siblings)| siblings);
    for (score, known) in scores.iter_mut().zip(LANGUAGES) {
        let share = if known == language {
            1.0
        } else {
            siblings.iter().find(|(name, _)| *name == known).map_or(0.0, |(_, share)| *share)
        };
        // One or two words are taken for what the model says: in a shop they are seldom of a language
        // that it does not know.
        *score += if words < TRIGRAM_WORDS && share < 1.0 { weight * share / 2.0 } else { weight * share };
    }
}

/// Counts what `whatlang` says among the languages that both it and the clues know.
fn believe_trigrams(read: &Reading, scores: &mut Scores) {
    use whatlang::{Detector, Lang};
    static AMONG_KNOWN: LazyLock<Detector> = LazyLock::new(|| {
        Detector::with_allowlist(vec![
            Lang::Ita,
            Lang::Eng,
            Lang::Deu,
            Lang::Fra,
            Lang::Spa,
            Lang::Por,
            Lang::Nld,
            Lang::Ron,
            Lang::Cat,
            Lang::Lat,
        ])
    });
    let Some(info) = AMONG_KNOWN.detect(&read.prose[..read.prose.floor_char_boundary(TRIGRAM_BYTES)]) else {
        return;
    };
    let place = code(info.lang()).and_then(|language| LANGUAGES.iter().position(|known| *known == language));
    if let Some(place) = place {
        scores[place] += model_weight(read.words) * (0.5 + info.confidence() as f32 / 2.0);
    }
}

/// A text as the witnesses read it.
struct Reading {
    /// The words that may be of a language, lower-case, one space between them.
    prose: String,
    scores: Scores,
    words: usize,
    /// How many of the words are frequent in some language.
    frequent: usize,
    letters: usize,
    /// Letters of other scripts than Latin.
    foreign_letters: usize,
}

impl Reading {
    fn of(text: &str) -> Reading {
        let clues = Clues::get();
        let mut read = Reading {
            prose: String::with_capacity(text.len()),
            scores: Scores::default(),
            words: 0,
            frequent: 0,
            letters: 0,
            foreign_letters: 0,
        };
        for stretch in text.split_whitespace() {
            // Addresses, links, handles, tags and codes are of no language.
            if stretch.contains(['@', '#', '/', '_', '\\'])
                || stretch.starts_with("www.")
                || stretch.bytes().any(|byte| byte.is_ascii_digit())
            {
                continue;
            }
            for word in stretch.split(|character: char| !character.is_alphabetic() && !marks(character)) {
                read.word(word, clues);
            }
        }
        read
    }

    fn word(&mut self, word: &str, clues: &Clues) {
        if word.is_empty() {
            return;
        }
        let start = self.prose.len();
        if word.is_ascii() {
            self.prose.extend(word.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
            self.letters += word.len();
        } else {
            for character in word.chars().flat_map(char::to_lowercase) {
                self.prose.push(character);
                self.letters += 1;
                self.foreign_letters +=
                    usize::from(character >= '\u{370}' && !('\u{1e00}'..'\u{1f00}').contains(&character));
            }
        }
        self.words += 1;
        self.frequent += usize::from(clues.weigh(&self.prose[start..], &mut self.scores));
        self.prose.push(' ');
    }
}

/// Combining accents and the Spanish marks are part of how a language is written.
fn marks(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '¿' | '¡')
}

/// What the linear model answers for Latin script.
enum Model {
    /// A language that the clues know, by its place.
    Known(usize),
    /// Another one.
    Other(&'static str),
    /// A language of another script: it does not know.
    Nothing,
}

fn latin(answer: whichlang::Lang) -> Model {
    use whichlang::Lang;
    let code = match answer {
        Lang::Ita => "it",
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
        Lang::Ara | Lang::Cmn | Lang::Hin | Lang::Jpn | Lang::Kor | Lang::Rus => return Model::Nothing,
    };
    match LANGUAGES.iter().position(|known| *known == code) {
        Some(place) => Model::Known(place),
        None => Model::Other(code),
    }
}

/// The places of the highest and the second highest score.
fn leaders(scores: &Scores) -> (usize, usize) {
    let (mut best, mut second) = (0, 1);
    for place in 0..scores.len() {
        if scores[place] > scores[best] {
            second = best;
            best = place;
        } else if place != best && (scores[place] > scores[second] || second == best) {
            second = place;
        }
    }
    (best, second)
}

/// Languages of other scripts, most of which the script alone decides.
fn by_script(text: &str) -> Guess {
    let found = whatlang::detect(text).and_then(|info| Some((code(info.lang())?, info.confidence() as f32)));
    match found {
        None => Guess::UNKNOWN,
        // Short Cyrillic texts look alike; without a letter of its neighbours it is most likely Russian.
        Some(("bg" | "mk" | "sr" | "uk" | "be", confidence))
            if confidence < 0.5 && !text.contains(|letter| "іїєґўјљњћђѓќѕъ".contains(letter)) =>
        {
            Guess { language: Some("ru"), confidence: 0.5 }
        }
        Some((language, confidence)) => Guess { language: Some(language), confidence: confidence.min(0.99) },
    }
}

/// Languages of Latin script that the other witnesses do not know; only when it is rather sure.
fn by_trigrams(prose: &str) -> Option<Guess> {
    let info = whatlang::detect(prose)?;
    let language = code(info.lang())?;
    let known = LANGUAGES.contains(&language);
    (!known && info.confidence() > 0.3)
        .then_some(Guess { language: Some(language), confidence: (info.confidence() as f32 * 0.9).min(0.95) })
}

/// BCP 47 codes of the languages that `whatlang` tells; `None` for those that it only confuses others
/// with (Esperanto and the like).
fn code(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang;
    Some(match lang {
        Lang::Ita => "it",
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Ron => "ro",
        Lang::Cat => "ca",
        Lang::Lat => "la",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "nb",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Tur => "tr",
        Lang::Aze => "az",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Tgl => "tl",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Mkd => "mk",
        Lang::Srp => "sr",
        Lang::Ell => "el",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Urd => "ur",
        Lang::Hin => "hi",
        Lang::Mar => "mr",
        Lang::Nep => "ne",
        Lang::Ben => "bn",
        Lang::Pan => "pa",
        Lang::Guj => "gu",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Kan => "kn",
        Lang::Mal => "ml",
        Lang::Sin => "si",
        Lang::Tha => "th",
        Lang::Khm => "km",
        Lang::Mya => "my",
        Lang::Kat => "ka",
        Lang::Hye => "hy",
        Lang::Amh => "am",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
