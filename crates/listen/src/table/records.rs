//! Cuts a table into records, as bytes, whatever its size.

use std::io::{BufRead, Result};

use super::dialect::{Dialect, decode, fields};

/// How much is read at a time.
const PIECE: usize = 64 * 1024;
/// A record longer than this is cut: it is binary data or a file without line ends.
const LONGEST: usize = 16 * 1024 * 1024;
/// How far the end of a cell in quotes is looked for at first, and at least, when earlier ones were never
/// closed: a quote that nobody closes must not swallow the rest of the file.
const PATIENCE: usize = 1024 * 1024;
const LEAST_PATIENCE: usize = 4 * 1024;

/// The records of a table without their line ends. Blank lines are records too; the caller passes over them.
pub struct Records<R> {
    input: R,
    dialect: Dialect,
    held: Vec<u8>,
    start: usize,
    ended: bool,
    patience: usize,
    width: Option<usize>,
}

/// Where the record at the start ends.
struct Measure {
    /// Its length without its line end.
    length: usize,
    /// How many bytes to pass over.
    passed: usize,
    /// The length of its first line, when it has several.
    first_line: Option<usize>,
}

impl Measure {
    fn new(length: usize, passed: usize, first_line: Option<usize>) -> Option<Measure> {
        Some(Measure { length, passed, first_line })
    }
}

impl<R: BufRead> Records<R> {
    /// Reads with a dialect.
    pub fn new(input: R, dialect: Dialect) -> Records<R> {
        Records { input, dialect, held: Vec::new(), start: 0, ended: false, patience: PATIENCE, width: None }
    }

    /// From now on a record over several lines must have so many columns; where its first line alone has
    /// them, a quote that nobody closed has swallowed the lines after it, and they are given back.
    pub fn expect(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The next rows without taking them, as far as `bytes` reach.
    pub fn peek_rows(&mut self, bytes: usize, rows: usize) -> Result<Vec<Vec<u8>>> {
        while self.held.len() - self.start < bytes && !self.ended {
            self.fill()?;
        }
        let held = &self.held[self.start..];
        let mut cut = Records::new(&held[..held.len().min(bytes)], self.dialect);
        cut.width = self.width;
        let mut found = Vec::new();
        while found.len() < rows {
            match cut.next().transpose()? {
                Some(row) if row.trim_ascii().is_empty() => {}
                Some(row) => found.push(row),
                None => break,
            }
        }
        if !self.ended && found.len() > 1 && found.len() < rows {
            found.pop();
        }
        Ok(found)
    }

    fn fill(&mut self) -> Result<()> {
        if self.start > PIECE && self.start * 2 > self.held.len() {
            self.held.drain(..self.start);
            self.start = 0;
        }
        let read = self.input.fill_buf()?;
        let taken = read.len().min(PIECE);
        self.held.extend_from_slice(&read[..taken]);
        self.input.consume(taken);
        self.ended |= taken == 0;
        Ok(())
    }

    /// The byte at a place counted from the start of the record.
    fn byte(&mut self, place: usize) -> Result<Option<u8>> {
        while self.start + place >= self.held.len() && !self.ended {
            self.fill()?;
        }
        Ok(self.held.get(self.start + place).copied())
    }

    /// The length of the record at the start, and how many bytes to pass over.
    fn measure(&mut self) -> Result<Option<Measure>> {
        let line_end = self.dialect.line_end;
        let mut place = 0;
        let mut quoted_since: Option<usize> = None;
        let mut first_line: Option<usize> = None;
        let mut at_cell_start = true;
        loop {
            let Some(byte) = self.byte(place)? else {
                if quoted_since.is_some() {
                    return Ok(self.unclosed(first_line, place));
                }
                return Ok(if place > 0 { Measure::new(place, place, first_line) } else { None });
            };
            if byte == line_end {
                if quoted_since.is_none() || self.dialect.delimiter.is_none() {
                    return Ok(Measure::new(place, place + 1, first_line));
                }
                first_line.get_or_insert(place);
            } else if byte == b'"' {
                if quoted_since.is_some() {
                    match self.after_quote(place + 1)? {
                        After::Escape => place += 1,
                        After::Close => {
                            quoted_since = None;
                            if first_line.is_some() {
                                self.patience = (self.patience * 2).min(PATIENCE);
                            }
                        }
                        After::Inside => {}
                    }
                } else if at_cell_start && self.dialect.delimiter.is_some() {
                    quoted_since = Some(place);
                }
                at_cell_start = false;
            } else if Some(byte) == self.dialect.delimiter {
                at_cell_start = true;
            } else if byte != b' ' && !(place < 3 && b"\xef\xbb\xbf".contains(&byte)) {
                at_cell_start = false;
            }
            place += 1;
            if quoted_since.is_some_and(|since| place - since > self.patience) {
                return Ok(self.unclosed(first_line, place));
            }
            if place >= LONGEST {
                return Ok(Measure::new(place, place, None));
            }
        }
    }

    /// A quote that nobody closes: the record is its first line, and the next ones are records again.
    fn unclosed(&mut self, first_line: Option<usize>, reached: usize) -> Option<Measure> {
        match first_line {
            Some(end) => {
                self.patience = (self.patience / 2).max(LEAST_PATIENCE);
                Measure::new(end, end + 1, None)
            }
            None => Measure::new(reached, reached, None),
        }
    }

    fn after_quote(&mut self, mut place: usize) -> Result<After> {
        if self.byte(place)? == Some(b'"') {
            // `"",` may close an empty cell or escape a quote; read as the cells are read.
            return Ok(After::Escape);
        }
        while self.byte(place)? == Some(b' ') {
            place += 1;
        }
        Ok(match self.byte(place)? {
            None => After::Close,
            Some(byte) if byte == self.dialect.line_end => After::Close,
            Some(b'\r') => After::Close,
            Some(byte) if Some(byte) == self.dialect.delimiter => After::Close,
            Some(_) => After::Inside,
        })
    }
}

enum After {
    Close,
    Escape,
    Inside,
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Measure { mut length, mut passed, first_line } = match self.measure() {
            Ok(found) => found?,
            Err(error) => {
                self.ended = true;
                self.start = self.held.len();
                return Some(Err(error));
            }
        };
        if let (Some(width), Some(first)) = (self.width, first_line) {
            let columns = |end: usize| {
                fields(&decode(&self.held[self.start..self.start + end]), self.dialect.delimiter).len()
            };
            if columns(length) != width && columns(first) == width {
                (length, passed) = (first, first + 1);
            }
        }
        let mut record = self.held[self.start..self.start + length].to_vec();
        self.start += passed;
        if self.dialect.line_end == b'\n' && record.ends_with(b"\r") {
            record.pop();
        }
        Some(Ok(record))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Dialect = Dialect { delimiter: Some(b','), line_end: b'\n' };

