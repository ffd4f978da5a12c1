//! Sign-in by an identity provider, good and evil, over real HTTP with real signatures.

use axum::http::StatusCode;
use kernel::{Clock, Role};
use primitives::account;
use serde_json::{Value, json};
use testkit::{Answer, Shop};

use crate::browser::{Browser, between, shops};
use crate::house::{CLIENT, House, SECRET, Seal};

const BACK: &str = "/sign-in/provider/back";

/// Adds a house as whoever administers does; gives the path of its button.
fn known(shop: &Shop, house: &House, extra: &[(&str, &str)]) -> String {
    let name = format!("Rita {}", house.issuer().rsplit(':').next().unwrap());
    let rita = shop.staffer(&name, Role::Administrator, &[]);
    let issuer = house.issuer();
    let mut fields = vec![
        ("name", "La casa"),
        ("issuer", issuer.as_str()),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("role", "function"),
    ];
    fields.extend_from_slice(extra);
    if !extra.iter().any(|(name, _)| *name == "domains") {
        fields.push(("domains", "officina.example"));
    }
    let made = rita.post(shop, "/settings/doors/providers", &fields);
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let page = rita.get(shop, "/settings/doors").body;
    let before = format!("<p class=\"small\">{issuer}");
    let row = &page[..page.find(&before).unwrap()];
    let id = row.rsplit("/settings/doors/providers/").next().unwrap().split('"').next().unwrap();
    let one = rita.get(shop, &format!("/settings/doors/providers/{id}")).body;
    assert!(!one.contains(SECRET) && one.contains("/sign-in/provider/back"));
    format!("/sign-in/provider/{id}")
}

/// A browser that has gone to the provider: what the provider's page was asked for.
struct Gone {
    state: String,
    nonce: String,
    challenge: String,
}

fn go(browser: &mut Browser<'_>, path: &str, house: &House) -> Gone {
    let sent = browser.get(&format!("{path}?then=/people"));
    gone(sent.location(), house)
}

/// What stands in the address to which a browser is sent.
fn gone(url: &str, house: &House) -> Gone {
    assert!(url.starts_with(&format!("{}/authorize?", house.issuer())), "{url}");
    assert!(url.contains("code_challenge_method=S256") && url.contains("response_type=code"));
    let value = |name: &str| between(&format!("{url}&"), &format!("{name}="), "&").to_owned();
    assert_eq!(value("redirect_uri"), "http%3A%2F%2Fbottega.example%2Fsign-in%2Fprovider%2Fback");
    Gone { state: value("state"), nonce: value("nonce"), challenge: value("code_challenge") }
}

fn claims(shop: &Shop, house: &House, gone: &Gone, extra: Value) -> Value {
    let now = shop.store.clock.now().millis() / 1_000;
    let mut claims = json!({
        "iss": house.issuer(), "aud": CLIENT, "sub": "u-1", "nonce": gone.nonce, "iat": now, "exp": now + 300,
        "email": "giulia@officina.example", "email_verified": true, "name": "Giulia <i>Moretti</i>"
    });
    for (key, value) in extra.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(key);
        } else {
            claims[key] = value.clone();
        }
    }
    claims
}

fn back(browser: &mut Browser<'_>, gone: &Gone, code: &str) -> Answer {
    browser.get(&format!("{BACK}?code={code}&state={}", gone.state))
}

/// A whole journey, in which the provider says so.
fn journey(shop: &Shop, house: &House, path: &str, extra: Value) -> Answer {
    let mut browser = Browser::at(shop, "192.0.2.7");
    let gone = go(&mut browser, path, house);
    let code = house.vouches(&gone.challenge, claims(shop, house, &gone, extra));
    let answer = back(&mut browser, &gone, &code);
    assert_eq!(
        browser.secret().is_some(),
        answer.status == StatusCode::SEE_OTHER,
        "in, or without a session"
    );
    answer
}

