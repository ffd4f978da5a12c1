//! Mail: files of many, one, its page, and what is answered to it.

use std::io::BufReader;

use listen::arrival::{Cause, Format};
use listen::intake::{self, Parsed};
use mail::Address;
use mail::compose::{Outgoing, OutgoingAttachment, render};
use testkit::markup;

/// A mailbox file.
pub fn mbox(bytes: &[u8]) {
    let input = BufReader::with_capacity(7, bytes);
    let mut length = 0;
    for raw in mail::mbox::Reader::with_bound(input, 4096).map_while(Result::ok) {
        assert!(raw.len() <= 4096, "the bound holds: {}", raw.len());
        length += raw.len();
    }
    assert!(length <= bytes.len(), "nothing is invented");
}

/// One raw message.
pub fn mail(bytes: &[u8]) {
    let parsed = intake::parse(bytes, &Format::Mail, &jiff::tz::TimeZone::UTC);
    assert!(!matches!(parsed, Parsed::Unreadable(Cause::Failed)), "a reader panicked");
    let message = mail::parse(bytes);
    if let Some(html) = &message.html {
        assert_harmless(html);
    }
    let one_line = |text: &str| !text.contains(['\r', '\n', '\0']);
    assert!(one_line(&message.subject), "{:?}", message.subject);
    assert!(one_line(&message.message_id), "{:?}", message.message_id);
    let everyone = message.from.iter().chain(&message.to).chain(&message.cc).chain(&message.reply_to);
    for Address { name, address } in everyone {
        assert!(one_line(address) && one_line(name.as_deref().unwrap_or_default()), "{address:?} {name:?}");
    }
    assert!(!message.text.contains('\0') && !message.reply.contains('\0'));
}

/// A page that somebody mailed.
pub fn html(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let clean = mail::sanitise_html(&given);
    assert_harmless(&clean);
    let _ = mail::html_to_text(&given);
}

fn assert_harmless(html: &str) {
    if let Some(harm) = markup::harm_in_mail(html) {
        panic!("{harm} in {html:?}");
    }
}

/// An answer whose every text came from elsewhere: what can be written is read as it was meant.
pub fn answers(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let mut fields = given.split('\n');
    let mut next = || fields.next().unwrap_or_default().to_owned();
    let outgoing = Outgoing {
        message_id: "msg_0000000000001@officina.example".into(),
        from: Address { name: Some(next()), address: "banco@officina.example".into() },
        to: vec![Address { name: Some(next()), address: next() }],
        subject: next(),
        in_reply_to: vec!["a@b.example".into()],
        attachments: vec![OutgoingAttachment {
            name: next(),
            media_type: "text/plain".into(),
            bytes: b"ciao".to_vec(),
            content_id: None,
        }],
        text: fields.collect::<Vec<_>>().join("\n"),
        ..Outgoing::default()
    };
    let Ok(written) = render(&outgoing) else { return };
    let read = mail::parse(&written);
    assert_eq!(read.message_id, outgoing.message_id);
    assert_eq!(read.in_reply_to, outgoing.in_reply_to);
    assert_eq!(read.to.len(), 1, "nobody else is written to: {:?}", read.to);
    // Some programs write addresses between apostrophes, which are not read as a part of them.
    let plain = |address: &str| address.trim_matches('\'').to_lowercase();
    assert_eq!(plain(&read.to[0].address), plain(&outgoing.to[0].address));
    assert!(read.cc.is_empty() && read.reply_to.is_empty(), "no field was smuggled in");
    assert_eq!(read.attachments.len(), 1, "no part was smuggled in");
}
