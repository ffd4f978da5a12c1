//! Encodings and delimiters: how the bytes of a table become cells.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use serde::{Deserialize, Serialize};

use super::records::Records;

/// Delimiters that are looked for, the likelier first where the evidence is even.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many records are compared.
const COMPARED: usize = 100;

/// What parts columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// What parts the columns; `None` in a file of one column.
    #[serde(rename = "d")]
    pub delimiter: Option<u8>,
    /// What ends a row: a line feed, or a carriage return in files of old programs.
    #[serde(rename = "e")]
    pub line_end: u8,
}

impl Dialect {
    /// One column, one row a line.
    pub const fn lines() -> Dialect {
        Dialect { delimiter: None, line_end: b'\n' }
    }

    /// Finds out from the start of a file. `whole` tells that the start is all there is.
    pub fn detect(start: &[u8], whole: bool) -> Dialect {
        let line_end = if start.contains(&b'\r') && !start.contains(&b'\n') { b'\r' } else { b'\n' };
        let mut best: Option<(u8, f64)> = None;
        for delimiter in DELIMITERS {
            let dialect = Dialect { delimiter: Some(delimiter), line_end };
            let mut rows: Vec<usize> = Records::new(start, dialect)
                .take(COMPARED + 1)
                .map_while(Result::ok)
                .filter(|row| !row.trim_ascii().is_empty())
                .map(|row| fields(&decode(&row), Some(delimiter)).len())
                .collect();
            if !whole && rows.len() <= COMPARED && rows.len() > 1 {
                // The last one may be cut.
                rows.pop();
            }
            let Some(width) = rows.first().copied().filter(|width| *width > 1) else { continue };
            let same = rows.iter().filter(|columns| **columns == width).count();
            // How many rows agree with the header counts most; more columns decide between equals.
            let score = same as f64 / rows.len() as f64 + width.min(50) as f64 / 1_000.0;
            if best.is_none_or(|(_, best)| score > best) {
                best = Some((delimiter, score));
            }
        }
        Dialect { delimiter: best.map(|(delimiter, _)| delimiter), line_end }
    }
}

/// The text of a record: UTF-8 where it is, else Windows-1252, which reads any bytes. Decided for each
/// record, because files are glued together from several programs.
pub fn decode(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(raw).0,
    }
}

/// The cells of a record. A cell in quotes ends at a quote before a delimiter or the end; other quotes
/// inside it are part of the text, doubled or not, and so are quotes in cells that do not begin with one.
pub fn fields(line: &str, delimiter: Option<u8>) -> Vec<String> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let bytes = line.as_bytes();
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        let start = at + bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        let (cell, end) = if bytes.get(start) == Some(&b'"') {
            match quoted(line, start + 1, delimiter) {
                Some(found) => found,
                None => plain(line, at, delimiter),
            }
        } else {
            plain(line, at, delimiter)
        };
        cells.push(cell);
        match end {
            Some(end) => at = end + 1,
            None => return cells,
        }
    }
}

/// A cell without quotes around it, and where its delimiter stands.
fn plain(line: &str, at: usize, delimiter: Option<u8>) -> (String, Option<usize>) {
    let end =
        delimiter.and_then(|delimiter| line.as_bytes()[at..].iter().position(|byte| *byte == delimiter));
    match end {
        Some(length) => (line[at..at + length].to_owned(), Some(at + length)),
        None => (line[at..].to_owned(), None),
    }
}

/// A cell in quotes from behind its first one; `None` when they never close.
fn quoted(line: &str, start: usize, delimiter: Option<u8>) -> Option<(String, Option<usize>)> {
    let bytes = line.as_bytes();
    let mut cell = String::new();
    let mut from = start;
    let mut at = start;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == b'"')?;
        let blank = bytes[at + 1..].iter().take_while(|byte| **byte == b' ').count();
        match bytes.get(at + 1 + blank) {
            None => {
                cell.push_str(&line[from..at]);
                return Some((cell, None));
            }
            Some(after) if Some(*after) == delimiter => {
                cell.push_str(&line[from..at]);
                return Some((cell, Some(at + 1 + blank)));
            }
            Some(_) => {
                cell.push_str(&line[from..=at]);
                at += if bytes.get(at + 1) == Some(&b'"') { 2 } else { 1 };
                from = at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str) -> Vec<String> {
        fields(line, Some(b','))
    }

    #[test]
    fn quotes_are_taken_as_they_were_meant() {
        assert_eq!(cells("a,b,,"), ["a", "b", "", ""]);
        assert_eq!(cells("\"a,b\",\"c\nd\""), ["a,b", "c\nd"]);
        assert_eq!(cells("\"he said \"\"no\"\"\",5"), ["he said \"no\"", "5"]);
        assert_eq!(cells("\"he said \"no\" to me\",5"), ["he said \"no\" to me", "5"]);
        assert_eq!(cells("5\" pipe, \"x\" "), ["5\" pipe", "x"]);
        assert_eq!(cells("\"never closed,5"), ["\"never closed", "5"]);
        assert_eq!(cells("\"\",\"\"\"\""), ["", "\""]);
        assert_eq!(cells(""), [""]);
        assert_eq!(fields("one, two", None), ["one, two"]);
    }

    #[test]
    fn delimiters_are_found_by_how_well_the_rows_agree() {
        let found = |text: &str| Dialect::detect(text.as_bytes(), true).delimiter.map(char::from);
        assert_eq!(found("testo;voto\nbene, anzi benissimo;5\nmale, male, male;1\n"), Some(';'));
        assert_eq!(found("text,score\nfine; really,5\n"), Some(','));
        assert_eq!(found("text\tscore\na, b, c\t5\n"), Some('\t'));
        assert_eq!(found("text|score\na|5\n"), Some('|'));
        assert_eq!(found("text\na, b, c\nd\n"), None);
        assert_eq!(found(""), None);
        let old = Dialect::detect(b"text,score\ra,5\r", true);
        assert_eq!(old.line_end, b'\r');
    }

    #[test]
    fn what_is_not_utf_8_is_read_as_windows_1252() {
        assert_eq!(decode(b"perch\xe9 \x80"), "perché €");
        assert_eq!(decode("perché".as_bytes()), "perché");
    }
}
