//! Where an older mail begins in a text.

use std::ops::Range;

use super::{FoldKind, is_blank, is_quote, wording};

/// The older mails of a text.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Lines that introduce a quote marked with `>`; the quote itself is judged elsewhere.
    pub headers: Vec<Range<usize>>,
    /// From this line on everything is an older mail, without quote marks.
    pub start: Option<(usize, FoldKind)>,
}

/// Looks for delimiters, header blocks and "On … wrote:" lines.
pub(super) fn find(lines: &[&str], subject: &str) -> History {
    let mut history = History::default();
    let mut at = 0;
    while at < lines.len() {
        let Some((range, kind)) = introduction(lines, at, subject) else {
            at += 1;
            continue;
        };
        let next = lines[range.end..].iter().position(|l| !is_blank(l)).map(|i| range.end + i);
        if next.is_some_and(|n| is_quote(lines[n])) && kind == FoldKind::Quote {
            at = range.end;
            history.headers.push(range);
            continue;
        }
        history.start = Some((range.start, kind));
        break;
    }
    history
}

/// The lines that introduce an older mail, if some do at this line.
fn introduction(lines: &[&str], at: usize, subject: &str) -> Option<(Range<usize>, FoldKind)> {
    let line = lines[at];
    if is_blank(line) || is_quote(line) {
        return None;
    }
    let passed_on = if wording::is_forward_subject(subject) { FoldKind::Forward } else { FoldKind::Quote };
    if wording::is_forward_delimiter(line) {
        let block = header_block(lines, next_text(lines, at + 1), true);
        return Some((at..block.unwrap_or(at + 1), FoldKind::Forward));
    }
    if wording::is_original_delimiter(line) {
        let block = header_block(lines, next_text(lines, at + 1), true);
        return Some((at..block.unwrap_or(at + 1), FoldKind::Quote));
    }
    if wording::is_reply_line(line) {
        return Some((at..at + 1, FoldKind::Quote));
    }
    if wording::is_separator(line) {
        let block = header_block(lines, next_text(lines, at + 1), true)?;
        return Some((at..block, passed_on));
    }
    if let Some(end) = header_block(lines, at, false) {
        return Some((at..end, passed_on));
    }
    let end = wrote_header(lines, at)?;
    Some((at..end, FoldKind::Quote))
}

fn next_text(lines: &[&str], from: usize) -> usize {
    lines[from..].iter().position(|l| !is_blank(l)).map_or(lines.len(), |i| from + i)
}

/// The end of a block of `From: … Sent: … Subject: …` lines that starts here. After a separator less is asked of it.
fn header_block(lines: &[&str], start: usize, separated: bool) -> Option<usize> {
    const LONGEST: usize = 16;
    let mut seen: Vec<wording::Label> = Vec::new();
    let mut has_address = false;
    let mut has_time = false;
    let mut end = start;
    let mut loose = 0;
    for (i, line) in lines.iter().enumerate().skip(start).take(LONGEST) {
        if let Some((label, value)) = wording::header_label(line) {
            has_address |= value.contains('@');
            has_time |= label == wording::Label::Date && wording::is_full_date(value);
            if !seen.contains(&label) {
                seen.push(label);
            }
            end = i + 1;
            loose = 0;
        } else if i == start {
            return None;
        } else {
            // A long list of recipients goes on over lines; HTML puts blank lines between.
            loose += 1;
            let recipients = line.contains('@') || line.trim_end().ends_with([';', ',']);
            if loose > if recipients { 6 } else { 1 } {
                break;
            }
        }
    }
    use wording::Label::{Date, From, Subject, To};
    let has = |l| seen.contains(&l);
    let kinds = seen.len();
    let sound = if separated {
        has(From) && kinds >= 2 || has(Subject) && has(Date)
    } else {
        // "From: Milan, To: Rome, Date: …" may be an order: mail programs put the date second.
        let as_programs_write = has_time && seen.starts_with(&[From, Date, To]);
        has(From) && (has(Subject) && (has(Date) || has(To)) || has(Date) && has_address || as_programs_write)
    };
    sound.then_some(end)
}

/// The end of an "On … wrote:" that starts here and may be broken over lines. Where a later one of its lines begins
/// such a header by itself, the earlier ones are text.
fn wrote_header(lines: &[&str], start: usize) -> Option<usize> {
    let end = joined_header(lines, start)?;
    let later =
        (start + 1..end).any(|i| wording::begins_wrote(lines[i]) && joined_header(lines, i) == Some(end));
    (!later).then_some(end)
}

fn joined_header(lines: &[&str], start: usize) -> Option<usize> {
    const LINES: usize = 5;
    const LONGEST: usize = 400;
    let mut joined = String::new();
    for (i, line) in lines.iter().enumerate().skip(start).take(LINES) {
        if is_quote(line) || is_blank(line) || joined.len() + line.len() > LONGEST {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.trim());
        if !wording::may_end_wrote(line) {
            continue;
        }
        let quoted_next = lines[i + 1..].iter().find(|l| !is_blank(l)).is_some_and(|l| is_quote(l));
        if wording::is_wrote(&joined, i == start, quoted_next) {
            return Some(i + 1);
        }
    }
    None
}
