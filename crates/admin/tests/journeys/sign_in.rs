//! The way in and out.

use axum::http::{StatusCode, header};
use kernel::{AccountId, Actor, Role};
use primitives::{account, session, shop};
use testkit::Shop;

use crate::browser::{Browser, encoded, mark, post_unmarked, shops};

const PASSWORD: &str = "quattro gatti al bar";

/// Somebody with a password.
fn with_password(shop: &Shop, name: &str) -> AccountId {
    let account = shop.keeper(name).account;
    let hash = admin::password::hash(PASSWORD).unwrap();
    let clock = shop.store.clock.clone();
    shop.store
        .engine()
        .write_blocking(move |tx| account::set_password(tx, &*clock, &Actor::machine(vec![]), account, &hash))
        .unwrap();
    account
}

fn credentials<'a>(email: &'a str, password: &'a str) -> [(&'a str, &'a str); 2] {
    [("email", email), ("password", password)]
}

#[test]
fn the_right_password_opens_and_a_wrong_one_says_only_that_it_did_not() {
    shops(|shop| {
        with_password(shop, "Giulia");
        let mut browser = Browser::at(shop, "192.0.2.7");
        assert_eq!(browser.get("/").location(), "/sign-in");
        let wrong = browser.post("/sign-in", &credentials("giulia@officina.example", "sbagliata davvero"));
        let unknown = browser.post("/sign-in", &credentials("nobody@officina.example", "sbagliata davvero"));
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            wrong.body,
            unknown.body.replace("nobody@", "giulia@"),
            "nobody learns which addresses exist"
        );
        assert!(!wrong.body.contains("sbagliata davvero"));

        let right = browser.post("/sign-in", &credentials(" Giulia@officina.example", PASSWORD));
        assert_eq!((right.status, right.location()), (StatusCode::SEE_OTHER, "/today"));
        let cookie = right.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/")
        );
        assert_eq!(browser.get("/").location(), "/today");
        assert_eq!(browser.get("/me").status, StatusCode::OK);
    });
}

#[test]
fn one_is_led_on_to_this_shop_only() {
    shops(|shop| {
        with_password(shop, "Giulia");
        for (then, leads) in [
            ("/people?q=anna", "/people?q=anna"),
            ("https://evil.example/", "/today"),
            ("//evil.example", "/today"),
            ("/sign-in", "/today"),
            ("", "/today"),
        ] {
            let mut fields = credentials("giulia@officina.example", PASSWORD).to_vec();
            fields.push(("then", then));
            assert_eq!(
                Browser::at(shop, "192.0.2.7").post("/sign-in", &fields).location(),
                leads,
                "{then:?}"
            );
        }
    });
}

