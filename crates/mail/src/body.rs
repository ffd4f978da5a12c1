//! What stands in the body: the text, the page, the attachments.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use crate::{
    charset,
    entity::Entity,
    fields::Media,
    flowed,
    headers::{Headers, note},
    html, transfer, words,
};

/// A file that came with a mail; inline images and attached mails are files too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file name without any path, where the mail gives one.
    pub name: Option<String>,
    /// Lower-case media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Bytes after decoding.
    pub size: u64,
    /// MD5 of the decoded bytes in lower-case hexadecimal: a fingerprint, no protection.
    pub md5: String,
    /// Whether it belongs inside the text (an image that the page shows) rather than beside it.
    pub inline: bool,
    /// Content-ID without brackets, by which the page refers to it.
    pub content_id: Option<String>,
    /// The decoded bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// Everything below the header of one message.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub text: String,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
}

/// One readable stretch of a body, in the order of the message.
enum Piece {
    Text(String),
    Html(String),
    /// The same content twice.
    Both {
        text: String,
        html: String,
    },
}

/// Reads the body of a whole message.
pub(crate) fn read(raw: &[u8], message: &Entity, defects: &mut Vec<&'static str>) -> Body {
    let mut collector = Collector { raw, defects, attachments: Vec::new() };
    let pieces = collector.entity(message, Place { first: true, related: false, alternative: false });
    let Collector { attachments, defects, .. } = collector;
    let mut body = Body { attachments, ..Body::default() };
    let any_html = pieces.iter().any(|p| !matches!(p, Piece::Text(_)));
    let mut page = String::new();
    let mut texts: Vec<String> = Vec::new();
    for piece in pieces {
        let (text, html) = match piece {
            Piece::Text(text) if any_html => (text.clone(), format!("<p>{}</p>", escape(&text))),
            Piece::Text(text) => (text, String::new()),
            Piece::Html(html) => (html::to_text(&html), html),
            Piece::Both { text, html } if text.trim().is_empty() => (html::to_text(&html), html),
            Piece::Both { text, html } => (text, html),
        };
        if !text.trim().is_empty() {
            texts.push(text);
        }
        page.push_str(&html);
    }
    body.text = match texts.len() {
        1 => texts.remove(0),
        _ => texts.iter().map(|t| t.trim_end_matches('\n')).collect::<Vec<_>>().join("\n\n"),
    };
    if any_html {
        mark_shown(&page, &mut body.attachments);
        if page.len() > html::LONGEST {
            note(defects, "html-truncated");
            page.truncate(page.floor_char_boundary(html::LONGEST));
        }
        body.html = Some(html::sanitise(&page)).filter(|h| !h.is_empty());
    }
    body
}

