//! How the shop is, as its rooms say it.

use axum::http::{Method, StatusCode};
use kernel::{Actor, Clock, Fault, Locale, Role};
use primitives::held;
use primitives::outbox::{self, NewItem};
use testkit::Shop;
use web::health::{Asking, Level, Vital};
use wording::Formats;

fn vitals(shop: &Shop, locale: Locale) -> Vec<Vital> {
    let (app, clock, engine) = (shop.app.clone(), shop.store.clock.clone(), shop.store.engine().clone());
    let looked = shop.store.engine().read_blocking(move |tx| {
        let formats = Formats::new(locale, jiff::tz::TimeZone::UTC);
        let asking = Asking { engine: &engine, clock: &*clock, formats: &formats };
        web::health::look(app.healths(), tx, &asking)
    });
    looked.unwrap()
}

fn one(shop: &Shop, locale: Locale, name: &str) -> Vital {
    vitals(shop, locale).into_iter().find(|vital| vital.name == name).expect("a vital of this name")
}

#[test]
fn a_quiet_shop_is_well() {
    crate::browser::shops(|shop| {
        // The disk is this machine's, and a shop of this morning has no backup yet.
        let ours = |vital: &&Vital| !["disk", "backup"].contains(&vital.name);
        for vital in vitals(shop, Locale::En).iter().filter(ours) {
            assert_eq!(vital.level, Level::Ok, "{}: {}", vital.name, vital.sentence);
            assert!(vital.next.is_none(), "{} has nothing to do", vital.name);
        }
        let jobs = one(shop, Locale::It, "jobs");
        assert_eq!(jobs.sentence, "Vanno tutti: nessuno in attesa, nessuno in corso.");
        let versions = one(shop, Locale::En, "database");
        assert!(versions.sentence.starts_with("Bottega "), "{}", versions.sentence);
        assert!(versions.sentence.ends_with("all up to date."), "{}", versions.sentence);
    });
}

#[test]
fn a_job_that_nobody_takes_is_told_of_and_then_is_bad() {
    crate::browser::shops(|shop| {
        let clock = shop.store.clock.clone();
        let enqueued = shop.store.engine().write_blocking(move |tx| {
            Ok(engine::job::enqueue(tx, &*clock, "nobody.does.this", &(), None, None)?)
        });
        enqueued.unwrap();
        assert_eq!(one(shop, Locale::En, "jobs").level, Level::Ok);
        shop.store.clock.advance_seconds(300);
        let late = one(shop, Locale::En, "jobs");
        assert_eq!(late.level, Level::Attention);
        assert_eq!(late.sentence, "One job has been waiting for 5 minutes.");
        shop.store.clock.advance_seconds(3_600);
        assert_eq!(one(shop, Locale::En, "jobs").level, Level::Bad);
        for _ in 0..engine::job::TRIES {
            shop.run_jobs();
            shop.store.clock.advance_seconds(7_200);
        }
        let dead = one(shop, Locale::It, "jobs");
        assert_eq!(dead.level, Level::Attention);
        assert_eq!(dead.sentence, "Un lavoro si è fermato dopo otto tentativi.");
        assert!(dead.next.is_some() && dead.place.is_some());
    });
}

#[test]
fn an_answer_that_does_not_leave_is_told_of() {
    crate::browser::shops(|shop| {
        let (clock, mailbox) = (shop.store.clock.clone(), shop.banco);
        let queued = shop.store.engine().write_blocking(move |tx| {
            let item = NewItem {
                unique_key: "a",
                channel: "nowhere",
                mailbox,
                conversation: None,
                message: None,
                recipient: "anna@example.org",
                bytes: b"Ciao",
                message_key: "a@officina.example",
                not_before: clock.now(),
            };
            outbox::queue(tx, &*clock, &item)
        });
        queued.unwrap();
        shop.store.clock.advance_seconds(1_000);
        let late = one(shop, Locale::En, "outbox");
        assert_eq!(late.level, Level::Bad);
        assert_eq!(late.sentence, "One answer has been waiting to leave for 16 minutes.");
        assert!(!late.sentence.contains("anna"), "no customer is named");
    });
}

