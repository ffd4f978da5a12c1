//! What pages cost: statements for each, and a long story.

use std::time::Instant as Stopwatch;

use axum::extract::{Path, State};
use axum::routing::get;
use engine::Tx;
use kernel::{Actor, Fault, PersonId};
use people::timeline::{self, Filter};
use people::{consent, list, merge, notebook, person};
use primitives::{account, identity, voice};
use testkit::Shop;
use web::{Access, App, Module, Reply, Request, Routes};

use crate::world::{customer, hear, heard, on_both_engines, said, write};

/// What a page runs before its own use cases: the session and the frame's count.
const FRAME: u32 = 2;
/// The most statements of one page.
const MOST: u32 = 8;

#[test]
fn no_page_runs_more_than_eight_statements() {
    on_both_engines(|shop| {
        let actor = shop.keeper("Giulia").actor(shop);
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let twin = heard(shop, shop.banco, "Anna Riva", "anna.riva@posta.example", "Perde");
        type Page = fn(&mut Tx<'_>, &Actor, PersonId, PersonId) -> Result<(), Fault>;
        let pages: [(&str, Page); 6] = [
            ("list", |tx, actor, _, _| list::list(tx, actor, "anna", None, 50).map(drop)),
            ("story", |tx, actor, anna, _| {
                let person = person::required(tx, actor, anna)?;
                timeline::of_person(tx, actor, &person, Filter::All, None, 40)?;
                notebook::of_person(tx, actor, &person)?;
                identity::of_person(tx, anna)?;
                person::spoke(tx, actor, anna).map(drop)
            }),
            ("details", |tx, actor, anna, _| {
                let person = person::required(tx, actor, anna)?;
                consent::of_person(tx, actor, &person)?;
                merge::history(tx, actor, &person)?;
                account::list(tx)?;
                person::spoke(tx, actor, anna).map(drop)
            }),
            ("merge", |tx, actor, anna, _| {
                let person = person::required(tx, actor, anna)?;
                assert_eq!(merge::suggest::for_person(tx, actor, &person)?.len(), 1);
                person::spoke(tx, actor, anna).map(drop)
            }),
            ("compare", |tx, actor, anna, twin| {
                let (anna, twin) = (person::required(tx, actor, anna)?, person::required(tx, actor, twin)?);
                merge::suggest::compare(tx, &anna, &twin)?;
                person::spoke(tx, actor, anna.id).map(drop)
            }),
            ("merges", |tx, actor, _, _| merge::suggest::newest(tx, actor, None).map(drop)),
        ];
        for (name, page) in pages {
            let actor = actor.clone();
            let run = shop.store.engine().read_blocking(move |tx| {
                page(tx, &actor, anna, twin)?;
                Ok(tx.statements_run())
            });
            let run = run.unwrap() + FRAME;
            assert!(run <= MOST, "{name} runs {run}");
        }
    });
}

/// A page of another room that shows the panel beside a conversation, and what the panel cost.
fn beside() -> Module {
    async fn show(
        State(app): State<App>,
        request: Request,
        Path((_, person)): Path<(String, PersonId)>,
    ) -> Reply {
        app.page(request, move |tx, staff| {
            let before = tx.statements_run();
            let panels = app_panels(tx, staff, person)?;
            Ok(Reply::html(format!("{panels}<p>statements: {}</p>", tx.statements_run() - before)))
        })
        .await
    }
    fn app_panels(tx: &mut Tx<'_>, staff: &web::Staff, person: PersonId) -> Result<String, Fault> {
        people::module().person_panel.map_or(Ok(String::new()), |panel| panel(tx, staff, person))
    }
    Module {
        name: "beside",
        routes: Routes::new().get("/conversations/{id}/{person}", Access::Staff, get(show)),
        api: Default::default(),
        jobs: |_| {},
        statements: vec![],
        person_panel: None,
        today_panel: None,
        health: None,
        invariants: Vec::new(),
    }
}

#[test]
fn the_panel_stands_beside_a_conversation_with_three_statements() {
    Shop::on_both_engines(
        || vec![people::module(), beside()],
        |shop| {
            let giulia = shop.keeper("Giulia");
            let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "La macchina perde");
            let hidden = heard(shop, shop.private, "Carla Segreta", "carla@segreta.example", "Fattura");
            hear(shop, said(shop.private, anna, "La fattura è doppia", "2026-11-18T08:00:00Z"));
            giulia.post(shop, &format!("/people/{anna}/facts"), &[("body", "Cene grandi il sabato")]);
            let path = |person| format!("/conversations/cnv_0000000000001/{person}");
            let shown = giulia.get(shop, &path(anna)).body;
            for words in [
                "Anna Riva",
                "Cene grandi il sabato",
                "detto a te",
                "«La macchina perde»",
                "Ha già detto",
                "statements: 3",
            ] {
                assert!(shown.contains(words), "{words} in {shown}");
            }
            assert!(!shown.contains("fattura"));
            assert_eq!(giulia.get(shop, &path(hidden)).body, "<p>statements: 1</p>");
        },
    );
}

#[test]
fn a_story_of_five_thousand_entries_is_read_at_once() {
    on_both_engines(|shop| {
        let actor = shop.keeper("Giulia").actor(shop);
        let anna = customer(shop, "Anna Riva", "anna@lapieve.example");
        let (clock, banco) = (shop.store.clock.clone(), shop.banco);
        write(shop, move |tx| {
            let machine = Actor::machine(vec![banco]);
            for number in 0..5_000_i64 {
                let mut voice =
                    said(banco, anna, "La macchina perde di nuovo dal gruppo.", "2020-01-01T00:00:00Z");
                voice.occurred_at = voice.occurred_at.plus_seconds(number * 3_600);
                voice::hear(tx, &*clock, &machine, &voice)?;
            }
            Ok(())
        });
        let started = Stopwatch::now();
        let pages = 10;
        let mut from = None;
        for _ in 0..pages {
            let actor = actor.clone();
            let page = shop
                .store
                .engine()
                .read_blocking(move |tx| timeline::page(tx, &actor, anna, Filter::All, from, 40));
            let page = page.unwrap();
            assert_eq!(page.items.len(), 40);
            from = page.next;
        }
        let each = started.elapsed() / pages;
        println!("{:?}: {each:?} a page", shop.store.engine().dialect());
        assert!(each.as_millis() < 250, "{each:?}");
    });
}