fn roles(shop: &Shop) -> Vec<(String, Role)> {
    let accounts = shop.store.engine().read_blocking(|tx| Ok(account::list(tx)?)).unwrap();
    accounts.into_iter().map(|it| (it.email, it.role)).collect()
}

#[test]
fn whom_a_provider_vouches_for_comes_in_by_the_policy_and_stays_the_same_person() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes"), ("domains", "officina.example")]);
        let page = Browser::at(shop, "192.0.2.7").get("/sign-in").body;
        assert!(page.contains("La casa") && page.contains(&path));
        let giulia = shop.keeper("Giulia");
        assert_eq!(journey(shop, &house, &path, json!({})).location(), "/people");
        // From now on the subject counts, whatever the address is there.
        let moved = json!({ "email": "nuova@officina.example" });
        assert_eq!(journey(shop, &house, &path, moved).location(), "/people");
        let clock = shop.store.clock.clone();
        let sessions = shop
            .store
            .engine()
            .read_blocking(move |tx| Ok(primitives::session::of_account(tx, &*clock, giulia.account)?));
        assert_eq!(sessions.unwrap().iter().filter(|it| it.way == "provider").count(), 2);
        let stranger = json!({ "sub": "u-2", "email": "altra@officina.example" });
        let refused = journey(shop, &house, &path, stranger);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("qui non hai un account"));
        let elsewhere = json!({ "sub": "u-3", "email": "giulia@evil.example" });
        assert!(journey(shop, &house, &path, elsewhere).body.contains("solo la posta"));
    });
}

#[test]
fn an_address_that_nobody_verified_links_nothing_and_makes_nobody() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes"), ("creates", "yes")]);
        shop.keeper("Giulia");
        for said in [json!(false), Value::Null] {
            let link = journey(shop, &house, &path, json!({ "email_verified": said }));
            assert!(link.body.contains("non ha verificato"), "{}", link.body);
            let new = json!({ "email_verified": said, "email": "nuova@officina.example" });
            assert!(journey(shop, &house, &path, new).body.contains("non ha verificato"));
        }
        let no_link = House::open();
        let path = known(shop, &no_link, &[("creates", "yes")]);
        let answer = journey(shop, &no_link, &path, json!({}));
        assert!(answer.body.contains("qui non hai un account"), "the policy does not link");
    });
}

#[test]
fn somebody_new_gets_an_account_without_mailboxes_and_the_role_of_their_groups() {
    shops(|shop| {
        let house = House::open();
        let mapping = "capi = conductor\nbanco = keeper";
        let path =
            known(shop, &house, &[("creates", "yes"), ("group_claim", "groups"), ("group_roles", mapping)]);
        let nuova = json!({ "email": "nuova@officina.example" });
        assert_eq!(journey(shop, &house, &path, nuova).location(), "/people");
        assert!(roles(shop).contains(&("nuova@officina.example".into(), Role::Function)));
        let capo = json!({ "email": "nuova@officina.example", "groups": ["altro", "banco", "capi"] });
        journey(shop, &house, &path, capo);
        assert!(roles(shop).contains(&("nuova@officina.example".into(), Role::Conductor)));
        // Whoever leaves the group leaves the role, whether the house names other groups or none at all.
        let out = json!({ "email": "nuova@officina.example", "groups": ["altro"] });
        journey(shop, &house, &path, out);
        assert!(roles(shop).contains(&("nuova@officina.example".into(), Role::Function)));
        let capo = json!({ "email": "nuova@officina.example", "groups": ["capi"] });
        journey(shop, &house, &path, capo);
        journey(shop, &house, &path, json!({ "email": "nuova@officina.example" }));
        assert!(roles(shop).contains(&("nuova@officina.example".into(), Role::Function)));
        // Somebody who left does not come back by a new account.
        let clock = shop.store.clock.clone();
        let end = move |tx: &mut engine::Tx<'_>| {
            let (id, _) = account::credentials(tx, "nuova@officina.example")?.unwrap();
            account::end(tx, &*clock, &kernel::Actor::machine(vec![]), id)
        };
        shop.store.engine().write_blocking(end).unwrap();
        let again = json!({ "email": "nuova@officina.example" });
        assert!(journey(shop, &house, &path, again).body.contains("qui non hai un account"));
    });
}

