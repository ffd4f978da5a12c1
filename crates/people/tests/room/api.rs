//! The API of the room.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::{Shop, Staffer};

use crate::world::{customer, hear, heard, on_both_engines, said};

fn post(shop: &Shop, who: &Staffer, path: &str, body: Value) -> (u16, Value) {
    let answer = who.api(shop, Method::POST, path, Some(body));
    (answer.status.as_u16(), answer.json())
}

fn get(shop: &Shop, who: &Staffer, path: &str) -> (u16, Value) {
    let answer = who.api(shop, Method::GET, path, None);
    (answer.status.as_u16(), answer.json())
}

#[test]
fn a_person_is_imported_once_under_their_id_elsewhere() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = json!({
            "name": "Anna Riva", "language": "IT", "organisation": "Agriturismo La Pieve", "external_id": "crm-7",
            "identities": [{ "kind": "email", "value": "Anna@LaPieve.example" }, { "kind": "phone", "value": "055 1234567" }],
        });
        let (status, created) = post(shop, &giulia, "/people", anna.clone());
        assert_eq!(status, 201, "{created}");
        assert_eq!(created["identities"][0]["value"], "anna@lapieve.example");
        assert_eq!(created["identities"][1]["value"], "+390551234567");
        assert_eq!(
            (&created["language"], &created["organisation"]),
            (&json!("it"), &json!("Agriturismo La Pieve"))
        );
        let (status, again) = post(shop, &giulia, "/people", anna);
        assert_eq!((status, &again["id"]), (200, &created["id"]));
        let taken =
            json!({ "name": "Altra", "identities": [{ "kind": "email", "value": "anna@lapieve.example" }] });
        let (status, problem) = post(shop, &giulia, "/people", taken);
        assert_eq!((status, problem["field"].as_str()), (422, Some("identity")));
        let (status, _) = post(shop, &giulia, "/people", json!({ "name": " " }));
        assert_eq!(status, 422);
        let fax = json!({ "name": "X", "identities": [{ "kind": "fax", "value": "1" }] });
        let (status, problem) = post(shop, &giulia, "/people", fax);
        assert_eq!((status, problem["field"].as_str()), (422, Some("identities")));
        let (_, list) = get(shop, &giulia, "/people?q=anna@lapieve.example");
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing of the refused ones stayed");
        let (_, list) = get(shop, &giulia, "/people");
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn what_is_absent_stays_and_what_is_null_is_emptied() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}");
        let all =
            json!({ "organisation": "La Pieve", "language": "de-AT", "keeper": giulia.account.to_string() });
        let (status, person) = post(shop, &giulia, &path, all);
        assert_eq!(
            (status, &person["organisation"], &person["name"]),
            (200, &json!("La Pieve"), &json!("Anna Riva"))
        );
        let (_, person) = post(shop, &giulia, &path, json!({ "organisation": null, "name": "Anna" }));
        assert_eq!((&person["organisation"], &person["language"]), (&Value::Null, &json!("de-AT")));
        assert_eq!(person["keeper"], json!(giulia.account.to_string()));
        for wrong in [
            json!({ "language": "italiano" }),
            json!({ "colour": "red" }),
            json!({ "keeper": "acc_0000000000001" }),
        ] {
            assert_eq!(post(shop, &giulia, &path, wrong.clone()).0, 422, "{wrong}");
        }
        assert_eq!(get(shop, &giulia, "/people/cnv_0000000000001").0, 422, "a wrong prefix is a clear error");
    });
}

#[test]
fn lists_are_walked_to_their_end() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        for number in 0..7 {
            let person = customer(shop, "Anna Riva", &format!("anna{number}@clienti.example"));
            hear(shop, said(shop.banco, person, "Ciao", "2026-11-01T08:00:00Z"));
            let organisation = json!({ "organisation": format!("Casa {number}") });
            assert_eq!(post(shop, &giulia, &format!("/people/{person}"), organisation).0, 200);
        }
        for path in ["/people", "/organisations"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let (status, page) = get(shop, &giulia, &format!("{path}?limit=3{cursor}"));
                assert_eq!(status, 200, "{page}");
                seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={}", web::request::encode(next)),
                    None => break,
                }
            }
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 7, "{path}");
            assert_eq!(get(shop, &giulia, &format!("{path}?cursor=x")).0, 422);
        }
    });
}

#[test]
fn the_timeline_is_walked_by_cursor_and_kind() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@lapieve.example");
        // Several at the same instant: the id breaks the tie.
        for number in 0..9 {
            hear(
                shop,
                said(
                    shop.banco,
                    anna,
                    &format!("voce {number}"),
                    &format!("2026-11-0{}T08:00:00Z", 1 + number / 3),
                ),
            );
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let (status, page) =
                get(shop, &giulia, &format!("/people/{anna}/timeline?kind=voices&limit=2{cursor}"));
            assert_eq!(status, 200, "{page}");
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let newest_first: Vec<String> = (0..9).rev().map(|number| format!("voce {number}")).collect();
        assert_eq!(seen, newest_first);
        let (_, facts) = get(shop, &giulia, &format!("/people/{anna}/timeline?kind=facts"));
        assert_eq!(facts["items"][0]["event"], "person.created");
        assert_eq!(get(shop, &giulia, &format!("/people/{anna}/timeline?kind=gossip")).0, 422);
    });
}

#[test]
fn people_are_merged_and_separated_by_a_program() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let other = heard(shop, shop.banco, "A. Riva", "a@posta.example", "Perde");
        let with = json!({ "with": other.to_string() });
        let (status, merge) = post(shop, &giulia, &format!("/people/{anna}/merge"), with.clone());
        assert_eq!((status, &merge["person"]["id"]), (201, &json!(anna.to_string())));
        assert_eq!(get(shop, &giulia, &format!("/people/{other}")).1["id"], json!(anna.to_string()));
        let (status, problem) = post(shop, &giulia, &format!("/people/{anna}/merge"), with);
        assert_eq!((status, problem["field"].as_str()), (422, Some("with")));
        let undo = format!("/merges/{}/undo", merge["id"].as_str().unwrap());
        assert_eq!(post(shop, &giulia, &undo, json!({})).0, 200);
        assert_eq!(post(shop, &giulia, &undo, json!({})).0, 409);
        assert_eq!(get(shop, &giulia, &format!("/people/{other}")).1["id"], json!(other.to_string()));
    });
}

#[test]
fn facts_are_written_by_a_program() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}/facts");
        let fact = json!({ "body": "Cene grandi il sabato", "told_at": "2026-05-01T10:00:00Z" });
        let (status, facts) = post(shop, &giulia, &path, fact);
        assert_eq!((status, &facts[0]["told_by"]), (201, &json!("customer")));
        let whole = get(shop, &giulia, &format!("/people/{anna}")).1;
        assert_eq!(whole["facts"][0]["body"], "Cene grandi il sabato");
        for wrong in [
            json!({ "body": "x".repeat(281) }),
            json!({ "body": "x", "told_by": "portal" }),
            json!({ "body": "x", "told_at": "2030-01-01T00:00:00Z" }),
        ] {
            assert_eq!(post(shop, &giulia, &path, wrong).0, 422);
        }
    });
}