    fn records(text: &str) -> Vec<String> {
        Records::new(text.as_bytes(), COMMA)
            .map(|record| String::from_utf8(record.unwrap()).unwrap())
            .collect()
    }

    #[test]
    fn line_ends_in_quotes_belong_to_the_cell() {
        assert_eq!(records("a,b\r\n\"x\ny\",2\nlast"), ["a,b", "\"x\ny\",2", "last"]);
        assert_eq!(records("\"a \"\"b\"\"\nc\",1\n2"), ["\"a \"\"b\"\"\nc\",1", "2"]);
        assert_eq!(records("\"\",1\n2"), ["\"\",1", "2"]);
        assert_eq!(records("5\" pipe\nnext"), ["5\" pipe", "next"]);
        assert_eq!(records("a\n\nb\n"), ["a", "", "b"]);
        assert!(records("").is_empty());
    }

    #[test]
    fn a_quote_that_nobody_closes_costs_one_line() {
        assert_eq!(records("\"open,1\nb,2\nc,3\n"), ["\"open,1", "b,2", "c,3"]);
        let many = "\"open,1\n".repeat(30_000);
        assert_eq!(records(&many).len(), 30_000);
    }

    #[test]
    fn lines_that_an_open_quote_swallowed_are_given_back() {
        let mut table = Records::new(&b"\"open,1\nb,2\nc,\"two\nlines\"\n"[..], COMMA);
        table.expect(2);
        let rows: Vec<_> = table.map(|row| String::from_utf8(row.unwrap()).unwrap()).collect();
        assert_eq!(rows, ["\"open,1", "b,2", "c,\"two\nlines\""]);
    }

    #[test]
    fn looking_ahead_takes_nothing_away() {
        let mut table = Records::new(&b"a\nb\nc\n"[..], COMMA);
        assert_eq!(table.peek_rows(1_000, 2).unwrap().len(), 2);
        assert_eq!(table.count(), 3);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for delimiter in [None, Some(b','), Some(b';')] {
                let dialect = Dialect { delimiter, line_end: b'\n' };
                let all: Vec<Vec<u8>> =
                    Records::new(&bytes[..], dialect).map(|record| record.unwrap()).collect();
                let kept: usize = all.iter().map(Vec::len).sum();
                let ends = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
                prop_assert!(kept + ends >= bytes.len());
                for record in &all {
                    let _ = super::super::fields(&super::super::decode(record), delimiter);
                }
            }
        }

        #[test]
        fn what_is_written_by_the_book_is_read_back(rows in proptest::collection::vec(
            proptest::collection::vec("[a-z,;\n é]{0,12}", 3), 1..6)) {
            let quote = |cell: &String| format!("\"{cell}\"");
            let text: String = rows.iter().map(|row|
                row.iter().map(quote).collect::<Vec<_>>().join(",") + "\n").collect();
            let read: Vec<Vec<String>> = records(&text).iter()
                .map(|record| super::super::fields(record, Some(b','))).collect();
            prop_assert_eq!(read, rows);
        }
    }
}