#[test]
fn what_is_not_signed_for_us_now_and_for_this_journey_opens_nothing() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let house = House::open();
    let path = known(&shop, &house, &[("links", "yes")]);
    shop.keeper("Giulia");
    let now = shop.store.clock.now().millis() / 1_000;
    let evil = [
        ("another journey's nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("for another shop", json!({ "aud": "another shop" })),
        ("also for another shop", json!({ "aud": [CLIENT, "another shop"] })),
        ("expired", json!({ "exp": now - 5 })),
        ("by another house", json!({ "iss": "https://evil.example" })),
    ];
    for (what, extra) in evil {
        let answer = journey(&shop, &house, &path, extra);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(answer.body.contains("non torna"), "{what}: {}", answer.body);
    }
    for seal in [Seal::Forged, Seal::None, Seal::Shared] {
        house.rotate(Seal::FirstRsa, seal);
        shop.store.clock.advance_seconds(61);
        assert!(journey(&shop, &house, &path, json!({})).body.contains("non torna"));
    }
    house.rotate(Seal::FirstRsa, Seal::FirstRsa);
    assert_eq!(journey(&shop, &house, &path, json!({})).location(), "/people");
}

#[test]
fn a_rotated_key_is_known_within_a_minute_whatever_its_kind() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let house = House::open();
    let path = known(&shop, &house, &[("links", "yes")]);
    shop.keeper("Giulia");
    for seal in [Seal::FirstRsa, Seal::SecondRsa, Seal::Ecdsa] {
        house.rotate(seal, seal);
        shop.store.clock.advance_seconds(61);
        assert_eq!(journey(&shop, &house, &path, json!({})).location(), "/people");
    }
    assert_eq!(house.asked(), 3, "once, and once more for each new key");
}

#[test]
fn a_journey_is_walked_once_by_the_browser_that_set_out() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let house = House::open();
    let path = known(&shop, &house, &[("links", "yes")]);
    shop.keeper("Giulia");
    let mut browser = Browser::at(&shop, "192.0.2.7");
    let gone = go(&mut browser, &path, &house);
    let code = house.vouches(&gone.challenge, claims(&shop, &house, &gone, json!({})));
    let asked = house.asked();
    // Somebody else's browser, with the address that was meant for this one.
    let stolen = back(&mut Browser::at(&shop, "192.0.2.8"), &gone, &code);
    assert!(stolen.body.contains("Ricomincia"));
    let mut with_state = Browser::at(&shop, "192.0.2.9");
    go(&mut with_state, &path, &house);
    assert!(back(&mut with_state, &gone, &code).body.contains("Ricomincia"), "another journey's state");
    assert_eq!(house.asked(), asked, "the house was asked for nothing more");
    let cookie = browser.cookie(web::request::DOORWAY_COOKIE).unwrap().to_owned();
    assert_eq!(back(&mut browser, &gone, &code).location(), "/people");
    let mut replayed = Browser::at(&shop, "192.0.2.7");
    replayed.keep(web::request::DOORWAY_COOKIE, &cookie);
    assert!(back(&mut replayed, &gone, &code).body.contains("Ricomincia"), "once");

    let gone = go(&mut browser, &path, &house);
    shop.store.clock.advance_seconds(601);
    assert!(back(&mut browser, &gone, "code").body.contains("Ricomincia"), "within ten minutes");
    let gone = go(&mut browser, &path, &house);
    let broken = browser.get(&format!("{BACK}?error=access_denied&state={}", gone.state));
    assert!(broken.body.contains("ha interrotto"));
}

