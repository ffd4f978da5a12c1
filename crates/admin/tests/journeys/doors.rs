//! Sessions, proofs, proxies, brakes in an office, links for passwords, the policy of the doors.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use kernel::{AccountId, Actor, Clash, Fault, Role};
use primitives::{account, passkey, second_factor, session};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use testkit::{Answer, Shop, Staffer, Store};

use crate::browser::{Browser, between, encoded, mark, shops};
use crate::second_factor::{post, sign_in, with_password};

const PASSWORD: &str = "quattro gatti al bar";
const GIULIA: &str = "giulia@officina.example";

/// What the store holds as the secret of an account's app.
pub fn sealed(shop: &Shop, account: AccountId) -> Vec<u8> {
    let find = second_factor::ALL.iter().find(|it| it.name().ends_with("FIND")).unwrap();
    let read = move |tx: &mut engine::Tx<'_>| Ok(tx.one(find, engine::params![account], |row| row.take())?);
    shop.store.engine().read_blocking(read).unwrap()
}

#[test]
fn ones_sessions_are_listed_with_their_place_and_all_others_end_at_once() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, GIULIA);
        let mut there = Browser::at(shop, "198.51.100.9");
        sign_in(&mut there, GIULIA);
        let page = here.get("/me").body;
        assert!(page.contains("192.0.2.7") && page.contains("198.51.100.9"));
        assert_eq!(
            post(&mut here, "/me/sessions/end-others", &[]).location(),
            "/me?done=ended-others#sessions"
        );
        assert_eq!(here.get("/me").status, StatusCode::OK);
        assert_eq!(there.get("/me").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_session_outlives_neither_its_idle_time_nor_the_longest_one() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let saved =
            rita.post(shop, "/settings/doors", &[("password_sign_in", "yes"), ("idle", "2"), ("most", "1")]);
        assert_eq!(saved.location(), "/settings/doors?done=changed");
        let giulia = shop.keeper("Giulia");
        shop.store.clock.advance_seconds(3_600);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK, "used within two hours");
        shop.store.clock.advance_seconds(7_000);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK, "each use prolongs it");
        shop.store.clock.advance_seconds(7_300);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER, "then it was idle");
        let paolo = shop.keeper("Paolo");
        for _ in 0..16 {
            shop.store.clock.advance_seconds(5_000);
            paolo.get(shop, "/me");
        }
        assert_eq!(paolo.get(shop, "/me").status, StatusCode::OK);
        shop.store.clock.advance_seconds(6_500);
        assert_eq!(paolo.get(shop, "/me").status, StatusCode::SEE_OTHER, "a day is a day, however busy");
        let wrong = [("password_sign_in", "yes"), ("idle", "48"), ("most", "1")];
        let rita = shop.staffer("Rita B", Role::Administrator, &[]);
        assert_eq!(rita.post(shop, "/settings/doors", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn dangerous_things_ask_again_who_one_is_and_the_session_goes_on_under_a_new_secret() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let mut browser = with_password(shop, &rita, "rita@officina.example");
        assert_eq!(browser.get("/settings/tokens").status, StatusCode::OK, "one has just come in");
        shop.store.clock.advance_seconds(1_000);
        let first = browser.get("/settings/tokens");
        assert_eq!(first.location(), "/me/security/confirm?then=/settings/tokens");
        for path in
            ["/settings/doors", "/settings/accounts/new", &format!("/settings/accounts/{}", rita.account)]
        {
            assert!(browser.get(path).location().starts_with("/me/security/confirm"), "{path}");
        }
        let confirm = "/me/security/confirm";
        let wrong =
            post(&mut browser, confirm, &[("password", "sbagliata davvero"), ("then", "/settings/tokens")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let before = browser.secret().unwrap().to_owned();
        let right = post(&mut browser, confirm, &[("password", PASSWORD), ("then", "//evil.example")]);
        assert_eq!(right.location(), "/me/security", "never to another site");
        assert_ne!(browser.secret().unwrap(), before);
        assert_eq!(browser.get("/settings/tokens").status, StatusCode::OK);
        let mut old = Browser::at(shop, "192.0.2.7");
        old.keep(web::request::SESSION_COOKIE, &before);
        assert_eq!(old.get("/me").status, StatusCode::SEE_OTHER, "the old secret is worth nothing");
        // A form has some minutes more than its page, and then asks too.
        shop.store.clock.advance_seconds(1_000);
        let made = post(&mut browser, "/settings/tokens", &[("name", "x"), ("scope", "voices:read")]);
        assert_eq!(made.status, StatusCode::OK);
        shop.store.clock.advance_seconds(1_000);
        let late = post(&mut browser, "/settings/tokens", &[("name", "x"), ("scope", "voices:read")]);
        assert!(late.location().starts_with("/me/security/confirm"));
    });
}

#[test]
fn nobody_at_the_same_office_can_lock_a_colleague_out() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let office = "192.0.2.7";
        let mut giulias = with_password(shop, &giulia, GIULIA);
        let paolo = shop.keeper("Paolo");
        with_password(shop, &paolo, "paolo@officina.example");
        // Somebody beside them guesses, at Giulia and at everybody else.
        let mut rogue = Browser::at(shop, office);
        for _ in 0..8 {
            rogue.post("/sign-in", &[("email", GIULIA), ("password", "sbagliata davvero")]);
        }
        for n in 0..80 {
            let email = format!("nobody{n}@officina.example");
            rogue.post("/sign-in", &[("email", &email), ("password", "sbagliata davvero")]);
        }
        assert_eq!(sign_in(&mut rogue, GIULIA).status, StatusCode::TOO_MANY_REQUESTS);
        post(&mut giulias, "/sign-out", &[]);
        let again = sign_in(&mut giulias, GIULIA);
        assert_eq!(again.location(), "/today", "her own browser is known");
        let mut new = Browser::at(shop, office);
        let paolos = sign_in(&mut new, "paolo@officina.example");
        assert_eq!(paolos.location(), "/today", "he came in from this office before");
        // And a guesser with a copied cookie of one account gains nothing at another.
        let mut copied = Browser::at(shop, "198.51.100.1");
        copied.keep(web::request::BROWSER_COOKIE, giulias.cookie(web::request::BROWSER_COOKIE).unwrap());
        for _ in 0..5 {
            copied.post("/sign-in", &[("email", "paolo@officina.example"), ("password", "sbagliata")]);
        }
        assert_eq!(sign_in(&mut copied, "paolo@officina.example").status, StatusCode::TOO_MANY_REQUESTS);
    });
}

