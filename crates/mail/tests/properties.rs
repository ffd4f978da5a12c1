//! What holds for any bytes whatever.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};

/// Stretches that mails are made of, sound and broken.
const PIECES: [&str; 44] = [
    "From: Anna <anna@example.org>\r\n",
    "From: =?utf-8?Q?Nicol=C3?= =?utf-8?Q?=B2?= <n@example.org\n",
    "To: a@example.org, \"b, c\" <b@example.org>;\n",
    "Subject: =?iso-8859-1?B?Y2l0dOA=?=\n",
    "Subject: prova\n continua\n",
    "Message-ID: <1@example.org>\n",
    "Date: Tue, 14 Jul 2026 10:15:00 +0200\n",
    "Date: 99:99 2026-13-45 T Z\n",
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: multipart/alternative; boundary=\"b",
    "Content-Type: text/html; charset=utf-7\n",
    "Content-Type: text/plain; format=flowed; delsp=yes\n",
    "Content-Type: message/rfc822\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Disposition: attachment; filename*0*=UTF-8''%C3; filename*1=x\n",
    "Content-Disposition: inline; filename=../../x\n",
    "\r\n",
    "\n\n",
    "--b\n",
    "--b--\n",
    "-- \n",
    "--\n",
    "> quoted\n",
    ">>> > deep\n",
    "On Tue, 14 Jul 2026 at 10:15, Anna <a@example.org> wrote:\n",
    "Il 14/07/2026 10:15, Anna ha scritto:\n",
    "-----Messaggio originale-----\n",
    "Da: Anna\nInviato: ieri\nOggetto: x\n",
    "---------- Forwarded message ---------\n",
    "Inviato da iPhone\n",
    "begin 644 x.txt\n$8VEA;P``\n`\nend\n",
    "begin 644 never\n",
    "<p>ciao <b>a</p></b>",
    "<script>x()</script>",
    "<blockquote><a href='javascript:x'>",
    "<img src=\"cid:x\"><!--",
    "&eacute;&#x110000;&#0;&",
    "=C3=A9=\n=ZZ",
    "Y2lhbw==\n",
    "perché no\n",
    "\0\0",
    "\u{2028}\u{202e}",
    "________________\n",
];

fn mail() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(PIECES.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..12),
        1 => "[ -~]{0,40}\n".prop_map(String::into_bytes),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn check(raw: &[u8]) -> Result<(), TestCaseError> {
    let message = mail::parse(raw);
    prop_assert!(message.text.trim().is_empty() || !message.reply.trim().is_empty());
    prop_assert!(!message.message_id.is_empty());
    let json = serde_json::to_string(&message).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert!(!json.contains("\\u0000"));
    if let Some(html) = &message.html {
        prop_assert!(!html.contains("<script") && !html.contains("javascript:"));
    }
    for (index, attachment) in message.attachments.iter().enumerate() {
        let bytes = message.attachment_bytes(index).map(<[u8]>::len);
        prop_assert_eq!(bytes, usize::try_from(attachment.size).ok());
        prop_assert!(attachment.name.as_ref().is_none_or(|n| !n.contains(['/', '\\'])));
    }
    prop_assert_eq!(&mail::parse(raw), &message);
    Ok(())
}

/// Lines that are not blank, with how often each occurs.
fn lines<'x>(texts: impl Iterator<Item = &'x str>) -> BTreeMap<&'x str, usize> {
    let mut counts = BTreeMap::new();
    for line in texts.flat_map(|t| t.split('\n')).map(str::trim).filter(|l| !l.is_empty()) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_give_a_message(raw in vec(any::<u8>(), 0..600)) {
        check(&raw)?;
    }

    #[test]
    fn any_mixture_of_mail_gives_a_message(raw in mail()) {
        check(&raw)?;
    }

    #[test]
    fn folding_loses_and_doubles_nothing(raw in mail(), subject in select(vec!["", "Re: x", "Fwd: x"])) {
        let text = String::from_utf8_lossy(&raw).replace('\r', "");
        let split = mail::fold::split(&text, subject);
        let parts = std::iter::once(split.reply.as_str()).chain(split.folds.iter().map(|f| f.text.as_str()));
        prop_assert_eq!(lines(parts), lines(std::iter::once(text.as_str())));
        prop_assert!(text.trim().is_empty() || !split.reply.trim().is_empty());
    }

    #[test]
    fn an_mbox_gives_back_every_line_of_its_messages(bodies in vec("[a-z >\n]{0,60}", 1..6)) {
        let mut file = String::new();
        for body in &bodies {
            file.push_str("From a@example.org Tue Jul 14 10:15:00 2026\nSubject: x\n\n");
            file.push_str(body);
            file.push_str("\n\n");
        }
        let read: Vec<Vec<u8>> = mail::mbox::Reader::new(file.as_bytes()).collect::<Result<_, _>>().unwrap();
        let expected: Vec<Vec<u8>> = bodies.iter().map(|b| format!("Subject: x\n\n{b}\n").into_bytes()).collect();
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn hostile_sizes_are_read_in_bounded_time() {
    let text = "From: a@example.org\nContent-Type: text/plain\n\n";
    let page = "From: a@example.org\nContent-Type: text/html\n\n";
    for piece in ["--\n", "> a\nb\n", "1 a@example.org wrote:\n", "From: x\nTo: y\n", "begin 644 a\n"] {
        mail::parse(format!("{text}{}", piece.repeat(20_000)).as_bytes());
    }
    for piece in ["<div>", "<b><i><p>", "<!--", "<a href=\"", "&", "<font a=1><p>", "<table><td>", "&lt;"] {
        mail::parse(format!("{page}{}", piece.repeat(20_000)).as_bytes());
    }
    let nested = "Content-Type: message/rfc822\n\n".repeat(100_000);
    assert_eq!(mail::parse(nested.as_bytes()).attachments.len(), 1);
}
