//! A mail as the rest of the house sees it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    address::{self, Address},
    body::{self, Attachment},
    date, entity, fields, fold,
    fold::Fold,
    headers::note,
    labels,
};

/// A mail made clean. Serialised it is the contract of `bottega mail parse`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CleanMessage {
    /// Message-ID without its brackets; where there is none, a name made of the SHA-256 of the raw bytes.
    pub message_id: String,
    /// Whether `message_id` is such a substitute.
    #[serde(skip)]
    pub message_id_is_substitute: bool,
    /// Ids of the messages that this one answers.
    pub in_reply_to: Vec<String>,
    /// Ids of the whole thread before it, oldest first.
    pub references: Vec<String>,
    /// When it says it was written: RFC 3339, UTC.
    pub date: Option<String>,
    /// The same instant in microseconds since 1970.
    #[serde(skip)]
    pub date_micros: Option<i64>,
    /// Who wrote; `None` where no From can be read.
    pub from: Option<Address>,
    /// Who sent it for them.
    pub sender: Option<Address>,
    /// Where answers should go.
    pub reply_to: Vec<Address>,
    /// Main recipients.
    pub to: Vec<Address>,
    /// Further recipients.
    pub cc: Vec<Address>,
    /// Addresses of Delivered-To, X-Original-To, Envelope-To and the like: where a plus-addressed token survives.
    #[serde(skip)]
    pub delivered_to: Vec<String>,
    /// Decoded subject; empty where there is none.
    pub subject: String,
    /// The whole plain text, made from the page where there is no text.
    pub text: String,
    /// The sanitised page, where the mail has one.
    pub html: Option<String>,
    /// The visible text: the sender's own new words.
    pub reply: String,
    /// What was folded away from `text`.
    pub folded: Vec<Fold>,
    /// Files, in the order of the mail.
    pub attachments: Vec<Attachment>,
    /// `auto-reply`, `out-of-office`, `bounce`, `receipt`, `complaint`, `list`, `bulk`, `loop`, `spam`.
    pub labels: Vec<String>,
    /// What was found broken and how it was mended, as short codes.
    pub defects: Vec<String>,
}

impl CleanMessage {
    /// Why nobody could make anything of these bytes, if so: the intake puts them in quarantine with this cause.
    pub fn is_unreadable(&self) -> Option<&'static str> {
        let has = |code: &str| self.defects.iter().any(|d| d == code);
        let nothing_said = self.text.trim().is_empty() && self.attachments.is_empty();
        if has("empty") {
            Some("empty input")
        } else if has("no-header") && has("binary") {
            Some("not a mail: binary data without a header")
        } else if has("no-header") {
            Some("not a mail: no header")
        } else if has("no-mail-fields") && nothing_said && self.subject.is_empty() {
            Some("a header that names nobody, and no text")
        } else {
            None
        }
    }

    /// The decoded bytes of the attachment at that place of the list.
    pub fn attachment_bytes(&self, index: usize) -> Option<&[u8]> {
        self.attachments.get(index).map(|a| a.bytes.as_slice())
    }
}

/// Makes a clean message of any bytes. Never fails: what is wrong is said in `defects`.
///
/// Work is linear in the input up to fixed bounds: 16 levels of multiparts, 1,000 parts, 2,000 header fields,
/// 2 MB of HTML; attached mails are files and are not opened.
pub fn parse(raw: &[u8]) -> CleanMessage {
    let mended;
    let mut defects = Vec::new();
    let source = if raw.contains(&b'\r') && !raw.contains(&b'\n') {
        // Lines that end with a carriage return alone.
        note(&mut defects, "bare-carriage-returns");
        mended = raw.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect::<Vec<u8>>();
        &mended
    } else {
        raw
    };
    if raw.trim_ascii().is_empty() {
        note(&mut defects, "empty");
    }
    let entity = entity::read(source, &mut defects);
    let headers = &entity.headers;

    let from_list = address::list(headers, "from");
    let from = from_list.iter().find(|a| !a.address.is_empty()).or(from_list.first()).cloned();
    match &from {
        None if !headers.has("from") => note(&mut defects, "missing-from"),
        Some(from) if !from.address.is_empty() => {}
        _ => note(&mut defects, "malformed-from"),
    }
    if !["from", "to", "subject", "date", "message-id", "received"].iter().any(|n| headers.has(n)) {
        note(&mut defects, "no-mail-fields");
    }
    let mut recipients = |name: &str| {
        let list = address::list(headers, name);
        if list.iter().any(|a| a.address.is_empty()) {
            note(&mut defects, "malformed-recipient");
        }
        list
    };
    let (to, cc, reply_to) = (recipients("to"), recipients("cc"), recipients("reply-to"));

    let given_id = fields::ids(headers, "message-id").into_iter().next();
    let message_id_is_substitute = given_id.is_none();
    if message_id_is_substitute {
        note(&mut defects, "missing-message-id");
    }
    let date_micros = headers.all("date").find_map(date::micros);
    if date_micros.is_none() {
        note(&mut defects, if headers.has("date") { "malformed-date" } else { "missing-date" });
    }
    let subject = headers.text("subject").unwrap_or_default();
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");

    let body = body::read(source, &entity, &mut defects);
    if entity.headers.is_empty() && is_binary(raw) {
        note(&mut defects, "binary");
    }
    let folded = fold::split(&body.text, &subject);
    let labels = labels::of(&entity, from.as_ref(), &subject);
    CleanMessage {
        message_id: given_id.unwrap_or_else(|| substitute_id(raw)),
        message_id_is_substitute,
        in_reply_to: fields::ids(headers, "in-reply-to"),
        references: fields::ids(headers, "references"),
        date: date_micros.map(date::rfc3339),
        date_micros,
        sender: address::list(headers, "sender").into_iter().next(),
        reply_to,
        to,
        cc,
        delivered_to: delivered_to(&entity),
        from,
        subject,
        text: body.text,
        html: body.html,
        reply: folded.reply,
        folded: folded.folds,
        attachments: body.attachments,
        labels,
        defects: defects.into_iter().map(str::to_owned).collect(),
    }
}

