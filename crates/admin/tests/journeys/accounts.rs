//! Accounts and what they see.

use axum::http::StatusCode;
use kernel::{AccountId, Role};
use primitives::account;
use testkit::{Shop, Staffer};

use crate::browser::{Browser, between, shops};

fn administrator(shop: &Shop) -> Staffer {
    shop.staffer("Rita", Role::Administrator, &[])
}

fn find(shop: &Shop, email: &str) -> account::Account {
    let accounts = shop.store.engine().read_blocking(|tx| Ok(account::list(tx)?)).unwrap();
    accounts.into_iter().find(|account| account.email == email).expect("the account exists")
}

#[test]
fn a_drawn_password_is_shown_once_and_opens_the_account() {
    shops(|shop| {
        let admin = administrator(shop);
        let banco = shop.banco.to_string();
        let fields = [
            ("name", "Sara <i>Bellini</i>"),
            ("email", "sara@officina.example"),
            ("title", "ordini"),
            ("role", "keeper"),
            ("language", "en"),
            ("mailbox", &*banco),
            ("way", "drawn"),
        ];
        let made = admin.post(shop, "/settings/accounts", &fields);
        assert_eq!(made.status, StatusCode::OK);
        assert!(!made.body.contains("<i>Bellini"));
        let password = between(&made.body, "id=\"password\">", "<").to_owned();
        let sara = find(shop, "sara@officina.example");
        assert_eq!((sara.role, sara.locale), (Role::Keeper, kernel::Locale::En));
        assert!(!admin.get(shop, &format!("/settings/accounts/{}", sara.id)).body.contains(&password));
        let mut browser = Browser::at(shop, "192.0.2.7");
        let entered =
            browser.post("/sign-in", &[("email", "sara@officina.example"), ("password", &password)]);
        assert_eq!(entered.location(), "/today");
        assert!(browser.get("/me").body.contains("Banco"));
        let again = admin.post(shop, "/settings/accounts", &fields);
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the address is taken");
        assert!(again.body.contains("email-error"));
    });
}

#[test]
fn a_password_may_be_written_by_hand_when_it_is_good_enough() {
    shops(|shop| {
        let admin = administrator(shop);
        let fields = |password| {
            [
                ("name", "Sara"),
                ("email", "sara@officina.example"),
                ("role", "function"),
                ("way", "own"),
                ("password", password),
            ]
        };
        let weak = admin.post(shop, "/settings/accounts", &fields("corta"));
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(weak.body.contains("password-error"));
        let made = admin.post(shop, "/settings/accounts", &fields("quattro gatti al bar"));
        assert_eq!(made.location(), "/settings/accounts?done=created");
    });
}

#[test]
fn a_new_password_ends_the_sessions_of_the_old_one() {
    shops(|shop| {
        let admin = administrator(shop);
        let giulia = shop.keeper("Giulia");
        let path = format!("/settings/accounts/{}/password", giulia.account);
        assert!(admin.post(shop, &path, &[]).body.contains("id=\"password\""));
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn who_leaves_is_out_at_once_and_their_address_opens_nothing() {
    shops(|shop| {
        let admin = administrator(shop);
        let giulia = shop.keeper("Giulia");
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::OK);
        let path = format!("/settings/accounts/{}", giulia.account);
        assert_eq!(admin.post(shop, &format!("{path}/end"), &[]).location(), "/settings/accounts?done=ended");
        assert_eq!(giulia.get(shop, "/me").status, StatusCode::SEE_OTHER);
        assert_eq!(giulia.api(shop, axum::http::Method::GET, "/me", None).status, StatusCode::UNAUTHORIZED);
        for further in ["", "/password", "/end"] {
            let answer = admin.post(shop, &format!("{path}{further}"), &[("name", "G"), ("role", "keeper")]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{further:?}");
        }
        assert_eq!(admin.get(shop, &path).status, StatusCode::OK, "what they were stays readable");
    });
}

#[test]
fn the_last_administrator_stays() {
    shops(|shop| {
        let admin = administrator(shop);
        let path = format!("/settings/accounts/{}", admin.account);
        let demoted = admin.post(shop, &path, &[("name", "Rita"), ("role", "keeper")]);
        assert_eq!(demoted.status, StatusCode::CONFLICT);
        assert_eq!(admin.post(shop, &format!("{path}/end"), &[]).status, StatusCode::CONFLICT);
        assert_eq!(find(shop, "rita@officina.example").role, Role::Administrator);

        let second = shop.staffer("Bruno", Role::Administrator, &[]);
        let changed = admin.post(shop, &path, &[("name", "Rita Galli"), ("role", "keeper"), ("title", "")]);
        assert_eq!(changed.location(), "/settings/accounts?done=changed");
        assert_eq!(admin.get(shop, "/settings/accounts").status, StatusCode::SEE_OTHER, "at once");
        let path = format!("/settings/accounts/{}/end", second.account);
        assert_eq!(second.post(shop, &path, &[]).status, StatusCode::CONFLICT);
    });
}

#[test]
fn who_sees_what_follows_the_ticks_and_leaves_others_alone() {
    shops(|shop| {
        let admin = administrator(shop);
        let (giulia, paolo) = (shop.keeper("Giulia"), shop.keeper("Paolo"));
        let pair = |account: AccountId, mailbox: kernel::MailboxId| format!("{account}.{mailbox}");
        let (was, now) = (pair(giulia.account, shop.banco), pair(giulia.account, shop.private));
        assert!(admin.get(shop, "/settings/accounts").body.contains("aria-label=\"Giulia vede Banco\""));
        // Paolo's tick is not on the page that was sent: another administrator gave it meanwhile.
        let answer = admin.post(shop, "/settings/accounts/grants", &[("was", &was), ("sees", &now)]);
        assert_eq!(answer.location(), "/settings/accounts?done=granted#sight");
        assert_eq!(giulia.actor(shop).mailboxes, [shop.private]);
        assert_eq!(paolo.actor(shop).mailboxes, [shop.banco]);
        let unknown = pair(AccountId(1), shop.banco);
        let answer = admin.post(shop, "/settings/accounts/grants", &[("sees", &unknown)]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let answer = giulia.post(shop, "/settings/accounts/grants", &[("sees", &was)]);
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    });
}
