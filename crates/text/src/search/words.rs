//! Splitting texts into words and folding them.

use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// The longest word in bytes, so that a term with its letter has at most 64; what is longer is cut,
/// in the index and in queries alike.
const TERM_BYTES: usize = 63;

/// Byte ranges; most stretches have one or two words, so most need no allocation.
pub(super) type Ranges = SmallVec<[(usize, usize); 4]>;

/// A stretch of text between white space that contains a word.
pub(super) struct Stretch {
    /// The words in it, as byte ranges of the whole text.
    pub words: Ranges,
    /// Where it is a compound (`VERA-6`, `anna@example.com`, `O'Brien`), the range that is also found
    /// joined, without what stands between its words.
    pub joined: Option<(usize, usize)>,
}

/// Articles and prepositions that lose their vowel before another word: `l'anello`, `dell'ordine`,
/// `qu'il`. Nobody searches for them.
const ELIDED: [&str; 34] = [
    "l", "d", "un", "dell", "all", "nell", "sull", "dall", "coll", "c", "s", "m", "t", "n", "v", "gl",
    "quell", "quest", "bell", "sant", "com", "dov", "cos", "anch", "qual", "tutt", "mezz", "qu", "j", "degl",
    "agl", "negl", "sugl", "dagl",
];

/// What English appends to a word with an apostrophe.
const APPENDED: [&str; 7] = ["s", "t", "re", "ve", "ll", "d", "m"];

/// The stretches of a text, in order.
pub(super) fn stretches(text: &str) -> impl Iterator<Item = Stretch> + '_ {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|stretch| !stretch.is_empty())
        .filter_map(move |stretch| {
            // `stretch` is a part of `text`, so the difference of their addresses is its offset.
            let offset = stretch.as_ptr().addr() - text.as_ptr().addr();
            split(stretch, offset)
        })
}

fn split(stretch: &str, offset: usize) -> Option<Stretch> {
    let mut words = Ranges::new();
    if stretch.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        words.push((offset, offset + stretch.len()));
        return Some(Stretch { words, joined: None });
    }
    // In Latin scripts every run of letters and digits is a word; others need the rules of Unicode,
    // by which each Han character is one.
    if stretch.chars().all(|character| character < '\u{250}' || character == '’') {
        runs(stretch, offset, &mut words);
    } else {
        for (start, word) in stretch.unicode_word_indices() {
            runs(word, offset + start, &mut words);
        }
    }
    let range = |word: &(usize, usize)| &stretch[word.0 - offset..word.1 - offset];
    let apostrophe = |left: &(usize, usize), right: &(usize, usize)| {
        let between = &stretch[left.1 - offset..right.0 - offset];
        matches!(between, "'" | "’" | "ʼ" | "`" | "´")
    };
    if let [left, right, ..] = words.as_slice()
        && apostrophe(left, right)
        && ELIDED.iter().any(|elided| range(left).eq_ignore_ascii_case(elided))
    {
        words.remove(0);
    }
    let (first, last) = (words.first()?.0, words.last()?.1);
    let joined = (words.len() > 1).then_some((first, last));
    if let [.., left, right] = words.as_slice()
        && apostrophe(left, right)
        && APPENDED.iter().any(|appended| range(right).eq_ignore_ascii_case(appended))
    {
        words.pop();
    }
    Some(Stretch { words, joined })
}

/// Appends every run of letters and digits. Combining marks belong to the letter before them.
fn runs(text: &str, offset: usize, words: &mut Ranges) {
    let mut start = None;
    for (at, character) in text.char_indices() {
        let inside = character.is_alphanumeric() || (start.is_some() && is_combining_mark(character));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((offset + from, offset + at));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push((offset + from, offset + text.len()));
    }
}

/// Appends the folded form of a word: lower case, no accents, `a–z` and `0–9` only, at most 63 bytes.
/// Letters of other scripts are spelled by their code points.
pub(super) fn fold(word: &str, out: &mut String) {
    let start = out.len();
    let limit = start + TERM_BYTES;
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        out.push_str(&word[..word.len().min(TERM_BYTES)]);
        out[start..].make_ascii_lowercase();
        return;
    }
    for character in word.nfkd().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' => out.push(character),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ł' => out.push('l'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            _ if character.is_alphanumeric() && !is_combining_mark(character) => {
                out.push('z');
                out.extend(
                    [16, 12, 8, 4, 0]
                        .iter()
                        .map(|shift| (u32::from(character) >> shift) & 0xf)
                        .filter_map(|nibble| char::from_digit(nibble, 16)),
                );
            }
            _ => {}
        }
        if out.len() >= limit {
            out.truncate(limit);
            return;
        }
    }
}

/// The folded form as a string of its own.
pub(super) fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    fold(word, &mut out);
    out
}