#[test]
fn one_house_cannot_pass_on_what_another_said() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let (honest, evil) = (House::open(), House::open());
    known(&shop, &honest, &[("links", "yes")]);
    let to_evil = known(&shop, &evil, &[("links", "yes")]);
    shop.keeper("Giulia");
    let mut browser = Browser::at(&shop, "192.0.2.7");
    let gone = go(&mut browser, &to_evil, &evil);
    // The evil house led the browser on to the honest one, which answers and says who it is.
    let code = honest.vouches(&gone.challenge, claims(&shop, &honest, &gone, json!({})));
    let mixed = browser.get(&format!(
        "{BACK}?code={code}&state={}&iss={}",
        gone.state,
        web::request::encode(&honest.issuer())
    ));
    assert!(mixed.body.contains("non torna"));
    // Or hands out a token that the honest house signed for this shop.
    let gone = go(&mut browser, &to_evil, &evil);
    let code = evil.vouches(&gone.challenge, claims(&shop, &honest, &gone, json!({})));
    assert!(back(&mut browser, &gone, &code).body.contains("non torna"));
    // The state of one journey does not fit the challenge of another: the code is worth nothing without its verifier.
    let gone = go(&mut browser, &to_evil, &evil);
    let code = evil.vouches("another challenge", claims(&shop, &evil, &gone, json!({})));
    assert!(back(&mut browser, &gone, &code).body.contains("non risponde"));
}

#[test]
fn an_address_may_be_told_beside_the_token_and_a_second_factor_is_asked_where_the_house_does_not() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let house = House::open();
    let path = known(&shop, &house, &[("links", "yes")]);
    let giulia = shop.keeper("Giulia");
    let bare = json!({ "email": null, "email_verified": null });
    house
        .tells(json!({ "sub": "somebody else", "email": "giulia@officina.example", "email_verified": true }));
    assert!(journey(&shop, &house, &path, bare.clone()).body.contains("non torna"), "another's address");
    house.tells(json!({ "sub": "u-1", "email": "giulia@officina.example", "email_verified": true }));
    assert_eq!(journey(&shop, &house, &path, bare).location(), "/people");
    let clock = shop.store.clock.clone();
    let add = move |tx: &mut engine::Tx<'_>| {
        let machine = kernel::Actor::machine(vec![]);
        primitives::passkey::add(tx, &*clock, &machine, giulia.account, "chiavetta", b"id", "{}")
    };
    shop.store.engine().write_blocking(add).unwrap();
    let mut browser = Browser::at(&shop, "192.0.2.7");
    let gone = go(&mut browser, &path, &house);
    let code = house.vouches(&gone.challenge, claims(&shop, &house, &gone, json!({})));
    assert_eq!(back(&mut browser, &gone, &code).location(), "/sign-in/second");
    assert!(browser.secret().is_none());
}

/// Whether the browser's session opens what is delicate.
fn proved_lately(browser: &mut Browser<'_>) -> bool {
    browser.get("/settings/tokens").status == StatusCode::OK
}

#[test]
fn a_house_is_asked_once_however_many_strangers_set_out_and_colleagues_come_in_meanwhile() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes")]);
        shop.keeper("Giulia");
        for at in 0..200 {
            go(&mut Browser::at(shop, &format!("198.51.100.{at}")), &path, &house);
        }
        assert_eq!(house.asked(), 1);
        assert_eq!(journey(shop, &house, &path, json!({})).location(), "/people");
        assert_eq!(house.asked(), 1);
    });
}

