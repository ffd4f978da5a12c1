//! What must not be possible: seeing, writing or merging people whom one has not heard.

use axum::http::Method;
use kernel::Role;
use people::merge;
use serde_json::json;

use crate::world::{hear, heard, on_both_engines, said, sees_all, write};

#[test]
fn somebody_heard_only_in_another_mailbox_does_not_exist() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let seen = heard(shop, shop.banco, "Bruno Sala", "bruno@sala.example", "Bene");
        let hidden = heard(shop, shop.private, "Carla Segreta", "carla@segreta.example", "Fattura doppia");
        for path in ["", "/notebook", "/identities", "/details", "/merge"] {
            assert_eq!(giulia.get(shop, &format!("/people/{hidden}{path}")).status, 404, "{path}");
        }
        for query in ["", "?q=carla", "?q=carla@segreta.example"] {
            assert!(!giulia.get(shop, &format!("/people{query}")).body.contains("Segreta"), "{query}");
        }
        for path in ["/people", "/people?q=carla", "/organisations"] {
            assert!(!giulia.api(shop, Method::GET, path, None).body.contains("Segreta"), "{path}");
        }
        for path in ["", "/timeline"] {
            let answer = giulia.api(shop, Method::GET, &format!("/people/{hidden}{path}"), None);
            assert_eq!(answer.status, 404, "{path}");
        }
        let writes = [
            ("facts", [("body", "Un fatto"), ("x", "")]),
            ("identities", [("kind", "email"), ("value", "x@y.example")]),
            ("details", [("name", "Altro"), ("organisation", "")]),
            ("consent", [("purpose", "news"), ("basis", "consent")]),
            ("merge", [("with", "per_0000000000001"), ("x", "")]),
            ("differ", [("with", "per_0000000000001"), ("x", "")]),
        ];
        for (path, fields) in writes {
            let answer = giulia.post(shop, &format!("/people/{hidden}/{path}"), &fields);
            assert_eq!(answer.status, 404, "{path}");
        }
        let calls = [
            ("", json!({ "name": "Altro" })),
            ("/facts", json!({ "body": "Un fatto" })),
            ("/merge", json!({ "with": seen.to_string() })),
        ];
        for (path, body) in calls {
            let answer = giulia.api(shop, Method::POST, &format!("/people/{hidden}{path}"), Some(body));
            assert_eq!(answer.status, 404, "{path}");
        }
        let with = json!({ "with": hidden.to_string() });
        let answer = giulia.api(shop, Method::POST, &format!("/people/{seen}/merge"), Some(with));
        assert_eq!((answer.status.as_u16(), answer.json()["field"].as_str()), (422, Some("with")));
        let compared = giulia.get(shop, &format!("/people/{seen}/merge?with={hidden}")).body;
        assert!(!compared.contains("Segreta"));
        let taken = [("kind", "email"), ("value", "carla@segreta.example")];
        let answer = giulia.post(shop, &format!("/people/{seen}/identities"), &taken);
        assert!(answer.status == 422 && !answer.body.contains("Carla"));
    });
}

#[test]
fn suggestions_and_organisations_name_only_who_may_be_known() {
    on_both_engines(|shop| {
        let (giulia, both) = (shop.keeper("Giulia"), sees_all(shop, "Paolo"));
        let seen = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let hidden = heard(shop, shop.private, "anna riva", "anna.riva@posta.example", "Fattura");
        assert!(both.get(shop, "/people/merges").body.contains(&hidden.to_string()));
        assert!(!giulia.get(shop, "/people/merges").body.contains(&hidden.to_string()));
        let of_seen = giulia.get(shop, &format!("/people/{seen}/merge")).body;
        assert!(!of_seen.contains(&hidden.to_string()));
        let fields = [("name", "anna riva"), ("organisation", "Studio Segreto")];
        both.post(shop, &format!("/people/{hidden}/details"), &fields);
        let page = both.get(shop, &format!("/people/{hidden}")).body;
        let id = page.split("/organisations/").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(both.get(shop, &format!("/organisations/{id}")).status, 200);
        assert_eq!(giulia.get(shop, &format!("/organisations/{id}")).status, 404);
    });
}

#[test]
fn somebody_heard_in_two_mailboxes_shows_only_the_visible_part() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "La macchina perde");
        hear(shop, said(shop.private, anna, "La fattura è doppia", "2026-11-18T08:00:00Z"));
        let page = giulia.get(shop, &format!("/people/{anna}")).body;
        assert!(page.contains("La macchina perde") && !page.contains("fattura"));
        assert!(page.contains("Ci ha parlato una volta"), "the other voice is not counted either");
        let timeline = giulia.api(shop, Method::GET, &format!("/people/{anna}/timeline"), None).body;
        assert!(timeline.contains("La macchina perde") && !timeline.contains("fattura"));
        let all = sees_all(shop, "Paolo").get(shop, &format!("/people/{anna}")).body;
        assert!(all.contains("fattura") && all.contains("Ci ha parlato 2 volte"));
    });
}

