//! From a customer's words to the bytes that leave.

mod scene;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use scene::{capture, customer, hidden, mail, on_both_engines, only_file, outbox, write};
use serde_json::json;

#[test]
fn a_captured_voice_is_found_answered_and_leaves_as_a_mail() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia Moretti");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let voice = capture(shop, shop.banco, Some(anna), "La macchina perde acqua dal gruppo");

        let today = giulia.get(shop, "/today");
        assert_eq!(today.status, StatusCode::OK);
        assert!(today.body.contains("Buongiorno Giulia. Nessuno aspetta te."), "{}", today.body);
        assert!(today.body.contains("La macchina perde acqua dal gruppo"));
        assert!(today.body.contains("3 su 5"), "{}", today.body);

        let found = giulia.get(shop, "/search?q=perdono");
        assert!(found.body.contains(&format!("/voices/{voice}")), "{}", found.body);
        assert!(found.body.contains("<mark>perde</mark>"));

        let page = giulia.get(shop, &format!("/voices/{voice}"));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("&lt;anna@casa.example&gt;") || page.body.contains("anna@casa.example"));
        let (nonce, to) = (hidden(&page.body, "nonce"), hidden(&page.body, "to"));
        let fields = [("nonce", nonce.as_str()), ("to", &to), ("text", "Cara Anna,\r\narriva domani.")];
        let answered = giulia.post(shop, &format!("/voices/{voice}/answer"), &fields);
        assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);
        let conversation = answered.location().split('?').next().unwrap().to_owned();
        let again = giulia.post(shop, &format!("/voices/{voice}/answer"), &fields);
        assert_eq!(again.location(), answered.location());

        let leaving = outbox(shop);
        assert_eq!(leaving.len(), 1);
        let item = &leaving[0];
        assert_eq!((item.channel.as_str(), item.state.as_str()), ("folder", "queued"));
        assert_eq!(item.recipient, "mailto:anna@casa.example");
        let sent = mail::parse(&item.bytes);
        assert_eq!(sent.message_id, item.message_key);
        assert!(item.message_key.starts_with("msg_") && item.message_key.ends_with("@officina.example"));
        assert_eq!(item.unique_key, format!("answer:{}", item.message_key.split('@').next().unwrap()));
        assert_eq!(sent.text.trim(), "Cara Anna,\narriva domani.");
        assert_eq!(sent.from.unwrap().name.as_deref(), Some("Giulia Moretti, Officina Prova"));
        assert!(sent.reply_to[0].address.starts_with("banco+"));

        let shown = giulia.get(shop, &conversation);
        assert!(shown.body.contains("in uscita"), "{}", shown.body);
        assert!(shown.body.contains("la segui tu"));
        assert!(!shown.body.contains("/original"), "nothing raw is kept of what was said in person");
        let moved = giulia.get(shop, &format!("/voices/{voice}"));
        assert_eq!(moved.location(), conversation);
    });
}

