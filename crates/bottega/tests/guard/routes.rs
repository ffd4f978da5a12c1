//! Every route: found in the router itself, so that none is forgotten, and tried by everybody who is nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kernel::{Permission, Role};
use primitives::{account, session, token};
use testkit::{Answer, Shop, Staffer, Store};
use web::Access;

use crate::scene::{self, SECRET, ask, fill, house, nothing, one_of_everything};

/// Routes that belong to no room, and who may use them: everybody, or by rules that a test of their own holds.
const OTHERS: [(&str, &str); 7] = [
    ("GET", "/assets/{name}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/live"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/events"),
];

/// The patterns of a router, from the only place that surely has them all: its own description.
fn patterns(router: &Router) -> BTreeSet<String> {
    let described = format!("{router:?}");
    let found = described.split("RouteId(").filter_map(|part| {
        let path = part.split_once("): \"")?;
        path.0.bytes().all(|byte| byte.is_ascii_digit()).then(|| path.1.split('"').next())?
    });
    found.filter(|path| path.starts_with('/') && !path.contains("__private")).map(str::to_owned).collect()
}

/// Every route of the house: method and pattern.
pub fn declared(shop: &Shop) -> BTreeSet<(String, String)> {
    let pages = shop.declared.iter().map(|route| (route.method.to_owned(), route.path.to_owned()));
    let operations = shop.openapi["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    });
    pages.chain(operations).collect()
}

#[test]
fn every_route_of_the_router_is_declared_with_its_methods() {
    let store = Store::sqlite();
    let clock: Arc<dyn kernel::Clock> = store.clock.clone();
    let whole = bottega::server::compose(store.engine().clone(), clock, None, web::Limits::default()).router;
    let shop = house();
    let mut known = declared(&shop);
    known.extend(OTHERS.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())));
    let patterns = patterns(&whole);
    assert!(patterns.len() > 60, "the router describes its routes: {patterns:?}");
    let known_patterns: BTreeSet<_> = known.iter().map(|(_, path)| path.clone()).collect();
    let unknown: Vec<_> = patterns.difference(&known_patterns).collect();
    assert!(unknown.is_empty(), "declare who may use these: {unknown:?}");
    for pattern in declared(&shop).iter().map(|(_, path)| path) {
        let path = fill(pattern, nothing);
        // No route takes this method, so that each says which it does take.
        let answer = shop.send(Request::builder().method("TRACE").uri(&path).body(Body::empty()).unwrap());
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allow = answer.headers[header::ALLOW].to_str().unwrap().to_owned();
        for method in allow.split(',').map(str::trim).filter(|method| *method != "HEAD") {
            let is_declared = known.contains(&(method.to_owned(), pattern.clone()));
            assert!(is_declared, "{method} {pattern} answers and is not declared");
        }
    }
}

/// People whom the house does not know any more, or never did.
fn nobodies(shop: &Shop) -> Vec<(&'static str, Staffer)> {
    let everybody = |name: &str| shop.staffer(name, Role::Administrator, &[shop.banco, shop.private]);
    let forged = Staffer {
        account: kernel::AccountId(1),
        secret: "a".repeat(43),
        csrf: "a".repeat(43),
        token: format!("bottega_{}", "a".repeat(43)),
    };
    let (ended, dismissed) = (everybody("Finita"), everybody("Licenziata"));
    let (clock, boss) = (shop.store.clock.clone(), everybody("Capo").actor(shop));
    let (of_ended, of_dismissed) = (ended.account, dismissed.account);
    let done = shop.store.engine().write_blocking(move |tx| {
        session::end_all(tx, of_ended, None)?;
        token::revoke_all(tx, &*clock, of_ended)?;
        account::end(tx, &*clock, &boss, of_dismissed)?;
        Ok(())
    });
    done.unwrap();
    vec![("a forged secret", forged), ("an ended session", ended), ("an ended account", dismissed)]
}