#[test]
fn a_merge_of_hidden_people_cannot_be_undone_or_guessed() {
    on_both_engines(|shop| {
        let (giulia, both) = (shop.keeper("Giulia"), sees_all(shop, "Paolo"));
        let one = heard(shop, shop.private, "Carla", "carla@segreta.example", "Fattura");
        let two = heard(shop, shop.private, "C. Neri", "c@segreta.example", "Fattura");
        let seen = heard(shop, shop.banco, "Anna", "anna@lapieve.example", "Perde");
        let (clock, actor) = (shop.store.clock.clone(), both.actor(shop));
        let id = write(shop, move |tx| merge::merge(tx, &*clock, &actor, one, two));
        let undo = |who: &testkit::Staffer| {
            who.api(shop, Method::POST, &format!("/merges/{id}/undo"), Some(json!({}))).status.as_u16()
        };
        assert_eq!(undo(&giulia), 404);
        let fields = [("merge", id.to_string())];
        let fields = [(fields[0].0, fields[0].1.as_str())];
        assert_eq!(giulia.post(shop, &format!("/people/{seen}/unmerge"), &fields).status, 404);
        assert_eq!(undo(&both), 200);
        assert_eq!(undo(&giulia), 404, "not even that it was undone");
        assert_eq!(undo(&both), 409);
    });
}

#[test]
fn the_history_of_a_merge_that_was_undone_hides_the_hidden() {
    on_both_engines(|shop| {
        let (giulia, both) = (shop.keeper("Giulia"), sees_all(shop, "Paolo"));
        let seen = heard(shop, shop.banco, "Anna", "anna@lapieve.example", "Perde");
        let hidden = heard(shop, shop.private, "Carla Segreta", "carla@segreta.example", "Fattura");
        let (clock, actor) = (shop.store.clock.clone(), both.actor(shop));
        write(shop, move |tx| {
            let id = merge::merge(tx, &*clock, &actor, seen, hidden)?;
            merge::unmerge(tx, &*clock, &actor, id)
        });
        assert!(both.get(shop, &format!("/people/{seen}/details")).body.contains("Carla Segreta"));
        assert!(!giulia.get(shop, &format!("/people/{seen}/details")).body.contains("Segreta"));
        assert!(!giulia.get(shop, &format!("/people/{seen}")).body.contains("Segreta"));
    });
}

#[test]
fn a_function_reads_people_and_changes_nothing() {
    on_both_engines(|shop| {
        let product = shop.staffer("Prodotto", Role::Function, &[shop.banco]);
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let other = heard(shop, shop.banco, "A. Riva", "a@posta.example", "Perde");
        for path in ["", "/notebook", "/identities", "/details"] {
            let page = product.get(shop, &format!("/people/{anna}{path}"));
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains(&format!("method=\"post\" action=\"/people/{anna}")), "{path}");
        }
        assert_eq!(product.get(shop, "/people").status, 200);
        assert_eq!(product.get(shop, "/people/merges").status, 200);
        assert_eq!(product.get(shop, &format!("/people/{anna}/merge")).status, 403);
        let with = other.to_string();
        let writes = [
            (format!("/people/{anna}/facts"), vec![("body", "Un fatto")]),
            (format!("/people/{anna}/identities"), vec![("kind", "email"), ("value", "x@y.example")]),
            (format!("/people/{anna}/details"), vec![("name", "Altro")]),
            (format!("/people/{anna}/consent"), vec![("purpose", "news"), ("basis", "consent")]),
            (format!("/people/{anna}/merge"), vec![("with", with.as_str())]),
            (format!("/people/{anna}/differ"), vec![("with", with.as_str())]),
        ];
        for (path, fields) in writes {
            assert_eq!(product.post(shop, &path, &fields).status, 403, "{path}");
        }
        let calls = [
            ("/people".to_owned(), json!({ "name": "Nuova" })),
            (format!("/people/{anna}"), json!({ "name": "Altro" })),
            (format!("/people/{anna}/facts"), json!({ "body": "Un fatto" })),
            (format!("/people/{anna}/merge"), json!({ "with": with })),
        ];
        for (path, body) in calls {
            assert_eq!(product.api(shop, Method::POST, &path, Some(body)).status, 403, "{path}");
        }
    });
}

#[test]
fn a_form_without_the_mark_of_its_session_does_nothing() {
    on_both_engines(|shop| {
        let mut giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        giulia.csrf = "wrong".into();
        for path in ["facts", "identities", "details", "consent", "merge", "unmerge", "differ"] {
            let answer = giulia.post(shop, &format!("/people/{anna}/{path}"), &[("body", "x")]);
            assert_eq!(answer.status, 403, "{path}");
        }
        assert_eq!(giulia.post(shop, "/people/merges", &[]).status, 403);
    });
}

#[test]
fn what_customers_write_never_becomes_markup() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let script = "<script>alert(1)</script><img src=x onerror=alert(1)>";
        let anna = heard(shop, shop.banco, script, "anna@lapieve.example", script);
        giulia.post(shop, &format!("/people/{anna}/facts"), &[("body", script)]);
        let fields = [("name", script), ("organisation", script)];
        giulia.post(shop, &format!("/people/{anna}/details"), &fields);
        for path in [
            "/people",
            &format!("/people/{anna}"),
            &format!("/people/{anna}/notebook"),
            &format!("/people/{anna}/details"),
        ] {
            let page = giulia.get(shop, path).body;
            assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{path}");
            assert!(page.contains("&#60;script&#62;"), "{path} shows it as text");
        }
        let found = giulia.get(shop, "/people?q=%22%3E%3Cscript%3Ealert(1)").body;
        assert!(!found.contains("<script>alert"));
    });
}