/// A request as it comes from a peer, with headers.
fn from_peer(peer: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::post("/sign-in")
        .header(header::HOST, "bottega.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 40_000)));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(encoded(fields))).unwrap()
}

#[test]
fn an_address_is_believed_from_trusted_proxies_only() {
    let limits = web::Limits { proxies: "10.0.0.0/8".parse().unwrap(), ..testkit::roomy() };
    let shop = Shop::with_limits(Store::sqlite(), vec![admin::module()], limits);
    let giulia = shop.keeper("Giulia");
    with_password(&shop, &giulia, GIULIA);
    let fields = [("email", GIULIA), ("password", PASSWORD)];
    let wrong = [("email", GIULIA), ("password", "sbagliata davvero")];
    // A stranger who writes a new address each time is still one stranger.
    for n in 0..5 {
        let spoofed = format!("203.0.113.{n}");
        shop.send(from_peer("198.51.100.9", &[("x-forwarded-for", &spoofed)], &wrong));
    }
    let braked = shop.send(from_peer("198.51.100.9", &[("x-forwarded-for", "203.0.113.99")], &fields));
    assert_eq!(braked.status, StatusCode::TOO_MANY_REQUESTS);
    // Behind the proxy, each browser is itself; what stands further left is the browser's own invention.
    let behind = [("x-forwarded-for", "198.51.100.9, 203.0.113.50"), ("x-forwarded-proto", "https")];
    let entered = shop.send(from_peer("10.0.0.1", &behind, &fields));
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookies: Vec<_> =
        entered.headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
    let kept = cookies.iter().find(|it| it.starts_with("__Host-bottega_session=")).expect("a host cookie");
    for part in ["; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"] {
        assert!(kept.contains(part), "{kept}");
    }
    assert!(!kept.contains("Domain"), "a host cookie belongs to one host");
    let clock = shop.store.clock.clone();
    let (account, engine) = (giulia.account, shop.store.engine());
    let listed = engine.read_blocking(move |tx| Ok(session::of_account(tx, &*clock, account)?)).unwrap();
    assert_eq!(listed[0].address.as_deref(), Some("203.0.113.50"));
    // By HTTPS the plain name counts for nothing.
    let secret = between(kept, "=", ";");
    for (name, status) in
        [("bottega_session", StatusCode::SEE_OTHER), ("__Host-bottega_session", StatusCode::OK)]
    {
        let request = Request::get("/me")
            .header(header::COOKIE, format!("{name}={secret}"))
            .header("x-forwarded-proto", "https")
            .extension(ConnectInfo(SocketAddr::new("10.0.0.1".parse().unwrap(), 1)))
            .body(Body::empty());
        assert_eq!(shop.send(request.unwrap()).status, status, "{name}");
    }
}

#[test]
fn a_link_for_a_password_counts_once_and_for_its_account_only() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let path = format!("/settings/accounts/{}/link", giulia.account);
        assert_eq!(giulia.post(shop, &path, &[]).status, StatusCode::FORBIDDEN);
        let link = |rita: &Staffer| {
            let body = rita.post(shop, &path, &[]).body;
            let link = between(&body, "id=\"link\">", "<").to_owned();
            link[link.find("/password/").unwrap()..].to_owned()
        };
        let first = link(&rita);
        let second = link(&rita);
        let mut browser = Browser::at(shop, "192.0.2.7");
        assert_eq!(browser.get(&first).status, StatusCode::NOT_FOUND, "a newer link replaces it");
        assert!(browser.get(&second).body.contains("Giulia"));
        let weak = browser.post(&second, &[("password", "password2026!")]);
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        let chosen = browser.post(&second, &[("password", PASSWORD)]);
        assert_eq!(chosen.location(), "/sign-in?done=password");
        assert_eq!(
            browser.post(&second, &[("password", "un altro tram arancione")]).status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER, "sessions elsewhere end");
        assert_eq!(sign_in(&mut browser, GIULIA).location(), "/today");
        let third = link(&rita);
        shop.store.clock.advance_seconds(86_401);
        assert_eq!(browser.get(&third).status, StatusCode::NOT_FOUND, "within a day");
        assert_eq!(browser.post_from_elsewhere(&third, &[]).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn passwords_are_turned_off_only_when_an_administrator_could_still_come_in() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let off = [("idle", "24"), ("most", "30")];
        let refused = rita.post(shop, "/settings/doors", &off);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("password-sign-in-error"));
        let (clock, account) = (shop.store.clock.clone(), rita.account);
        let add = move |tx: &mut engine::Tx<'_>| {
            passkey::add(tx, &*clock, &Actor::machine(vec![]), account, "chiavetta", b"id", "{}")
        };
        shop.store.engine().write_blocking(add).unwrap();
        assert_eq!(rita.post(shop, "/settings/doors", &off).location(), "/settings/doors?done=changed");
        let giulia = shop.keeper("Giulia");
        let clock = shop.store.clock.clone();
        let (id, hash) = (giulia.account, admin::password::hash(PASSWORD).unwrap());
        let engine = shop.store.engine();
        let set = {
            let hash = hash.clone();
            move |tx: &mut engine::Tx<'_>| admin::emergency::set_password(tx, &*clock, id, &hash, false)
        };
        assert!(!engine.write_blocking(set).unwrap(), "it says that passwords are off");
        let mut browser = Browser::at(shop, "192.0.2.7");
        assert!(!browser.get("/sign-in").body.contains("type=\"password\""));
        assert_eq!(sign_in(&mut browser, GIULIA).status, StatusCode::UNPROCESSABLE_ENTITY);
        let clock = shop.store.clock.clone();
        let allow =
            move |tx: &mut engine::Tx<'_>| admin::emergency::set_password(tx, &*clock, id, &hash, true);
        assert!(engine.write_blocking(allow).unwrap());
        assert_eq!(sign_in(&mut browser, GIULIA).location(), "/today");
    });
}

