//! What must not be possible.

mod scene;

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use kernel::Role;
use scene::{capture, customer, mail, on_both_engines, only_file, outbox};
use serde_json::json;
use web::Access;

#[test]
fn another_mailbox_does_not_exist_anywhere() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let owner = shop.staffer("Ada", Role::Administrator, &[shop.private]);
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, voice) = mail(shop, shop.private, anna, "Fattura riservata", "Pagamento segretissimo.");
        let alone = capture(shop, shop.private, Some(anna), "Critica segretissima");
        let file = only_file(shop);
        let conversation = format!("/conversations/{id}");

        for path in [
            conversation.clone(),
            format!("/voices/{voice}"),
            format!("/voices/{voice}/original"),
            format!("/voices/{voice}/raw"),
            format!("/voices/{alone}"),
            file.clone(),
        ] {
            assert_eq!(giulia.get(shop, &path).status, StatusCode::NOT_FOUND, "{path}");
            assert_ne!(owner.get(shop, &path).status, StatusCode::NOT_FOUND, "{path}");
        }
        for (path, fields) in [
            (format!("{conversation}/reply"), vec![("text", "ciao")]),
            (format!("{conversation}/note"), vec![("text", "ciao")]),
            (format!("{conversation}/state"), vec![("state", "closed")]),
            (format!("{conversation}/assign"), vec![("owner", "me")]),
            (format!("{conversation}/continuation"), vec![("join", "yes")]),
            (format!("/voices/{alone}/answer"), vec![("text", "ciao")]),
        ] {
            assert_eq!(giulia.post(shop, &path, &fields).status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(giulia.api(shop, Method::GET, &conversation, None).status, StatusCode::NOT_FOUND);
        let messages = format!("{conversation}/messages");
        assert_eq!(giulia.api(shop, Method::GET, &messages, None).status, StatusCode::NOT_FOUND);
        for (path, body) in [
            (messages, json!({ "text": "ciao" })),
            (format!("{conversation}/state"), json!({ "state": "closed" })),
            (format!("{conversation}/assign"), json!({ "owner": null })),
        ] {
            let answer = giulia.api(shop, Method::POST, &path, Some(body));
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }

        for path in ["/today", "/conversations?view=all", "/search?q=segretissimo", "/search?q=segret*"] {
            let page = giulia.get(shop, path);
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains("Pagamento") && !page.body.contains("Critica"), "{path}");
            assert!(!page.body.contains("Fattura riservata"), "{path}");
        }
        let found = giulia.api(shop, Method::GET, "/search?q=segretissimo", None).json();
        assert_eq!(found["count"], json!(0));
        assert_eq!(owner.api(shop, Method::GET, "/search?q=segretissimo", None).json()["count"], json!(2));
        let listed = giulia.api(shop, Method::GET, "/conversations", None).json();
        assert_eq!(listed["items"], json!([]));
        assert!(outbox(shop).is_empty());
    });
}

#[test]
fn every_form_needs_the_mark_of_the_session_and_every_route_its_role() {
    on_both_engines(|shop| {
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, voice) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let file = only_file(shop);
        for role in Role::ALL {
            let staffer = shop.staffer(role.code(), role, &[shop.banco]);
            for route in &shop.declared {
                let Access::Needs(permission) = route.access else {
                    if route.path == "/live" {
                        continue;
                    }
                    panic!("{} is open", route.path);
                };
                let path = match route.path {
                    "/attachments/{id}" => file.clone(),
                    path if path.starts_with("/voices") => path.replace("{id}", &voice.to_string()),
                    path => path.replace("{id}", &id.to_string()),
                };
                let answer = match route.method {
                    "GET" => staffer.get(shop, &path),
                    _ => {
                        let forged = staffer
                            .request(Method::POST, &path)
                            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                            .body(Body::from("csrf=wrong&text=ciao&state=closed"));
                        let forged = shop.send(forged.unwrap());
                        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path} without the mark");
                        staffer.post(shop, &path, &[])
                    }
                };
                let refused = answer.status == StatusCode::FORBIDDEN;
                assert_eq!(refused, !role.allows(permission), "{role:?} {} {path}", route.method);
                let stranger = match route.method {
                    "GET" => shop.get(&path),
                    _ => shop.send(
                        axum::http::Request::post(&path)
                            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                            .body(Body::from("text=ciao"))
                            .unwrap(),
                    ),
                };
                assert!(stranger.location().starts_with("/sign-in"), "{path}");
            }
        }
        assert!(outbox(shop).is_empty());
    });
}

