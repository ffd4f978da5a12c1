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
        for character in line.nfkc().flat_map(char::to_lowercase) {
            match character {
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {}
                '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => out.push('\''),
                '“' | '”' | '„' | '‟' | '″' | '«' | '»' => out.push('"'),
                '‐'..='―' | '−' => out.push('-'),
                _ if character.is_whitespace() || character.is_control() => space(&mut out),
                _ => out.push(character),
            }
        }
        space(&mut out);
    }
    out.truncate(out.trim_end().len());
    out
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
        fn the_content_of_a_content_is_itself(text in "\\PC{0,40}") {
            // Marks at the very start may be peeled once more, since they then stand at a line's start.
            let once = content(text.trim_start_matches(['>', ' ']));
            prop_assert!(!once.contains("  ") && !once.ends_with(' '));
            prop_assert_eq!(content_digest(&text), content_digest(&format!("  {text} \n")));
        }
    }
}