/// An image that the page shows by its id is inline whatever its part says.
fn mark_shown(page: &str, attachments: &mut [Attachment]) {
    for attachment in attachments.iter_mut().filter(|a| !a.inline) {
        if let Some(id) = &attachment.content_id {
            attachment.inline = page.contains(&format!("cid:{id}"));
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

#[derive(Clone, Copy)]
struct Place {
    /// Nothing readable stands before it.
    first: bool,
    related: bool,
    alternative: bool,
}

struct Collector<'x> {
    raw: &'x [u8],
    defects: &'x mut Vec<&'static str>,
    attachments: Vec<Attachment>,
}

impl Collector<'_> {
    fn entity(&mut self, entity: &Entity, place: Place) -> Vec<Piece> {
        if !entity.is_multipart() {
            return self.leaf(entity, place);
        }
        if entity.is("multipart/alternative") {
            return self.alternative(entity, place);
        }
        let related = entity.is("multipart/related");
        let mut pieces = Vec::new();
        for (index, part) in entity.parts.iter().enumerate() {
            let first = place.first && pieces.is_empty();
            // Of a related group only the root is text; the rest is what the root shows.
            let place = Place { first, related: related && index > 0, alternative: place.alternative };
            pieces.extend(self.entity(part, place));
        }
        pieces
    }

    /// The same content in several forms: the plain one and the page are taken together.
    fn alternative(&mut self, entity: &Entity, place: Place) -> Vec<Piece> {
        let mut texts = Vec::new();
        let mut pages = Vec::new();
        for part in &entity.parts {
            for piece in self.entity(part, Place { first: place.first, related: false, alternative: true }) {
                match piece {
                    Piece::Text(text) => texts.push(text),
                    Piece::Html(html) => pages.push(html),
                    Piece::Both { text, html } => {
                        texts.push(text);
                        pages.push(html);
                    }
                }
            }
        }
        let text = texts.iter().map(|t| t.trim_end_matches('\n')).collect::<Vec<_>>().join("\n\n");
        let text = if texts.len() == 1 { texts.remove(0) } else { text };
        match (texts.is_empty() && text.is_empty(), pages.is_empty()) {
            (_, false) => vec![Piece::Both { text, html: pages.concat() }],
            (false, true) => vec![Piece::Text(text)],
            (true, true) => Vec::new(),
        }
    }

    fn leaf(&mut self, entity: &Entity, place: Place) -> Vec<Piece> {
        let headers = &entity.headers;
        let raw = &self.raw[entity.body.clone()];
        let encoding = headers.raw("content-transfer-encoding").unwrap_or_default();
        let decoded = transfer::decode(encoding, raw);
        if decoded.damaged {
            note(self.defects, "damaged-transfer-encoding");
        }
        let disposition = headers.raw("content-disposition").and_then(Media::read);
        let is_attached = disposition.as_ref().is_some_and(|d| d.name == "attachment");
        let name = file_name(&entity.media, disposition.as_ref());
        let readable = entity.is("text/plain") || entity.is("text/html");
        // A named text after the body is a file that somebody sent along.
        let beside = is_attached || (name.is_some() && !place.first && !place.alternative) || place.related;
        if !readable || beside {
            self.attach(entity, disposition.as_ref(), name, decoded.bytes, place);
            return Vec::new();
        }
        let label = entity.media.parameter("charset");
        let text = charset::decode(&decoded.bytes, label);
        if text.guessed {
            note(self.defects, "charset-guessed");
        }
        let text = text.text.replace("\r\n", "\n").replace('\r', "\n");
        let is_page = entity.is("text/html") || (!entity.declared && looks_like_html(&text));
        if is_page {
            return if text.trim().is_empty() {
                Vec::new()
            } else {
                vec![Piece::Html(cut(text, self.defects))]
            };
        }
        let text = if entity.media.parameter("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
            let delsp = entity.media.parameter("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes"));
            flowed::unflow(&text, delsp)
        } else {
            text
        };
        vec![Piece::Text(self.take_uuencoded(text))]
    }

    fn take_uuencoded(&mut self, text: String) -> String {
        let Some((text, files)) = transfer::take_uuencoded(&text) else { return text };
        for file in files {
            self.push(Some(clean_name(&file.name)), "application/octet-stream", None, false, file.bytes);
        }
        text
    }

    fn attach(
        &mut self,
        entity: &Entity,
        disposition: Option<&Media>,
        name: Option<String>,
        bytes: Vec<u8>,
        place: Place,
    ) {
        if bytes.is_empty() && name.is_none() && !entity.declared {
            return;
        }
        let content_id = entity
            .headers
            .raw("content-id")
            .map(|id| id.trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| !id.is_empty());
        let inline = match disposition.map(|d| d.name.as_str()) {
            Some("attachment") => false,
            Some("inline") => true,
            _ => place.related || content_id.is_some(),
        };
        let name = name.or_else(|| entity.is("message/rfc822").then(|| attached_mail_name(&bytes)).flatten());
        self.push(name, &entity.media.name, content_id, inline, bytes);
    }

    fn push(
        &mut self,
        name: Option<String>,
        media_type: &str,
        content_id: Option<String>,
        inline: bool,
        bytes: Vec<u8>,
    ) {
        let md5 = Md5::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        self.attachments.push(Attachment {
            name: name.filter(|n| !n.is_empty()),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            md5,
            inline,
            content_id,
            bytes,
        });
    }
}

fn cut(mut text: String, defects: &mut Vec<&'static str>) -> String {
    if text.len() > html::LONGEST {
        note(defects, "html-truncated");
        text.truncate(text.floor_char_boundary(html::LONGEST));
    }
    text
}

fn looks_like_html(text: &str) -> bool {
    let start = words::floor_char(text.trim_start(), 64).to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn file_name(media: &Media, disposition: Option<&Media>) -> Option<String> {
    disposition
        .and_then(|d| d.text_parameter("filename"))
        .or_else(|| media.text_parameter("name"))
        .map(|n| clean_name(&n))
        .filter(|n| !n.is_empty())
}

/// A name that is only a name: no path, no control or direction-changing characters.
fn clean_name(name: &str) -> String {
    const LONGEST: usize = 255;
    let last = name.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    words::floor_char(clean.trim(), LONGEST).trim_matches('"').to_owned()
}

fn attached_mail_name(bytes: &[u8]) -> Option<String> {
    let subject = Headers::split(bytes).0.text("subject")?;
    let subject: String = subject.chars().map(|c| if "/\\:*?\"<>|".contains(c) { ' ' } else { c }).collect();
    let subject = clean_name(words::floor_char(subject.trim(), 120));
    (!subject.is_empty()).then(|| format!("{subject}.eml"))
}
