//! Which quoted lines stay: those that an answer below them needs.

use std::ops::Range;

use super::{FoldKind, is_blank, is_quote};

/// A single quoted mail longer than this, with the answer below, is history and not a question being answered.
const LONGEST_ANSWERED: usize = 8;
/// Only lines this long are broken by a mail program that forgets to repeat the quote mark.
const WRAPPED: usize = 55;

/// Marks the quoted blocks that no answer follows.
pub(super) fn mark(lines: &[&str], headers: &[Range<usize>], marks: &mut [Option<FoldKind>]) {
    let blocks = blocks(lines, marks);
    let mut in_block = vec![false; lines.len()];
    for block in &blocks {
        in_block[block.clone()].fill(true);
    }
    let own = |i: usize| marks[i].is_none() && !in_block[i] && !is_blank(lines[i]);
    let last_own = (0..lines.len()).rev().find(|i| own(*i));
    let first_own = (0..lines.len()).find(|i| own(*i));
    let introduced = |block: &Range<usize>| {
        headers.iter().any(|h| h.end <= block.start && (h.end..block.start).all(|i| is_blank(lines[i])))
    };

    // One long quote and the answer below it.
    let bottom_posted = match (blocks.as_slice(), first_own) {
        ([only], Some(first)) => {
            let length =
                lines[only.clone()].iter().filter(|l| !l.trim_matches(['>', ' ', '\t']).is_empty()).count();
            first >= only.end && introduced(only) && length > LONGEST_ANSWERED
        }
        _ => false,
    };
    let folded: Vec<Range<usize>> = blocks
        .iter()
        .filter(|block| bottom_posted || last_own.is_none_or(|last| last < block.start))
        .cloned()
        .collect();
    for block in folded {
        marks[block].fill(Some(FoldKind::Quote));
    }
}

/// Runs of quoted lines; blank lines and lines that lost their mark when they were wrapped belong to them.
fn blocks(lines: &[&str], marks: &[Option<FoldKind>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if marks[at].is_some() || !is_quote(lines[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at + 1;
        at += 1;
        while at < lines.len() && marks[at].is_none() {
            if is_quote(lines[at]) {
                at += 1;
                end = at;
            } else if is_blank(lines[at]) || is_wrapped(lines, at) {
                at += 1;
            } else {
                break;
            }
        }
        at = end;
        found.push(start..end);
    }
    found
}

/// The tail of a long quoted line, between two quoted lines.
fn is_wrapped(lines: &[&str], at: usize) -> bool {
    let before = lines[at - 1];
    let after = lines.get(at + 1).copied().unwrap_or_default();
    is_quote(before)
        && is_quote(after)
        && before.trim_end().chars().count() >= WRAPPED
        && lines[at].chars().count() < before.chars().count()
        && !before.trim_end().ends_with(['.', '?', '!', ':'])
}