#[test]
fn who_is_nobody_any_more_gets_what_strangers_get() {
    let shop = house();
    let hidden = one_of_everything(&shop, shop.banco);
    let nobodies = nobodies(&shop);
    let mut wrong = Vec::new();
    for (method, pattern) in declared(&shop) {
        let path = fill(&pattern, |segment| hidden.get(segment).cloned().unwrap_or_else(|| nothing(segment)));
        let stranger = ask(&shop, &method, &path, None);
        for (what, nobody) in &nobodies {
            let answer = ask(&shop, &method, &path, Some(nobody));
            let same = answer.status == stranger.status
                && answer.headers.get(header::LOCATION) == stranger.headers.get(header::LOCATION);
            if !same || answer.body.contains(SECRET) {
                wrong.push(format!(
                    "{method} {path}: {what} gets {}, a stranger {}",
                    answer.status, stranger.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What tells two answers apart, but for the names that each has for itself.
fn told(answer: &Answer) -> (StatusCode, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != header::DATE && *name != "x-request-id");
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    (answer.status, headers.collect(), answer.body.clone())
}

#[test]
fn what_one_may_not_see_answers_like_what_does_not_exist() {
    let shop = house();
    let hidden = one_of_everything(&shop, shop.private);
    let visible = one_of_everything_else(&shop);
    let mut wrong = Vec::new();
    let (mut compared, mut not_found) = (0, 0);
    for role in Role::ALL {
        let outsider = shop.staffer(&format!("Fuori {}", role.code()), role, &[shop.banco]);
        let ungranted = shop.staffer(&format!("Nuova {}", role.code()), role, &[]);
        for (method, pattern) in declared(&shop) {
            let Some(segment) = named_first(&pattern).filter(|segment| hidden.contains_key(segment)) else {
                continue;
            };
            let with = |id: &str| {
                fill(&pattern, |asked| if asked == segment { id.to_owned() } else { nothing(asked) })
            };
            for who in [&outsider, &ungranted] {
                let unseen = ask(&shop, &method, &with(&hidden[segment]), Some(who));
                let unknown = ask(&shop, &method, &with(&nothing(segment)), Some(who));
                compared += 1;
                not_found += usize::from(unseen.status == StatusCode::NOT_FOUND);
                if told(&unseen) != told(&unknown)
                    || unseen.body.contains(SECRET)
                    || unseen.status.is_success()
                {
                    wrong.push(format!(
                        "{method} {pattern} for {}: {} unseen, {} unknown",
                        role.code(),
                        unseen.status,
                        unknown.status
                    ));
                }
            }
            // An id of another kind, a damaged one, and what is no id at all.
            let other = visible.iter().find(|(kind, _)| **kind != segment).map(|(_, id)| id.clone()).unwrap();
            for odd in
                [other.as_str(), "cnv_!", "0", "..", "%00", "%2e%2e%2f", "%F0%9F%A4%A6", &"9".repeat(2_000)]
            {
                let answer = ask(&shop, &method, &with(odd), Some(&outsider));
                if answer.status.is_success()
                    || answer.status.is_server_error()
                    || answer.status.is_redirection()
                {
                    wrong.push(format!("{method} {pattern} with {odd:.20}: {}", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 150, "only {compared} answers were compared");
    assert!(not_found * 2 > compared, "only {not_found} of {compared} were not found");
}

fn one_of_everything_else(shop: &Shop) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("mailboxes", shop.banco.to_string()),
        ("accounts", shop.keeper("Qualcuno").account.to_string()),
    ])
}

/// The segment before the first placeholder.
fn named_first(pattern: &str) -> Option<&str> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let place = parts.iter().position(|part| part.starts_with('{'))?;
    parts.get(place.checked_sub(1)?).copied()
}

#[test]
fn a_token_does_what_its_scopes_say_and_nothing_more() {
    let shop = house();
    let boss = shop.staffer("Capo", Role::Administrator, &[shop.banco]);
    let needed: BTreeMap<String, BTreeSet<String>> = operations(&shop)
        .into_iter()
        .map(|(name, operation)| {
            let scopes = operation["security"][0]["bearer"].as_array().into_iter().flatten();
            (name, scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect())
        })
        .collect();
    // One token for each scope alone, and one for each set that an operation names.
    let alone = Permission::ALL.iter().map(|permission| BTreeSet::from([permission.code().to_owned()]));
    let sets: BTreeSet<BTreeSet<String>> = needed.values().cloned().chain(alone).collect();
    let tokens: Vec<_> = sets.into_iter().map(|scopes| (token_of(&shop, &boss, &scopes), scopes)).collect();
    let mut wrong = Vec::new();
    for (name, scopes) in &needed {
        let (method, path) = name.split_once(' ').unwrap();
        for (secret, held) in &tokens {
            let request = Request::builder()
                .method(method)
                .uri(fill(path, nothing))
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, format!("Bearer {secret}"));
            let body =
                if method == "GET" { Body::empty() } else { Body::from(scene::plausible(path).to_string()) };
            let answer = shop.send(request.body(body).unwrap());
            let refused = answer.status == StatusCode::FORBIDDEN;
            let hides = answer.status == StatusCode::NOT_FOUND && path.contains('{');
            let may = scopes.is_subset(held);
            if (may && refused) || (!may && !refused && !hides) {
                wrong.push(format!("{name} ({scopes:?}) with {held:?}: {}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn operations(shop: &Shop) -> Vec<(String, &serde_json::Value)> {
    let mut all = Vec::new();
    for (path, operations) in shop.openapi["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            all.push((format!("{} {path}", method.to_uppercase()), operation));
        }
    }
    all
}

fn token_of(shop: &Shop, owner: &Staffer, scopes: &BTreeSet<String>) -> String {
    let secret = format!("{}{}", token::PREFIX, engine::random_secret().unwrap());
    let held: Vec<Permission> = scopes.iter().map(|scope| Permission::from_code(scope).unwrap()).collect();
    let (clock, account, given) = (shop.store.clock.clone(), owner.account, secret.clone());
    let made = shop.store.engine().write_blocking(move |tx| {
        let machine = kernel::Actor::machine(vec![]);
        token::create(tx, &*clock, &machine, account, "stretta", &held, &given)
    });
    made.unwrap();
    secret
}

#[test]
fn a_stream_is_for_tokens_that_may_read_voices() {
    let shop = house();
    let boss = shop.staffer("Capo", Role::Administrator, &[shop.banco]);
    for scope in Permission::ALL.into_iter().filter(|scope| *scope != Permission::ReadVoices) {
        let secret = token_of(&shop, &boss, &BTreeSet::from([scope.code().to_owned()]));
        let request =
            Request::get("/api/v1/events").header(header::AUTHORIZATION, format!("Bearer {secret}"));
        let answer = shop.send(request.body(Body::empty()).unwrap());
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", scope.code());
    }
}

#[test]
fn a_kept_answer_is_for_the_token_that_had_it_and_while_it_may() {
    let shop = house();
    let boss = shop.staffer("Capo", Role::Administrator, &[shop.banco]);
    let with = |scope: Permission| token_of(&shop, &boss, &BTreeSet::from([scope.code().to_owned()]));
    let (writes, reads) = (with(Permission::CaptureVoices), with(Permission::ReadVoices));
    let call = |secret: &str| {
        let request = Request::post("/api/v1/voices")
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .header("idempotency-key", "una volta");
        let body = r#"{"channel":"phone","text":"Ha chiamato."}"#;
        shop.send(request.body(Body::from(body)).unwrap())
    };
    let first = call(&writes);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(call(&writes).body, first.body, "done once");
    assert_eq!(call(&reads).status, StatusCode::FORBIDDEN, "another token of the account");
    let (clock, mailbox, account) = (shop.store.clock.clone(), shop.banco, boss.account);
    let taken = shop.store.engine().write_blocking(move |tx| {
        let machine = kernel::Actor::machine(vec![]);
        primitives::mailbox::grant(tx, &*clock, &machine, mailbox, account, false)
    });
    taken.unwrap();
    let after = call(&writes);
    assert_eq!(after.status, StatusCode::CONFLICT, "after the mailbox was taken away: {}", after.body);
}

#[test]
fn the_routes_of_no_room_tell_strangers_nothing() {
    let shop = house();
    one_of_everything(&shop, shop.banco);
    for (method, pattern) in OTHERS {
        let answer = ask(&shop, method, &fill(pattern, |_| "app.css".into()), None);
        assert!(!answer.status.is_server_error(), "{pattern}: {}", answer.status);
        assert!(!answer.body.contains(SECRET) && !answer.body.contains("@"), "{pattern}: {}", answer.body);
    }
    for declared in shop.declared.iter().filter(|route| route.access != Access::Public) {
        assert!(!OTHERS.contains(&(declared.method, declared.path)), "{} has an owner", declared.path);
    }
    // Files are found by their names alone.
    for path in [
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e",
        "/assets/",
        "/assets/a%00b",
        "/../etc/passwd",
        "//etc/passwd",
    ] {
        let answer = ask(&shop, "GET", path, None);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}
