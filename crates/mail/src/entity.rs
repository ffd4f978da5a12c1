//! The MIME tree: parts by their boundaries, bounded in depth and number, mended where boundaries are broken.

use std::ops::Range;

use crate::{
    fields::Media,
    headers::{Headers, line_end, note},
};

/// Deeper multiparts are kept unopened, as one attachment.
const DEEPEST: usize = 16;
/// Parts beyond this number are not opened.
const MOST_PARTS: usize = 1_000;

/// One part of a message.
#[derive(Debug)]
pub(crate) struct Entity {
    pub headers: Headers,
    /// Lower-case media type, the default where none is declared.
    pub media: Media,
    /// Whether Content-Type was there and readable.
    pub declared: bool,
    /// The body in the raw bytes.
    pub body: Range<usize>,
    pub parts: Vec<Entity>,
}

impl Entity {
    pub fn is(&self, media: &str) -> bool {
        self.media.name == media
    }

    pub fn is_multipart(&self) -> bool {
        self.media.name.starts_with("multipart/")
    }
}

/// Reads the whole tree of a message.
pub(crate) fn read(raw: &[u8], defects: &mut Vec<&'static str>) -> Entity {
    let mut reader = Reader { raw, defects, parts: 0 };
    reader.entity(0..raw.len(), 0, "text/plain")
}

struct Reader<'x> {
    raw: &'x [u8],
    defects: &'x mut Vec<&'static str>,
    parts: usize,
}

impl Reader<'_> {
    fn entity(&mut self, range: Range<usize>, depth: usize, default: &str) -> Entity {
        self.parts += 1;
        let source = &self.raw[range.clone()];
        // A part that begins with a blank line has no header; what follows may look like one (an attached mail).
        let bare = [&b"\r\n"[..], b"\n"].into_iter().find(|n| depth > 0 && source.starts_with(n));
        let (mut headers, body) = match bare {
            Some(newline) => (Headers::default(), newline.len()),
            None => Headers::split(source),
        };
        for defect in std::mem::take(&mut headers.defects) {
            // A part without header is allowed; a message is not.
            if depth == 0 || defect != "no-header" {
                note(self.defects, defect);
            }
        }
        let body = range.start + body..range.end;
        let given = headers.raw("content-type").filter(|v| !v.is_empty());
        let read = given.and_then(Media::read).filter(|m| m.name.contains('/') || m.name == "text");
        if given.is_some() && read.is_none() {
            note(self.defects, "malformed-content-type");
        }
        let declared = read.is_some();
        let mut media = read.unwrap_or_default();
        if !declared {
            media.name = default.to_owned();
        } else if media.name == "text" {
            media.name = "text/plain".to_owned();
        }
        let mut entity = Entity { headers, media, declared, body, parts: Vec::new() };
        if entity.is_multipart() {
            if depth >= DEEPEST {
                note(self.defects, "too-deep");
                entity.media.name = "application/octet-stream".to_owned();
            } else {
                self.open(&mut entity, depth);
            }
        }
        entity
    }

    fn open(&mut self, entity: &mut Entity, depth: usize) {
        let declared = entity.media.parameter("boundary").map(|b| b.trim_end().as_bytes().to_vec());
        let mut ranges = match &declared {
            Some(boundary) => self.split(entity.body.clone(), boundary),
            None => {
                note(self.defects, "missing-boundary");
                Vec::new()
            }
        };
        if ranges.is_empty()
            && let Some(guessed) = guess_boundary(&self.raw[entity.body.clone()])
        {
            note(self.defects, "boundary-guessed");
            ranges = self.split(entity.body.clone(), &guessed);
        }
        if ranges.is_empty() {
            note(self.defects, "no-parts");
            entity.media.name = "text/plain".to_owned();
            return;
        }
        let default = if entity.is("multipart/digest") { "message/rfc822" } else { "text/plain" };
        for range in ranges {
            if self.parts >= MOST_PARTS {
                note(self.defects, "too-many-parts");
                break;
            }
            let part = self.entity(range, depth + 1, default);
            entity.parts.push(part);
        }
    }

    /// The ranges between the lines of a boundary; the last one may miss its end.
    fn split(&mut self, body: Range<usize>, boundary: &[u8]) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = None;
        let mut at = body.start;
        let mut closed = false;
        while at < body.end {
            let end = line_end(self.raw, at).min(body.end);
            if let Some(last) = boundary_line(&self.raw[at..end], boundary) {
                if let Some(start) = start {
                    ranges.push(start..before_line(self.raw, start, at));
                }
                start = (!last).then_some(end);
                if last {
                    closed = true;
                    break;
                }
            }
            at = end;
        }
        if let Some(start) = start {
            ranges.push(start..body.end);
        }
        if !ranges.is_empty() && !closed {
            note(self.defects, "unclosed-multipart");
        }
        ranges
    }
}

/// Whether the line is this boundary: `Some(true)` for the closing one.
fn boundary_line(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    match rest.trim_ascii_end() {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

/// The line break before a boundary belongs to the boundary.
fn before_line(raw: &[u8], start: usize, at: usize) -> usize {
    let mut end = at;
    if end > start && raw[end - 1] == b'\n' {
        end -= 1;
        if end > start && raw[end - 1] == b'\r' {
            end -= 1;
        }
    }
    end
}

/// A boundary that no header (or a wrong one) declares: the first `--something` line that fields follow.
fn guess_boundary(body: &[u8]) -> Option<Vec<u8>> {
    const LINES: usize = 200;
    let mut at = 0;
    for _ in 0..LINES {
        if at >= body.len() {
            return None;
        }
        let end = line_end(body, at);
        let line = body[at..end].trim_ascii_end();
        if let Some(name) = line.strip_prefix(b"--")
            && (4..=200).contains(&name.len())
            && !name.contains(&b' ')
            && body[end..].len() > 8
            && body[end..end + 8].eq_ignore_ascii_case(b"content-")
        {
            return Some(name.to_vec());
        }
        at = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(raw: &str) -> (Entity, Vec<&'static str>) {
        let mut defects = Vec::new();
        let entity = read(raw.as_bytes(), &mut defects);
        (entity, defects)
    }

    #[test]
    fn parts_are_found_between_boundaries() {
        let raw = "Content-Type: multipart/mixed; boundary=\"b\"\n\npre\n--b\n\nuno\n--b-c\n--b\nContent-Type: text/html\n\ndue\n--b--\npost";
        let (entity, defects) = tree(raw);
        let bodies: Vec<&str> = entity.parts.iter().map(|p| &raw[p.body.clone()]).collect();
        assert_eq!(bodies, ["uno\n--b-c", "due"]);
        assert!(defects.is_empty());
    }

    #[test]
    fn broken_boundaries_are_mended() {
        let (entity, defects) =
            tree("Content-Type: multipart/mixed\n\n--abcd\nContent-Type: text/plain\n\nuno");
        assert_eq!(entity.parts.len(), 1);
        assert_eq!(defects, ["missing-boundary", "boundary-guessed", "unclosed-multipart"]);
        let (entity, defects) = tree("Content-Type: multipart/mixed; boundary=x\n\nno parts here");
        assert!(entity.is("text/plain") && entity.parts.is_empty());
        assert_eq!(defects, ["no-parts"]);
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut raw = String::new();
        for level in 0..100 {
            raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
        }
        assert!(tree(&raw).1.contains(&"too-deep"));
        let raw = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(5_000));
        let (entity, defects) = tree(&raw);
        assert!(entity.parts.len() <= MOST_PARTS && defects.contains(&"too-many-parts"));
    }
}