#[test]
fn the_page_says_it_in_words_and_leads_only_where_one_may_go() {
    crate::browser::shops(|shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        let page = admin.get(shop, "/settings/health");
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains("Come sta la bottega") && page.body.contains("Vanno tutti"),
            "{}",
            page.body
        );
        assert!(page.body.contains(r#"href="/settings/jobs""#));
        assert!(page.body.contains(r#"data-live="health""#));
        assert!(shop.app.last_page_statements() <= 8);
        let conductor = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let page = conductor.get(shop, "/settings/health");
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains(r#"href="/settings/jobs""#), "no link that would be refused");
        assert_eq!(shop.keeper("Giulia").get(shop, "/settings/health").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn what_is_held_since_a_restore_is_told_and_what_was_stopped_did_not_fail() {
    crate::browser::shops(|shop| {
        let (clock, mailbox) = (shop.store.clock.clone(), shop.private);
        let queued = shop.store.engine().write_blocking(move |tx| {
            for key in ["a", "b"] {
                let item = NewItem {
                    unique_key: key,
                    channel: "nowhere",
                    mailbox,
                    conversation: None,
                    message: None,
                    recipient: "anna@example.org",
                    bytes: b"Ciao",
                    message_key: key,
                    not_before: clock.now(),
                };
                outbox::queue(tx, &*clock, &item)?;
            }
            Ok(held::hold_all(tx, held::RESTORED)?)
        });
        assert_eq!(queued.unwrap(), 2);
        let two = one(shop, Locale::En, "outbox");
        assert_eq!(two.sentence, "2 letters are held since the restore: decide with “bottega held list”.");
        let stop = |shop: &Shop| {
            let (clock, machine) = (shop.store.clock.clone(), Actor::machine(vec![shop.private]));
            let stopped = shop.store.engine().write_blocking(move |tx| {
                let first = held::list(tx, &machine, 1)?.remove(0);
                held::withdraw(tx, &*clock, &machine, first.id)
            });
            stopped.unwrap();
        };
        stop(shop);
        let last = one(shop, Locale::It, "outbox");
        assert_eq!(last.level, Level::Attention);
        assert_eq!(
            last.sentence,
            "Una lettera è trattenuta dopo il ripristino: decidi con «bottega held list»."
        );
        stop(shop);
        let none = one(shop, Locale::It, "outbox");
        assert_eq!(
            (none.level, none.sentence.as_str()),
            (Level::Ok, "È partito tutto quello che doveva partire.")
        );
        let rita = shop.staffer("Rita", Role::Administrator, &[shop.private]);
        assert!(!rita.get(shop, "/settings/outbox").body.contains("class=\"li\""), "nothing failed");
        let stopped = rita.get(shop, "/settings/outbox?state=withdrawn").body;
        assert!(
            stopped.contains("Dopo il ripristino si è deciso che questa lettera da qui non parte"),
            "{stopped}"
        );
        assert!(rita.get(shop, "/settings/health").status == StatusCode::OK);
        assert!(shop.app.last_page_statements() <= 8);
    });
}

#[test]
fn programs_read_the_same_with_their_scope() {
    crate::browser::shops(|shop| {
        let conductor = shop.staffer("Carla", Role::Conductor, &[]);
        let answer = conductor.api(shop, Method::GET, "/health", None);
        assert_eq!(answer.status, StatusCode::OK);
        let health = answer.json();
        let jobs = health["vitals"].as_array().unwrap().iter().find(|vital| vital["name"] == "jobs").unwrap();
        assert_eq!(jobs["level"], "ok");
        assert_eq!(jobs["sentence"], "Vanno tutti: nessuno in attesa, nessuno in corso.");
        let figure = |state: &str| {
            let of_state = |figure: &&serde_json::Value| figure["labels"]["state"] == state;
            jobs["figures"].as_array().unwrap().iter().find(of_state).unwrap()["value"].clone()
        };
        assert_eq!(figure("dead"), 0.0);
        let keeper = shop.keeper("Giulia").api(shop, Method::GET, "/health", None);
        assert_eq!(keeper.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn what_did_not_leave_is_shown_to_those_who_see_its_mailbox_and_counted_for_the_others() {
    crate::browser::shops(|shop| {
        let (clock, mailbox) = (shop.store.clock.clone(), shop.private);
        let failed = shop.store.engine().write_blocking(move |tx| {
            let machine = Actor::machine(vec![mailbox]);
            let item = NewItem {
                unique_key: "b",
                channel: "nowhere",
                mailbox,
                conversation: None,
                message: None,
                recipient: "anna@example.org",
                bytes: b"Ciao",
                message_key: "b@officina.example",
                not_before: clock.now(),
            };
            let id = outbox::queue(tx, &*clock, &item)?.ok_or(Fault::NotFound)?;
            let (item, ..) = outbox::attempt(tx, &*clock, id, "here")?.ok_or(Fault::NotFound)?;
            let outcome = outbox::Outcome::Failed("<b>the channel says no</b>".into());
            outbox::ended(tx, &*clock, &machine, &item, &outcome)
        });
        failed.unwrap();
        assert_eq!(
            one(shop, Locale::It, "outbox").sentence,
            "Una risposta non è partita negli ultimi sette giorni."
        );
        let sees = shop.staffer("Rita", Role::Administrator, &[shop.private]);
        let page = sees.get(shop, "/settings/outbox").body;
        assert!(page.contains("the channel says no") && !page.contains("<b>the channel"), "{page}");
        let other = shop.staffer("Nino", Role::Administrator, &[shop.banco]);
        let page = other.get(shop, "/settings/outbox").body;
        assert!(page.contains("In una casella che non vedi") && !page.contains("channel says"), "{page}");
        assert!(!page.contains("anna"), "to whom stands only in the conversation");
        let conductor = shop.staffer("Carla", Role::Conductor, &[shop.private]);
        assert_eq!(conductor.get(shop, "/settings/outbox").status, StatusCode::FORBIDDEN);
    });
}
