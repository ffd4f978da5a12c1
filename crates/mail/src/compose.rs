//! Writes a mail. The same input gives the same bytes: a repeated send is the same message.

use mail_builder::{
    MessageBuilder,
    encoders::Base64Encoder,
    headers::{
        address::Address as BuilderAddress, content_type::ContentType, date::Date, message_id::MessageId,
        raw::Raw, text::Text,
    },
    mime::MimePart,
};
use sha2::{Digest, Sha256};

use crate::Address;

/// A mail about to leave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outgoing {
    /// Message-ID without brackets.
    pub message_id: String,
    /// Who writes.
    pub from: Address,
    /// Main recipients.
    pub to: Vec<Address>,
    /// Further recipients.
    pub cc: Vec<Address>,
    /// Where answers should go, if not to the sender.
    pub reply_to: Vec<Address>,
    /// Subject; may be empty.
    pub subject: String,
    /// Ids, without brackets, of the messages that this one answers.
    pub in_reply_to: Vec<String>,
    /// Ids of the thread, oldest first.
    pub references: Vec<String>,
    /// Microseconds since 1970, UTC.
    pub date_micros: i64,
    /// The plain text.
    pub text: String,
    /// The same as a page.
    pub html: Option<String>,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// Further header fields, such as `Auto-Submitted`. Fields that this module writes itself are refused.
    pub headers: Vec<(String, String)>,
}

/// A file that goes along.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OutgoingAttachment {
    /// File name.
    pub name: String,
    /// Media type such as `application/pdf`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The id, without brackets, by which the page shows it; `None` for a file beside the text.
    pub content_id: Option<String>,
}

/// Why a mail cannot be written. Nothing is stripped silently: a line break in a field is an attempt to smuggle
/// another field in, or a mistake that somebody should see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A line break or another control character stands in a field.
    #[error("the field {0} holds a line break or another control character")]
    ControlCharacter(String),
    /// This is not an address that mail can be sent to.
    #[error("{0:?} is not a mail address")]
    BadAddress(String),
    /// An id with spaces or brackets, or none at all.
    #[error("{0:?} is not a message id")]
    BadId(String),
    /// A header name with other characters than letters, digits and hyphens.
    #[error("{0:?} is not a header name")]
    BadHeaderName(String),
    /// A field that is written from the other parts of the mail.
    #[error("the header field {0} is written by the composer")]
    ReservedHeader(String),
    /// A media type that is not `type/subtype`.
    #[error("{0:?} is not a media type")]
    BadMediaType(String),
    /// Neither To nor Cc names anybody.
    #[error("a mail needs at least one recipient")]
    NoRecipient,
    /// The message could not be written out.
    #[error("the message could not be written: {0}")]
    Write(String),
}

const RESERVED: [&str; 12] = [
    "message-id",
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "in-reply-to",
    "references",
    "mime-version",
    "sender",
];

/// The bytes of a mail, ready for the wire.
///
/// # Errors
/// When a field would break out of its line, or an address, id or media type is malformed.
pub fn render(mail: &Outgoing) -> Result<Vec<u8>, ComposeError> {
    check(mail)?;
    let boundaries = Boundaries::new(mail);
    let mut builder = MessageBuilder::new()
        .message_id(mail.message_id.as_str())
        .from(builder_address(&mail.from))
        .date(Date::new(mail.date_micros.div_euclid(1_000_000)))
        .subject(mail.subject.as_str());
    for (name, list) in [("To", &mail.to), ("Cc", &mail.cc), ("Reply-To", &mail.reply_to)] {
        if !list.is_empty() {
            let list = BuilderAddress::new_list(list.iter().map(builder_address).collect());
            builder = builder.header(name, list);
        }
    }
    for (name, ids) in [("In-Reply-To", &mail.in_reply_to), ("References", &mail.references)] {
        if !ids.is_empty() {
            builder = builder.header(name, MessageId::new_list(ids.iter().map(String::as_str)));
        }
    }
    for (name, value) in &mail.headers {
        builder = if value.is_ascii() {
            builder.header(name.as_str(), Raw::new(value.as_str()))
        } else {
            builder.header(name.as_str(), Text::new(value.as_str()))
        };
    }
    builder.body(body(mail, &boundaries)).write_to_vec().map_err(|e| ComposeError::Write(e.to_string()))
}

fn body<'x>(mail: &'x Outgoing, boundaries: &Boundaries) -> MimePart<'x> {
    let (shown, beside): (Vec<_>, Vec<_>) =
        mail.attachments.iter().partition(|a| a.content_id.is_some() && mail.html.is_some());
    let text = MimePart::new("text/plain", mail.text.as_str());
    let content = match &mail.html {
        None => text,
        Some(html) => {
            let page = MimePart::new("text/html", html.as_str());
            let page = if shown.is_empty() {
                page
            } else {
                let mut parts = vec![page];
                parts.extend(shown.into_iter().map(file));
                boundaries.multipart("related", parts)
            };
            boundaries.multipart("alternative", vec![text, page])
        }
    };
    if beside.is_empty() {
        return content;
    }
    let mut parts = vec![content];
    parts.extend(beside.into_iter().map(file));
    boundaries.multipart("mixed", parts)
}

