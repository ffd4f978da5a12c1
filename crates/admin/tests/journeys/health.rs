//! How the shop is, as its rooms say it.

use kernel::{Clock, Locale};
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
        for vital in vitals(shop, Locale::En).iter().filter(|vital| vital.name != "disk") {
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
        assert_eq!(late.sentence, "One job is waiting, the first for 5 minutes.");
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
        assert_eq!(late.sentence, "One answer is waiting to leave, the first for 16 minutes.");
        assert!(!late.sentence.contains("anna"), "no customer is named");
    });
}
