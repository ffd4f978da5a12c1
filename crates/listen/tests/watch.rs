//! The watch over the ledger, on both engines: gaps, what waits too long, sums that are wrong, clocks.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use engine::Statement;
use kernel::{Actor, Clock, Role, SourceId};
use listen::arrival::{self, Format, Item};
use listen::{intake, watch};
use primitives::event::{self, EventKind};
use primitives::source;
use serde_json::json;
use testkit::{Shop, Staffer};

const DAY: i64 = 86_400;

static BREAK: Statement =
    Statement::new("test::break", "UPDATE ledger_day SET stored = stored + 5 WHERE source_id = $1");

static FORGET: Statement = Statement::new(
    "test::forget",
    "DELETE FROM ledger_day WHERE source_id = $1 AND day = (SELECT MIN(day) FROM ledger_day WHERE source_id = $1)",
);
static INVENT: Statement = Statement::new(
    "test::invent",
    "INSERT INTO ledger_day (source_id, day, fetched, stored, duplicate, quarantined)
     SELECT source_id, through + 1, 1, 1, 0, 0 FROM ledger_closed WHERE source_id = $1",
);
static LOSE: Statement = Statement::new(
    "test::lose",
    "DELETE FROM blob WHERE digest = (SELECT raw_digest FROM arrival WHERE source_id = $1)",
);

fn rooms() -> Vec<web::Module> {
    vec![listen::module()]
}

fn keep(shop: &Shop, name: &str, kind: &str, text: &str) -> SourceId {
    let (clock, banco) = (shop.store.clock.clone(), shop.banco);
    let (name, kind) = (name.to_owned(), kind.to_owned());
    let items = [Item::new(text.to_owned(), format!("{{\"text\":\"{text}\"}}").into_bytes(), Format::Line)];
    let kept = shop.store.engine().write_blocking(move |tx| {
        let machine = Actor::machine(vec![banco]);
        let source = source::find_or_create(tx, &*clock, &machine, &name, &kind, banco)?;
        arrival::keep(tx, &*clock, source.id, None, false, &items)?;
        Ok(source.id)
    });
    kept.unwrap()
}

fn finish(shop: &Shop) {
    let clock: Arc<dyn Clock> = shop.store.clock.clone();
    intake::finish_pending(shop.store.engine(), &clock, None).unwrap();
}

fn round(shop: &Shop) {
    let clock: Arc<dyn Clock> = shop.store.clock.clone();
    watch::round(shop.store.engine(), &clock).unwrap();
}

/// Something came on each of so many days, the last of them being the clock's today.
fn daily(shop: &Shop, name: &str, kind: &str, days: i64) -> SourceId {
    shop.store.clock.advance_seconds(-(days - 1) * DAY);
    let mut source = keep(shop, name, kind, "giorno 0");
    for day in 1..days {
        shop.store.clock.advance_seconds(DAY);
        source = keep(shop, name, kind, &format!("giorno {day}"));
    }
    finish(shop);
    source
}

fn alarms(shop: &Shop, who: &Staffer) -> serde_json::Value {
    who.api(shop, Method::GET, "/ledger/alarms", None).json()["items"].clone()
}

fn told(shop: &Shop, kind: EventKind) -> usize {
    let mailbox = shop.banco;
    let found = shop.store.engine().read_blocking(move |tx| {
        Ok(event::audit_of_kind(tx, &Actor::machine(vec![mailbox]), kind, None, 50)?.items.len())
    });
    found.unwrap()
}

