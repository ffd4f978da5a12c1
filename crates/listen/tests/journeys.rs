//! What people and programs do in the room, through HTTP, on both engines.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use primitives::outbox::{self, NewItem};
use serde_json::json;
use testkit::{Answer, Shop, Staffer};

fn rooms() -> Vec<web::Module> {
    vec![listen::module()]
}

fn upload(shop: &Shop, who: &Staffer, csrf: &str, source: &str, name: &str, bytes: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (field, value) in [("csrf", csrf), ("source", source), ("kind", ""), ("mailbox", "")] {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").bytes(),
    );
    body.extend(bytes);
    body.extend(b"\r\n--x--\r\n");
    let request = who
        .request(Method::POST, "/listen/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(body));
    shop.send(request.unwrap())
}

#[test]
fn a_voice_sent_twice_is_stored_once() {
    Shop::on_both_engines(rooms, |shop| {
        let anna = shop.keeper("Anna");
        let voice = json!({ "external_id": "r-1", "channel": "review", "text": "Caffè ottimo, macchina silenziosa.",
            "score": 5, "score_most": 5, "author": { "name": "Bea", "email": "bea@cliente.example" }, "product": "Vera 2" });
        let first = anna.api(shop, Method::POST, "/voices", Some(voice.clone()));
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
        assert_eq!(first.json()["duplicate"], false);
        assert!(first.json()["conversation"].is_null());
        let again = anna.api(shop, Method::POST, "/voices", Some(voice.clone()));
        assert_eq!((again.status, &again.json()["duplicate"]), (StatusCode::OK, &json!(true)));
        assert_eq!(again.json()["id"], first.json()["id"]);
        let mut other = voice.clone();
        other["text"] = json!("Si è rotta.");
        assert_eq!(anna.api(shop, Method::POST, "/voices", Some(other)).status, StatusCode::CREATED);

        let id = first.json()["id"].as_str().unwrap().to_owned();
        let shown = anna.api(shop, Method::GET, &format!("/voices/{id}"), None).json();
        assert_eq!((&shown["language"], &shown["person_name"]), (&json!("it"), &json!("Bea")));
        let list = anna.api(shop, Method::GET, "/voices?limit=1", None).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let next = list["next"].as_str().unwrap();
        let rest = anna.api(shop, Method::GET, &format!("/voices?cursor={next}"), None).json();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);

        let sources = anna.api(shop, Method::GET, "/sources", None).json();
        let source = &sources["items"][0];
        assert_eq!((&source["total"]["fetched"], &source["total"]["stored"]), (&json!(3), &json!(2)));
        assert_eq!((&source["total"]["duplicate"], &source["total"]["balanced"]), (&json!(1), &json!(true)));
        let path = format!("/sources/{}/ledger", source["id"].as_str().unwrap());
        let ledger = anna.api(shop, Method::GET, &path, None).json();
        assert_eq!(
            (&ledger["days"][0]["day"], &ledger["days"][0]["fetched"]),
            (&json!("2026-11-20"), &json!(3))
        );
    });
}

