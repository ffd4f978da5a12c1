//! Route × role × ownership: every page and every operation of the API, by everybody who could try.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kernel::{Actor, Permission, Role};
use primitives::attachment::{NewAttachment, Owner};
use primitives::conversation::NewConversation;
use primitives::identity::IdentityKind;
use primitives::message::Incoming;
use primitives::voice::NewVoice;
use primitives::{Channel, attachment, conversation, message, organisation, person, source, voice};
use testkit::{Answer, Shop, Staffer};
use web::Access;

/// Things that exist in the private mailbox, by the first segment of the paths that name them.
struct Private {
    ids: Vec<(&'static str, String)>,
}

impl Private {
    fn make(shop: &Shop) -> Private {
        let (clock, mailbox) = (shop.store.clock.clone(), shop.private);
        let ids = shop.store.engine().write_blocking(move |tx| {
            let actor = Actor::machine(vec![mailbox]);
            let now = kernel::Clock::now(&*clock);
            let organisation = organisation::create(tx, &*clock, &actor, "Studio Segreto", None, None)?;
            let who = [(IdentityKind::Email, "segreta@private.example")];
            let person = person::recognise(tx, &*clock, &actor, Some("Persona Segreta"), &who, None, now)?;
            let source = source::create(tx, &*clock, &actor, "posta privata", "import", mailbox)?;
            let new = NewVoice {
                source: Some(source.id),
                mailbox,
                person,
                product: None,
                channel: Channel::Mail,
                subject: Some("Segreto".into()),
                body: "parolasegretissima".into(),
                folded: None,
                language: Some("it".into()),
                score: None,
                score_most: None,
                labels: vec![],
                author: None,
                message_key: Some("segreto@private.example".into()),
                external_id: None,
                raw: None,
                captured_by: None,
                historical: false,
                occurred_at: now,
            };
            let voice = voice::hear(tx, &*clock, &actor, &new)?;
            let file =
                NewAttachment { name: "a.txt", media_type: "text/plain", bytes: b"segreto", inline: false };
            let attachment = attachment::keep(tx, &*clock, mailbox, Owner::Voice(voice), &file)?;
            let new = NewConversation {
                mailbox,
                person,
                subject: "Segreto".into(),
                channel: Channel::Mail,
                language: None,
                owner: None,
                team: None,
                product: None,
                historical: false,
                continues: None,
                external_id: None,
                opened_at: now,
            };
            let conversation = conversation::open(tx, &*clock, &actor, &new)?;
            let incoming = Incoming { voice, person, words: "parolasegretissima", at: now, quiet: false };
            message::receive(tx, &*clock, &actor, conversation, incoming)?;
            let person = person.expect("recognised by the address");
            let unread = b"parolasegretissima".to_vec();
            let unread = listen::arrival::Item::new("segreto".into(), unread, listen::arrival::Format::Line);
            let held = listen::arrival::keep(tx, &*clock, source.id, None, false, &[unread])?[0].id;
            Ok(vec![
                ("conversations", conversation.to_string()),
                ("voices", voice.to_string()),
                ("attachments", attachment.to_string()),
                ("people", person.to_string()),
                ("organisations", organisation.to_string()),
                ("listen", source.id.to_string()),
                ("sources", source.id.to_string()),
                ("quarantine", held.to_string()),
                ("arrivals", held.to_string()),
            ])
        });
        Private { ids: ids.unwrap() }
    }

