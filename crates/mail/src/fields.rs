//! Typed header fields: dates, ids, media types.

use mail_parser::{DateTime, HeaderValue, parsers::MessageStream};

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

/// A date field as microseconds since 1970, UTC; `None` where it is no date.
pub(crate) fn date_micros(value: &str) -> Option<i64> {
    let value = value.trim();
    let date = read_date(value)?;
    // A leap second is written 60.
    let date = if date.second == 60 { DateTime { second: 59, ..date } } else { date };
    let sound = date.is_valid() && date.year >= 1970 && date.tz_hour <= 14;
    sound.then(|| date.to_timestamp().checked_mul(1_000_000)).flatten().filter(|m| *m >= 0)
}

fn read_date(value: &str) -> Option<DateTime> {
    let iso = value.len() >= 19 && value.as_bytes()[4] == b'-' && value.is_ascii();
    if iso {
        let normal = value.replacen(' ', "T", 1);
        return DateTime::parse_rfc3339(&normal).or_else(|| DateTime::parse_rfc3339(&format!("{normal}Z")));
    }
    DateTime::parse_rfc822(&format!("{value}\n"))
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(micros: i64) -> String {
    DateTime::from_timestamp(micros.div_euclid(1_000_000)).to_rfc3339()
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
            let id: String = id.chars().filter(|c| !c.is_whitespace() && *c != '<').collect();
            bracketed.push(id);
            rest = tail;
        }
        if bracketed.is_empty() {
            bracketed.extend(
                value
                    .split([' ', '\t', ',', ';'])
                    .map(|t| t.trim_matches(['<', '>', '"']).to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_utc() {
        let utc = |v: &str| date_micros(v).map(rfc3339);
        assert_eq!(utc("Tue, 14 Jul 2026 10:15:00 +0200").as_deref(), Some("2026-07-14T08:15:00Z"));
        assert_eq!(utc("14 Jul 26 10:15 GMT").as_deref(), Some("2026-07-14T10:15:00Z"));
        assert_eq!(utc("2026-07-14 10:15:00").as_deref(), Some("2026-07-14T10:15:00Z"));
        assert_eq!(utc("yesterday"), None);
        assert_eq!(utc(""), None);
    }

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
