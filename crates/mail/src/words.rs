//! Encoded words (RFC 2047), read across the ways in which senders break them: words split in the middle of a
//! character, spaces inside, no space around.

use mail_builder::encoders::Base64Encoder;

use crate::{charset, transfer};

enum Piece<'x> {
    Plain(&'x str),
    Word { charset: &'x str, bytes: Vec<u8> },
}

/// Decodes every encoded word of a header value.
pub(crate) fn decode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for piece in pieces(value) {
        match piece {
            Piece::Plain(text) => out.push_str(text),
            Piece::Word { charset, bytes } => out.push_str(&charset::decode(&bytes, Some(charset)).text),
        }
    }
    out
}

/// Rewrites every encoded word as one clean UTF-8 word, for a parser that understands only clean ones.
pub(crate) fn tidy(value: &str) -> String {
    if !value.contains("=?") {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len() * 2);
    for piece in pieces(value) {
        match piece {
            Piece::Plain(text) => {
                if out.ends_with("?=") && !text.starts_with([' ', '\t', '"', ')', ',', ';']) {
                    out.push(' ');
                }
                out.push_str(text);
            }
            Piece::Word { charset, bytes } => {
                let text = charset::decode(&bytes, Some(charset)).text;
                if !out.is_empty() && !out.ends_with([' ', '\t', '"', '(']) {
                    out.push(' ');
                }
                let encoded = Base64Encoder::new().encode(text.as_bytes()).unwrap_or_default();
                out.push_str("=?utf-8?B?");
                out.push_str(&String::from_utf8_lossy(&encoded));
                out.push_str("?=");
            }
        }
    }
    out
}

fn pieces(value: &str) -> Vec<Piece<'_>> {
    let mut found: Vec<Piece<'_>> = Vec::new();
    let mut rest = value;
    let mut plain = 0;
    let mut from = 0;
    while let Some(at) = value[from..].find("=?").map(|i| i + from) {
        let Some((charset, bytes, length)) = word(&value[at..]) else {
            from = at + 2;
            continue;
        };
        let between = &value[plain..at];
        match found.last_mut() {
            // White space between two words belongs to neither, and a character may be split over them.
            Some(Piece::Word { charset: before, bytes: collected }) if between.trim().is_empty() => {
                if before.eq_ignore_ascii_case(charset) {
                    collected.extend_from_slice(&bytes);
                } else {
                    found.push(Piece::Word { charset, bytes });
                }
            }
            _ => {
                if !between.is_empty() {
                    found.push(Piece::Plain(between));
                }
                found.push(Piece::Word { charset, bytes });
            }
        }
        plain = at + length;
        from = plain;
        rest = &value[plain..];
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest));
    }
    found
}

/// One encoded word at the start of `text`: character set, bytes, length in the source.
fn word(text: &str) -> Option<(&str, Vec<u8>, usize)> {
    const LONGEST: usize = 4096;
    let inner = text.strip_prefix("=?")?;
    let (charset, after) = inner.split_once('?')?;
    if charset.is_empty() || charset.len() > 40 || charset.contains(char::is_whitespace) {
        return None;
    }
    let (encoding, after) = after.split_once('?')?;
    let window = floor_char(after, LONGEST);
    let end = match encoding {
        // A question mark may stand unencoded inside a Q word; the end is then the first `?=` that no hex follows.
        "q" | "Q" => q_end(window)?,
        "b" | "B" => window.find("?=")?,
        _ => return None,
    };
    let content = &after[..end];
    let bytes = if encoding.eq_ignore_ascii_case("b") {
        transfer::base64(content.as_bytes()).bytes
    } else {
        transfer::quoted_printable(content.replace('_', " ").as_bytes()).bytes
    };
    let length = text.len() - after.len() + end + 2;
    // Raw 8-bit characters inside were made text with their line: the declared set no longer describes them.
    let charset = if content.is_ascii() { charset.split('*').next().unwrap_or(charset) } else { "utf-8" };
    Some((charset, bytes, length))
}

fn q_end(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = text[from..].find("?=")? + from;
        let follows = text.as_bytes().get(at + 2..at + 4);
        let is_code = follows.is_some_and(|f| f.iter().all(u8::is_ascii_hexdigit));
        if !is_code || text[at + 2..].find("?=").is_none() {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The longest prefix of at most `bytes` bytes that ends between characters.
pub(crate) fn floor_char(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_sets_are_decoded() {
        assert_eq!(decode("=?utf-8?Q?Perch=C3=A9_no=3F?="), "Perché no?");
        assert_eq!(decode("Re: =?iso-8859-1?B?Y2l0dOA=?= nuova"), "Re: città nuova");
        assert_eq!(decode("=?utf-8*it?Q?caff=C3=A8?="), "caffè");
    }

    #[test]
    fn a_character_split_over_two_words_is_whole_again() {
        assert_eq!(decode("=?utf-8?Q?perch=C3?=\r\n =?utf-8?Q?=A9?="), "perché");
    }

    #[test]
    fn spaces_inside_and_missing_spaces_around_are_forgiven() {
        assert_eq!(decode("=?utf-8?Q?due parole?="), "due parole");
        assert_eq!(decode("x=?utf-8?Q?y?=z"), "xyz");
        assert_eq!(decode("a =? b"), "a =? b");
        assert_eq!(decode("=?iso-8859-1?Q?perché_no?="), "perché no");
    }

    #[test]
    fn tidy_words_decode_to_the_same_text() {
        for value in ["=?iso-8859-1?Q?Jos=E9?= <j@example.org>", "plain", "=?utf-8?Q?a?=<b@example.org>"] {
            let (once, twice) = (decode(value), decode(&tidy(value)));
            assert_eq!(once.replace(' ', ""), twice.replace(' ', ""));
        }
    }
}