#[test]
fn an_answer_names_what_it_answers_and_leaves_once_however_often_it_is_sent() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "Re: La macchina perde", "Perde di nuovo.");
        let page = giulia.get(shop, &format!("/conversations/{id}"));
        assert!(page.body.contains("testo citato e firma"), "{}", page.body);
        assert!(page.body.contains("in italiano") && page.body.contains("/original"));
        let nonce = hidden(&page.body, "nonce");
        let path = format!("/conversations/{id}/reply");
        let fields = [("nonce", nonce.as_str()), ("kind", "reply"), ("text", "Arriva domani.")];
        for _ in 0..3 {
            let answer = giulia.post(shop, &path, &fields);
            assert_eq!(answer.location(), format!("/conversations/{id}?done=answered"));
        }
        assert_eq!(outbox(shop).len(), 1);
        let sent = mail::parse(&outbox(shop)[0].bytes);
        assert_eq!(sent.subject, "Re: La macchina perde");
        assert_eq!(sent.in_reply_to, ["da-lei@casa.example"]);

        // Going back and writing something else in the same form is another answer.
        let fields = [("nonce", nonce.as_str()), ("text", "E il gruppo è nuovo."), ("then", "close")];
        let answer = giulia.post(shop, &path, &fields);
        assert_eq!(answer.location(), format!("/conversations/{id}?done=closed"));
        assert_eq!(outbox(shop).len(), 2);
        let second = mail::parse(&outbox(shop)[1].bytes);
        assert_eq!(second.references, ["da-lei@casa.example".to_owned(), sent.message_id]);
        let closed = giulia.get(shop, answer.location());
        assert!(
            closed.body.contains("class=\"undo\"") && closed.body.contains("Chiusa da te"),
            "{}",
            closed.body
        );
        // What forms keep, so that nothing is done twice, is what must be kept.
        let look = |tx: &mut engine::Tx<'_>| {
            let mut rules = engine::invariants();
            rules.retain(|rule| rule.name == "idempotency.answer");
            assert_eq!(rules.len(), 1);
            // Bytes are counted over the whole house, of which only one room is here.
            let mut found = engine::invariant::check(tx, &rules, false, &mut |_| {})?;
            found.retain(|broken| broken.name == "idempotency.answer");
            Ok(found)
        };
        assert_eq!(shop.store.engine().read_blocking(look).unwrap(), []);
    });
}

#[test]
fn a_letter_that_was_stopped_after_a_restore_did_not_fail() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina perde", "Perde di nuovo.");
        let path = format!("/conversations/{id}");
        let nonce = hidden(&giulia.get(shop, &path).body, "nonce");
        let fields = [("nonce", nonce.as_str()), ("kind", "reply"), ("text", "Arriva domani.")];
        giulia.post(shop, &format!("{path}/reply"), &fields);
        write(shop, |tx, clock, machine| {
            primitives::held::hold_all(tx, primitives::held::RESTORED)?;
            let held = primitives::held::list(tx, machine, 10)?;
            primitives::held::withdraw(tx, clock, machine, held[0].id)
        });
        let page = giulia.get(shop, &path).body;
        assert!(
            page.contains("Dopo il ripristino si è deciso che questa lettera da qui non parte"),
            "{page}"
        );
        assert!(!page.contains("mine failed"), "{page}");
    });
}

#[test]
fn a_note_stays_in_the_shop() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let paolo = shop.staffer("Paolo", Role::Function, &[shop.banco]);
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}");

        let page = paolo.get(shop, &path);
        assert!(page.body.contains(&format!("{path}/note")), "{}", page.body);
        assert!(!page.body.contains(&format!("{path}/reply")));
        let noted = paolo.post(shop, &format!("{path}/note"), &[("text", "Lotto difettoso segreto")]);
        assert_eq!(noted.location(), format!("{path}?done=noted"));
        // Whoever may only leave notes cannot turn one into an answer.
        paolo.post(shop, &format!("{path}/note"), &[("kind", "reply"), ("text", "altra nota")]);
        let refused = paolo.post(shop, &format!("{path}/reply"), &[("kind", "reply"), ("text", "ciao")]);
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(outbox(shop).is_empty());

        giulia.post(shop, &format!("{path}/reply"), &[("kind", "note"), ("text", "anche io so")]);
        assert!(outbox(shop).is_empty());
        giulia.post(shop, &format!("{path}/reply"), &[("kind", "reply"), ("text", "Arriva domani.")]);
        let bytes = String::from_utf8_lossy(&outbox(shop)[0].bytes).into_owned();
        assert!(!bytes.contains("segreto") && !bytes.contains("so"), "{bytes}");
        let page = giulia.get(shop, &path);
        assert!(page.body.contains("nota interna") && page.body.contains("Lotto difettoso segreto"));
        assert!(giulia.get(shop, "/search?q=segreto").body.contains("nota interna"));
    });
}

