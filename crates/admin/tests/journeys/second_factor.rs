//! The second factor, from the QR code to the lost telephone.

use axum::http::{StatusCode, header};
use kernel::{Actor, Clock, Role};
use primitives::{account, policy, second_factor};
use testkit::{Answer, Shop, Staffer};
use totp_rs::{Builder, Secret};

use crate::browser::{Browser, between, mark, shops};

const PASSWORD: &str = "quattro gatti al bar";

/// The code that an app with this secret shows now.
pub fn code(shop: &Shop, spoken: &str) -> String {
    let secret = Secret::try_from_base32(spoken.replace(' ', "")).unwrap();
    let now = u64::try_from(shop.store.clock.now().millis() / 1_000).unwrap();
    Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
}

/// Gives somebody a password, as the command line would, and signs them in.
pub fn with_password<'s>(shop: &'s Shop, who: &Staffer, email: &str) -> Browser<'s> {
    let (clock, account) = (shop.store.clock.clone(), who.account);
    let hash = admin::password::hash(PASSWORD).unwrap();
    let set = move |tx: &mut engine::Tx<'_>| {
        account::set_password(tx, &*clock, &Actor::machine(vec![]), account, &hash)
    };
    shop.store.engine().write_blocking(set).unwrap();
    let mut browser = Browser::at(shop, "192.0.2.7");
    assert_eq!(sign_in(&mut browser, email).location(), "/today");
    browser
}

pub fn sign_in(browser: &mut Browser<'_>, email: &str) -> Answer {
    browser.post("/sign-in", &[("email", email), ("password", PASSWORD)])
}

/// Posts a form with the mark of the browser's session.
pub fn post(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = mark(&browser.get("/me/security").body);
    let fields = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &fields)
}

/// Connects an app: its secret, and the recovery codes.
fn connect(shop: &Shop, browser: &mut Browser<'_>) -> (String, Vec<String>) {
    let begun = post(browser, "/me/security/authenticator", &[]);
    assert_eq!(begun.location(), "/me/security/authenticator");
    let page = browser.get("/me/security/authenticator").body;
    assert!(page.contains("<svg class=\"qr\"") && !page.contains("otpauth:"), "drawn, not linked");
    let spoken = between(&page, "id=\"secret\">", "<").to_owned();
    let wrong = post(browser, "/me/security/authenticator/confirm", &[("code", "000000")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let now = code(shop, &spoken);
    let shown = post(browser, "/me/security/authenticator/confirm", &[("code", &now)]);
    assert_eq!(shown.status, StatusCode::OK);
    (spoken, codes(&shown.body))
}

/// Proves by password and a code of the app that one is still oneself.
fn show_factor(shop: &Shop, browser: &mut Browser<'_>, spoken: &str) {
    let now = code(shop, spoken);
    let fields = [("password", PASSWORD), ("code", now.as_str()), ("then", "/me/security")];
    assert_eq!(post(browser, "/me/security/confirm", &fields).location(), "/me/security");
}

fn codes(page: &str) -> Vec<String> {
    let list = between(page, "id=\"codes\">", "</ol>");
    list.split("<li class=\"code\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[test]
fn an_app_is_connected_by_a_code_and_asked_for_from_then_on() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut browser = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, recovery) = connect(shop, &mut browser);
        assert_eq!(recovery.len(), 10);
        assert!(browser.get("/me/security").body.contains("Ti restano 10 codici"));

        let mut there = Browser::at(shop, "192.0.2.8");
        let half = sign_in(&mut there, "giulia@officina.example");
        assert_eq!(half.location(), "/sign-in/second");
        assert!(there.secret().is_none(), "a right password alone opens nothing");
        assert_eq!(there.get("/me").status, StatusCode::SEE_OTHER);
        assert_eq!(there.get("/sign-in/second").status, StatusCode::OK);
        // The code that confirmed the app was used: it does not count again, within its window either.
        let used = there.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
        shop.store.clock.advance_seconds(30);
        let entered = there.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(entered.location(), "/today");
        assert_eq!(there.get("/me").status, StatusCode::OK);
        let replayed = Browser::at(shop, "192.0.2.9").post("/sign-in/second", &[("code", "123456")]);
        assert_eq!(replayed.location(), "/sign-in", "nobody is half-way here");
    });
}