#[test]
fn guessing_is_braked_where_it_happens_and_nowhere_else() {
    shops(|shop| {
        with_password(shop, "Giulia");
        with_password(shop, "Paolo");
        let wrong = credentials("giulia@officina.example", "sbagliata davvero");
        let right = credentials("giulia@officina.example", PASSWORD);
        let mut guesser = Browser::at(shop, "192.0.2.66");
        for _ in 0..5 {
            assert_eq!(guesser.post("/sign-in", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let braked = guesser.post("/sign-in", &right);
        assert_eq!(braked.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(braked.headers.get(header::RETRY_AFTER).unwrap(), "30");
        assert!(braked.body.contains("30 secondi"), "{}", braked.body);

        // A colleague at the same address, and Giulia at her own, come in.
        let paolo = Browser::at(shop, "192.0.2.66")
            .post("/sign-in", &credentials("paolo@officina.example", PASSWORD));
        assert_eq!(paolo.status, StatusCode::SEE_OTHER);
        assert_eq!(Browser::at(shop, "192.0.2.7").post("/sign-in", &right).status, StatusCode::SEE_OTHER);

        // The wait grows, and success clears it.
        shop.store.clock.advance_seconds(31);
        assert_eq!(guesser.post("/sign-in", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(guesser.post("/sign-in", &right).headers.get(header::RETRY_AFTER).unwrap(), "60");
        shop.store.clock.advance_seconds(61);
        assert_eq!(guesser.post("/sign-in", &right).status, StatusCode::SEE_OTHER);
        let mut again = Browser::at(shop, "192.0.2.66");
        assert_eq!(again.post("/sign-in", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(again.post("/sign-in", &right).status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_secret_from_before_the_sign_in_is_worth_nothing_after_it() {
    shops(|shop| {
        with_password(shop, "Giulia");
        let planted = shop.keeper("Planted");
        let mut browser = Browser::at(shop, "192.0.2.7");
        browser.keep(web::request::SESSION_COOKIE, &planted.secret);
        browser.post("/sign-in", &credentials("giulia@officina.example", PASSWORD));
        let fresh = browser.secret().unwrap().to_owned();
        assert_ne!(fresh, planted.secret);
        assert_eq!(planted.get(shop, "/me").status, StatusCode::SEE_OTHER, "the old session has ended");
        browser.post("/sign-in", &credentials("giulia@officina.example", PASSWORD));
        assert_ne!(browser.secret().unwrap(), fresh, "every sign-in draws anew");
    });
}

#[test]
fn signing_out_ends_the_session_in_the_store_too() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        assert_eq!(post_unmarked(shop, &giulia, "/sign-out").status, StatusCode::FORBIDDEN);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK);
        assert_eq!(giulia.post(shop, "/sign-out", &[]).location(), "/sign-in?done=out");
        assert_eq!(giulia.get(shop, "/me").location(), "/sign-in?then=/me");
    });
}

#[test]
fn forms_of_other_sites_are_refused() {
    shops(|shop| {
        with_password(shop, "Giulia");
        let mut browser = Browser::at(shop, "192.0.2.7");
        let fields = credentials("giulia@officina.example", PASSWORD);
        assert_eq!(browser.post_from_elsewhere("/sign-in", &fields).status, StatusCode::FORBIDDEN);
        for path in ["/enter", "/language", "/set-up/code"] {
            let answer = browser.post_from_elsewhere(path, &[("language", "en")]);
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert!(browser.secret().is_none());
    });
}

fn make_demo(shop: &Shop) {
    let engine = shop.store.engine();
    engine
        .write_blocking(|tx| {
            let found = shop::find(tx)?.unwrap();
            Ok(shop::save(tx, &shop::Shop { demo: true, ..found })?)
        })
        .unwrap();
}

#[test]
fn the_demo_company_is_entered_with_one_click_and_no_other_is() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let second = shop.keeper("Sara");
        let boss = shop.staffer("Rita", Role::Administrator, &[]);
        let secured = with_password(shop, "Paolo");
        let chosen = giulia.account.to_string();
        let mut browser = Browser::at(shop, "192.0.2.7");
        assert!(!browser.get("/sign-in").body.contains("/enter"));
        assert_eq!(browser.post("/enter", &[("account", &chosen)]).status, StatusCode::NOT_FOUND);

        make_demo(shop);
        let page = browser.get("/sign-in").body;
        assert!(page.contains(&chosen) && page.contains(&boss.account.to_string()));
        assert!(!page.contains(&second.account.to_string()), "one of each role is enough");
        let with = secured.to_string();
        assert_eq!(browser.post("/enter", &[("account", &with)]).status, StatusCode::NOT_FOUND);
        assert_eq!(browser.post("/enter", &[("account", "nonsense")]).status, StatusCode::NOT_FOUND);
        let entered = browser.post("/enter", &[("account", &chosen), ("then", "/people")]);
        assert_eq!(entered.location(), "/people");
        assert!(browser.get("/me").body.contains("Giulia"));
    });
}

#[test]
fn the_language_follows_the_browser_and_the_account() {
    shops(|shop| {
        let mut browser = Browser::at(shop, "192.0.2.7");
        assert!(browser.get("/sign-in").body.contains("lang=\"it\""));
        let answer = browser.post("/language", &[("language", "en"), ("then", "/sign-in")]);
        assert_eq!(answer.location(), "/sign-in");
        assert!(browser.get("/sign-in").body.contains("<html lang=\"en\""));
        assert_eq!(browser.post("/language", &[("language", "xx"), ("then", "//evil")]).location(), "/");

        let giulia = shop.keeper("Giulia");
        browser.keep(web::request::SESSION_COOKIE, &giulia.secret);
        browser.post("/language", &[("language", "en"), ("then", "/me")]);
        assert_eq!(giulia.actor(shop).locale, kernel::Locale::En);
    });
}

#[test]
fn a_password_is_changed_by_who_knows_the_old_one_and_ends_the_other_sessions() {
    shops(|shop| {
        let account = with_password(shop, "Giulia");
        let fields = credentials("giulia@officina.example", PASSWORD);
        let (mut here, mut there) = (Browser::at(shop, "192.0.2.7"), Browser::at(shop, "192.0.2.8"));
        here.post("/sign-in", &fields);
        there.post("/sign-in", &fields);
        let csrf = mark(&here.get("/me").body);
        let change = |browser: &mut Browser<'_>, current: &str, new: &str| {
            browser.post("/me/password", &[("csrf", csrf.as_str()), ("current", current), ("password", new)])
        };
        let wrong = change(&mut here, "sbagliata davvero", "cinque gatti al bar");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("current-error"));
        let weak = change(&mut here, PASSWORD, "corta");
        assert!(weak.body.contains("password-error"));
        assert_eq!(change(&mut here, PASSWORD, "cinque gatti al bar").location(), "/me?done=password");
        assert_eq!(here.get("/me").status, StatusCode::OK, "one stays signed in");
        assert_eq!(there.get("/me").status, StatusCode::SEE_OTHER, "elsewhere one does not");
        let old = Browser::at(shop, "192.0.2.9").post("/sign-in", &fields);
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);

        let clock = shop.store.clock.clone();
        let sessions =
            shop.store.engine().read_blocking(move |tx| Ok(session::of_account(tx, &*clock, account)?.len()));
        assert_eq!(sessions.unwrap(), 1);
    });
}

#[test]
fn a_session_is_ended_by_its_owner_only() {
    shops(|shop| {
        with_password(shop, "Giulia");
        let fields = credentials("giulia@officina.example", PASSWORD);
        let (mut here, mut there) = (Browser::at(shop, "192.0.2.7"), Browser::at(shop, "192.0.2.8"));
        here.post("/sign-in", &fields);
        there.post("/sign-in", &fields);
        let page = here.get("/me").body;
        let end = format!("ses_{}", crate::browser::between(&page, "action=\"/me/sessions/ses_", "\""));
        let paolo = shop.keeper("Paolo");
        assert_eq!(paolo.post(shop, &format!("/me/sessions/{end}"), &[]).status, StatusCode::NOT_FOUND);
        assert_eq!(there.get("/me").status, StatusCode::OK);
        let csrf = mark(&page);
        let answer = here.post(&format!("/me/sessions/{end}"), &[("csrf", csrf.as_str())]);
        assert_eq!(answer.location(), "/me?done=ended#sessions");
        assert_eq!(there.get("/me").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn what_somebody_typed_comes_back_escaped() {
    shops(|shop| {
        let mut browser = Browser::at(shop, "192.0.2.7");
        let body = encoded(&[("email", "\"><script>alert(1)</script>"), ("password", "x")]);
        assert!(body.contains("%3Cscript"));
        let answer = browser.post("/sign-in", &credentials("\"><script>alert(1)</script>", "x"));
        assert!(!answer.body.contains("<script>"));
        let answer = browser.get("/sign-in?then=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&done=%3Cscript%3E");
        assert!(!answer.body.contains("<script>"));
    });
}
