//! An answer as the bytes that leave.

use kernel::{Fault, Instant, Reason};
use mail::Address;
use mail::compose::{ComposeError, Outgoing, OutgoingAttachment, render};

use super::File;

/// The domain of ids and senders where a mailbox has no address of its own: reserved, never delivered.
const NOWHERE: &str = "bottega.invalid";
/// Most ids of the thread that an answer names; the first and the latest of a longer one.
const REFERENCES: usize = 20;

/// Everything that an answer's bytes are made of.
pub(super) struct Letter<'a> {
    /// The message's id, from which its Message-ID is made.
    pub message: String,
    /// Who answers.
    pub author: &'a str,
    /// In whose name.
    pub shop: &'a str,
    /// The address from which the mailbox answers.
    pub mailbox: Option<&'a str>,
    /// What leads an answer to this one back into the conversation.
    pub reply_token: &'a str,
    /// The person's name.
    pub to_name: Option<&'a str>,
    /// What the conversation is about.
    pub subject: &'a str,
    /// The Message-IDs of the conversation, oldest first.
    pub thread: &'a [String],
    /// When it is written.
    pub at: Instant,
    /// What it says.
    pub text: &'a str,
    /// What goes along.
    pub files: &'a [File],
}

impl Letter<'_> {
    /// The Message-ID, without brackets.
    pub(super) fn key(&self) -> String {
        let host =
            self.mailbox.and_then(|address| address.rsplit_once('@')).map_or(NOWHERE, |(_, host)| host);
        let host = if host.is_ascii() { host } else { NOWHERE };
        format!("{}@{host}", self.message)
    }

    fn sender(&self) -> String {
        one_line(&format!("{}, {}", self.author, self.shop))
    }

    /// As a mail.
    pub(super) fn mail(&self, to: &str) -> Result<Vec<u8>, Fault> {
        let from = self.mailbox.map_or_else(|| format!("bottega@{NOWHERE}"), str::to_owned);
        let reply_to = self.mailbox.and_then(|address| plus_addressed(address, self.reply_token));
        let thread: Vec<&String> = self.thread.iter().filter(|id| is_id(id)).collect();
        let skipped = thread.len().saturating_sub(REFERENCES);
        let references = thread
            .iter()
            .enumerate()
            .filter(|(place, _)| *place == 0 || *place > skipped)
            .map(|(_, id)| (*id).clone())
            .collect();
        let mail = Outgoing {
            message_id: self.key(),
            from: Address { name: Some(self.sender()), address: from },
            to: vec![Address { name: self.to_name.map(one_line), address: to.to_owned() }],
            reply_to: reply_to.into_iter().map(|address| Address { name: None, address }).collect(),
            subject: answer_subject(self.subject),
            in_reply_to: thread.last().map(|id| (*id).clone()).into_iter().collect(),
            references,
            date_micros: self.at.micros(),
            text: self.text.to_owned(),
            attachments: self
                .files
                .iter()
                .map(|file| OutgoingAttachment {
                    name: one_line(&file.name),
                    media_type: file.media_type.clone(),
                    bytes: file.bytes.clone(),
                    content_id: None,
                })
                .collect(),
            ..Outgoing::default()
        };
        render(&mail).map_err(|error| match error {
            ComposeError::BadAddress(_) => {
                Fault::invalid("recipient", Reason::NotA("an address that mail can be sent to"))
            }
            other => Fault::store(other),
        })
    }

    /// As a text to be read to somebody, or sent to their telephone.
    pub(super) fn text(&self, to: &str) -> Vec<u8> {
        let headers = [
            ("To", to.to_owned()),
            ("From", self.sender()),
            ("Date", self.at.to_string()),
            ("Message-ID", format!("<{}>", self.key())),
        ];
        let mut out = String::new();
        for (name, value) in headers {
            out.push_str(&format!("{name}: {}\r\n", one_line(&value)));
        }
        out.push_str("\r\n");
        out.push_str(self.text);
        out.push('\n');
        out.into_bytes()
    }
}

/// `local+token@host`.
fn plus_addressed(address: &str, token: &str) -> Option<String> {
    let (local, host) = address.rsplit_once('@')?;
    Some(format!("{local}+{token}@{host}"))
}