#[test]
fn the_store_holds_neither_the_secret_nor_a_recovery_code() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut browser = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, recovery) = connect(shop, &mut browser);
        let secret = Secret::try_from_base32(spoken.replace(' ', "")).unwrap();
        let sealed = crate::doors::sealed(shop, giulia.account);
        assert!(sealed.len() > secret.as_bytes().len());
        assert!(!sealed.windows(20).any(|part| part == secret.as_bytes()));
        for page in ["/me/security", "/me"] {
            let body = browser.get(page).body;
            assert!(!body.contains(&spoken) && recovery.iter().all(|code| !body.contains(code)), "{page}");
        }
        assert_eq!(browser.get("/me/security/authenticator").location(), "/me/security", "never shown again");
    });
}

engine::statements! {
    /// Sealed bytes that the key that is there does not open.
    SHUT = "UPDATE authenticator SET secret = $1";
}

#[test]
fn where_the_key_was_lost_a_recovery_code_opens_and_the_page_says_why_the_app_does_not() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, recovery) = connect(shop, &mut here);
        let shut = |tx: &mut engine::Tx<'_>| Ok(tx.execute(&SHUT, engine::params![vec![7_u8; 60]])?);
        assert_eq!(shop.store.engine().write_blocking(shut).unwrap(), 1);
        shop.store.clock.advance_seconds(60);
        let mut there = Browser::at(shop, "192.0.2.8");
        sign_in(&mut there, "giulia@officina.example");
        let told = there.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            told.body.contains("bottega.key") && told.body.contains("reset-second-factor"),
            "{}",
            told.body
        );
        assert_eq!(there.post("/sign-in/second", &[("code", &recovery[0])]).location(), "/today");
        let used = there.post("/sign-in/second", &[("code", &recovery[0])]);
        assert_eq!(used.location(), "/sign-in", "nobody is half-way any more");
    });
}

#[test]
fn a_recovery_code_opens_once_and_new_ones_replace_the_old() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, recovery) = connect(shop, &mut here);
        let mut there = Browser::at(shop, "192.0.2.8");
        sign_in(&mut there, "giulia@officina.example");
        let typed = recovery[3].to_uppercase().replace('-', " ");
        assert_eq!(there.post("/sign-in/second", &[("code", &typed)]).location(), "/today");
        let mut again = Browser::at(shop, "192.0.2.9");
        sign_in(&mut again, "giulia@officina.example");
        let used = again.post("/sign-in/second", &[("code", &recovery[3])]);
        assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
        shop.store.clock.advance_seconds(30);
        show_factor(shop, &mut here, &spoken);
        let renewed = codes(&post(&mut here, "/me/security/recovery-codes", &[]).body);
        assert_ne!(renewed, recovery);
        let old = again.post("/sign-in/second", &[("code", &recovery[4])]);
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(again.post("/sign-in/second", &[("code", &renewed[0])]).location(), "/today");
    });
}

#[test]
fn guessing_codes_is_braked_by_itself_and_from_everywhere() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, _) = connect(shop, &mut here);
        shop.store.clock.advance_seconds(60);
        for at in 0..5 {
            let mut thief = Browser::at(shop, &format!("198.51.100.{at}"));
            sign_in(&mut thief, "giulia@officina.example");
            let wrong = thief.post("/sign-in/second", &[("code", "000001")]);
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let mut thief = Browser::at(shop, "198.51.100.77");
        sign_in(&mut thief, "giulia@officina.example");
        let braked = thief.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(braked.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(braked.headers.get(header::RETRY_AFTER).unwrap(), "60");
        // The thief who knows the password does not keep its owner out of the browser of every day.
        post(&mut here, "/sign-out", &[]);
        assert_eq!(sign_in(&mut here, "giulia@officina.example").location(), "/sign-in/second");
        let entered = here.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(entered.location(), "/today");
    });
}

#[test]
fn turning_the_app_off_takes_the_password_and_a_code() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut browser = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, _) = connect(shop, &mut browser);
        shop.store.clock.advance_seconds(60);
        let now = code(shop, &spoken);
        let off = "/me/security/authenticator/off";
        let no_password = post(&mut browser, off, &[("password", "sbagliata davvero"), ("code", &now)]);
        assert_eq!(no_password.status, StatusCode::UNPROCESSABLE_ENTITY);
        let no_code = post(&mut browser, off, &[("password", PASSWORD), ("code", "000000")]);
        assert_eq!(no_code.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = post(&mut browser, off, &[("password", PASSWORD), ("code", &now)]);
        assert_eq!(done.location(), "/me/security?done=off");
        let mut there = Browser::at(shop, "192.0.2.8");
        assert_eq!(sign_in(&mut there, "giulia@officina.example").location(), "/today");
    });
}

