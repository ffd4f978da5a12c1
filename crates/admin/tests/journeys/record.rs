//! The record of what happened.

use axum::http::{Method, StatusCode};
use kernel::Role;

use crate::browser::{Browser, between, shops};

#[test]
fn what_is_done_is_recorded_as_a_sentence_without_personal_text() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        let fields = [("name", "Sara Bellini"), ("email", "sara@officina.example"), ("role", "keeper")];
        admin.post(shop, "/settings/accounts", &fields);
        Browser::at(shop, "192.0.2.66")
            .post("/sign-in", &[("email", "sara@officina.example"), ("password", "la mia parola segreta")]);
        Browser::at(shop, "192.0.2.66")
            .post("/sign-in", &[("email", "anna.riva@posta.example"), ("password", "la mia parola segreta")]);

        let page = admin.get(shop, "/settings/audit").body;
        assert!(page.contains("Rita ha creato l’account di Sara Bellini"), "{page}");
        assert!(page.contains("Un tentativo di entrare come Sara Bellini con una password sbagliata"));
        assert!(page.contains("Un tentativo di entrare con un indirizzo sconosciuto"));

        let facts = admin.api(shop, Method::GET, "/audit?limit=200", None);
        assert_eq!(facts.status, StatusCode::OK);
        for personal in ["Sara", "sara@", "anna.riva", "192.0.2.66", "parola segreta"] {
            assert!(!facts.body.contains(personal), "{personal} in {}", facts.body);
        }
    });
}

#[test]
fn the_record_is_read_by_kind_and_page_by_page() {
    shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[]);
        for number in 0..60 {
            shop.store.clock.advance_seconds(1);
            admin.post(shop, "/settings/teams", &[("name", &format!("Squadra {number}"))]);
        }
        let first = admin.get(shop, "/settings/audit?kind=team.created").body;
        assert_eq!(first.matches("ha creato una squadra").count(), 50 + 1, "50 rows and the chooser");
        let next = between(&first, "rel=\"next\" href=\"", "\"").replace("&amp;", "&").replace("&#38;", "&");
        let second = admin.get(shop, &next).body;
        assert_eq!(second.matches("ha creato una squadra").count(), 10 + 1);
        assert!(!second.contains("rel=\"next\""));

        let listing = admin.api(shop, Method::GET, "/audit?kind=team.created&limit=59", None).json();
        assert_eq!(listing["items"].as_array().unwrap().len(), 59);
        let cursor = listing["next"].as_str().unwrap();
        let rest =
            admin.api(shop, Method::GET, &format!("/audit?kind=team.created&cursor={cursor}"), None).json();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        assert!(rest["next"].is_null());
        let unknown = admin.api(shop, Method::GET, "/audit?kind=nonsense", None);
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(admin.get(shop, "/settings/audit?cursor=nonsense").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn facts_of_a_mailbox_that_one_does_not_see_are_not_in_ones_record() {
    shops(|shop| {
        let (clock, private) = (shop.store.clock.clone(), shop.private);
        shop.store
            .engine()
            .write_blocking(move |tx| {
                let machine = kernel::Actor::machine(vec![]);
                primitives::source::create(tx, &*clock, &machine, "Segreta", "import", private).map(|_| ())
            })
            .unwrap();
        let (outside, inside) = (
            shop.staffer("Carla", Role::Conductor, &[shop.banco]),
            shop.staffer("Dino", Role::Conductor, &[shop.private]),
        );
        let count = |who: &testkit::Staffer| {
            let facts = who.api(shop, Method::GET, "/audit?kind=source.created", None).json();
            facts["items"].as_array().unwrap().len()
        };
        assert_eq!((count(&outside), count(&inside)), (0, 1));
    });
}

#[test]
fn when_colleagues_come_and_go_is_in_nobodys_record() {
    shops(|shop| {
        let giulia = shop.keeper("Giulia");
        let mut browser = crate::second_factor::with_password(shop, &giulia, "giulia@officina.example");
        crate::second_factor::post(&mut browser, "/sign-out", &[]);
        let rita = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        let mut ritas = crate::second_factor::with_password(shop, &rita, "rita@officina.example");
        for kind in ["session.started", "session.ended"] {
            let facts = rita.api(shop, Method::GET, &format!("/audit?kind={kind}"), None);
            assert!(!facts.body.contains(&giulia.account.to_string()), "{kind}: {}", facts.body);
        }
        let own = rita.api(shop, Method::GET, "/audit?kind=session.started", None).json();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "of oneself one knows it");
        let page = ritas.get("/settings/audit").body;
        let lines = between(&page, "<main", "</main>").to_owned();
        assert!(!lines.contains("Giulia ha aperto") && !lines.contains("Giulia ha chiuso"), "{lines}");
        let all = rita.api(shop, Method::GET, "/audit?limit=200", None);
        let of_giulia = all.json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|fact| fact["actor"] == giulia.account.to_string())
            .count();
        assert_eq!(of_giulia, 0);
    });
}