    /// A path with its placeholders filled; whether it names something of the private mailbox.
    fn fill(&self, pattern: &str) -> (String, bool) {
        let mut private = false;
        let first = pattern.trim_start_matches('/').split('/').next().unwrap_or_default();
        let mut known = self.ids.iter().find(|(segment, _)| *segment == first).map(|(_, id)| id.clone());
        let mut parts: Vec<String> = Vec::new();
        for part in pattern.split('/') {
            if !part.starts_with('{') {
                parts.push(part.to_owned());
            } else if let Some((_, id)) =
                self.ids.iter().find(|(segment, _)| Some(*segment) == parts.last().map(String::as_str))
            {
                private = true;
                known = None;
                parts.push(id.clone());
            } else if let Some(id) = known.take() {
                private = true;
                parts.push(id);
            } else {
                // An id of the right kind that nothing has: it can be read, so that the permission answers.
                let prefix = match parts.last().map(String::as_str) {
                    Some("accounts") => "acc",
                    Some("jobs") => "job",
                    Some("mailboxes") => "mbx",
                    Some("merges") => "mrg",
                    Some("passkeys") => "psk",
                    Some("provider" | "providers") => "idp",
                    Some("sessions") => "ses",
                    Some("teams") => "tea",
                    Some("tokens") => "tok",
                    _ => "xxx",
                };
                parts.push(format!("{prefix}_0000000000001"));
            }
        }
        (parts.join("/"), private)
    }
}

/// A body that an operation can read, so that what refuses is the permission.
fn plausible(path: &str) -> serde_json::Value {
    use serde_json::json;
    match path.rsplit('/').next().unwrap_or_default() {
        "messages" => json!({ "kind": "outgoing", "text": "x" }),
        "state" => json!({ "state": "closed" }),
        "assign" => json!({ "owner": null }),
        "facts" => json!({ "body": "x" }),
        "merge" => json!({ "with": "per_0000000000001" }),
        "people" => json!({ "name": "x" }),
        "voices" => json!({ "channel": "phone", "text": "x" }),
        _ => json!({}),
    }
}

fn shop() -> Shop {
    Shop::open(testkit::Store::sqlite(), bottega::rooms::modules())
}

fn everybody(shop: &Shop) -> Vec<(Role, Staffer)> {
    Role::ALL.iter().map(|role| (*role, shop.staffer(role.code(), *role, &[shop.banco]))).collect()
}

fn try_page(shop: &Shop, who: Option<&Staffer>, method: &str, path: &str) -> Answer {
    match (who, method) {
        (Some(who), "GET") => who.get(shop, path),
        // Fields that some form or other wants, so that what refuses is the permission.
        (Some(who), _) => {
            let answer = who.post(shop, path, &[("join", "no"), ("purpose", "news"), ("basis", "consent")]);
            if answer.status == StatusCode::BAD_REQUEST {
                try_with_file(shop, Some(who), path)
            } else {
                answer
            }
        }
        (None, method) => {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = shop.send(request.body(Body::empty()).unwrap());
            if answer.status == StatusCode::BAD_REQUEST { try_with_file(shop, None, path) } else { answer }
        }
    }
}

/// A form that carries files, for the pages that take only such.
fn try_with_file(shop: &Shop, who: Option<&Staffer>, path: &str) -> Answer {
    let csrf = who.map_or("", |who| &who.csrf);
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"a.csv\"\r\n\r\ntesto\r\nciao\r\n--x--\r\n"
    );
    let request = match who {
        Some(who) => who.request(Method::POST, path),
        None => Request::builder().method(Method::POST).uri(path),
    };
    shop.send(
        request
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(body))
            .unwrap(),
    )
}

