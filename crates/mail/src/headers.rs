//! The header block: fields split, unfolded and made text, whatever bytes they hold.

use crate::{charset, words};

/// More fields than this are not read: no honest message has them.
const MOST_FIELDS: usize = 2_000;
/// A field longer than this is cut.
const LONGEST_FIELD: usize = 256 * 1024;

/// The fields of one header block, in order, unfolded, still with their encoded words.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    fields: Vec<(String, String)>,
    /// What was found wrong while splitting.
    pub defects: Vec<&'static str>,
}

impl Headers {
    /// Splits a message or part into its fields and the offset of its body.
    pub fn split(raw: &[u8]) -> (Self, usize) {
        let mut raw_fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
        let mut defects = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let end = line_end(raw, at);
            let line = raw[at..end].trim_ascii_end();
            if line.is_empty() {
                // A line of nothing but spaces inside a header block is a broken fold, not its end.
                let only_spaces = raw[at..end].iter().any(|b| matches!(b, b' ' | b'\t'));
                if only_spaces && !raw_fields.is_empty() && field_name(raw, end).is_some() {
                    at = end;
                    continue;
                }
                if raw_fields.is_empty() && at == 0 && field_name(raw, end).is_some() {
                    at = end;
                    continue;
                }
                // A blank line slipped in before a fold, and the fields go on after it.
                let fold_next = end < raw.len() && matches!(raw[end], b' ' | b'\t');
                if fold_next && !raw_fields.is_empty() && header_goes_on(raw, end) {
                    note(&mut defects, "malformed-header");
                    at = end;
                    continue;
                }
                at = end;
                break;
            }
            let folded = matches!(raw[at], b' ' | b'\t');
            if let Some((name, value)) = (!folded).then(|| split_field(line)).flatten() {
                if raw_fields.len() < MOST_FIELDS {
                    raw_fields.push((name, value.to_vec()));
                } else {
                    note(&mut defects, "too-many-headers");
                }
            } else if let Some((_, value)) = raw_fields.last_mut() {
                if !folded {
                    if !header_goes_on(raw, end) {
                        note(&mut defects, "missing-header-separator");
                        break;
                    }
                    note(&mut defects, "malformed-header");
                }
                if value.len() + line.len() < LONGEST_FIELD {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii_start());
                }
            } else if is_envelope_line(line) {
                // The separator of an mbox that was left in front.
            } else if folded && field_name(raw, end).is_some() {
                note(&mut defects, "malformed-header");
            } else {
                // No header at all: everything is body.
                return (Self { fields: Vec::new(), defects: vec!["no-header"] }, 0);
            }
            at = end;
        }
        if raw_fields.is_empty() {
            note(&mut defects, "no-header");
        }
        let hint = declared_charset(&raw_fields);
        let mut fields = Vec::with_capacity(raw_fields.len());
        for (name, value) in raw_fields {
            let text = if value.is_ascii() {
                charset::without_nul(String::from_utf8_lossy(&value).into_owned())
            } else {
                note(&mut defects, "eight-bit-header");
                let declared = std::str::from_utf8(&value).is_err().then_some(hint.as_deref()).flatten();
                charset::decode(&value, declared).text
            };
            fields.push((String::from_utf8_lossy(name).to_ascii_lowercase(), text));
        }
        (Self { fields, defects }, at)
    }

    /// The first field of that lower-case name, trimmed, encoded words untouched.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every field of that lower-case name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.trim())
    }

    /// The first field of that name that is not blank, its encoded words decoded.
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name).find(|v| !v.is_empty()).map(|v| words::decode(v).trim().to_owned())
    }

    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

pub(crate) fn note(defects: &mut Vec<&'static str>, code: &'static str) {
    if !defects.contains(&code) {
        defects.push(code);
    }
}

/// The offset just after the line that starts at `at`.
pub(crate) fn line_end(raw: &[u8], at: usize) -> usize {
    raw[at..].iter().position(|b| *b == b'\n').map_or(raw.len(), |i| at + i + 1)
}

fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    const LONGEST_NAME: usize = 76;
    let colon = line.iter().take(LONGEST_NAME + 1).position(|b| *b == b':')?;
    let name = line[..colon].trim_ascii_end();
    let sound = !name.is_empty() && name.iter().all(|b| (33..127).contains(b));
    sound.then(|| (name, line[colon + 1..].trim_ascii_start()))
}

