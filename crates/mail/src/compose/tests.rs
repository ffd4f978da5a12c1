use super::*;
use crate::parse;

fn address(name: &str, address: &str) -> Address {
    Address { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() }
}

fn mail() -> Outgoing {
    Outgoing {
        message_id: "1.abc@bottega.example".to_owned(),
        from: address("Bottega, assistenza", "aiuto@bottega.example"),
        to: vec![address("Nicolò \"Nico\" Verdi", "nico@example.org"), address("", "b@example.org")],
        subject: "Re: perché la consegna è in ritardo, e quando arriva davvero il pacco che aspetto"
            .to_owned(),
        in_reply_to: vec!["q1@example.org".to_owned()],
        references: vec!["q0@example.org".to_owned(), "q1@example.org".to_owned()],
        date_micros: 1_784_016_900_000_000,
        text: "Buongiorno,\n\nil pacco è partito.\n-- \nBottega".to_owned(),
        ..Outgoing::default()
    }
}

fn rendered(mail: &Outgoing) -> crate::CleanMessage {
    parse(&render(mail).unwrap())
}

#[test]
fn what_is_written_reads_back_the_same() {
    let mail = Outgoing {
        cc: vec![address("Ünal", "u@example.org")],
        reply_to: vec![address("", "aiuto+t0ken@bottega.example")],
        html: Some("<p>il pacco è <b>partito</b></p>".to_owned()),
        attachments: vec![OutgoingAttachment {
            name: "ricevuta città.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: (0..=255).collect(),
            content_id: None,
        }],
        headers: vec![
            ("Auto-Submitted".to_owned(), "auto-replied".to_owned()),
            ("X-Nota".to_owned(), "perché sì".to_owned()),
        ],
        ..mail()
    };
    let read = rendered(&mail);
    assert_eq!(read.message_id, mail.message_id);
    assert_eq!(read.from.as_ref(), Some(&mail.from));
    assert_eq!((&read.to, &read.cc, &read.reply_to), (&mail.to, &mail.cc, &mail.reply_to));
    assert_eq!(read.subject, mail.subject);
    assert_eq!((&read.in_reply_to, &read.references), (&mail.in_reply_to, &mail.references));
    assert_eq!(read.date_micros, Some(mail.date_micros));
    assert_eq!(read.text.trim_end(), mail.text);
    assert_eq!(read.html, mail.html);
    assert_eq!(read.attachments[0].name.as_deref(), Some("ricevuta città.pdf"));
    assert_eq!(read.attachment_bytes(0), Some(mail.attachments[0].bytes.as_slice()));
    assert_eq!(read.labels, ["auto-reply"]);
    assert!(read.defects.is_empty(), "{:?}", read.defects);
}

#[test]
fn images_of_the_page_go_beside_it() {
    let mail = Outgoing {
        html: Some("<p>ecco</p><img src=\"cid:logo@bottega\">".to_owned()),
        attachments: vec![OutgoingAttachment {
            name: "logo.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: b"png".to_vec(),
            content_id: Some("logo@bottega".to_owned()),
        }],
        ..mail()
    };
    let read = rendered(&mail);
    assert!(read.attachments[0].inline);
    assert_eq!(read.attachments[0].content_id.as_deref(), Some("logo@bottega"));
    assert!(read.html.is_some_and(|h| h.contains("cid:logo@bottega")));
}

#[test]
fn the_same_mail_is_the_same_bytes() {
    let mail = Outgoing { html: Some("<p>x</p>".to_owned()), ..mail() };
    assert_eq!(render(&mail), render(&mail.clone()));
    let other = Outgoing { text: "altro".to_owned(), ..mail.clone() };
    assert_ne!(render(&mail), render(&other));
}

#[test]
fn no_field_can_smuggle_another_one_in() {
    const EVIL: &str = "x\r\nBcc: spy@example.org";
    let cases: Vec<(Outgoing, ComposeError)> = vec![
        (
            Outgoing { subject: EVIL.to_owned(), ..mail() },
            ComposeError::ControlCharacter("Subject".to_owned()),
        ),
        (
            Outgoing { subject: "x\ry".to_owned(), ..mail() },
            ComposeError::ControlCharacter("Subject".to_owned()),
        ),
        (
            Outgoing { from: address(EVIL, "a@example.org"), ..mail() },
            ComposeError::ControlCharacter("address".to_owned()),
        ),
        (
            Outgoing { to: vec![address("", "a@example.org>\r\nBcc: <b@example.org")], ..mail() },
            ComposeError::BadAddress("a@example.org>\r\nBcc: <b@example.org".to_owned()),
        ),
        (
            Outgoing { to: vec![address("", "a@b, c@d")], ..mail() },
            ComposeError::BadAddress("a@b, c@d".to_owned()),
        ),
        (Outgoing { message_id: EVIL.to_owned(), ..mail() }, ComposeError::BadId(EVIL.to_owned())),
        (Outgoing { message_id: String::new(), ..mail() }, ComposeError::BadId(String::new())),
        (Outgoing { references: vec!["a b".to_owned()], ..mail() }, ComposeError::BadId("a b".to_owned())),
        (
            Outgoing { headers: vec![("X-A".to_owned(), EVIL.to_owned())], ..mail() },
            ComposeError::ControlCharacter("X-A".to_owned()),
        ),
        (
            Outgoing { headers: vec![("X-A: b\r\nX-B".to_owned(), String::new())], ..mail() },
            ComposeError::BadHeaderName("X-A: b\r\nX-B".to_owned()),
        ),
        (
            Outgoing { headers: vec![("bcc".to_owned(), "a@example.org".to_owned())], ..mail() },
            ComposeError::ReservedHeader("bcc".to_owned()),
        ),
        (Outgoing { to: vec![], ..mail() }, ComposeError::NoRecipient),
    ];
    for (mail, expected) in cases {
        assert_eq!(render(&mail), Err(expected));
    }
    let file = |name: &str, media_type: &str| Outgoing {
        attachments: vec![OutgoingAttachment {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            ..OutgoingAttachment::default()
        }],
        ..mail()
    };
    assert!(render(&file("a\r\nX: y", "text/plain")).is_err());
    assert!(render(&file("a", "text/plain\r\nX: y")).is_err());
    assert!(render(&file("a\"; x=\"y.txt", "text/plain")).is_ok());
}

#[test]
fn a_text_that_looks_like_structure_stays_text() {
    let text = "From here\n.\n--mixed_x\nContent-Type: text/html\n\n<b>";
    let read = rendered(&Outgoing { text: text.to_owned(), ..mail() });
    assert_eq!(read.text.trim_end(), text);
    assert!(read.attachments.is_empty() && read.html.is_none());
}