#[test]
fn who_sets_out_without_end_is_slowed_and_fills_no_record_and_who_came_in_before_is_not() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes")]);
        shop.keeper("Giulia");
        let office = "192.0.2.7";
        let mut giulias = Browser::at(shop, office);
        let gone = go(&mut giulias, &path, &house);
        let code = house.vouches(&gone.challenge, claims(shop, &house, &gone, json!({})));
        assert_eq!(back(&mut giulias, &gone, &code).location(), "/people");
        for _ in 0..120 {
            go(&mut Browser::at(shop, office), &path, &house);
        }
        let slowed = Browser::at(shop, office).get(&path);
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(slowed.headers.get(axum::http::header::RETRY_AFTER).unwrap(), "5");
        let mut made_up = Browser::at(shop, office);
        made_up.keep(web::request::BROWSER_COOKIE, &"a".repeat(52));
        assert_eq!(made_up.get(&path).status, StatusCode::TOO_MANY_REQUESTS, "a secret that is not ours");
        // Strangers elsewhere, passkeys among them, and Giulia's browser do not wait.
        let begun = Browser::here(shop).post("/sign-in/passkey/begin", &[]);
        assert_eq!(begun.status, StatusCode::OK);
        go(&mut Browser::at(shop, "198.51.100.1"), &path, &house);
        go(&mut giulias, &path, &house);
        // What comes back without a journey is not written down.
        for _ in 0..30 {
            let mut stranger = Browser::at(shop, office);
            stranger.keep(web::request::DOORWAY_COOKIE, &"b".repeat(52));
            assert!(stranger.get(&format!("{BACK}?code=x&state=y")).body.contains("Ricomincia"));
        }
        let failed = shop.store.engine().read_blocking(|tx| {
            let actor = kernel::Actor::machine(vec![]);
            let kind = primitives::event::EventKind::SignInFailed;
            Ok(primitives::event::audit_of_kind(tx, &actor, kind, None, 50)?.items.len())
        });
        assert_eq!(failed.unwrap(), 0);
        shop.store.clock.advance_seconds(601);
        go(&mut Browser::at(shop, office), &path, &house);
    });
}

#[test]
fn a_session_is_as_proved_as_the_house_says_and_a_proof_is_asked_for_there() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes")]);
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let who = json!({ "email": "rita@officina.example", "sub": "u-rita" });
        let said = |at: Option<i64>| {
            let mut who = who.clone();
            who["auth_time"] = at.map_or(Value::Null, |seconds| json!(seconds));
            who
        };
        let now = || shop.store.clock.now().millis() / 1_000;
        let mut browser = Browser::at(shop, "192.0.2.7");
        let come_in = |browser: &mut Browser<'_>, url: &str, at: Option<i64>| {
            let gone = gone(browser.get(url).location(), &house);
            let code = house.vouches(&gone.challenge, claims(shop, &house, &gone, said(at)));
            assert_eq!(back(browser, &gone, &code).status, StatusCode::SEE_OTHER);
        };
        come_in(&mut browser, &path, Some(now()));
        assert!(proved_lately(&mut browser), "just now, there");
        come_in(&mut browser, &path, Some(now() - 86_400));
        assert!(!proved_lately(&mut browser), "yesterday, and let through since");
        come_in(&mut browser, &path, None);
        assert!(!proved_lately(&mut browser), "nobody knows when");
        let asked = browser.get("/me/security/confirm?then=/settings/tokens").body;
        let way = format!("{path}?again=yes");
        assert!(asked.contains(&way), "{asked}");
        assert!(browser.get(&way).location().contains("prompt=login"));
        come_in(&mut browser, &way, None);
        assert!(proved_lately(&mut browser), "she went there for it, and has nothing else to prove it by");
        // Who has a password proves it by that.
        let (clock, account) = (shop.store.clock.clone(), rita.account);
        let hash = admin::password::hash("quattro gatti al bar").unwrap();
        let set = move |tx: &mut engine::Tx<'_>| {
            account::set_password(tx, &*clock, &kernel::Actor::machine(vec![]), account, &hash)
        };
        shop.store.engine().write_blocking(set).unwrap();
        come_in(&mut browser, &way, None);
        assert!(!proved_lately(&mut browser));
        come_in(&mut browser, &way, Some(now() + 30));
        assert!(proved_lately(&mut browser), "its clock runs ahead");
    });
}