#[test]
fn a_source_that_goes_quiet_is_told_of_until_it_speaks_again() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let source = daily(shop, "Modulo", "form", 30);
        daily(shop, "Archivio", "import", 30);
        round(shop);
        shop.store.clock.advance_seconds(DAY);
        round(shop);
        assert_eq!(alarms(shop, &carla), json!([]), "today is not over");
        shop.store.clock.advance_seconds(DAY);
        round(shop);
        round(shop);
        let found = alarms(shop, &carla);
        assert_eq!(found.as_array().unwrap().len(), 1, "never for what is imported by hand: {found}");
        assert_eq!((&found[0]["kind"], &found[0]["source_name"]), (&json!("gap"), &json!("Modulo")));
        assert_eq!(found[0]["since"], "2026-11-20T09:00:00Z");
        assert_eq!(found[0]["detail"]["missed"], 0);
        for page in ["/listen".to_owned(), format!("/listen/sources/{source}")] {
            let shown = carla.get(shop, &page).body;
            assert!(shown.contains("Tace: ultimo arrivo") && shown.contains("ogni giorno"), "{shown}");
            assert!(shop.app.last_page_statements() <= 8, "{page}: {}", shop.app.last_page_statements());
        }
        assert_eq!(
            (told(shop, EventKind::LedgerAlarmRaised), told(shop, EventKind::LedgerAlarmEnded)),
            (1, 0)
        );

        keep(shop, "Modulo", "form", "eccomi");
        finish(shop);
        round(shop);
        assert_eq!(alarms(shop, &carla), json!([]));
        assert_eq!(
            (told(shop, EventKind::LedgerAlarmRaised), told(shop, EventKind::LedgerAlarmEnded)),
            (1, 1)
        );
    });
}

#[test]
fn a_source_whose_season_is_over_can_be_left_unwatched() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let source = daily(shop, "Mercatino", "form", 25);
        shop.store.clock.advance_seconds(5 * DAY);
        round(shop);
        assert_eq!(alarms(shop, &carla).as_array().unwrap().len(), 1);
        let path = format!("/listen/sources/{source}/watch");
        let off = carla.post(shop, &path, &[("watched", "no")]);
        assert_eq!(off.status, StatusCode::SEE_OTHER);
        assert!(carla.get(shop, off.location()).body.contains("non sono più sorvegliati"));
        round(shop);
        assert_eq!(alarms(shop, &carla), json!([]));
        carla.post(shop, &path, &[("watched", "yes")]);
        round(shop);
        assert_eq!(alarms(shop, &carla).as_array().unwrap().len(), 1);
        // Another mailbox's source cannot be switched, nor is its alarm seen.
        let dino = shop.staffer("Dino", Role::Administrator, &[shop.private]);
        assert_eq!(dino.post(shop, &path, &[("watched", "no")]).status, StatusCode::NOT_FOUND);
        assert_eq!(alarms(shop, &dino), json!([]));
        assert!(!dino.get(shop, "/listen").body.contains("Mercatino"));
    });
}

#[test]
fn what_waits_is_finished_by_the_watch() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        keep(shop, "Modulo", "form", "rimasta a metà");
        let list = carla.get(shop, "/listen").body;
        assert!(list.contains("una in lavorazione") && list.contains("state=pending"), "{list}");
        round(shop);
        let total =
            |shop: &Shop| carla.api(shop, Method::GET, "/sources", None).json()["items"][0]["total"].clone();
        assert_eq!(total(shop)["pending"], 1, "somebody may be at work on it");
        shop.store.clock.advance_seconds(200);
        round(shop);
        assert_eq!((&total(shop)["pending"], &total(shop)["stored"]), (&json!(0), &json!(1)));
    });
}

#[test]
fn sums_of_closed_days_are_those_of_their_arrivals_whatever_happens_later() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let source = daily(shop, "Modulo", "form", 3);
        let ledger =
            |shop: &Shop| carla.api(shop, Method::GET, &format!("/sources/{source}/ledger"), None).json();
        let before = ledger(shop);
        round(shop);
        assert_eq!(ledger(shop), before, "closing changes no figure");
        assert_eq!(before["total"]["fetched"], 3);
        // The clock steps back by two days: what comes then belongs to a day that is closed.
        shop.store.clock.advance_seconds(-2 * DAY);
        keep(shop, "Modulo", "form", "dal passato");
        let waiting = ledger(shop);
        assert_eq!((&waiting["total"]["fetched"], &waiting["total"]["pending"]), (&json!(4), &json!(1)));
        assert_eq!((&waiting["days"][2]["fetched"], &waiting["days"][2]["stored"]), (&json!(2), &json!(1)));
        finish(shop);
        shop.store.clock.advance_seconds(2 * DAY);
        let after = ledger(shop);
        assert_eq!((&after["days"][2]["stored"], &after["total"]["balanced"]), (&json!(2), &json!(true)));
        round(shop);
        assert_eq!(alarms(shop, &carla), json!([]));

        // A sum that is wrong is told of and made again.
        shop.store
            .engine()
            .write_blocking(move |tx| Ok(tx.execute(&BREAK, engine::params![source])?))
            .unwrap();
        assert_eq!(ledger(shop)["total"]["balanced"], false);
        round(shop);
        assert_eq!(alarms(shop, &carla)[0]["kind"], "unbalanced");
        assert_eq!(ledger(shop), after);
        round(shop);
        assert_eq!(alarms(shop, &carla), json!([]));
    });
}

