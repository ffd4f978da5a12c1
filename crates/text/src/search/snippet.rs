//! The part of a text that shows why it was found.

use super::query::Query;
use super::rank::Hit;

/// A part of a snippet, to be shown one after the other. The text is as the customer wrote it: the
/// caller escapes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'t> {
    /// A part of the text, accents and case kept.
    pub text: &'t str,
    /// Whether this is what was looked for.
    pub hit: bool,
}

impl Query {
    /// The stretch of at most `max_chars` characters with the most of what was looked for, cut at white
    /// space where possible. The pieces together are a part of the text; where nothing matches, its
    /// beginning.
    pub fn snippet<'t>(&self, text: &'t str, max_chars: usize) -> Vec<Piece<'t>> {
        let mut hits = self.find(text).hits;
        hits.sort_by_key(|hit| (hit.start, hit.end));
        let hits = best(text, &hits, max_chars);
        let (start, end) = match (hits.first(), hits.last()) {
            (Some(first), Some(_)) => {
                let end = hits.iter().map(|hit| hit.end).max().unwrap_or(first.end);
                widened(text, first.start, end, max_chars)
            }
            _ => widened(text, 0, 0, max_chars),
        };
        pieces(text, start, end, hits)
    }
}

/// The neighbouring hits that fit and are worth most: different words before repeated ones.
fn best<'h>(text: &str, hits: &'h [Hit], max_chars: usize) -> &'h [Hit] {
    let mut best: (&[Hit], usize) = (&[], 0);
    // How often each clause is in the window from `first` to before `end`, and how many are.
    let mut counts = vec![0_usize; hits.iter().map(|hit| hit.clause + 1).max().unwrap_or(0)];
    let (mut end, mut present) = (0, 0);
    for first in 0..hits.len() {
        // A character has at least one byte, so only what is longer in bytes has to be counted.
        let fits = |hit: &Hit| {
            let end = hit.end.max(hits[first].end);
            end - hits[first].start <= max_chars || text[hits[first].start..end].chars().count() <= max_chars
        };
        while end < hits.len() && fits(&hits[end]) {
            present += usize::from(counts[hits[end].clause] == 0);
            counts[hits[end].clause] += 1;
            end += 1;
        }
        if end <= first {
            // It is too long alone.
            end = first + 1;
            continue;
        }
        let window = &hits[first..end];
        let worth = present * 1000 + window.len().min(999);
        if worth > best.1 {
            best = (window, worth);
        }
        counts[hits[first].clause] -= 1;
        present -= usize::from(counts[hits[first].clause] == 0);
    }
    best.0
}

/// Widens a range to `max_chars` characters, about a third of the room before it, and draws the ends
/// back to white space.
fn widened(text: &str, start: usize, end: usize, max_chars: usize) -> (usize, usize) {
    let room = max_chars.saturating_sub(text[start..end].chars().count());
    let before = text[..start].chars().rev().take(room / 3).map(char::len_utf8).sum::<usize>();
    let after_room = room - text[start - before..start].chars().count();
    let after = text[end..].chars().take(after_room).map(char::len_utf8).sum::<usize>();
    // At the end of the text there may be room left for more before.
    let left_room = room - text[end..end + after].chars().count();
    let before = text[..start].chars().rev().take(left_room).map(char::len_utf8).sum::<usize>();

    let mut from = start - before;
    if from > 0 && !text[..from].ends_with(char::is_whitespace) {
        // Inside a word: begin with the next one, or with the hit.
        from = match text[from..start].find(char::is_whitespace) {
            Some(space) => from + space,
            None => start,
        };
    }
    from += text[from..start].len() - text[from..start].trim_start().len();
    let mut to = end + after;
    if to < text.len() && !text[to..].starts_with(char::is_whitespace) {
        to = match text[end..to].rfind(char::is_whitespace) {
            Some(space) => end + space,
            None if start == end => to,
            None => end,
        };
    }
    to = end + text[end..to].trim_end().len();
    (from, to)
}

fn pieces<'t>(text: &'t str, start: usize, end: usize, hits: &[Hit]) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    let mut at = start;
    for hit in hits {
        // A word may be found twice, alone and as part of an address: what is marked stays marked.
        let from = hit.start.max(at);
        if hit.end <= from || hit.end > end {
            continue;
        }
        if from > at {
            pieces.push(Piece { text: &text[at..from], hit: false });
        }
        pieces.push(Piece { text: &text[from..hit.end], hit: true });
        at = hit.end;
    }
    if at < end {
        pieces.push(Piece { text: &text[at..end], hit: false });
    }
    pieces
}