#[test]
fn every_page_answers_each_role_as_it_declares() {
    let shop = shop();
    let private = Private::make(&shop);
    let mut wrong = Vec::new();
    let mut people = 0;
    for route in shop.declared.clone() {
        let (path, is_private) = private.fill(route.path);
        if let Access::Public = route.access {
            let answer = try_page(&shop, None, route.method, &path);
            if answer.status.is_server_error() || answer.status == StatusCode::UNAUTHORIZED {
                wrong.push(format!("{} {path}: public, and {}", route.method, answer.status));
            }
            continue;
        }
        let stranger = try_page(&shop, None, route.method, &path);
        let led = stranger.status == StatusCode::SEE_OTHER && stranger.location().starts_with("/sign-in");
        if !led {
            wrong.push(format!("{} {path}: a stranger gets {}", route.method, stranger.status));
        }
        // New people for each route: a page may end sessions or accounts.
        for role in Role::ALL {
            people += 1;
            let who = shop.staffer(&format!("{} {people}", role.code()), role, &[shop.banco]);
            let answer = try_page(&shop, Some(&who), route.method, &path);
            let names_something = route.path.contains('{');
            let may = match route.access {
                Access::Needs(permission) => role.allows(permission),
                _ => true,
            };
            let fits = match (may, is_private) {
                // Not allowed and not there (for them): either says nothing.
                (false, _) if names_something || route.method == "POST" => {
                    [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status)
                }
                (false, _) => answer.status == StatusCode::FORBIDDEN,
                // Somebody who works here and does not see the mailbox learns nothing.
                (true, true) => answer.status == StatusCode::NOT_FOUND,
                (true, false) => answer.status != StatusCode::FORBIDDEN && !answer.status.is_server_error(),
            };
            if !fits || answer.body.contains("parolasegretissima") {
                wrong.push(format!("{} {path}: {} gets {}", route.method, role.code(), answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{} routes answer otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_form_is_taken_without_the_sessions_mark() {
    let shop = shop();
    let private = Private::make(&shop);
    let who = shop.staffer("Anna", Role::Administrator, &[shop.banco, shop.private]);
    let mut wrong = Vec::new();
    for route in shop.declared.clone() {
        if route.method != "POST" || route.access == Access::Public {
            continue;
        }
        let (path, _) = private.fill(route.path);
        for content in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let body = if content.starts_with("multipart") {
                "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nnot it\r\n--x--\r\n"
            } else {
                "csrf=not-it"
            };
            let request = who.request(Method::POST, &path).header(header::CONTENT_TYPE, content);
            let answer = shop.send(request.body(Body::from(body)).unwrap());
            let refused = answer.status == StatusCode::FORBIDDEN
                || answer.status == StatusCode::UNPROCESSABLE_ENTITY
                || answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE
                || answer.status == StatusCode::BAD_REQUEST;
            if !refused {
                wrong.push(format!("{path} ({content}): {}", answer.status));
            }
        }
        let request = who
            .request(Method::POST, &path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site");
        let answer = shop.send(request.body(Body::from(format!("csrf={}", who.csrf))).unwrap());
        if answer.status.is_success() || answer.status.is_redirection() {
            wrong.push(format!("{path} from another site: {}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_of_the_api_names_its_scope_and_keeps_to_it() {
    let shop = shop();
    let private = Private::make(&shop);
    let people = everybody(&shop);
    let mut wrong = Vec::new();
    let paths = shop.openapi["paths"].as_object().unwrap().clone();
    let mut names = std::collections::HashSet::new();
    assert!(paths.len() > 10, "the document lists {} paths", paths.len());
    for (path, operations) in &paths {
        let local = path.strip_prefix("/api/v1").expect("everything is below /api/v1");
        let (filled, is_private) = private.fill(local);
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            if !names.insert(operation["operationId"].as_str().unwrap_or_default().to_owned()) {
                wrong.push(format!("{name}: its operationId is another's too"));
            }
            let scope = operation["security"][0]["bearer"][0].as_str().map(str::to_owned);
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = (method == Method::POST).then(|| plausible(local));
            let nobody = Request::builder()
                .method(method.clone())
                .uri(format!("/api/v1{filled}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from("{}"));
            let answer = shop.send(nobody.unwrap());
            if answer.status != StatusCode::UNAUTHORIZED {
                wrong.push(format!("{name}: a stranger gets {}", answer.status));
            }
            let permission = scope.as_deref().and_then(Permission::from_code);
            if scope.is_some() != permission.is_some() {
                wrong.push(format!("{name}: {scope:?} is no scope"));
            }
            for (role, who) in &people {
                let answer = who.api(&shop, method.clone(), &filled, body.clone());
                let may = permission.is_none_or(|permission| role.allows(permission));
                let fits = match (may, is_private) {
                    (false, _) if !local.contains('{') => answer.status == StatusCode::FORBIDDEN,
                    // Not allowed and not there (for them): either says nothing.
                    (false, _) => [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status),
                    (true, true) => {
                        answer.status == StatusCode::NOT_FOUND
                            || answer.status == StatusCode::UNPROCESSABLE_ENTITY
                    }
                    (true, false) => {
                        answer.status != StatusCode::FORBIDDEN && !answer.status.is_server_error()
                    }
                };
                if !fits || answer.body.contains("parolasegretissima") {
                    wrong.push(format!("{name}: {} gets {} {}", role.code(), answer.status, answer.body));
                }
                if !answer.status.is_success()
                    && answer.headers[header::CONTENT_TYPE] != "application/problem+json"
                {
                    wrong.push(format!("{name}: {} is no problem document", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_one_may_not_see_is_in_no_list_no_search_and_no_count() {
    let shop = shop();
    Private::make(&shop);
    let outsider = shop.keeper("Fuori");
    let insider = shop.staffer("Dentro", Role::Keeper, &[shop.private]);
    let pages = [
        "/today",
        "/conversations?view=all",
        "/conversations",
        "/people",
        "/listen",
        "/search?q=parolasegretissima",
    ];
    for page in pages {
        let answer = outsider.get(&shop, page);
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        for secret in ["Persona Segreta", "Segreto", "private.example"] {
            assert!(!answer.body.contains(secret), "{page} shows {secret}");
        }
    }
    for path in ["/conversations?view=all", "/people", "/voices", "/sources", "/search?q=parolasegretissima"]
    {
        let answer = outsider.api(&shop, Method::GET, path, None);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let hidden = !answer.body.to_lowercase().contains("segret") && !answer.body.contains("privata");
        assert!(hidden, "{path}: {}", answer.body);
        let answer = insider.api(&shop, Method::GET, path, None);
        assert!(
            answer.body.to_lowercase().contains("segret") || answer.body.contains("privata"),
            "{path} hides it from those who see: {}",
            answer.body
        );
    }
}
