//! Who may open which page of the settings, and what its forms do.

use axum::http::StatusCode;
use kernel::{Permission, Role};
use testkit::{Shop, Staffer};
use web::Access;

use crate::browser::{post_unmarked, shops};

const PAGES: [(&str, Permission); 10] = [
    ("/settings", Permission::ReadAudit),
    ("/settings/accounts", Permission::ManageAccounts),
    ("/settings/accounts/new", Permission::ManageAccounts),
    ("/settings/shop", Permission::ManageAccounts),
    ("/settings/mailboxes", Permission::ManageMailboxes),
    ("/settings/teams", Permission::ManageMailboxes),
    ("/settings/tokens", Permission::ManageTokens),
    ("/settings/jobs", Permission::ManageJobs),
    ("/settings/outbox", Permission::ManageJobs),
    ("/settings/health", Permission::ReadHealth),
];

fn everybody(shop: &Shop) -> Vec<(Role, Staffer)> {
    Role::ALL.into_iter().map(|role| (role, shop.staffer(role.code(), role, &[shop.banco]))).collect()
}

#[test]
fn each_role_opens_what_it_may_and_nothing_else() {
    shops(|shop| {
        for (role, who) in everybody(shop) {
            for (path, permission) in PAGES.into_iter().chain([("/settings/audit", Permission::ReadAudit)]) {
                let expected = if role.allows(permission) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(who.get(shop, path).status, expected, "{role:?} {path}");
            }
            assert_eq!(who.get(shop, "/me").status, StatusCode::OK);
        }
        for (path, _) in PAGES {
            assert_eq!(shop.get(path).status, StatusCode::SEE_OTHER, "{path} without signing in");
        }
    });
}

#[test]
fn the_conductor_sees_only_the_record_and_how_the_shop_is_in_the_settings() {
    shops(|shop| {
        let conductor = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let hub = conductor.get(shop, "/settings").body;
        assert!(hub.contains("/settings/audit") && hub.contains("/settings/health"));
        for hidden in ["accounts", "mailboxes", "teams", "tokens", "jobs", "shop"] {
            assert!(!hub.contains(&format!("/settings/{hidden}\"")), "{hidden}");
        }
    });
}

#[test]
fn every_form_wants_the_right_role_and_the_mark_of_its_session() {
    shops(|shop| {
        let everybody = everybody(shop);
        let administrator = &everybody[3].1;
        for route in shop.declared.iter().filter(|route| route.method == "POST") {
            let path = route.path.replace("{id}", "acc_0000000000001");
            match route.access {
                Access::Public => continue,
                Access::Staff => {}
                Access::Needs(permission) => {
                    for (role, who) in everybody.iter().filter(|(role, _)| !role.allows(permission)) {
                        let status = who.post(shop, &path, &[]).status;
                        assert_eq!(status, StatusCode::FORBIDDEN, "{role:?} {path}");
                    }
                }
            }
            assert_eq!(post_unmarked(shop, administrator, &path).status, StatusCode::FORBIDDEN, "{path}");
        }
    });
}

#[test]
fn mailboxes_are_made_renamed_and_kept_apart() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[]);
        let fields = [("name", "Ordini"), ("address", "ordini@officina.example"), ("seen", "yes")];
        let made = admin.post(shop, "/settings/mailboxes", &fields);
        assert_eq!(made.location(), "/settings/mailboxes?done=created");
        assert_eq!(admin.actor(shop).mailboxes.len(), 1, "its maker sees it");
        let again = admin.post(shop, "/settings/mailboxes", &fields);
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("name-error"));

        let banco = format!("/settings/mailboxes/{}", shop.banco);
        let taken = admin.post(shop, &banco, &[("name", "Ordini"), ("address", "")]);
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = admin.post(shop, &banco, &[("name", "Banco"), ("address", "nessuna")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let renamed = admin.post(shop, &banco, &[("name", "Il <b>banco</b>"), ("address", "")]);
        assert_eq!(renamed.location(), "/settings/mailboxes?done=changed");
        assert!(!admin.get(shop, "/settings/mailboxes").body.contains("<b>banco"));
        let unknown = admin.post(shop, "/settings/mailboxes/mbx_0000000000001", &[("name", "x")]);
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn teams_have_the_members_that_were_ticked() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[]);
        let giulia = shop.keeper("Giulia");
        admin.post(shop, "/settings/teams", &[("name", "Officina")]);
        let page = admin.get(shop, "/settings/teams").body;
        let path =
            format!("/settings/teams/{}", crate::browser::between(&page, "action=\"/settings/teams/", "\""));
        admin.post(shop, &path, &[("member", &giulia.account.to_string())]);
        assert_eq!(giulia.actor(shop).teams.len(), 1);
        admin.post(shop, &path, &[]);
        assert!(giulia.actor(shop).teams.is_empty());
        let stranger = admin.post(shop, &path, &[("member", "acc_0000000000001")]);
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn the_company_is_renamed_and_its_zone_must_exist() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[]);
        let wrong = [("name", "Nuova"), ("language", "en"), ("zone", "Rome")];
        assert_eq!(admin.post(shop, "/settings/shop", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
        let right = [("name", "Nuova"), ("language", "en"), ("zone", "Europe/Lisbon")];
        assert_eq!(admin.post(shop, "/settings/shop", &right).location(), "/settings/shop?done=changed");
        let found = shop.store.engine().read_blocking(|tx| Ok(primitives::shop::find(tx)?.unwrap())).unwrap();
        assert_eq!((found.name.as_str(), found.zone.as_str()), ("Nuova", "Europe/Lisbon"));
    });
}

#[test]
fn a_dead_job_is_seen_and_tried_again() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[]);
        let clock = shop.store.clock.clone();
        shop.store
            .engine()
            .write_blocking(move |tx| Ok(engine::job::enqueue(tx, &*clock, "nobody.does", &1, None, None)?))
            .unwrap();
        for _ in 0..engine::job::TRIES {
            shop.run_jobs();
            shop.store.clock.advance_seconds(3_600);
        }
        assert!(admin.get(shop, "/settings").body.contains("uno fermo"));
        let page = admin.get(shop, "/settings/jobs").body;
        assert!(page.contains("nobody.does"));
        let retry = crate::browser::between(&page, "action=\"/settings/jobs/", "\"").to_owned();
        let path = format!("/settings/jobs/{retry}");
        assert_eq!(admin.post(shop, &path, &[]).location(), "/settings/jobs?done=retried");
        assert_eq!(admin.post(shop, &path, &[]).status, StatusCode::NOT_FOUND, "it is dead no more");
        assert!(admin.get(shop, "/settings/jobs?state=waiting").body.contains("nobody.does"));
    });
}
