//! API tokens, from their creation to their end.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kernel::Role;
use testkit::{Answer, Shop};

use crate::browser::{between, shops};

fn call(shop: &Shop, token: &str, path: &str) -> Answer {
    let request =
        Request::get(format!("/api/v1{path}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
    shop.send(request.body(Body::empty()).unwrap())
}

#[test]
fn a_token_is_shown_once_acts_within_its_scopes_and_ends_when_revoked() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        let nothing = admin.post(shop, "/settings/tokens", &[("name", "negozio")]);
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "no scope was chosen");
        let fields = [("name", "negozio <b>"), ("scope", "voices:read"), ("scope", "people:read")];
        let issued = admin.post(shop, "/settings/tokens", &fields);
        assert_eq!(issued.status, StatusCode::OK);
        let secret = between(&issued.body, "id=\"token\">", "<").to_owned();
        assert!(secret.starts_with("bottega_") && secret.len() > 50);

        let list = admin.get(shop, "/settings/tokens").body;
        assert!(!list.contains(&secret) && !list.contains("negozio <b>"));
        let dump = shop.store.engine().read_blocking(|tx| Ok(format!("{:?}", primitives::token::list(tx)?)));
        assert!(!dump.unwrap().contains(&secret));

        let me = call(shop, &secret, "/me").json();
        assert_eq!(me["name"], "Rita");
        assert_eq!(me["scopes"], serde_json::json!(["voices:read", "people:read"]));
        assert_eq!(me["mailboxes"][0]["name"], "Banco");
        let refused = call(shop, &secret, "/audit");
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.json()["detail"].as_str().unwrap().contains("audit:read"));

        let revoke = between(&list, "action=\"/settings/tokens/", "\"").to_owned();
        let path = format!("/settings/tokens/{revoke}");
        assert_eq!(admin.post(shop, &path, &[]).location(), "/settings/tokens?done=revoked");
        assert_eq!(call(shop, &secret, "/me").status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn a_token_acts_for_its_maker_and_never_beyond_them() {
    shops(|shop| {
        let keeper = shop.keeper("Giulia");
        let clock = shop.store.clock.clone();
        let actor = shop.staffer("Rita", Role::Administrator, &[]).actor(shop);
        let account = keeper.account;
        let scopes = [kernel::Permission::ManageAccounts];
        let refused = shop.store.engine().write_blocking(move |tx| {
            admin::tokens::create(tx, &*clock, &actor, account, "x", &scopes).map(|_| ())
        });
        assert!(matches!(refused, Err(kernel::Fault::Invalid { field: "scopes", .. })));
        assert_eq!(keeper.api(shop, Method::GET, "/audit", None).status, StatusCode::FORBIDDEN);
        assert_eq!(call(shop, "bottega_nonsense", "/me").status, StatusCode::UNAUTHORIZED);
    });
}
