//! Every statement is prepared on both engines, and pages ask little.

mod scene;

use counter::{conversation, search, today};
use engine::Dialect;
use scene::{capture, customer, mail, on_both_engines};
use text::search::Query;

/// What every page asks beside its own: who is signed in, and the count of the rail.
const FRAME: u32 = 2;
/// Most statements of a page.
const MOST: u32 = 8;

#[test]
fn every_statement_is_prepared_on_both_engines() {
    testkit::on_both_engines(|store| {
        store
            .engine()
            .read_blocking(|tx| {
                for statement in counter::statements() {
                    let plan =
                        tx.explain(statement).unwrap_or_else(|error| panic!("{}: {error}", statement.name()));
                    if tx.dialect() == Dialect::Sqlite {
                        let scans: Vec<_> = plan.iter().filter(|step| step.starts_with("SCAN ")).collect();
                        let harmless = |step: &str| {
                            ["CONSTANT", "json_each", "USING INDEX", "USING COVERING", "VIRTUAL"]
                                .iter()
                                .any(|mark| step.contains(mark))
                        };
                        assert!(scans.iter().all(|step| harmless(step)), "{}: {plan:#?}", statement.name());
                    }
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn no_page_runs_more_than_eight_statements() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        capture(shop, shop.banco, Some(anna), "Perde anche la seconda");
        giulia.post(
            shop,
            &format!("/conversations/{id}/reply"),
            &[("text", "Una macchina che perde si ripara.")],
        );
        let actor = giulia.actor(shop);
        let clock = shop.store.clock.clone();
        let (today, desk, search) = shop
            .store
            .engine()
            .read_blocking(move |tx| {
                let count = |tx: &mut engine::Tx<'_>, before: u32| tx.statements_run() - before;
                today::today(tx, &actor)?;
                let today = count(tx, 0);
                let desk = conversation::desk(tx, &actor, id, None)?;
                assert_eq!((desk.messages.len(), desk.files.len()), (2, 1));
                counter::answer::recipient::choices(tx, &actor, &desk.around)?;
                let after_desk = count(tx, today);
                let found = search::search(tx, &*clock, &actor, &Query::parse("perde"), None)?;
                assert_eq!(found.hits.len(), 3);
                search::people(tx, &actor, "perde")?;
                Ok((today, after_desk, count(tx, today + after_desk)))
            })
            .unwrap();
        assert!(today + FRAME <= MOST, "today: {today}");
        // One more for a panel of another room beside the person.
        assert!(desk + FRAME < MOST, "conversation: {desk}");
        assert!(search + FRAME <= MOST, "search: {search}");
    });
}