#[test]
fn a_lost_second_factor_is_reset_by_who_keeps_the_accounts_and_by_nobody_else() {
    shops(|shop| {
        let (giulia, rita) = (shop.keeper("Giulia"), shop.staffer("Rita", Role::Administrator, &[]));
        let mut browser = with_password(shop, &giulia, "giulia@officina.example");
        connect(shop, &mut browser);
        let path = format!("/settings/accounts/{}", giulia.account);
        assert!(rita.get(shop, &path).body.contains("/second-factor/reset"));
        let paolo = shop.keeper("Paolo");
        let reset = format!("{path}/second-factor/reset");
        assert_eq!(paolo.post(shop, &reset, &[]).status, StatusCode::FORBIDDEN);
        assert_eq!(rita.post(shop, &reset, &[]).location(), format!("{path}?done=reset"));
        assert_eq!(browser.get("/me").status, StatusCode::SEE_OTHER, "sessions end with it");
        let mut there = Browser::at(shop, "192.0.2.8");
        assert_eq!(sign_in(&mut there, "giulia@officina.example").location(), "/today");
        let audit = rita.get(shop, "/settings/audit").body;
        assert!(audit.contains("ha azzerato il secondo passo di Giulia"), "{audit}");
    });
}

#[test]
fn where_the_company_asks_for_it_nothing_opens_before_one_has_a_second_factor() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut browser = with_password(shop, &giulia, "giulia@officina.example");
        let clock = shop.store.clock.clone();
        let ask = move |tx: &mut engine::Tx<'_>| {
            let found = policy::find(tx)?;
            let asks = policy::Policy { second_factor_required: true, ..found };
            policy::save(tx, &*clock, &Actor::machine(vec![]), asks)
        };
        shop.store.engine().write_blocking(ask).unwrap();
        for page in ["/me", "/settings/audit"] {
            assert_eq!(browser.get(page).location(), "/me/security?enrol", "{page}");
        }
        let csrf = mark(&browser.get("/me/security").body);
        let change = browser.post("/me", &[("csrf", &csrf), ("language", "en"), ("zone", "Europe/Rome")]);
        assert_eq!(change.location(), "/me/security?enrol", "forms neither");
        assert_eq!(browser.get("/live").status, StatusCode::NO_CONTENT, "nor the stream");
        connect(shop, &mut browser);
        assert_eq!(browser.get("/me").status, StatusCode::OK);
        // Tokens are machines' and go on as before.
        assert_eq!(giulia.api(shop, axum::http::Method::GET, "/me", None).status, StatusCode::OK);
    });
}

const ASKED: &str = "/me/security/confirm?factor=yes&then=/me/security";

#[test]
fn whoever_sits_down_at_an_open_page_changes_nothing_of_how_its_owner_comes_in() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, _) = connect(shop, &mut here);
        let clock = shop.store.clock.clone();
        let add = move |tx: &mut engine::Tx<'_>| {
            let machine = Actor::machine(vec![]);
            primitives::passkey::add(tx, &*clock, &machine, giulia.account, "chiavetta", b"id", "{}")
        };
        let key = shop.store.engine().write_blocking(add).unwrap();
        shop.store.clock.advance_seconds(30);
        let remove = format!("/me/security/passkeys/{key}/remove");
        let changes = [
            "/me/security/recovery-codes",
            "/me/security/passkeys/begin",
            "/me/security/passkeys",
            "/me/security/authenticator",
            remove.as_str(),
        ];
        for path in changes {
            assert_eq!(post(&mut here, path, &[]).location(), ASKED, "{path}");
        }
        assert!(here.get(ASKED).body.contains("name=\"code\""), "asked for, though one has just come in");
        let alone = post(&mut here, "/me/security/confirm", &[("password", PASSWORD)]);
        assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY, "the password alone");
        let now = code(shop, &spoken);
        let code_alone = post(&mut here, "/me/security/confirm", &[("password", "no"), ("code", &now)]);
        assert_eq!(code_alone.status, StatusCode::UNPROCESSABLE_ENTITY, "the code alone");
        show_factor(shop, &mut here, &spoken);
        assert!(here.get("/me").body.contains("dillo a chi amministra"), "its owner sees what was made");
        assert_eq!(post(&mut here, &remove, &[]).location(), "/me/security?done=passkey-removed");
        shop.store.clock.advance_seconds(660);
        assert_eq!(post(&mut here, "/me/security/recovery-codes", &[]).location(), ASKED, "not for ever");
    });
}