#[test]
fn what_rests_on_a_houses_word_ends_with_it_and_with_the_link() {
    shops(|shop| {
        let house = House::open();
        let path = known(shop, &house, &[("links", "yes"), ("second", "yes")]);
        let id = path.rsplit('/').next().unwrap().to_owned();
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let come_in = || {
            let mut browser = Browser::at(shop, "192.0.2.7");
            let gone = go(&mut browser, &path, &house);
            let code = house.vouches(&gone.challenge, claims(shop, &house, &gone, json!({})));
            assert_eq!(back(&mut browser, &gone, &code).location(), "/people");
            browser
        };
        let is_in = |browser: &mut Browser<'_>| browser.get("/me").status == StatusCode::OK;
        let (mut first, issuer) = (come_in(), house.issuer());
        let doors = format!("/settings/doors/providers/{id}");
        let change = |second: &str, domains: &str| {
            let fields = [
                ("name", "La casa nuova"),
                ("issuer", issuer.as_str()),
                ("client_id", CLIENT),
                ("links", "yes"),
                ("role", "function"),
                ("second", second),
                ("domains", domains),
            ];
            assert_eq!(rita.post(shop, &doors, &fields).location(), "/settings/doors?done=provider");
        };
        change("yes", "officina.example, altra.example");
        assert!(is_in(&mut first), "its word counts for no less");
        change("", "officina.example, altra.example");
        assert!(!is_in(&mut first), "the second step is ours again");
        let mut second = come_in();
        change("", "officina.example");
        assert!(!is_in(&mut second), "a domain left");
        // A link that is wrong is taken off by who keeps the accounts, and by nobody else.
        let mut third = come_in();
        let unlink = format!("/settings/accounts/{}/providers/{id}/unlink", giulia.account);
        assert!(rita.get(shop, &format!("/settings/accounts/{}", giulia.account)).body.contains(&unlink));
        assert_eq!(giulia.post(shop, &unlink, &[]).status, StatusCode::FORBIDDEN);
        assert!(rita.post(shop, &unlink, &[]).location().ends_with("?done=unlinked"));
        assert!(!is_in(&mut third));
        assert_eq!(rita.post(shop, &unlink, &[]).status, StatusCode::NOT_FOUND);
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK, "her other sessions stay");
        let mut fourth = come_in();
        rita.post(shop, &format!("{doors}/end"), &[]);
        assert!(!is_in(&mut fourth));
    });
}

#[test]
fn a_house_that_names_itself_in_every_answer_is_not_believed_without() {
    let shop = Shop::open(testkit::Store::sqlite(), vec![admin::module()]);
    let house = House::open();
    house.names_itself();
    let path = known(&shop, &house, &[("links", "yes")]);
    shop.keeper("Giulia");
    assert!(journey(&shop, &house, &path, json!({})).body.contains("non torna"));
    let mut browser = Browser::at(&shop, "192.0.2.7");
    let gone = go(&mut browser, &path, &house);
    let code = house.vouches(&gone.challenge, claims(&shop, &house, &gone, json!({})));
    let named = web::request::encode(&house.issuer());
    let answer = browser.get(&format!("{BACK}?code={code}&state={}&iss={named}", gone.state));
    assert_eq!(answer.location(), "/people");
}

#[test]
fn a_service_may_not_open_by_mail_to_everybody_nor_make_administrators() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let make = |extra: &[(&'static str, &'static str)]| {
            let mut fields =
                vec![("name", "La casa"), ("issuer", "https://login.example"), ("client_id", CLIENT)];
            fields.extend_from_slice(extra);
            rita.post(shop, "/settings/doors/providers", &fields)
        };
        for open in [[("creates", "yes")], [("links", "yes")]] {
            let refused = make(&open);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(refused.body.contains("domains-error"));
        }
        let page = rita.get(shop, "/settings/doors/providers/new").body;
        assert!(page.contains("value=\"conductor\"") && !page.contains("value=\"administrator\""));
        let made = make(&[("creates", "yes"), ("domains", "a.example"), ("role", "administrator")]);
        assert_eq!(made.status, StatusCode::SEE_OTHER);
        let list = shop.store.engine().read_blocking(|tx| Ok(primitives::provider::list(tx)?)).unwrap();
        assert_eq!(list[0].is.default_role, Role::Function);
    });
}