#[test]
fn sessions_are_ended_by_programs_that_may_and_by_nobody_elses() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let path = format!("/accounts/{}/sessions", giulia.account);
        assert_eq!(giulia.api(shop, Method::GET, &path, None).status, StatusCode::FORBIDDEN);
        let listed = rita.api(shop, Method::GET, &path, None);
        let ours = listed.json()["items"][0]["id"].as_str().unwrap().to_owned();
        for secret in [&giulia.secret, &giulia.csrf] {
            assert!(!listed.body.contains(secret.as_str()));
        }
        // What it takes to end them, and not when and from where a colleague works.
        let keys = |answer: &Answer| {
            let item = answer.json()["items"][0].clone();
            item.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>()
        };
        assert_eq!(keys(&listed), BTreeSet::from(["browser", "id", "since"].map(str::to_owned)));
        assert_eq!(listed.json()["items"][0]["since"].as_str().unwrap().len(), "2026-11-21".len());
        let own = rita.api(shop, Method::GET, &format!("/accounts/{}/sessions", rita.account), None);
        assert_eq!(keys(&own), BTreeSet::from(["browser", "id", "own", "since"].map(str::to_owned)));
        assert!(own.json()["items"][0]["own"]["seen_at"].is_string());
        let others = format!("/accounts/{}/sessions/{ours}/end", rita.account);
        assert_eq!(rita.api(shop, Method::POST, &others, None).status, StatusCode::NOT_FOUND);
        let ended = rita.api(shop, Method::POST, &format!("{path}/{ours}/end"), None);
        assert_eq!(ended.json()["ended"], 1);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER);
        assert_eq!(rita.api(shop, Method::POST, &format!("{path}/end"), None).json()["ended"], 0);
        let unknown = "/accounts/acc_0000000000001/sessions";
        assert_eq!(rita.api(shop, Method::GET, unknown, None).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn another_role_ends_the_sessions_of_the_old_one_and_whoever_keeps_accounts_ends_them_too() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let path = format!("/settings/accounts/{}", giulia.account);
        let renamed = rita.post(shop, &path, &[("name", "Giulia M"), ("role", "keeper")]);
        assert_eq!(renamed.location(), "/settings/accounts?done=changed");
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK, "a name is no right");
        rita.post(shop, &path, &[("name", "Giulia M"), ("role", "conductor")]);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER);
        let paolo = shop.keeper("Paolo");
        let end = format!("/settings/accounts/{}/sessions/end", paolo.account);
        assert!(rita.post(shop, &end, &[]).location().ends_with("?done=sessions"));
        assert_eq!(paolo.get(shop, "/me").status, StatusCode::SEE_OTHER);
        let own = format!("/settings/accounts/{}/sessions/end", rita.account);
        rita.post(shop, &own, &[]);
        assert_eq!(rita.get(shop, "/me").status, StatusCode::OK, "one's own present session is spared");
    });
}

