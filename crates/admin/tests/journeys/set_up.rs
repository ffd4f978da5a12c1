//! Set-up, from the first request to the open shop.

use axum::http::StatusCode;
use primitives::shop::SetupStep;
use primitives::{account, mailbox, shop};
use testkit::{Shop, Store};

use crate::browser::{Browser, mark};

const PASSWORD: &str = "quattro gatti al bar";

fn empty_shops(test: impl Fn(&Shop)) {
    for store in [Some(Store::sqlite()), Store::postgres()].into_iter().flatten() {
        test(&Shop::not_set_up(store, vec![admin::module()]));
    }
}

fn step(shop: &Shop) -> Option<SetupStep> {
    shop.store.engine().read_blocking(|tx| Ok(shop::find(tx)?.map(|shop| shop.step))).unwrap()
}

const COMPANY: [(&str, &str); 3] = [("name", "Officina Prova"), ("language", "it"), ("zone", "Europe/Rome")];
const GIULIA: [(&str, &str); 3] =
    [("name", "Giulia Moretti"), ("email", "Giulia@Officina.example "), ("password", PASSWORD)];

#[test]
fn whoever_sits_at_the_machine_opens_the_shop_in_three_steps() {
    empty_shops(|shop| {
        let mut browser = Browser::here(shop);
        assert_eq!(browser.get("/").location(), "/set-up");
        assert_eq!(browser.get("/sign-in").location(), "/set-up");
        assert!(browser.get("/set-up").body.contains("action=\"/set-up/company\""));
        assert_eq!(browser.post("/set-up/company", &COMPANY).location(), "/set-up");
        assert!(browser.get("/set-up").body.contains("action=\"/set-up/administrator\""));
        assert_eq!(browser.post("/set-up/administrator", &GIULIA).location(), "/set-up/mailbox");

        let page = browser.get("/set-up/mailbox");
        assert_eq!(page.status, StatusCode::OK);
        let csrf = mark(&page.body);
        let fields = [("csrf", csrf.as_str()), ("name", "Banco"), ("address", ""), ("first", "import")];
        assert_eq!(browser.post("/set-up/mailbox", &fields).location(), "/listen/import");
        assert_eq!(step(shop), Some(SetupStep::Done));
        assert_eq!(browser.get("/").location(), "/today");

        let sees = shop.store.engine().read_blocking(|tx| {
            let accounts = account::list(tx)?;
            let actor = account::actor(tx, accounts[0].id)?.unwrap();
            Ok((accounts[0].email.clone(), mailbox::visible(tx, &actor)?.len()))
        });
        assert_eq!(sees.unwrap(), ("giulia@officina.example".to_owned(), 1));
    });
}

#[test]
fn set_up_goes_on_where_it_was_left() {
    empty_shops(|shop| {
        Browser::here(shop).post("/set-up/company", &COMPANY);
        let mut another = Browser::here(shop);
        assert!(another.get("/set-up").body.contains("Officina Prova"));
        assert!(another.get("/set-up?step=company").body.contains("value=\"Officina Prova\""));
        another.post("/set-up/administrator", &GIULIA);

        // The browser is closed; another one finds the last step behind the sign-in.
        let mut third = Browser::at(shop, "192.0.2.7");
        assert_eq!(third.get("/").location(), "/set-up");
        assert_eq!(third.get("/set-up").location(), "/set-up/mailbox");
        assert_eq!(third.get("/set-up/mailbox").location(), "/sign-in?then=/set-up/mailbox");
        let fields =
            [("email", "giulia@officina.example"), ("password", PASSWORD), ("then", "/set-up/mailbox")];
        assert_eq!(third.post("/sign-in", &fields).location(), "/set-up/mailbox");
        assert_eq!(third.get("/set-up/mailbox").status, StatusCode::OK);
    });
}

#[test]
fn a_passer_by_on_the_network_cannot_claim_the_shop_without_the_code() {
    empty_shops(|shop| {
        let mut stranger = Browser::at(shop, "192.0.2.66");
        assert!(stranger.get("/set-up").body.contains("action=\"/set-up/code\""));
        assert_eq!(stranger.post("/set-up/company", &COMPANY).location(), "/set-up");
        assert_eq!(step(shop), None, "nothing was written");
        let wrong = stranger.post("/set-up/code", &[("code", "aaaa-aaaa-aaaa")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        stranger.keep("bottega_set_up", "aaaa-aaaa-aaaa");
        assert!(!stranger.get("/set-up").body.contains("action=\"/set-up/company\""));

        let code = admin::set_up_code(shop.store.engine());
        assert_eq!(code.len(), 14, "{code}");
        let mut owner = Browser::at(shop, "192.0.2.7");
        let typed = code.replace('-', " ").to_uppercase();
        assert_eq!(owner.post("/set-up/code", &[("code", &typed)]).location(), "/set-up");
        owner.post("/set-up/company", &COMPANY);
        assert_eq!(owner.post("/set-up/administrator", &GIULIA).location(), "/set-up/mailbox");

        // Now it is somebody's: not even the code opens it again.
        let mut late = Browser::here(shop);
        assert_eq!(late.post("/set-up/company", &COMPANY).status, StatusCode::CONFLICT);
        assert_eq!(late.post("/set-up/administrator", &GIULIA).status, StatusCode::CONFLICT);
    });
}

#[test]
fn what_is_wrong_is_said_beside_its_field_and_nothing_is_lost() {
    empty_shops(|shop| {
        let mut browser = Browser::here(shop);
        let fields = [("name", "<b>Officina</b>"), ("language", "en"), ("zone", "Europe/Atlantis")];
        let answer = browser.post("/set-up/company", &fields);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("zone-error") && !answer.body.contains("<b>Officina"));
        browser.post("/set-up/company", &COMPANY);
        let weak = [("name", "Giulia"), ("email", "nobody"), ("password", "corta")];
        let answer = browser.post("/set-up/administrator", &weak);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("email-error") && answer.body.contains("password-error"));
        assert!(!answer.body.contains("corta\""), "a password is never sent back");
        assert_eq!(step(shop), Some(SetupStep::Administrator));
    });
}

#[test]
fn a_shop_that_is_open_is_not_set_up_again() {
    crate::browser::shops(|shop| {
        let mut browser = Browser::here(shop);
        assert_eq!(browser.get("/set-up").location(), "/");
        assert_eq!(browser.post("/set-up/company", &COMPANY).status, StatusCode::CONFLICT);
        assert_eq!(browser.post("/set-up/administrator", &GIULIA).status, StatusCode::CONFLICT);
        assert_eq!(browser.post_from_elsewhere("/set-up/company", &COMPANY).status, StatusCode::FORBIDDEN);
    });
}
