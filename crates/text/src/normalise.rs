//! Whether two texts have the same content.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// The content of a text without what transport and editors change on the way: case, Unicode
/// composition, line breaks and other white space, typographic quotation marks and dashes, invisible
/// characters, and `>` at the start of lines (mail stores escape `From` with it). Words, order,
/// punctuation and signatures stay, because they are content.
pub fn content(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        let mut rest = line;
        while !rest.is_empty() {
            let (plain, more) = rest.split_at(plain_start(rest));
            plain.chars().for_each(|character| add(&mut out, character.to_ascii_lowercase()));
            // What follows is composed together: a letter and whatever stands on it.
            let end = more.bytes().skip(1).position(|byte| byte.is_ascii()).map_or(more.len(), |at| at + 1);
            let (composed, after) = more.split_at(end);
            composed.nfkc().flat_map(char::to_lowercase).for_each(|character| add(&mut out, character));
            rest = after;
        }
        space(&mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Length of the ASCII at the start of a text that composition leaves alone: all but the letter before the
/// first other character, which may be a mark that stands on it.
fn plain_start(text: &str) -> usize {
    match text.bytes().position(|byte| !byte.is_ascii()) {
        Some(first) => first.saturating_sub(1),
        None => text.len(),
    }
}

/// Adds a character of the content.
fn add(out: &mut String, character: char) {
    match character {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
        '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => out.push('\''),
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
        '‐'..='―' | '−' => out.push('-'),
        _ if character.is_whitespace() || character.is_control() => space(out),
        _ => out.push(character),
    }
}

/// A single space between words, none at the start.
fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// SHA-256 of [`content`]: equal for two messages exactly when their content is.
pub fn content_digest(text: &str) -> [u8; 32] {
    Sha256::digest(content(text).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn transport_does_not_change_the_content() {
        assert_eq!(
            content_digest("Buongiorno,\r\n\r\nl\u{2019}anello è “perfetto”.\r\n>From Anna\r\n"),
            content_digest("buongiorno,\nl'anello e\u{300}   \"perfetto\".\n\u{feff}From Anna")
        );
    }

    #[test]
    fn words_marks_and_signatures_do() {
        let digest = content_digest("Va bene. Anna");
        assert_ne!(digest, content_digest("Va bene? Anna"));
        assert_ne!(digest, content_digest("Va bene."));
        assert_ne!(content_digest("va bene"), content_digest("vabene"));
        assert_ne!(content_digest("e"), content_digest("è"));
    }

    proptest! {
        #[test]
        fn plain_letters_are_read_as_if_everything_was_composed(text in "[ -~èéà\u{300}\u{301}ﬁ½㎏‘–\u{ad}\t\nÅ각]{0,60}") {
            let mut slow = String::new();
            for line in text.lines() {
                let line = line.trim_start_matches(['>', ' ', '\t']);
                line.nfkc().flat_map(char::to_lowercase).for_each(|character| add(&mut slow, character));
                space(&mut slow);
            }
            slow.truncate(slow.trim_end().len());
            prop_assert_eq!(content(&text), slow);
        }

        #[test]
        fn the_content_of_a_content_is_itself(text in "\\PC{0,40}") {
            // Marks at the very start may be peeled once more, since they then stand at a line's start.
            let once = content(text.trim_start_matches(['>', ' ']));
            prop_assert!(!once.contains("  ") && !once.ends_with(' '));
            prop_assert_eq!(content_digest(&text), content_digest(&format!("  {text} \n")));
        }
    }
}
