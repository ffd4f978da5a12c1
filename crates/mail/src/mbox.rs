//! Reads the messages of an mbox file one after another, whatever the size of the file.

use std::io::{BufRead, Read, Result};

/// Messages longer than this are cut unless the caller says otherwise.
pub const DEFAULT_BOUND: usize = 64 * 1024 * 1024;

/// A long line is read in pieces of this size.
const PIECE: u64 = 64 * 1024;

/// The raw messages of an mbox.
///
/// A `From ` line that looks like an envelope and follows a blank line (or opens the file) begins a message; the
/// line itself is not part of it. `>From ` is unescaped as in mboxrd, line ends stay as they are, the blank line
/// before the next envelope is dropped. Bytes before the first envelope come as an item of their own, and so does a
/// message that the end of the file cuts short. Of a message longer than the bound the first `bound` bytes are
/// given, the rest is skipped, and [`Reader::was_cut`] says so until the next item.
pub struct Reader<R> {
    input: R,
    bound: usize,
    started: bool,
    cut: bool,
    done: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads with the [`DEFAULT_BOUND`].
    pub fn new(input: R) -> Self {
        Self::with_bound(input, DEFAULT_BOUND)
    }

    /// Reads with a bound of bytes for one message.
    pub fn with_bound(input: R, bound: usize) -> Self {
        Self { input, bound, started: false, cut: false, done: false }
    }

    /// Whether the last item was longer than the bound and lost its end.
    pub fn was_cut(&self) -> bool {
        self.cut
    }

    /// The next item; `None` at the end. Blank bytes before the first envelope are no item.
    fn read(&mut self) -> Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut piece = Vec::new();
        let mut at_line_start = true;
        let mut after_blank = !self.started;
        self.cut = false;
        loop {
            piece.clear();
            let read = self.input.by_ref().take(PIECE).read_until(b'\n', &mut piece)?;
            if read == 0 {
                self.done = true;
                break;
            }
            if at_line_start && is_envelope(&piece, after_blank) {
                let first = !self.started;
                self.started = true;
                self.skip_line(&piece)?;
                after_blank = false;
                if first && message.trim_ascii().is_empty() {
                    message.clear();
                    continue;
                }
                break;
            }
            let content = if at_line_start && is_escaped(&piece) { &piece[1..] } else { &piece[..] };
            let room = self.bound.saturating_sub(message.len());
            self.cut |= content.len() > room;
            message.extend_from_slice(&content[..content.len().min(room)]);
            after_blank = at_line_start && piece.trim_ascii_end().is_empty();
            at_line_start = piece.ends_with(b"\n");
        }
        if !self.cut {
            drop_blank_end(&mut message);
        }
        // An envelope with nothing behind it is still an item, so that counts agree with the file.
        let nothing = message.is_empty() && self.done && !self.started;
        Ok((!nothing).then_some(message))
    }

    /// Reads on to the end of a line of which a piece is known.
    fn skip_line(&mut self, piece: &[u8]) -> Result<()> {
        let mut rest = Vec::new();
        let mut ended = piece.ends_with(b"\n");
        while !ended {
            rest.clear();
            let read = self.input.by_ref().take(PIECE).read_until(b'\n', &mut rest)?;
            ended = read == 0 || rest.ends_with(b"\n");
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.read();
        if item.is_err() {
            self.done = true;
        }
        item.transpose()
    }
}

/// An envelope line: after a blank line a sender and a year or a time are enough; elsewhere (writers that leave the
/// blank line out) it needs weekday, month and time.
fn is_envelope(line: &[u8], after_blank: bool) -> bool {
    if !line.starts_with(b"From ") {
        return false;
    }
    let line = String::from_utf8_lossy(&line[5..line.len().min(400)]);
    let words: Vec<&str> = line.split_whitespace().collect();
    let time = words.iter().any(|w| is_time(w));
    let year = words.iter().any(|w| {
        w.len() == 4 && (w.starts_with("19") || w.starts_with("20")) && w.bytes().all(|b| b.is_ascii_digit())
    });
    if after_blank {
        return words.len() >= 2 && (time || year);
    }
    let named = |list: &[&str]| words.iter().any(|w| list.contains(w));
    time && year
        && named(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
        && named(&["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
}

fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
}

fn is_escaped(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|b| **b == b'>').count();
    marks > 0 && line[marks..].starts_with(b"From ")
}

fn drop_blank_end(message: &mut Vec<u8>) {
    if message.ends_with(b"\r\n\r\n") {
        message.truncate(message.len() - 2);
    } else if message.ends_with(b"\n\n") {
        message.truncate(message.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(mbox: &str) -> Vec<String> {
        Reader::new(mbox.as_bytes()).map(|m| String::from_utf8(m.unwrap()).unwrap()).collect()
    }

    #[test]
    fn messages_are_parted_by_envelopes() {
        let mbox = "From a@x Tue Jul 14 10:00:00 2026\nSubject: a\n\nuno\n\nFrom b@x Tue Jul 14 11:00:00 2026\nSubject: b\n\ndue\n";
        assert_eq!(items(mbox), ["Subject: a\n\nuno\n", "Subject: b\n\ndue\n"]);
    }

    #[test]
    fn a_sentence_that_begins_with_from_is_text_and_escapes_are_undone() {
        let mbox = "From a@x Tue Jul 14 10:00:00 2026\nSubject: a\n\n\nFrom here we go on\n>From there\n>>From two\n";
        assert_eq!(items(mbox), ["Subject: a\n\n\nFrom here we go on\nFrom there\n>From two\n"]);
    }

    #[test]
    fn line_ends_stay_and_a_cut_message_is_given() {
        let mbox = "From a@x Tue Jul 14 10:00:00 2026\r\nSubject: a\r\n\r\nuno\r\n\r\nFrom - Tue Jul 14 11:00:00 2026\r\nSubj";
        assert_eq!(items(mbox), ["Subject: a\r\n\r\nuno\r\n", "Subj"]);
    }

    #[test]
    fn bytes_before_the_first_envelope_are_an_item() {
        let mbox = "garbage\n\nFrom a@x Tue Jul 14 10:00:00 2026\nSubject: a\n\nuno\n";
        assert_eq!(items(mbox), ["garbage\n", "Subject: a\n\nuno\n"]);
        assert_eq!(items("\n\nFrom a@x Tue Jul 14 10:00:00 2026\nSubject: a\n"), ["Subject: a\n"]);
        assert_eq!(items("Subject: alone\n\nno envelope\n"), ["Subject: alone\n\nno envelope\n"]);
        assert!(items("").is_empty());
    }

    #[test]
    fn a_message_beyond_the_bound_loses_its_end_and_the_next_is_whole() {
        let mbox = format!(
            "From a@x Tue Jul 14 10:00:00 2026\n{}\n\nFrom b@x Tue Jul 14 10:00:00 2026\nb\n",
            "x".repeat(200_000)
        );
        let mut reader = Reader::with_bound(mbox.as_bytes(), 1_000);
        assert_eq!(reader.next().unwrap().unwrap().len(), 1_000);
        assert!(reader.was_cut());
        assert_eq!(reader.next().unwrap().unwrap(), b"b\n");
        assert!(!reader.was_cut() && reader.next().is_none());
    }

    #[test]
    fn a_missing_blank_line_is_forgiven_for_a_full_envelope() {
        let mbox = "From a@x Tue Jul 14 10:00:00 2026\nuno\nFrom b@x Tue Jul 14 10:00:00 2026\ndue\n";
        assert_eq!(items(mbox), ["uno\n", "due\n"]);
    }
}
