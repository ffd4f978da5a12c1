//! What closes a mail: signature blocks, "sent from" lines, legal notices, footers of lists.

use super::{FoldKind, closings, is_blank, is_quote};

/// A block after a bare `--` longer than this is text that somebody divided.
const LONGEST_BLOCK: usize = 20;
/// The same for marks that are used for other things too.
const LONGEST_LOOSE_BLOCK: usize = 8;

/// Marks the signatures of every stretch of own lines.
pub(super) fn mark(lines: &[&str], marks: &mut [Option<FoldKind>]) {
    let mut at = 0;
    while at < lines.len() {
        let own = |i: usize| marks[i].is_none() && !is_quote(lines[i]);
        if !own(at) {
            at += 1;
            continue;
        }
        let start = at;
        while at < lines.len() && own(at) {
            at += 1;
        }
        let from = start + begin(&lines[start..at]);
        marks[from..at].fill(Some(FoldKind::Signature));
    }
}

/// The line of a stretch at which its signature begins; its length where it has none.
fn begin(lines: &[&str]) -> usize {
    // How many lines with text follow each line, counted once for all.
    let mut after = vec![0; lines.len()];
    for i in (0..lines.len().saturating_sub(1)).rev() {
        after[i] = after[i + 1] + usize::from(!is_blank(lines[i + 1]));
    }
    let marked = (0..lines.len()).find(|i| is_mark(lines[*i], after[*i], &lines[i + 1..]));
    let mut end = marked.unwrap_or(lines.len());
    // Closing lines may stand above the mark too, and one above the other.
    loop {
        let Some(last) = lines[..end].iter().rposition(|l| !is_blank(l)) else { return end };
        if closings::is_sent_from(lines[last]) {
            end = last;
            continue;
        }
        let paragraph = lines[..last].iter().rposition(|l| is_blank(l)).map_or(0, |i| i + 1);
        match notice(lines, paragraph, last + 1) {
            Some(start) => end = start,
            None => return end,
        }
    }
}

/// Whether a line opens a signature of `length` lines with text.
fn is_mark(line: &str, length: usize, after: &[&str]) -> bool {
    let bare = line.trim_end();
    if line == "-- " {
        return true;
    }
    match bare {
        "--" | "—" | "–" => length <= if bare == "--" { LONGEST_BLOCK } else { LONGEST_LOOSE_BLOCK },
        "__" | "___" => (1..=LONGEST_LOOSE_BLOCK).contains(&length),
        _ => is_rule(bare) && (1..=LONGEST_LOOSE_BLOCK).contains(&length) && is_list_footer(after),
    }
}

/// A line drawn across the page.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 20 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*'))
}

fn is_list_footer(lines: &[&str]) -> bool {
    lines.iter().any(|l| {
        let l = l.to_lowercase();
        ["mailing list", "listinfo", "unsubscribe", "disiscri", "annulla l'iscrizione", "mailman"]
            .iter()
            .any(|w| l.contains(w))
    })
}

/// Where the legal notice that fills the paragraph begins: the rule or heading above it belongs to it.
fn notice(lines: &[&str], start: usize, end: usize) -> Option<usize> {
    let text = lines[start..end].join(" ");
    if !closings::is_notice(&text) {
        return None;
    }
    let above = lines[..start].iter().rposition(|l| !is_blank(l));
    match above {
        Some(i) if is_rule(lines[i]) => Some(i),
        _ => Some(start),
    }
}
