//! Typed header fields: ids and media types.

use mail_parser::{HeaderValue, parsers::MessageStream};

use crate::{headers::Headers, words};

/// A media type with its parameters, from Content-Type or Content-Disposition.
#[derive(Debug, Default)]
pub(crate) struct Media {
    /// `text/plain`, or `attachment`; lower case.
    pub name: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    pub fn read(value: &str) -> Option<Self> {
        const LONGEST: usize = 16 * 1024;
        let line = format!("{}\n", words::floor_char(value, LONGEST));
        let HeaderValue::ContentType(parsed) = MessageStream::new(line.as_bytes()).parse_content_type()
        else {
            return None;
        };
        let kind = parsed.ctype().trim().to_ascii_lowercase();
        let name = match parsed.subtype() {
            Some(subtype) => format!("{kind}/{}", subtype.trim().to_ascii_lowercase()),
            None => kind,
        };
        let parameters = parsed
            .attributes()
            .unwrap_or_default()
            .iter()
            .map(|a| (a.name.to_ascii_lowercase(), a.value.replace('\0', "")))
            .collect();
        Some(Self { name, parameters })
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
            .filter(|v| !v.trim().is_empty())
    }

    /// A parameter whose encoded words (not allowed there, common all the same) are decoded.
    pub fn text_parameter(&self, name: &str) -> Option<String> {
        self.parameter(name).map(words::decode)
    }
}

/// The ids of a Message-ID, In-Reply-To or References field, without brackets, each once.
pub(crate) fn ids(headers: &Headers, name: &str) -> Vec<String> {
    const MOST: usize = 200;
    let mut found: Vec<String> = Vec::new();
    for value in headers.all(name) {
        let mut bracketed = Vec::new();
        let mut rest = value;
        while let Some((_, after)) = rest.split_once('<') {
            let Some((id, tail)) = after.split_once('>') else { break };
            // `<<id>>` and a fold in the middle both occur.
            bracketed.push(bare(id));
            rest = tail;
        }
        if bracketed.is_empty() {
            bracketed.extend(
                value
                    .split([' ', '\t', ',', ';'])
                    .map(|t| bare(t.trim_matches(['<', '>', '"'])))
                    .filter(|t| t.contains('@') || (name == "message-id" && !t.is_empty())),
            );
        }
        for id in bracketed {
            if !id.is_empty() && id.len() <= 998 && !found.contains(&id) {
                found.push(id);
            }
            if found.len() == MOST {
                return found;
            }
        }
    }
    found
}

/// An id without what cannot stand in one: a carriage return alone ends no line here, but does elsewhere.
fn bare(id: &str) -> String {
    id.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '<').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lose_their_brackets_and_repetitions() {
        let (h, _) = Headers::split(
            b"References: <a@x> <b@x>\r\n <a@x>\r\nIn-Reply-To: Message of today <c@x>\r\n\r\n",
        );
        assert_eq!(ids(&h, "references"), ["a@x", "b@x"]);
        assert_eq!(ids(&h, "in-reply-to"), ["c@x"]);
        let (h, _) = Headers::split(b"Message-ID: bare.id@x\r\nIn-Reply-To: your message of Monday\r\n\r\n");
        assert_eq!(ids(&h, "message-id"), ["bare.id@x"]);
        assert!(ids(&h, "in-reply-to").is_empty());
        let (h, _) = Headers::split(b"Message-ID: <1@x\rBcc: y>\r\nReferences: 2@x\x0b\x002@y\r\n\r\n");
        assert_eq!(ids(&h, "message-id"), ["1@xBcc:y"]);
        assert!(ids(&h, "references").iter().all(|id| !id.contains(char::is_control)));
    }

    #[test]
    fn parameters_are_read_in_their_many_spellings() {
        let name = |v: &str| Media::read(v).and_then(|m| m.text_parameter("filename"));
        assert_eq!(name("attachment; filename=\"a b.pdf\"").as_deref(), Some("a b.pdf"));
        assert_eq!(name("attachment; filename*=UTF-8''perch%C3%A9.pdf").as_deref(), Some("perché.pdf"));
        assert_eq!(
            name("attachment; filename*0*=UTF-8''perch%C3%A9; filename*1=\"-due.pdf\"").as_deref(),
            Some("perché-due.pdf")
        );
        assert_eq!(name("attachment; filename=\"=?utf-8?Q?citt=C3=A0.pdf?=\"").as_deref(), Some("città.pdf"));
        assert_eq!(name("attachment; filename=nota.pdf").as_deref(), Some("nota.pdf"));
    }
}