#[test]
fn the_demo_asks_with_a_click_what_elsewhere_takes_a_password() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let engine = shop.store.engine();
        let make_demo = |tx: &mut engine::Tx<'_>| {
            let found = primitives::shop::find(tx)?.unwrap();
            Ok(primitives::shop::save(tx, &primitives::shop::Shop { demo: true, ..found })?)
        };
        engine.write_blocking(make_demo).unwrap();
        let mut browser = Browser::at(shop, "192.0.2.7");
        browser.post("/enter", &[("account", &rita.account.to_string())]);
        shop.store.clock.advance_seconds(1_000);
        assert!(browser.get("/settings/doors").location().starts_with("/me/security/confirm"));
        let csrf = mark(&browser.get("/me/security").body);
        let confirmed =
            browser.post("/me/security/confirm", &[("csrf", csrf.as_str()), ("then", "/settings/doors")]);
        assert_eq!(confirmed.location(), "/settings/doors");
        assert_eq!(browser.get("/settings/doors").status, StatusCode::OK);
        // Who came in otherwise has to prove it.
        shop.store.clock.advance_seconds(1_000);
        let clicked = rita.post(shop, "/me/security/confirm", &[("then", "/settings/doors")]);
        assert_eq!(clicked.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn whoever_keeps_the_accounts_sees_which_browsers_are_open_and_neither_when_nor_from_where() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let mut browser = with_password(shop, &giulia, GIULIA);
        shop.store.clock.advance_seconds(400);
        browser.get("/me");
        let page = rita.get(shop, &format!("/settings/accounts/{}", giulia.account)).body;
        assert!(page.contains("Un programma, dal "), "{page}");
        assert!(!page.contains("192.0.2.7") && !page.contains("usata"), "{page}");
        assert!(browser.get("/me").body.contains("192.0.2.7"), "one sees one's own");
    });
}