#[test]
fn a_key_makes_a_call_happen_once_and_wrong_calls_say_why() {
    Shop::on_both_engines(rooms, |shop| {
        let anna = shop.keeper("Anna");
        let call = |body: &str, key: &str| {
            let request = axum::http::Request::post("/api/v1/voices")
                .header(header::AUTHORIZATION, format!("Bearer {}", anna.token))
                .header("idempotency-key", key)
                .body(Body::from(body.to_owned()));
            shop.send(request.unwrap())
        };
        let body = r#"{"channel":"form","text":"Quando aprite?","author":{"email":"z@cliente.example"}}"#;
        let (first, again) = (call(body, "k1"), call(body, "k1"));
        assert_eq!((first.status, &first.body), (StatusCode::CREATED, &again.body));
        assert!(first.json()["conversation"].is_string(), "a form waits for an answer");
        assert_eq!(call(r#"{"channel":"form","text":"x"}"#, "k1").status, StatusCode::CONFLICT);
        for (body, field) in [
            ("{", "body"),
            (r#"{"channel":"pigeon","text":"x"}"#, "channel"),
            (r#"{"channel":"review","text":" "}"#, "text"),
            (r#"{"channel":"review","text":"x","occurred_at":"ieri"}"#, "occurred_at"),
            (r#"{"channel":"review","text":"x","mailbox":"Altra"}"#, "mailbox"),
            (r#"{"channel":"review","text":"x","score":6,"score_most":5}"#, "score"),
        ] {
            let refused = call(body, body);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert_eq!(refused.json()["field"], field, "{body}");
        }
    });
}

#[test]
fn somebody_notes_what_a_customer_said() {
    Shop::on_both_engines(rooms, |shop| {
        let anna = shop.keeper("Anna");
        assert!(anna.get(shop, "/capture").body.contains("Cosa ha detto"));
        let noted = anna.post(
            shop,
            "/capture",
            &[
                ("channel", "phone"),
                ("text", "Il <b>gruppo</b> perde."),
                ("name", "Ugo Neri"),
                ("contact", "055 123456"),
                ("waits", "1"),
            ],
        );
        assert_eq!(noted.status, StatusCode::SEE_OTHER, "{}", noted.body);
        assert!(noted.location().starts_with("/conversations/cnv_"));
        let voice = anna.post(
            shop,
            "/capture",
            &[("channel", "counter"), ("text", "Bella vetrina."), ("product", "Vera 2")],
        );
        assert!(voice.location().starts_with("/voices/voi_"));
        let page = anna.get(shop, "/listen").body;
        assert!(page.contains("Il &#60;b&#62;gruppo") && !page.contains("<b>gruppo"), "{page}");

        let empty = anna.post(shop, "/capture", &[("text", " "), ("name", "Tenuto Qui")]);
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.body.contains("Tenuto Qui") && empty.body.contains("aria-invalid"));
        let wrong = anna.post(shop, "/capture", &[("text", "parole tenute"), ("contact", "chiamami")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("parole tenute"));

        let forged = anna
            .request(Method::POST, "/capture")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("text=x"))
            .unwrap();
        assert_eq!(shop.send(forged).status, StatusCode::FORBIDDEN);
        let elsewhere = anna.post(shop, "/capture", &[("text", "x"), ("mailbox", &shop.private.to_string())]);
        assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(anna.get(shop, "/capture?person=per_0000000000001").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_file_is_looked_at_corrected_and_imported() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let table = "quando;parole;voto\n30/09/2021;bene;5\n01/10/2021;male;1\n;;\n02/10/2021;così così\n";
        let sent = upload(shop, &carla, &carla.csrf, "Recensioni", "voci.csv", table.as_bytes());
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let page = sent.location().to_owned();
        shop.run_jobs();
        let before = carla.get(shop, &page).body;
        assert!(before.contains("Pronto da importare") && before.contains("voci.csv"), "{before}");
        let fields = [("text", "parole"), ("date", "quando"), ("score", "voto")];
        assert_eq!(carla.post(shop, &format!("{page}/look"), &fields).status, StatusCode::SEE_OTHER);
        shop.run_jobs();
        let looked = carla.get(shop, &page).body;
        assert!(looked.contains("così così") || looked.contains("2 colonne"), "{looked}");
        assert_eq!(carla.post(shop, &format!("{page}/run"), &[]).status, StatusCode::SEE_OTHER);
        assert_eq!(carla.post(shop, &format!("{page}/run"), &[]).status, StatusCode::SEE_OTHER);
        shop.run_jobs();
        assert!(carla.get(shop, &page).body.contains("Finito"));
        let list = carla.get(shop, "/listen").body;
        assert!(list.contains("Recensioni"));
        let source = carla.api(shop, Method::GET, "/sources", None).json();
        let total = &source["items"][0]["total"];
        assert_eq!(
            (&total["fetched"], &total["stored"], &total["quarantined"]),
            (&json!(4), &json!(2), &json!(2))
        );
        let id = source["items"][0]["id"].as_str().unwrap().to_owned();
        let ledger = carla.get(shop, &format!("/listen/sources/{id}")).body;
        assert!(ledger.contains("Non dice niente") && ledger.contains("I conti tornano"), "{ledger}");
        let raw = ledger.split("href=\"").find(|part| part.starts_with("/listen/arrivals/")).unwrap();
        let raw = raw.split('"').next().unwrap().to_owned();
        assert_eq!(carla.get(shop, &raw).status, StatusCode::OK);

        // Who does not see the mailbox knows of none of it.
        let dino = shop.staffer("Dino", Role::Administrator, &[shop.private]);
        for path in [page.clone(), format!("/listen/sources/{id}"), raw] {
            assert_eq!(dino.get(shop, &path).status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(dino.post(shop, &format!("{page}/run"), &[]).status, StatusCode::NOT_FOUND);
        let api = dino.api(shop, Method::GET, &format!("/sources/{id}/ledger"), None);
        assert_eq!(api.status, StatusCode::NOT_FOUND);
        assert_eq!(
            dino.api(shop, Method::GET, &format!("/voices?source={id}"), None).status,
            StatusCode::NOT_FOUND
        );
        let voice = carla.api(shop, Method::GET, "/voices", None).json()["items"][0]["id"].clone();
        let path = format!("/voices/{}", voice.as_str().unwrap());
        assert_eq!(dino.api(shop, Method::GET, &path, None).status, StatusCode::NOT_FOUND);
        assert!(!dino.get(shop, "/listen").body.contains("Recensioni"));
        let taken = upload(shop, &dino, &dino.csrf, "Recensioni", "t.csv", b"text\nx\n");
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Who may not import may not, and a form from elsewhere does nothing.
        let keeper = shop.keeper("Anna");
        assert_eq!(keeper.get(shop, "/listen/import").status, StatusCode::FORBIDDEN);
        assert_eq!(
            upload(shop, &keeper, &keeper.csrf, "X", "t.csv", b"text\nx\n").status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(upload(shop, &carla, "altro", "X", "t.csv", b"text\nx\n").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_page_costs_few_statements() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let actor = carla.actor(shop);
        let clock = shop.store.clock.clone();
        let cost = shop.store.engine().read_blocking(move |tx| {
            listen::sources::list(tx, &*clock, &actor)?;
            primitives::voice::list(tx, &actor, None, None, 15)?;
            Ok(tx.statements_run())
        });
        // The session and the frame cost two more.
        assert!(cost.unwrap() <= 6);
    });
}

#[test]
fn an_answer_leaves_as_a_file_once() {
    Shop::on_both_engines(rooms, |shop| {
        let (clock, banco) = (shop.store.clock.clone(), shop.banco);
        let id = shop
            .store
            .engine()
            .write_blocking(move |tx| {
                let item = NewItem {
                    unique_key: "k",
                    channel: "folder",
                    mailbox: banco,
                    conversation: None,
                    message: None,
                    recipient: "bea@cliente.example",
                    bytes: b"Subject: Ciao\r\n\r\nArriviamo.\r\n",
                    message_key: "m@officina.example",
                    not_before: kernel::Clock::now(&*clock),
                };
                outbox::queue(tx, &*clock, &item)
            })
            .unwrap()
            .unwrap();
        let outbox = shop.store.engine().data_dir().join("outbox");
        std::fs::create_dir_all(&outbox).unwrap();
        std::fs::write(outbox.join(".place"), "here").unwrap();
        let file = outbox.join(format!("{id}.eml"));
        // An attempt that died before it wrote: the folder says no, and it is made again.
        let clock = shop.store.clock.clone();
        shop.store
            .engine()
            .write_blocking(move |tx| Ok(outbox::attempt(tx, &*clock, id, "here")?.is_some()))
            .unwrap();
        assert!(!file.exists());
        shop.run_jobs();
        assert_eq!(std::fs::read(&file).unwrap(), b"Subject: Ciao\r\n\r\nArriviamo.\r\n");
        let clock = shop.store.clock.clone();
        let left = shop
            .store
            .engine()
            .write_blocking(move |tx| Ok(outbox::attempt(tx, &*clock, id, "here")?.is_none()));
        assert!(left.unwrap(), "what has left is not attempted again");
        // Long after, the folder forgets what it knew of the letter; the letter stays until somebody takes it.
        let hidden = || {
            let entries = std::fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().file_name());
            entries.filter(|name| name.to_string_lossy().starts_with(".out_")).count()
        };
        assert_eq!(hidden(), 1, "the mark");
        let clock = shop.store.clock.clone();
        shop.store.engine().write_blocking(move |tx| Ok(listen::watch::begin(tx, &*clock)?)).unwrap();
        shop.run_jobs();
        assert_eq!(hidden(), 1, "it is young");
        shop.store.clock.advance_seconds(20 * 365 * 86_400);
        shop.run_jobs();
        assert_eq!((hidden(), file.exists()), (0, true));
    });
}

#[test]
fn a_letter_that_another_machine_may_have_sent_is_held() {
    Shop::on_both_engines(rooms, |shop| {
        let (clock, banco) = (shop.store.clock.clone(), shop.banco);
        let id = shop.store.engine().write_blocking(move |tx| {
            let item = NewItem {
                unique_key: "k",
                channel: "folder",
                mailbox: banco,
                conversation: None,
                message: None,
                recipient: "bea@cliente.example",
                bytes: b"Subject: Ciao\r\n\r\nArriviamo.\r\n",
                message_key: "m@officina.example",
                not_before: kernel::Clock::now(&*clock),
            };
            let id = outbox::queue(tx, &*clock, &item)?.ok_or(kernel::Fault::NotFound)?;
            // Another machine begins, and nobody hears of it any more.
            outbox::attempt(tx, &*clock, id, "there")?;
            Ok(id)
        });
        let id = id.unwrap();
        shop.run_jobs();
        let file = shop.store.engine().data_dir().join("outbox").join(format!("{id}.eml"));
        assert!(!file.exists(), "it may have left there");
        let anna = shop.keeper("Anna").actor(shop);
        let held = {
            let anna = anna.clone();
            shop.store.engine().read_blocking(move |tx| Ok(primitives::held::list(tx, &anna, 10)?)).unwrap()
        };
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].reason.as_deref(), Some(primitives::held::ELSEWHERE));
        // Whoever looked there decides.
        let clock = shop.store.clock.clone();
        shop.store
            .engine()
            .write_blocking(move |tx| primitives::held::release(tx, &*clock, &anna, id))
            .unwrap();
        shop.run_jobs();
        assert!(file.exists());
    });
}

#[test]
fn an_attempt_that_was_overtaken_says_only_that_it_sent() {
    Shop::on_both_engines(rooms, |shop| {
        let (clock, banco) = (shop.store.clock.clone(), shop.banco);
        let states = shop.store.engine().write_blocking(move |tx| {
            let machine = kernel::Actor::machine(vec![banco]);
            let mut found = Vec::new();
            for (key, outcome) in
                [("late", outbox::Outcome::Deferred("away".into())), ("sent", outbox::Outcome::Sent)]
            {
                let item = NewItem {
                    unique_key: key,
                    channel: "folder",
                    mailbox: banco,
                    conversation: None,
                    message: None,
                    recipient: "bea@cliente.example",
                    bytes: b"x",
                    message_key: key,
                    not_before: kernel::Clock::now(&*clock),
                };
                let id = outbox::queue(tx, &*clock, &item)?.ok_or(kernel::Fault::NotFound)?;
                let (first, _) = outbox::attempt(tx, &*clock, id, "here")?.ok_or(kernel::Fault::NotFound)?;
                let (second, _) = outbox::attempt(tx, &*clock, id, "here")?.ok_or(kernel::Fault::NotFound)?;
                outbox::ended(tx, &*clock, &machine, &first, &outcome)?;
                found.push((outbox::is_under_way(tx, &first)?, outbox::is_under_way(tx, &second)?));
            }
            Ok(found)
        });
        assert_eq!(states.unwrap(), [(false, true), (false, false)]);
    });
}