fn field_name(raw: &[u8], at: usize) -> Option<&[u8]> {
    if at >= raw.len() || matches!(raw[at], b' ' | b'\t') {
        return None;
    }
    split_field(raw[at..line_end(raw, at)].trim_ascii_end()).map(|(name, _)| name)
}

/// Whether a line that is no field stands among fields: another field follows close by, before a blank line.
fn header_goes_on(raw: &[u8], mut at: usize) -> bool {
    const LOOK_AHEAD: usize = 4;
    for _ in 0..LOOK_AHEAD {
        if at >= raw.len() {
            return false;
        }
        let end = line_end(raw, at);
        if raw[at..end].trim_ascii().is_empty() {
            return false;
        }
        if field_name(raw, at).is_some_and(is_known) {
            return true;
        }
        at = end;
    }
    false
}

fn is_known(name: &[u8]) -> bool {
    const KNOWN: [&str; 14] = [
        "from",
        "to",
        "cc",
        "date",
        "subject",
        "message-id",
        "mime-version",
        "received",
        "reply-to",
        "sender",
        "references",
        "in-reply-to",
        "return-path",
        "content-type",
    ];
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    name.starts_with("x-") || name.starts_with("content-") || KNOWN.contains(&name.as_str())
}

fn is_envelope_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

fn declared_charset(fields: &[(&[u8], Vec<u8>)]) -> Option<String> {
    let (_, value) = fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(b"content-type"))?;
    let value = String::from_utf8_lossy(value).to_ascii_lowercase();
    let (_, after) = value.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c))
        .collect();
    (!label.is_empty() && !label.ends_with("ascii")).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(raw: &[u8]) -> (Headers, String) {
        let (headers, body) = Headers::split(raw);
        (headers, String::from_utf8_lossy(&raw[body..]).into_owned())
    }

    #[test]
    fn fields_are_unfolded_and_the_body_found() {
        let (h, body) = fields(b"Subject: uno\r\n due\r\nTo: a@example.org\r\n\r\nciao\r\n");
        assert_eq!((h.raw("subject"), body.as_str()), (Some("uno due"), "ciao\r\n"));
        assert!(h.defects.is_empty());
    }

    #[test]
    fn a_fold_without_its_space_is_mended() {
        let (h, body) = fields(b"Subject: uno\ndue tre\nTo: a@example.org\n\nciao");
        assert_eq!(
            (h.raw("subject"), h.raw("to"), body.as_str()),
            (Some("uno due tre"), Some("a@example.org"), "ciao")
        );
        assert_eq!(h.defects, ["malformed-header"]);
    }

    #[test]
    fn a_blank_line_before_a_fold_does_not_end_the_header() {
        let (h, body) = fields(b"To: a@example.org,\n\n\tb@example.org\nSubject: uno\n\n  rientro\n");
        assert_eq!((h.raw("to"), h.raw("subject")), (Some("a@example.org, b@example.org"), Some("uno")));
        assert_eq!(body, "  rientro\n");
    }

    #[test]
    fn a_body_without_a_separator_is_still_a_body() {
        let (h, body) = fields(b"Subject: uno\nBuongiorno a tutti\nvorrei sapere");
        assert_eq!((h.raw("subject"), body.as_str()), (Some("uno"), "Buongiorno a tutti\nvorrei sapere"));
        assert_eq!(h.defects, ["missing-header-separator"]);
    }

    #[test]
    fn eight_bit_headers_follow_the_declared_set_or_a_guess() {
        let (h, _) = fields(b"Subject: prezzo 5 \xa4\nContent-Type: text/plain; charset=iso-8859-15\n\n");
        assert_eq!(h.raw("subject"), Some("prezzo 5 €"));
        let (h, _) = fields("Subject: perché\nContent-Type: text/plain; charset=iso-8859-1\n\n".as_bytes());
        assert_eq!(h.raw("subject"), Some("perché"));
    }

    #[test]
    fn text_without_header_is_all_body() {
        let (h, body) = fields(b"just some words\n\nand more");
        assert_eq!((h.is_empty(), body.as_str()), (true, "just some words\n\nand more"));
    }
}