#[test]
fn a_proof_takes_the_second_factor_too_and_is_braked_by_session() {
    shops(|shop| {
        let rita = shop.staffer("Rita", Role::Administrator, &[]);
        let email = "rita@officina.example";
        let mut here = with_password(shop, &rita, email);
        let (spoken, _) = connect(shop, &mut here);
        shop.store.clock.advance_seconds(1_000);
        assert!(here.get("/settings/tokens").location().starts_with("/me/security/confirm"));
        let alone = post(&mut here, "/me/security/confirm", &[("password", PASSWORD)]);
        assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
        show_factor(shop, &mut here, &spoken);
        assert_eq!(here.get("/settings/tokens").status, StatusCode::OK);
        // A stolen session guesses from many places, and counts as one.
        shop.store.clock.advance_seconds(1_000);
        let stolen = here.secret().unwrap().to_owned();
        let guess = |at: u8, password: &str| {
            let mut thief = Browser::at(shop, &format!("198.51.100.{at}"));
            thief.keep(web::request::SESSION_COOKIE, &stolen);
            post(&mut thief, "/me/security/confirm", &[("password", password)]).status
        };
        for at in 0..5 {
            assert_eq!(guess(at, "sbagliata davvero"), StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(guess(77, PASSWORD), StatusCode::TOO_MANY_REQUESTS);
        let mut other = Browser::at(shop, "192.0.2.8");
        sign_in(&mut other, email);
        let entered = other.post("/sign-in/second", &[("code", &code(shop, &spoken))]);
        assert_eq!(entered.location(), "/today");
        shop.store.clock.advance_seconds(1_000);
        show_factor(shop, &mut other, &spoken);
    });
}

#[test]
fn the_first_second_factor_ends_what_was_opened_with_the_password_alone() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let mut thief = Browser::at(shop, "198.51.100.9");
        assert_eq!(sign_in(&mut thief, "giulia@officina.example").location(), "/today");
        connect(shop, &mut here);
        assert_eq!(thief.get("/me").status, StatusCode::SEE_OTHER);
        assert_eq!(here.get("/me").status, StatusCode::OK);
    });
}

#[test]
fn what_is_offered_to_one_session_is_neither_read_nor_replaced_by_another() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let mut other = Browser::at(shop, "198.51.100.9");
        sign_in(&mut other, "giulia@officina.example");
        post(&mut here, "/me/security/authenticator", &[]);
        let page = here.get("/me/security/authenticator").body;
        let spoken = between(&page, "id=\"secret\">", "<").to_owned();
        assert_eq!(other.get("/me/security/authenticator").location(), "/me/security");
        post(&mut other, "/me/security/authenticator", &[]);
        let theirs = other.get("/me/security/authenticator").body;
        assert!(!theirs.contains(&spoken), "an offer of its own");
        assert!(here.get("/me/security/authenticator").body.contains(&spoken));
        let now = code(shop, &spoken);
        let shown = post(&mut here, "/me/security/authenticator/confirm", &[("code", &now)]);
        assert_eq!(shown.status, StatusCode::OK);
    });
}

#[test]
fn a_clock_that_ran_ahead_does_not_refuse_codes_for_ever() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (spoken, _) = connect(shop, &mut here);
        shop.store.clock.advance_seconds(30);
        let clock = shop.store.clock.clone();
        let ahead = clock.now().millis() / 30_000 + 5_000;
        let spoil =
            move |tx: &mut engine::Tx<'_>| Ok(second_factor::use_step(tx, &*clock, giulia.account, ahead)?);
        assert!(shop.store.engine().write_blocking(spoil).unwrap());
        let mut there = Browser::at(shop, "192.0.2.8");
        sign_in(&mut there, "giulia@officina.example");
        let now = code(shop, &spoken);
        assert_eq!(there.post("/sign-in/second", &[("code", &now)]).location(), "/today");
        let mut again = Browser::at(shop, "192.0.2.9");
        sign_in(&mut again, "giulia@officina.example");
        let replayed = again.post("/sign-in/second", &[("code", &now)]);
        assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY, "once, as ever");
    });
}

#[test]
fn a_copy_of_the_database_does_not_let_recovery_codes_be_guessed() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut here = with_password(shop, &giulia, "giulia@officina.example");
        let (_, recovery) = connect(shop, &mut here);
        let (clock, plain) = (shop.store.clock.clone(), recovery[0].replace('-', ""));
        let tried = move |tx: &mut engine::Tx<'_>| {
            let statement = second_factor::ALL.iter().find(|it| it.name().ends_with("USE_CODE")).unwrap();
            let digest = primitives::session::digest(&plain);
            let by_digest = tx.execute(statement, engine::params![giulia.account, digest, clock.now()])?;
            Ok((by_digest, second_factor::use_code(tx, &*clock, giulia.account, &plain)?))
        };
        assert_eq!(shop.store.engine().write_blocking(tried).unwrap(), (0, true));
    });
}