#[test]
fn a_token_of_a_function_answers_nobody() {
    on_both_engines(|shop| {
        let paolo = shop.staffer("Paolo", Role::Function, &[shop.banco]);
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        for (path, body, status) in [
            ("messages", json!({ "text": "ciao" }), StatusCode::FORBIDDEN),
            ("messages", json!({ "kind": "note", "text": "ciao" }), StatusCode::CREATED),
            ("state", json!({ "state": "closed" }), StatusCode::FORBIDDEN),
            ("assign", json!({ "owner": null }), StatusCode::FORBIDDEN),
        ] {
            let answer = paolo.api(shop, Method::POST, &format!("/conversations/{id}/{path}"), Some(body));
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
        }
        let nobody = axum::http::Request::get("/api/v1/search?q=perde").body(Body::empty()).unwrap();
        assert_eq!(shop.send(nobody).status, StatusCode::UNAUTHORIZED);
        assert!(outbox(shop).is_empty());
    });
}

#[test]
fn what_customers_write_is_never_run() {
    const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}";
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, EVIL, "anna@casa.example");
        let (id, voice) = mail(shop, shop.banco, anna, EVIL, EVIL);
        let alone = capture(shop, shop.banco, None, EVIL);
        giulia.post(shop, &format!("/conversations/{id}/note"), &[("text", EVIL)]);
        let search = format!("/search?q={}", web::request::encode(EVIL));
        for path in [
            "/today".to_owned(),
            "/conversations?view=all".to_owned(),
            format!("/conversations/{id}"),
            format!("/conversations/{id}?done=<script>alert(1)</script>")
                .replace('<', "%3C")
                .replace('>', "%3E"),
            format!("/voices/{alone}"),
            format!("/voices/{voice}/original"),
            "/search?q=alert".to_owned(),
            search,
        ] {
            let page = giulia.get(shop, &path);
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
            let body = page.body.to_lowercase();
            assert!(!body.contains("<script>") && !body.contains("<img"), "{path}: {body}");
            assert!(page.headers.contains_key(header::CONTENT_SECURITY_POLICY));
        }
        // The same in a refused form, and in the answer that leaves: names cannot smuggle header fields in.
        let refused =
            giulia.post(shop, &format!("/conversations/{id}/reply"), &[("text", EVIL), ("to", EVIL)]);
        assert!(!refused.body.to_lowercase().contains("<script>"), "{}", refused.body);
        giulia.post(shop, &format!("/conversations/{id}/reply"), &[("text", "ciao")]);
        let sent = mail::parse(&outbox(shop)[0].bytes);
        assert_eq!((sent.to.len(), sent.text.trim()), (1, "ciao"));
        assert_eq!(sent.to[0].name.as_deref(), Some(EVIL));
    });
}

#[test]
fn files_and_originals_are_kept_and_not_run() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (_, voice) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        for path in [only_file(shop), format!("/voices/{voice}/raw")] {
            let file = giulia.get(shop, &path);
            assert_eq!(file.status, StatusCode::OK);
            assert_eq!(file.headers[header::CONTENT_TYPE], "application/octet-stream");
            assert_eq!(file.headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
            let disposition = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
            assert!(disposition.starts_with("attachment; "), "{disposition}");
        }
        let raw = giulia.get(shop, &format!("/voices/{voice}/raw"));
        assert!(raw.body.starts_with("From: Anna"));
        let original = giulia.get(shop, &format!("/voices/{voice}/original")).body;
        assert!(
            original.contains("da-lei@casa.example") && original.contains("Anna &#60;anna@casa.example&#62;")
                || original.contains("&lt;anna@casa.example"),
            "{original}"
        );
    });
}
