//! Looking at bytes that nobody could read, without being fooled by them: control characters, invisible
//! ones and those that turn the direction of writing are shown as signs, other bytes as numbers.

/// How much of a text is shown. Bytes.
const TEXT: usize = 32 * 1024;
/// How much is shown as hexadecimal. Bytes.
const HEX: usize = 4 * 1024;
/// Bytes of one hexadecimal line.
const LINE: usize = 16;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The text; a sign for what cannot be seen.
    pub text: String,
    /// Whether it stands for something that cannot be seen.
    pub sign: bool,
}

/// Some bytes to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Whether `stretches` are lines of hexadecimal.
    pub hexadecimal: bool,
    /// What is shown.
    pub stretches: Vec<Stretch>,
    /// How many bytes are shown.
    pub shown: usize,
    /// How many there are.
    pub size: usize,
}

impl Preview {
    /// Bytes as text or as hexadecimal; as what they seem to be, when that is not said.
    pub fn of(bytes: &[u8], hexadecimal: Option<bool>) -> Preview {
        let hexadecimal = hexadecimal.unwrap_or_else(|| is_binary(bytes));
        let shown = bytes.len().min(if hexadecimal { HEX } else { TEXT });
        let stretches = if hexadecimal { hex(&bytes[..shown]) } else { text(&bytes[..shown]) };
        Preview { hexadecimal, stretches, shown, size: bytes.len() }
    }

    /// What is shown as one text.
    pub fn text(&self) -> String {
        self.stretches.iter().map(|stretch| stretch.text.as_str()).collect()
    }
}

/// Whether more than one byte in ten of the beginning is none that texts have.
fn is_binary(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4_096)];
    let odd = |byte: &u8| *byte == 0 || (*byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t'));
    let control = start.iter().filter(|byte| odd(byte)).count();
    let broken = start.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    (control + broken / 2) * 10 > start.len()
}

fn text(bytes: &[u8]) -> Vec<Stretch> {
    let mut out = Stretches::default();
    let mut rest = bytes.utf8_chunks().peekable();
    while let Some(chunk) = rest.next() {
        for character in chunk.valid().chars() {
            match sign(character) {
                Some(sign) => out.add(&sign, true),
                None => out.add(character.encode_utf8(&mut [0; 4]), false),
            }
        }
        // A character that the bound has cut in two is no fault of the bytes.
        if rest.peek().is_some() || chunk.invalid().len() == 1 && chunk.invalid()[0] < 0xc0 {
            chunk.invalid().iter().for_each(|byte| out.add(&format!("⟨{byte:02X}⟩"), true));
        }
    }
    out.0
}

/// The sign for a character that cannot be seen or that changes how others are seen.
fn sign(character: char) -> Option<String> {
    match character {
        '\n' | '\t' => None,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).map(String::from),
        '\u{7f}' => Some("␡".to_owned()),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffc}'
        | '\u{e0000}'..='\u{e0fff}' => Some(format!("⟨U+{:04X}⟩", u32::from(character))),
        _ => None,
    }
}

#[derive(Default)]
struct Stretches(Vec<Stretch>);

impl Stretches {
    fn add(&mut self, text: &str, sign: bool) {
        match self.0.last_mut().filter(|last| last.sign == sign) {
            Some(last) => last.text.push_str(text),
            None => self.0.push(Stretch { text: text.to_owned(), sign }),
        }
    }
}

fn hex(bytes: &[u8]) -> Vec<Stretch> {
    let mut text = String::with_capacity(bytes.len() * 5);
    for (number, line) in bytes.chunks(LINE).enumerate() {
        text.push_str(&format!("{:08x}  ", number * LINE));
        for place in 0..LINE {
            match line.get(place) {
                Some(byte) => text.push_str(&format!("{byte:02x} ")),
                None => text.push_str("   "),
            }
            if place == LINE / 2 - 1 {
                text.push(' ');
            }
        }
        text.push(' ');
        text.extend(line.iter().map(|byte| match byte {
            0x20..=0x7e => char::from(*byte),
            _ => '·',
        }));
        text.push('\n');
    }
    vec![Stretch { text, sign: false }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_as_a_sign() {
        let bytes = "da: Anna\r\n\u{202e}gpj.exe\u{0}\u{7f}\u{200b}".as_bytes();
        let preview = Preview::of(bytes, Some(false));
        assert_eq!(preview.text(), "da: Anna␍\n⟨U+202E⟩gpj.exe␀␡⟨U+200B⟩");
        assert!(preview.stretches.iter().any(|stretch| stretch.sign && stretch.text == "⟨U+202E⟩"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_numbers() {
        assert_eq!(Preview::of(b"caff\xe8 buono", Some(false)).text(), "caff⟨E8⟩ buono");
        let picture = Preview::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", None);
        assert!(picture.hexadecimal);
        assert!(
            picture.text().starts_with("00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  ·PNG")
        );
        assert!(!Preview::of("perché no, così è la vita".as_bytes(), None).hexadecimal);
    }

    #[test]
    fn a_long_one_is_cut_and_says_so_and_no_character_is_broken_by_that() {
        let long = "è".repeat(TEXT);
        let preview = Preview::of(format!("x{long}").as_bytes(), None);
        assert_eq!((preview.shown, preview.size), (TEXT, 1 + long.len()));
        assert!(!preview.text().contains('⟨'), "{}", &preview.text()[preview.text().len() - 20..]);
        assert_eq!(Preview::of(b"", None).text(), "");
    }
}