/// A text on one line: what would break out of a header field becomes a space.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(breaks).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The subject of an answer: "Re: " once, however often it was answered before and in whatever language
/// the mail programs said so.
fn answer_subject(subject: &str) -> String {
    const PREFIXES: [&str; 7] = ["re:", "r:", "rif:", "aw:", "sv:", "antw:", "ré:"];
    let subject = one_line(subject);
    let mut rest = subject.as_str();
    while let Some(shorter) = PREFIXES.iter().find_map(|prefix| {
        let head = rest.get(..prefix.len())?;
        (head.to_lowercase() == *prefix).then(|| rest[prefix.len()..].trim_start())
    }) {
        rest = shorter;
    }
    format!("Re: {rest}").trim_end().to_owned()
}

/// Whether an id, possibly imported, can stand in a header of ours.
fn is_id(id: &str) -> bool {
    let sound = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    !id.is_empty() && id.len() <= 200 && id.bytes().all(sound)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter<'a>(subject: &'a str, thread: &'a [String], text: &'a str) -> Letter<'a> {
        Letter {
            message: "msg_0000000000001".into(),
            author: "Giulia Moretti",
            shop: "Officina Vera",
            mailbox: Some("aiuto@officina.example"),
            reply_token: "t0ken",
            to_name: Some("Anna Riva"),
            subject,
            thread,
            at: "2026-11-20T09:00:00Z".parse().unwrap(),
            text,
            files: &[],
        }
    }

    #[test]
    fn an_answer_reads_as_it_was_meant() {
        let thread =
            vec!["first@casa.example".to_owned(), "bad id".to_owned(), "last@casa.example".to_owned()];
        let bytes =
            letter("RE: Re: R: La macchina perde", &thread, "Arriva domani.\nGiulia").mail("a@casa.example");
        let mail = mail::parse(&bytes.unwrap());
        assert_eq!(mail.message_id, "msg_0000000000001@officina.example");
        assert_eq!(mail.subject, "Re: La macchina perde");
        assert_eq!(mail.in_reply_to, ["last@casa.example"]);
        assert_eq!(mail.references, ["first@casa.example", "last@casa.example"]);
        assert_eq!(mail.reply_to[0].address, "aiuto+t0ken@officina.example");
        let from = mail.from.unwrap();
        assert_eq!(from.name.as_deref(), Some("Giulia Moretti, Officina Vera"));
        assert_eq!(from.address, "aiuto@officina.example");
        assert_eq!(
            (mail.to[0].name.as_deref(), mail.to[0].address.as_str()),
            (Some("Anna Riva"), "a@casa.example")
        );
        assert_eq!(mail.text.trim(), "Arriva domani.\nGiulia");
    }

    #[test]
    fn a_mailbox_without_address_writes_from_nowhere() {
        let letter = Letter { mailbox: None, ..letter("", &[], "Ciao") };
        let mail = mail::parse(&letter.mail("a@casa.example").unwrap());
        assert_eq!(mail.message_id, "msg_0000000000001@bottega.invalid");
        assert!(mail.reply_to.is_empty());
        assert_eq!(mail.subject, "Re:");
    }

    #[test]
    fn an_address_that_mail_cannot_reach_is_said() {
        let refused = letter("x", &[], "y").mail("però@casa.example");
        assert!(matches!(refused, Err(Fault::Invalid { field: "recipient", .. })), "{refused:?}");
    }

    #[test]
    fn a_telephone_gets_a_plain_text() {
        let text = String::from_utf8(letter("x", &[], "Arriva domani.").text("tel:+39055")).unwrap();
        assert!(text.starts_with("To: tel:+39055\r\nFrom: Giulia Moretti, Officina Vera\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nArriva domani.\n"));
    }

    proptest! {
        #[test]
        fn no_subject_name_or_id_breaks_out_of_its_line(
            subject in "(?s).{0,60}", name in "(?s).{0,30}", id in "(?s).{0,30}",
        ) {
            let thread = [id];
            let letter = Letter { author: &name, to_name: Some(&name), ..letter(&subject, &thread, "Ciao") };
            let bytes = letter.mail("a@casa.example").unwrap();
            let mail = mail::parse(&bytes);
            prop_assert_eq!(mail.text.trim(), "Ciao");
            prop_assert_eq!(mail.to.len(), 1);
            prop_assert!(mail.subject.starts_with("Re:"));
        }

        #[test]
        fn answering_an_answer_adds_nothing(subject in "[a-zA-Z: ]{0,30}") {
            let once = answer_subject(&subject);
            prop_assert_eq!(answer_subject(&once), once);
        }
    }
}