#[test]
fn a_closed_day_without_a_sum_and_a_sum_without_a_closed_day_are_found() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let source = daily(shop, "Modulo", "form", 3);
        round(shop);
        let ledger =
            |shop: &Shop| carla.api(shop, Method::GET, &format!("/sources/{source}/ledger"), None).json();
        let whole = ledger(shop);
        for sabotage in [&FORGET, &INVENT] {
            let done = shop
                .store
                .engine()
                .write_blocking(move |tx| Ok(tx.execute(sabotage, engine::params![source])?));
            assert_eq!(done.unwrap(), 1);
            assert_ne!(ledger(shop)["total"], whole["total"]);
            round(shop);
            assert_eq!(alarms(shop, &carla)[0]["kind"], "unbalanced", "{}", sabotage.name());
            assert_eq!(ledger(shop), whole, "{}", sabotage.name());
            round(shop);
            assert_eq!(alarms(shop, &carla), json!([]));
        }
    });
}

#[test]
fn an_arrival_whose_bytes_are_lost_stops_neither_the_watch_nor_the_others() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        let lost = keep(shop, "Modulo", "form", "perduta");
        shop.store.engine().write_blocking(move |tx| Ok(tx.execute(&LOSE, engine::params![lost])?)).unwrap();
        keep(shop, "Modulo", "form", "presente");
        keep(shop, "Altro", "form", "pure");
        shop.store.clock.advance_seconds(200);
        round(shop);
        let sources = carla.api(shop, Method::GET, "/sources", None).json();
        for source in sources["items"].as_array().unwrap() {
            assert_eq!((&source["total"]["pending"], &source["total"]["stored"]), (&json!(0), &json!(1)));
        }
        let held = carla.api(shop, Method::GET, "/quarantine", None).json();
        assert_eq!(held["items"][0]["cause"], "bytes-lost", "{held}");
    });
}

#[test]
fn a_clock_that_was_ahead_once_hides_no_silence() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = shop.staffer("Carla", Role::Conductor, &[shop.banco]);
        daily(shop, "Modulo", "form", 30);
        shop.store.clock.advance_seconds(300 * DAY);
        keep(shop, "Modulo", "form", "dal futuro");
        finish(shop);
        shop.store.clock.advance_seconds(-298 * DAY);
        round(shop);
        assert_eq!(alarms(shop, &carla)[0]["kind"], "gap");
    });
}

#[test]
fn the_watch_asks_for_its_next_round_once_however_often_it_is_begun() {
    Shop::on_both_engines(rooms, |shop| {
        for _ in 0..3 {
            let clock = shop.store.clock.clone();
            shop.store.engine().write_blocking(move |tx| Ok(watch::begin(tx, &*clock)?)).unwrap();
            shop.run_jobs();
        }
        let waiting =
            shop.store.engine().read_blocking(|tx| Ok(engine::job::in_state(tx, "waiting", None, 10)?));
        assert_eq!(waiting.unwrap().items.iter().filter(|job| job.kind == watch::WATCH_JOB).count(), 1);
        shop.store.clock.advance_seconds(600);
        assert_eq!(shop.run_jobs(), 1);
    });
}

#[test]
fn the_room_says_how_its_ledger_is_in_figures() {
    Shop::on_both_engines(rooms, |shop| {
        daily(shop, "Modulo", "form", 25);
        keep(shop, "Modulo", "form", "in attesa");
        shop.store.clock.advance_seconds(30);
        let clock = shop.store.clock.clone();
        let states = shop.store.engine().read_blocking(move |tx| {
            let states = watch::state(tx, &*clock)?.sources;
            assert!(tx.statements_run() <= 5, "{}", tx.statements_run());
            Ok(states)
        });
        let state = &states.unwrap()[0];
        assert_eq!((state.ever.fetched, state.ever.stored, state.ever.pending), (26, 25, 1));
        assert_eq!((state.today.fetched, state.oldest_pending_seconds, state.alarms), (2, 30, 0));
    });
}