fn delivered_to(entity: &entity::Entity) -> Vec<String> {
    const FIELDS: [&str; 5] =
        ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to"];
    let mut found: Vec<String> = Vec::new();
    for name in FIELDS {
        for address in address::list(&entity.headers, name) {
            if !address.address.is_empty() && !found.contains(&address.address) {
                found.push(address.address);
            }
        }
    }
    found
}

fn substitute_id(raw: &[u8]) -> String {
    let digest: String = Sha256::digest(raw).iter().map(|b| format!("{b:02x}")).collect();
    format!("{digest}@no-message-id.invalid")
}

fn is_binary(raw: &[u8]) -> bool {
    const LOOKED_AT: usize = 4096;
    let start = &raw[..raw.len().min(LOOKED_AT)];
    let odd = start.iter().filter(|b| **b < 32 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x1b | 0xc)).count();
    odd * 20 > start.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_mail_say_why() {
        for (raw, cause) in [
            (&b""[..], Some("empty input")),
            (b" \r\n\n", Some("empty input")),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", Some("not a mail: binary data without a header")),
            (b"just a note\n", Some("not a mail: no header")),
            (b"X-Odd: 1\n\n", Some("a header that names nobody, and no text")),
            (b"Subject: only this\n\n", None),
            (b"X-Odd: 1\n\nsome text\n", None),
            (b"From: a@example.org\n\n", None),
        ] {
            assert_eq!(parse(raw).is_unreadable(), cause, "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn a_missing_id_is_made_of_the_bytes() {
        let (one, same, other) =
            (parse(b"From: a@x\n\nx"), parse(b"From: a@x\n\nx"), parse(b"From: a@x\n\ny"));
        assert!(one.message_id_is_substitute && one.message_id.ends_with("@no-message-id.invalid"));
        assert_eq!(one.message_id, same.message_id);
        assert_ne!(one.message_id, other.message_id);
        let given = parse(b"Message-ID: <a@x>\n\nx");
        assert_eq!((given.message_id.as_str(), given.message_id_is_substitute), ("a@x", false));
    }

    #[test]
    fn the_addresses_of_delivery_are_kept_beside() {
        let raw = b"Delivered-To: aiuto+t1@x.example\nX-Original-To: aiuto+t1@x.example\nEnvelope-To: <b@x.example>\n\nx";
        assert_eq!(parse(raw).delivered_to, ["aiuto+t1@x.example", "b@x.example"]);
    }

    #[test]
    fn lines_that_end_with_a_carriage_return_alone_are_read() {
        let message = parse(b"From: a@example.org\rSubject: vecchio Mac\r\runo\rdue\r");
        assert_eq!((message.subject.as_str(), message.text.as_str()), ("vecchio Mac", "uno\ndue\n"));
    }

    #[test]
    fn the_contract_names_its_fields_in_order() {
        let json = serde_json::to_string(&parse(b"From: a@example.org\n\nx")).unwrap();
        let mut last = 0;
        for field in [
            "message_id",
            "in_reply_to",
            "references",
            "date",
            "from",
            "sender",
            "reply_to",
            "to",
            "cc",
            "subject",
            "text",
            "html",
            "reply",
            "folded",
            "attachments",
            "labels",
            "defects",
        ] {
            let at = json.find(&format!("\"{field}\":")).unwrap();
            assert!(at >= last, "{field}");
            last = at;
        }
        assert!(!json.contains("delivered_to") && !json.contains("substitute"));
    }
}
