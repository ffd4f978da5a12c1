//! Saying whose a voice is, through the page and the API, on both engines.

mod scene;

use axum::http::{Method, StatusCode};
use kernel::Role;
use primitives::Channel;
use primitives::conversation::{self, NewConversation};
use primitives::message::{self, Incoming};
use primitives::{person, voice};
use serde_json::json;

#[test]
fn a_voice_that_was_nobodys_becomes_somebodys() {
    scene::on_both_engines(|shop| {
        let anna = shop.keeper("Anna");
        let voice = scene::capture(shop, shop.banco, None, "Macchina silenziosa");
        let page = anna.get(shop, &format!("/voices/{voice}"));
        assert!(page.body.contains("Di chi è?"), "{}", page.body);
        assert!(shop.app.last_page_statements() <= 8, "{}", shop.app.last_page_statements());
        let path = format!("/voices/{voice}/attribute");
        let wrong = anna.post(shop, &path, &[("contact", "<b>boh</b>"), ("name", "Tenuta Qui")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Tenuta Qui") && !wrong.body.contains("<b>boh"), "{}", wrong.body);
        let hers = [("contact", "bea@cliente.example"), ("name", "Bea Bianchi")];
        assert_eq!(anna.post(shop, &path, &hers).status, StatusCode::SEE_OTHER);
        let page = anna.get(shop, &format!("/voices/{voice}")).body;
        assert!(page.contains("Bea Bianchi") && !page.contains("Di chi è?"), "{page}");
        let known = anna.actor(shop);
        let (found, name) = shop
            .store
            .engine()
            .read_blocking(move |tx| {
                let person = voice::visible(tx, &known, voice)?.unwrap().person.unwrap();
                Ok((person, person::brief(tx, person)?.unwrap().name))
            })
            .unwrap();
        assert_eq!(name, "Bea Bianchi");

        // A conversation of nobody's becomes hers with its voice; by the API, by her id.
        let banco = shop.banco;
        let voice = scene::capture(shop, banco, None, "Quando aprite?");
        let case = scene::write(shop, move |tx, clock, machine| {
            let at = kernel::Clock::now(clock);
            let new = NewConversation {
                mailbox: banco,
                person: None,
                subject: String::new(),
                channel: Channel::Form,
                language: None,
                owner: None,
                team: None,
                product: None,
                historical: false,
                continues: None,
                external_id: None,
                opened_at: at,
            };
            let case = conversation::open(tx, clock, machine, &new)?;
            let incoming = Incoming { voice, person: None, words: "Quando aprite?", at, quiet: false };
            message::receive(tx, clock, machine, case, incoming)?;
            Ok(case)
        });
        let path = format!("/voices/{voice}/attribute");
        let by_id = json!({ "person": found.to_string() });
        let answer = anna.api(shop, Method::POST, &path, Some(by_id.clone()));
        assert_eq!((answer.status, &answer.json()["person"]), (StatusCode::OK, &json!(found.to_string())));
        let shown = anna.api(shop, Method::GET, &format!("/conversations/{case}"), None);
        assert!(shown.body.contains(&found.to_string()), "{}", shown.body);
        let nobody = anna.api(shop, Method::POST, &path, Some(json!({ "person": "per_0000000000001" })));
        assert_eq!(
            (nobody.status, &nobody.json()["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("person"))
        );

        // Who does not see the mailbox finds nothing; who may not, may not; a form from elsewhere does nothing.
        let dino = shop.staffer("Dino", Role::Keeper, &[shop.private]);
        assert_eq!(dino.api(shop, Method::POST, &path, Some(by_id)).status, StatusCode::NOT_FOUND);
        assert_eq!(dino.post(shop, &path, &hers).status, StatusCode::NOT_FOUND);
        let function = shop.staffer("Fulvia", Role::Function, &[shop.banco]);
        assert_eq!(function.post(shop, &path, &hers).status, StatusCode::FORBIDDEN);
        let forged = testkit::Staffer { csrf: "altro".into(), ..anna };
        assert_eq!(forged.post(shop, &path, &hers).status, StatusCode::FORBIDDEN);
    });
}
