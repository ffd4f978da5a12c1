//! What an employee names or reads by the way opens nothing that they were not granted: an address of somebody whom
//! they do not see, the figures of the house.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kernel::{Permission, Role};
use serde_json::json;
use testkit::{Shop, Staffer};

use crate::scene::{SECRET, house, one_of_everything};

/// The address of the person of [`one_of_everything`].
const ADDRESS: &str = "segreta@private.example";

/// Whether a person does not exist for somebody.
fn is_closed(shop: &Shop, who: &Staffer, person: &str) -> bool {
    let page = who.get(shop, &format!("/people/{person}"));
    let api = who.api(shop, Method::GET, &format!("/people/{person}"), None);
    let found = who.api(shop, Method::GET, &format!("/people?q={ADDRESS}"), None);
    page.status == StatusCode::NOT_FOUND
        && api.status == StatusCode::NOT_FOUND
        && found.json()["items"].as_array().unwrap().is_empty()
}

#[test]
fn naming_an_address_opens_nobodys_page_and_loses_no_voice() {
    let shop = house();
    let person = one_of_everything(&shop, shop.private)["people"].clone();
    let mut voices = Vec::new();
    for role in Role::ALL {
        let who = shop.staffer(&format!("Curiosa {}", role.code()), role, &[shop.banco]);
        let heard = [("channel", "phone"), ("text", "Ha chiamato."), ("name", "Anna"), ("contact", ADDRESS)];
        let noted = who.post(&shop, "/capture", &heard);
        assert_eq!(noted.status, StatusCode::SEE_OTHER, "{}", noted.body);
        let page = who.get(&shop, noted.location()).body;
        assert!(page.contains("Ha chiamato.") && page.contains(ADDRESS) && !page.contains(SECRET), "{page}");

        let author = json!({ "name": "Anna", "email": ADDRESS, "phone": "+39 055 123456" });
        let said = json!({ "channel": "review", "text": format!("Da {}", role.code()), "author": author });
        let said = who.api(&shop, Method::POST, "/voices", Some(said));
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.body);
        let voice = said.json()["id"].as_str().unwrap().to_owned();
        let shown = who.api(&shop, Method::GET, &format!("/voices/{voice}"), None);
        assert!(shown.json()["person"].is_null() && !shown.body.contains(SECRET), "{}", shown.body);
        assert_eq!(shown.json()["author"], format!("Anna · {ADDRESS} · +39 055 123456"));

        if role.allows(Permission::EditPeople) {
            let path = format!("/voices/{voice}/attribute");
            let refused = who.api(&shop, Method::POST, &path, Some(json!({ "contact": ADDRESS })));
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
            assert_eq!(refused.json()["field"], "identity");
            let by_id = who.api(&shop, Method::POST, &path, Some(json!({ "person": person })));
            assert_eq!(by_id.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", by_id.body);
            let refused = who.post(&shop, &path, &[("contact", ADDRESS)]);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.body.contains("caselle che non vedi"), "{}", refused.body);
            assert!(!refused.body.contains(SECRET));
        }
        assert!(is_closed(&shop, &who, &person), "{}", role.code());
        voices.push((who, voice));
    }

    // Who sees both mailboxes may say whose it is; then it was heard where the others see, too.
    let both = shop.staffer("Tramite", Role::Keeper, &[shop.banco, shop.private]);
    let (first, voice) = &voices[0];
    let path = format!("/voices/{voice}/attribute");
    let said = both.api(&shop, Method::POST, &path, Some(json!({ "contact": ADDRESS })));
    assert_eq!((said.status, &said.json()["person"]), (StatusCode::OK, &json!(person)), "{}", said.body);
    assert!(!is_closed(&shop, first, &person));
    // Saying it again changes nothing, and nobody takes it away from them.
    let again = both.api(&shop, Method::POST, &path, Some(json!({ "contact": ADDRESS })));
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    let other = both.api(&shop, Method::POST, &path, Some(json!({ "contact": "altra@cliente.example" })));
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.body);
    let made = both.api(&shop, Method::GET, "/people?q=altra@cliente.example", None);
    assert!(made.json()["items"].as_array().unwrap().is_empty(), "nor is anybody made by it");
}

#[test]
fn figures_name_no_source_of_a_mailbox_that_their_reader_does_not_see() {
    let shop = house();
    one_of_everything(&shop, shop.private);
    let who = shop.staffer("Dirige", Role::Conductor, &[shop.banco]);
    let health = who.api(&shop, Method::GET, "/health", None);
    assert_eq!(health.status, StatusCode::OK);
    let bearer = format!("Bearer {}", who.token);
    let metrics = Request::get("/metrics").header(header::AUTHORIZATION, bearer).body(Body::empty());
    let metrics = shop.send(metrics.unwrap());
    assert_eq!(metrics.status, StatusCode::OK);
    for (answer, kind) in [(&health, r#""kind":"import""#), (&metrics, r#"kind="import""#)] {
        assert!(answer.body.contains(kind) && !answer.body.contains(SECRET), "{}", answer.body);
    }
}