#[test]
fn what_cannot_be_sent_keeps_the_words_and_says_why() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}/reply");
        let empty = giulia.post(shop, &path, &[("text", "  \r\n ")]);
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.body.contains("Scrivi qualcosa prima di inviare."), "{}", empty.body);
        let long = "é".repeat(100_001);
        let refused = giulia.post(shop, &path, &[("text", &long)]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("100.000 caratteri"));
        let to = "idn_0000000000001";
        let unknown = giulia.post(shop, &path, &[("text", "Cara Anna…"), ("to", to)]);
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            unknown.body.contains("Cara Anna…") && unknown.body.contains("non c’è più"),
            "{}",
            unknown.body
        );

        // Somebody without any address: the page says what to do, and nothing leaves.
        let nobody = capture(shop, shop.banco, None, "Bello!");
        let page = giulia.get(shop, &format!("/voices/{nobody}"));
        assert!(page.body.contains("Non sappiamo chi è"), "{}", page.body);
        let refused = giulia.post(shop, &format!("/voices/{nobody}/answer"), &[("text", "Grazie")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(outbox(shop).is_empty());
        let left = giulia.api(shop, Method::GET, "/conversations?view=all", None).json();
        assert_eq!(left["items"].as_array().unwrap().len(), 1, "the refused answer opened nothing: {left}");
    });
}

#[test]
fn files_go_along_and_are_bounded() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let send = |csrf: &str, bytes: &[u8]| {
            let mut body = Vec::new();
            for (name, value) in [("csrf", csrf), ("kind", "reply"), ("text", "Ecco il disegno.")] {
                body.extend_from_slice(
                    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                        .as_bytes(),
                );
            }
            body.extend_from_slice(
                b"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../disegno.pdf\"\r\nContent-Type: application/pdf\r\n\r\n",
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n--X--\r\n");
            let request = giulia
                .request(Method::POST, &format!("/conversations/{id}/reply"))
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
                .body(Body::from(body));
            shop.send(request.unwrap())
        };
        assert_eq!(send("forged", b"%PDF-1.7").status, StatusCode::FORBIDDEN);
        let large = send(&giulia.csrf, &vec![7; 20 * 1024 * 1024 + 1]);
        assert_eq!(large.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(large.body.contains("superano 20 MB") && large.body.contains("Ecco il disegno."));
        assert!(outbox(shop).is_empty());

        let sent = send(&giulia.csrf, b"%PDF-1.7\r\n\0\xff");
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let mail = mail::parse(&outbox(shop)[0].bytes);
        assert_eq!(mail.attachments[0].name.as_deref(), Some("disegno.pdf"));
        assert_eq!(mail.attachment_bytes(0), Some(&b"%PDF-1.7\r\n\0\xff"[..]));
        assert!(giulia.get(shop, &format!("/conversations/{id}")).body.contains("disegno.pdf"));
    });
}

#[test]
fn the_best_address_is_the_one_they_wrote_from() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "prima@casa.example");
        write(shop, move |tx, clock, machine| {
            use primitives::identity::{self, IdentityKind};
            identity::add(tx, clock, machine, anna, IdentityKind::Phone, "055 123456")?;
            identity::add(tx, clock, machine, anna, IdentityKind::Email, "anna@casa.example")
        });
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let page = giulia.get(shop, &format!("/conversations/{id}")).body;
        let statements = shop.app.last_page_statements();
        let bruno = customer(shop, "Bruno Neri", "bruno@casa.example");
        let (other, _) = mail(shop, shop.banco, bruno, "Il macinino", "Fischia.");
        giulia.get(shop, &format!("/conversations/{other}"));
        assert_eq!(statements, shop.app.last_page_statements(), "several addresses cost no statement more");
        let choices = &page[page.find("<select name=\"to\"").unwrap()..];
        let chosen = choices.find(" selected>").map(|at| &choices[at + 10..at + 27]);
        assert_eq!(chosen, Some("anna@casa.example"), "the mail itself says so");

        // A telephone, when that is chosen.
        let phone = choices.find("055 123456").unwrap();
        let id_of_phone = choices[..phone].rfind("value=\"").map(|at| &choices[at + 7..at + 24]).unwrap();
        let path = format!("/conversations/{id}/reply");
        let answer = giulia.post(shop, &path, &[("to", id_of_phone), ("text", "La chiamo io.")]);
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let leaving = outbox(shop);
        assert_eq!(leaving[0].recipient, "tel:+39055123456");
        assert!(String::from_utf8_lossy(&leaving[0].bytes).ends_with("\r\n\r\nLa chiamo io.\n"));
    });
}