/// Always base64: the bytes arrive as they are, whatever their type.
fn file(attachment: &OutgoingAttachment) -> MimePart<'_> {
    let media = ContentType::new(attachment.media_type.as_str());
    let encoded = Base64Encoder::new().wrap_lines().encode(&attachment.bytes).unwrap_or_default();
    let part = MimePart::new(media, encoded).transfer_encoding("base64");
    let disposition = if attachment.content_id.is_some() { "inline" } else { "attachment" };
    let disposition = ContentType::new(disposition).attribute("filename", attachment.name.as_str());
    let part = part.header("Content-Disposition", disposition);
    match &attachment.content_id {
        Some(id) => part.cid(id.as_str()),
        None => part,
    }
}

fn builder_address(address: &Address) -> BuilderAddress<'_> {
    BuilderAddress::new_address(
        address.name.as_deref().filter(|n| !n.trim().is_empty()),
        address.address.as_str(),
    )
}

/// Boundaries made of the content, so that the same mail is the same bytes and no part can hold its own boundary.
struct Boundaries(String);

impl Boundaries {
    fn new(mail: &Outgoing) -> Self {
        let mut digest = Sha256::new();
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        };
        add(mail.message_id.as_bytes());
        add(mail.text.as_bytes());
        add(mail.html.as_deref().unwrap_or_default().as_bytes());
        for attachment in &mail.attachments {
            add(attachment.name.as_bytes());
            add(&attachment.bytes);
        }
        Self(digest.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect())
    }

    fn multipart<'x>(&self, kind: &str, parts: Vec<MimePart<'x>>) -> MimePart<'x> {
        let media =
            ContentType::new(format!("multipart/{kind}")).attribute("boundary", format!("{kind}_{}", self.0));
        MimePart::new(media, parts)
    }
}

fn check(mail: &Outgoing) -> Result<(), ComposeError> {
    if mail.to.is_empty() && mail.cc.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    let everyone = std::iter::once(&mail.from).chain(&mail.to).chain(&mail.cc).chain(&mail.reply_to);
    for address in everyone {
        plain("address", address.name.as_deref().unwrap_or_default())?;
        check_address(&address.address)?;
    }
    plain("Subject", &mail.subject)?;
    for id in std::iter::once(&mail.message_id).chain(&mail.in_reply_to).chain(&mail.references) {
        check_id(id)?;
    }
    for (name, value) in &mail.headers {
        let sound = !name.is_empty()
            && name.len() <= 70
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !sound {
            return Err(ComposeError::BadHeaderName(name.clone()));
        }
        let lower = name.to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("content-") {
            return Err(ComposeError::ReservedHeader(name.clone()));
        }
        plain(name, value)?;
    }
    for attachment in &mail.attachments {
        plain("attachment name", &attachment.name)?;
        if let Some(id) = &attachment.content_id {
            check_id(id)?;
        }
        let token = |t: &str| {
            !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let sound = attachment
            .media_type
            .split_once('/')
            .is_some_and(|(a, b)| token(a) && token(b) && a != "multipart");
        if !sound {
            return Err(ComposeError::BadMediaType(attachment.media_type.clone()));
        }
    }
    Ok(())
}

fn plain(field: &str, value: &str) -> Result<(), ComposeError> {
    let smuggles =
        value.chars().any(|c| (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}'));
    if smuggles { Err(ComposeError::ControlCharacter(field.to_owned())) } else { Ok(()) }
}

fn check_address(address: &str) -> Result<(), ComposeError> {
    let local_sound = |local: &str| {
        // An encoded word is decoded by who reads the header: the address would be another one there.
        // Apostrophes around an address are a slip of the program that wrote it: of nothing else it cannot consist.
        !local.trim_matches('\'').is_empty()
            && !local.contains("=?")
            && !local
                .bytes()
                .any(|b| b.is_ascii_control() || b.is_ascii_whitespace() || b"<>(),;:\\\"[]@".contains(&b))
    };
    let domain_sound = |domain: &str| {
        !domain.is_empty() && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    let sound = address.is_ascii()
        && address.len() <= 320
        && address.rsplit_once('@').is_some_and(|(local, domain)| local_sound(local) && domain_sound(domain));
    if sound { Ok(()) } else { Err(ComposeError::BadAddress(address.to_owned())) }
}

fn check_id(id: &str) -> Result<(), ComposeError> {
    let sound = !id.is_empty()
        && id.len() <= 900
        && id.is_ascii()
        && !id.bytes().any(|b| b.is_ascii_control() || b.is_ascii_whitespace() || b"<>".contains(&b));
    if sound { Ok(()) } else { Err(ComposeError::BadId(id.to_owned())) }
}

#[cfg(test)]
mod tests;