#[test]
fn everything_is_taken_from_an_account_that_somebody_else_may_hold() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let (clock, id) = (shop.store.clock.clone(), giulia.account);
        let add = move |tx: &mut engine::Tx<'_>| {
            passkey::add(tx, &*clock, &Actor::machine(vec![]), id, "chiavetta", b"id", "{}")
        };
        shop.store.engine().write_blocking(add).unwrap();
        let path = format!("/settings/accounts/{id}/password");
        rita.post(shop, &path, &[]);
        let keys =
            || shop.store.engine().read_blocking(move |tx| Ok(passkey::of_account(tx, id)?.len())).unwrap();
        assert_eq!(keys(), 1, "a forgotten password takes nothing else");
        assert_eq!(giulia.api(shop, Method::GET, "/me", None).status, StatusCode::OK);
        assert!(rita.post(shop, &path, &[("everything", "yes")]).body.contains("id=\"password\""));
        assert_eq!(keys(), 0);
        assert_eq!(giulia.api(shop, Method::GET, "/me", None).status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn the_last_way_in_of_whoever_administers_stays_where_nobody_comes_in_by_password() {
    shops(|shop| {
        let (rita, bruno) =
            (shop.staffer("Rita", Role::Administrator, &[]), shop.staffer("Bruno", Role::Administrator, &[]));
        let (clock, id, engine) = (shop.store.clock.clone(), rita.account, shop.store.engine());
        let add = {
            let clock = clock.clone();
            move |tx: &mut engine::Tx<'_>| {
                passkey::add(tx, &*clock, &Actor::machine(vec![]), id, "chiavetta", b"id", "{}")
            }
        };
        let key = engine.write_blocking(add).unwrap();
        let off = [("idle", "24"), ("most", "30")];
        assert_eq!(bruno.post(shop, "/settings/doors", &off).location(), "/settings/doors?done=changed");
        let removed = {
            let clock = clock.clone();
            engine.write_blocking(move |tx| passkey::remove(tx, &*clock, &Actor::machine(vec![]), id, key))
        };
        assert!(matches!(removed, Err(Fault::Conflict(Clash::LastAdministrator))));
        let page = format!("/settings/accounts/{id}");
        let keeper = [("name", "Rita"), ("role", "keeper"), ("title", "")];
        assert_eq!(bruno.post(shop, &page, &keeper).status, StatusCode::CONFLICT);
        for further in ["end", "second-factor/reset"] {
            let answer = bruno.post(shop, &format!("{page}/{further}"), &[]);
            assert_eq!(answer.status, StatusCode::CONFLICT, "{further}");
        }
        let taken = bruno.post(shop, &format!("{page}/password"), &[("everything", "yes")]);
        assert_eq!(taken.status, StatusCode::CONFLICT);
        let still =
            engine.read_blocking(move |tx| Ok((passkey::of_account(tx, id)?, account::by_id(tx, id)?)));
        let (keys, rita) = still.unwrap();
        assert_eq!((keys.len(), rita.unwrap().role), (1, Role::Administrator));
        // At the machine itself one can still help oneself.
        let reset = move |tx: &mut engine::Tx<'_>| admin::emergency::reset_second_factor(tx, &*clock, id);
        engine.write_blocking(reset).unwrap();
    });
}