#[test]
fn programs_answer_through_the_api_once_per_key() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, voice) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}");
        let shown = giulia.api(shop, Method::GET, &path, None).json();
        assert_eq!((&shown["state"], &shown["person_name"]), (&json!("waiting_for_us"), &json!("Anna Riva")));
        assert!(shown.get("reply_token").is_none());
        let messages = giulia.api(shop, Method::GET, &format!("{path}/messages"), None).json();
        assert_eq!(messages["items"][0]["voice"], json!(voice.to_string()));
        assert_eq!(messages["items"][0]["attachments"][0]["media_type"], json!("text/html"));

        let new = json!({ "text": "Arriva domani.", "close": true });
        let written = giulia.api(shop, Method::POST, &format!("{path}/messages"), Some(new));
        assert_eq!(written.status, StatusCode::CREATED, "{}", written.body);
        assert_eq!(giulia.api(shop, Method::GET, &path, None).json()["state"], json!("closed"));
        let note = json!({ "kind": "note", "text": "Fatto." });
        giulia.api(shop, Method::POST, &format!("{path}/messages"), Some(note));
        assert_eq!(outbox(shop).len(), 1);
        let messages = giulia.api(shop, Method::GET, &format!("{path}/messages?limit=2"), None).json();
        let kinds: Vec<_> = messages["items"].as_array().unwrap().iter().map(|m| m["kind"].clone()).collect();
        assert_eq!(kinds, [json!("outgoing"), json!("note")]);
        let next = messages["next"].as_str().unwrap();
        let earlier = giulia.api(shop, Method::GET, &format!("{path}/messages?cursor={next}"), None).json();
        assert_eq!(earlier["items"][0]["kind"], json!("incoming"));

        let me = json!({ "owner": giulia.account.to_string() });
        let mine = giulia.api(shop, Method::POST, &format!("{path}/assign"), Some(me)).json();
        assert_eq!(mine["owner_name"], json!("Giulia"));
        let snoozed = json!({ "state": "snoozed", "snoozed_until": "2026-11-25T08:00:00Z" });
        let snoozed = giulia.api(shop, Method::POST, &format!("{path}/state"), Some(snoozed)).json();
        assert_eq!(snoozed["snoozed_until"], json!("2026-11-25T08:00:00Z"));
        for (path, wrong) in [
            (format!("{path}/messages"), json!({ "text": "" })),
            (format!("{path}/messages"), json!({ "kind": "incoming", "text": "x" })),
            (format!("{path}/state"), json!({ "state": "asleep" })),
            (format!("{path}/state"), json!({ "state": "snoozed" })),
            (format!("{path}/assign"), json!({ "owner": "acc_0000000000001" })),
        ] {
            let refused = giulia.api(shop, Method::POST, &path, Some(wrong.clone()));
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong} {}", refused.body);
        }
        let found = giulia.api(shop, Method::GET, "/search?q=domani", None).json();
        assert_eq!((&found["count"], &found["items"][0]["kind"]), (&json!(1), &json!("message")), "{found}");
        let _ = only_file(shop);
    });
}
