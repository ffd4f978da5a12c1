//! Bytes to text when the declared character set is missing, wrong or unknown.

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, WINDOWS_1252, X_USER_DEFINED};
use mail_parser::decoders::charsets::map::charset_decoder;

use crate::transfer;

/// Text made from bytes, and whether the character set had to be guessed.
pub(crate) struct Decoded {
    pub text: String,
    pub guessed: bool,
}

/// Decodes by the declared label; what the label does not explain is guessed: UTF-8 where it is valid,
/// ISO-2022-JP by its escapes, else Windows-1252. U+0000 never comes out.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> Decoded {
    let label = label.map(|l| l.trim().trim_matches(['"', '\'']).trim()).filter(|l| !l.is_empty());
    let decoded = match label.map(|l| (l, known(l))) {
        Some((_, Some(encoding))) if encoding == UTF_8 => utf8(bytes),
        Some((l, Some(_))) if is_ascii(l) => guess(bytes),
        Some((_, Some(encoding))) => Decoded { text: encoding.decode(bytes).0.into_owned(), guessed: false },
        Some((l, None)) if l.to_ascii_lowercase().ends_with("utf-7") => {
            Decoded { text: utf7(bytes), guessed: false }
        }
        Some((l, None)) => match charset_decoder(l.as_bytes()) {
            Some(decoder) => Decoded { text: decoder(bytes), guessed: false },
            None => Decoded { guessed: true, ..guess(bytes) },
        },
        None => guess(bytes),
    };
    Decoded { text: without_nul(decoded.text), guessed: decoded.guessed }
}

fn known(label: &str) -> Option<&'static Encoding> {
    // A few old labels that the web standard does not list.
    let label = match label.to_ascii_lowercase().as_str() {
        "cp-850" | "utf8mb4" | "utf-8-sig" => "utf-8",
        "8859-1" | "iso8859_1" | "latin-1" | "iso-latin-1" => "iso-8859-1",
        "cp932" | "ms932" => "shift_jis",
        "cp936" | "ms936" => "gbk",
        "cp949" | "ks_c_5601" => "euc-kr",
        "cp950" => "big5",
        other => {
            return Encoding::for_label(other.as_bytes())
                .filter(|e| *e != REPLACEMENT && *e != X_USER_DEFINED);
        }
    };
    Encoding::for_label(label.as_bytes())
}

fn is_ascii(label: &str) -> bool {
    ["us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "646"].iter().any(|a| label.eq_ignore_ascii_case(a))
}

/// Declared UTF-8. A few broken sequences among good ones stay UTF-8 with replacement characters;
/// where the broken ones prevail the declaration was wrong.
fn utf8(bytes: &[u8]) -> Decoded {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            Decoded { text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(), guessed: false }
        }
        Err(_) => {
            let lossy = String::from_utf8_lossy(bytes);
            let broken = lossy.chars().filter(|c| *c == '\u{fffd}').count();
            let sound = lossy.chars().filter(|c| !c.is_ascii()).count() - broken;
            let text =
                if sound >= broken { lossy.into_owned() } else { WINDOWS_1252.decode(bytes).0.into_owned() };
            Decoded { text, guessed: true }
        }
    }
}

/// UTF-7: base64 of UTF-16 between a plus and the first character that is no digit of it.
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == b'+') {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        rest = &rest[at + 1..];
        let end = rest
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'+' | b'/'))
            .unwrap_or(rest.len());
        if end == 0 {
            out.push('+');
        } else {
            let units = transfer::base64(&rest[..end]).bytes;
            let units = units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        rest = &rest[end..];
        rest = rest.strip_prefix(b"-").unwrap_or(rest);
    }
    out.push_str(&String::from_utf8_lossy(rest));
    out
}

fn guess(bytes: &[u8]) -> Decoded {
    if bytes.is_ascii() {
        let japanese = bytes.windows(3).any(|w| matches!(w, [0x1b, b'$', b'B' | b'@']));
        let text = if japanese {
            ISO_2022_JP.decode(bytes).0.into_owned()
        } else {
            String::from_utf8_lossy(bytes).into_owned()
        };
        return Decoded { text, guessed: japanese };
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Decoded { text: encoding.decode(bytes).0.into_owned(), guessed: true };
    }
    Decoded { guessed: true, ..utf8(bytes) }
}

/// Drops U+0000, which neither engine nor page can hold.
pub(crate) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_sets_are_followed() {
        assert_eq!(decode(b"perch\xe9", Some("ISO-8859-1")).text, "perché");
        assert_eq!(decode(b"10 \xa4", Some("iso-8859-15")).text, "10 €");
        assert!(!decode(b"perch\xe9", Some("iso-8859-1")).guessed);
    }

    #[test]
    fn a_missing_or_wrong_set_is_guessed_and_said() {
        let d = decode("perché".as_bytes(), None);
        assert_eq!((d.text.as_str(), d.guessed), ("perché", true));
        assert_eq!(decode(b"citt\xe0", None).text, "città");
        assert_eq!(decode("città".as_bytes(), Some("us-ascii")).text, "città");
        assert_eq!(decode(b"citt\xe0 \x80 5", Some("utf-8")).text, "città € 5");
        assert_eq!(decode(b"citt\xe0", Some("no-such-set")).text, "città");
    }

    #[test]
    fn utf7_and_japanese_are_read() {
        assert_eq!(
            decode(b"caff+AOk- 1+-1 citt+AOA-, Fr+APY-sche", Some("utf-7")).text,
            "caffé 1+1 città, Frösche"
        );
        assert_eq!(decode(b"\x1b$B$\"\x1b(B", None).text, "あ");
    }

    #[test]
    fn nul_never_comes_out() {
        assert_eq!(decode(b"a\0b", None).text, "ab");
    }
}
