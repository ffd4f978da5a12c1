//! Parts the sender's own new words from quotes, signatures and forwarded mail. Nothing is deleted: every line that
//! is not blank is either in the reply or in one fold.
//!
//! Line by line: `history` finds where an older mail begins (a delimiter, a header block, an "On … wrote:"), `quotes`
//! decides which `>` lines an answer needs beside it, `signature` finds what closes a mail without saying anything.

mod closings;
mod history;
mod quotes;
mod signature;
mod wording;

use serde::{Deserialize, Serialize};

/// What a fold holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FoldKind {
    /// Older mail that was answered, and the lines that introduce it.
    Quote,
    /// Signature, "sent from", legal notice.
    Signature,
    /// A mail passed on.
    Forward,
}

/// A stretch of text that a reader opens only when they want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// What it is.
    pub kind: FoldKind,
    /// Its lines, as they stood.
    pub text: String,
}

/// A text parted in what is shown and what is folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// The sender's own new words; interleaved answers with the lines that they answer.
    pub reply: String,
    /// The rest, in the order of the text.
    pub folds: Vec<Fold>,
}

/// Parts a plain text. The subject helps to tell a forwarded mail from an answered one. Where nothing of the
/// sender's own would remain (a mail that only forwards or quotes), nothing is folded.
pub fn split(text: &str, subject: &str) -> Split {
    let lines: Vec<&str> = text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
    let mut marks: Vec<Option<FoldKind>> = vec![None; lines.len()];

    let history = history::find(&lines, subject);
    for header in &history.headers {
        marks[header.clone()].fill(Some(FoldKind::Quote));
    }
    if let Some((start, kind)) = history.start {
        marks[start..].fill(Some(kind));
    }
    let end = history.start.map_or(lines.len(), |(start, _)| start);
    signature::mark(&lines[..end], &mut marks[..end]);
    quotes::mark(&lines[..end], &history.headers, &mut marks[..end]);
    assemble(&lines, &marks)
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Whether a line is quoted by a `>`.
fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn assemble(lines: &[&str], marks: &[Option<FoldKind>]) -> Split {
    let mut reply: Vec<&str> = Vec::new();
    let mut folds: Vec<(FoldKind, Vec<&str>)> = Vec::new();
    let mut last: Option<FoldKind> = None;
    for (line, mark) in lines.iter().zip(marks) {
        match mark {
            None => {
                let joint = last.is_some() && reply.last().is_none_or(|l| is_blank(l));
                if is_blank(line) && joint {
                    continue;
                }
                reply.push(line);
                if is_blank(line) {
                    continue;
                }
                last = None;
            }
            Some(kind) => match folds.last_mut() {
                Some((before, text)) if before == kind && last == Some(*kind) => text.push(line),
                _ if is_blank(line) => {}
                _ => {
                    folds.push((*kind, vec![line]));
                    last = Some(*kind);
                }
            },
        }
    }
    let reply = trim_blank(&reply);
    if is_blank(&reply) {
        let whole = trim_blank(lines);
        return Split { reply: whole, folds: Vec::new() };
    }
    let folds = folds.into_iter().map(|(kind, text)| Fold { kind, text: trim_blank(&text) }).collect();
    Split { reply, folds }
}

/// The lines joined, without blank ones at either end.
fn trim_blank(lines: &[&str]) -> String {
    let start = lines.iter().position(|l| !is_blank(l)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|l| !is_blank(l)).map_or(start, |i| i + 1);
    lines[start..end].join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests;
