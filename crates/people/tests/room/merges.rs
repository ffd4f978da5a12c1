//! Merging and taking it back.

use std::collections::BTreeMap;

use engine::{Tx, params};
use kernel::{Actor, Fault, MergeId, PersonId};
use people::merge;
use people::notebook::{self, NewFact, ToldBy};
use people::timeline::{self, Filter};
use proptest::prelude::*;
use testkit::{Shop, Store};

use crate::world::{customer, hear, heard, on_both_engines, said, write};

engine::statements! {
    PEOPLE = "SELECT id, root_id, name, revision FROM person ORDER BY id";
    IDENTITIES = "SELECT id, person_id, value FROM identity ORDER BY id";
    VOICES = "SELECT id, person_id, body FROM voice ORDER BY id";
    FACTS = "SELECT id, person_id, body FROM fact ORDER BY id";
}

/// Every row that a merge could touch.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    people: Vec<(i64, i64, String, i64)>,
    others: Vec<(i64, i64, String)>,
}

fn rows(tx: &mut Tx<'_>) -> Result<Rows, Fault> {
    let people =
        tx.query(&PEOPLE, params![], |row| Ok((row.take()?, row.take()?, row.take()?, row.take()?)))?;
    let mut others = Vec::new();
    for statement in [&IDENTITIES, &VOICES, &FACTS] {
        others.extend(tx.query(statement, params![], |row| Ok((row.take()?, row.take()?, row.take()?)))?);
    }
    Ok(Rows { people, others })
}

/// The ids of what a person said, as their story shows it.
fn voices(tx: &mut Tx<'_>, actor: &Actor, person: PersonId) -> Result<Vec<i64>, Fault> {
    let mut ids: Vec<i64> = timeline::page(tx, actor, person, Filter::Voices, None, 200)?
        .items
        .into_iter()
        .map(|entry| entry.id)
        .collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Six people, each with an address, two voices and a fact.
fn six(shop: &Shop, actor: &Actor) -> Vec<PersonId> {
    (0..6)
        .map(|number| {
            let email = format!("p{number}@clienti.example");
            let id = heard(shop, shop.banco, &format!("Persona {number}"), &email, "Una voce");
            hear(shop, said(shop.banco, id, "Un’altra", "2026-10-01T08:00:00Z"));
            let (clock, actor) = (shop.store.clock.clone(), actor.clone());
            write(shop, move |tx| {
                let fact = NewFact { body: "Un fatto", told_by: ToldBy::Person, told_at: None };
                notebook::add(tx, &*clock, &actor, id, &fact)
            });
            id
        })
        .collect()
}

/// Merges and un-merges as the turns say, checks every story on the way, then takes every merge back.
fn story(shop: &Shop, turns: &[(bool, usize, usize)], back: &[usize]) {
    let giulia = shop.keeper("Giulia");
    let actor = giulia.actor(shop);
    let people = six(shop, &actor);
    let clock = shop.store.clock.clone();
    let (turns, back) = (turns.to_vec(), back.to_vec());
    write(shop, move |tx| {
        let before = rows(tx)?;
        let mut own: BTreeMap<PersonId, Vec<i64>> = BTreeMap::new();
        for person in &people {
            own.insert(*person, voices(tx, &actor, *person)?);
        }
        let mut standing: Vec<(MergeId, PersonId, PersonId)> = Vec::new();
        for (is_merge, first, second) in &turns {
            clock.advance_seconds(1);
            if *is_merge {
                let (a, b) = (people[first % 6], people[second % 6]);
                match tx.savepoint(|tx| merge::merge(tx, &*clock, &actor, a, b)) {
                    Ok(id) => standing.push((id, a, b)),
                    Err(Fault::Invalid { field: "with", .. }) => {}
                    Err(other) => return Err(other),
                }
            } else if !standing.is_empty() {
                let (id, ..) = standing.remove(first % standing.len());
                merge::unmerge(tx, &*clock, &actor, id)?;
            }
            // Whoever is joined by the merges that stand is one person, and nobody else.
            let mut label: BTreeMap<PersonId, PersonId> = people.iter().map(|id| (*id, *id)).collect();
            for _ in 0..6 {
                for (_, a, b) in &standing {
                    let least = label[a].min(label[b]);
                    label.insert(*a, least);
                    label.insert(*b, least);
                }
            }
            for person in &people {
                let mut union: Vec<i64> = people
                    .iter()
                    .filter(|other| label[*other] == label[person])
                    .flat_map(|other| own[other].clone())
                    .collect();
                union.sort_unstable();
                assert_eq!(voices(tx, &actor, *person)?, union, "the story of a root is its members'");
            }
        }
        for turn in &back {
            if standing.is_empty() {
                break;
            }
            let (id, ..) = standing.remove(turn % standing.len());
            merge::unmerge(tx, &*clock, &actor, id)?;
        }
        for (id, ..) in standing {
            merge::unmerge(tx, &*clock, &actor, id)?;
        }
        assert_eq!(rows(tx)?, before, "everything is as it was");
        Ok(())
    });
}

fn turns() -> impl Strategy<Value = (Vec<(bool, usize, usize)>, Vec<usize>)> {
    let turn = (prop::bool::weighted(0.7), 0..6_usize, 0..6_usize);
    (prop::collection::vec(turn, 1..14), prop::collection::vec(0..6_usize, 0..6))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merges_are_taken_back_exactly_on_sqlite((turns, back) in turns()) {
        story(&Shop::open(Store::sqlite(), vec![people::module()]), &turns, &back);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merges_are_taken_back_exactly_on_postgresql((turns, back) in turns()) {
        if let Some(store) = Store::postgres() {
            story(&Shop::open(store, vec![people::module()]), &turns, &back);
        }
    }
}

#[test]
fn two_people_become_one_and_two_again() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "La macchina perde");
        let other = heard(shop, shop.banco, "A. Riva", "a.riva@posta.example", "Sabato ho gente");
        let compared = giulia.get(shop, &format!("/people/{anna}/merge?with={other}")).body;
        assert!(compared.contains("anna@lapieve.example") && compared.contains("a.riva@posta.example"));
        let merged = giulia.post(shop, &format!("/people/{anna}/merge"), &[("with", &other.to_string())]);
        assert_eq!(merged.location(), format!("/people/{anna}?done=merged"));
        let page = giulia.get(shop, &format!("/people/{anna}")).body;
        assert!(page.contains("La macchina perde") && page.contains("Sabato ho gente"));
        assert!(page.contains("a.riva@posta.example") && page.contains("Unita con"));
        assert_eq!(giulia.get(shop, &format!("/people/{other}")).location(), format!("/people/{anna}"));
        assert!(!giulia.get(shop, "/people").body.contains("A. Riva"));
        let details = giulia.get(shop, &format!("/people/{anna}/details")).body;
        assert!(details.contains("«A. Riva» unita a «Anna Riva»"));
        let id = details.split("name=\"merge\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let undone = giulia.post(shop, &format!("/people/{anna}/unmerge"), &[("merge", id)]);
        assert_eq!(undone.location(), format!("/people/{anna}/details?done=unmerged"));
        assert!(giulia.get(shop, &undone.location().replace("?done=unmerged", "")).body.contains("separate"));
        assert!(!giulia.get(shop, &format!("/people/{anna}")).body.contains("Sabato ho gente"));
        assert!(giulia.get(shop, &format!("/people/{other}")).body.contains("Sabato ho gente"));
        let twice = giulia.post(shop, &format!("/people/{anna}/unmerge"), &[("merge", id)]);
        assert_eq!(twice.status, 409);
    });
}

#[test]
fn what_cannot_be_merged_is_said_clearly() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}/merge");
        let same = giulia.post(shop, &path, &[("with", &anna.to_string())]);
        assert!(same.status == 422 && same.body.contains("È già la stessa persona"));
        for unknown in ["per_0000000000001", "Anna", ""] {
            let answer = giulia.post(shop, &path, &[("with", unknown)]);
            assert!(answer.status == 422 && answer.body.contains("Questa persona non c’è"), "{unknown}");
        }
    });
}

#[test]
fn suggestions_are_asked_once_and_decided_by_a_human() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let twin = heard(shop, shop.banco, "anna.riva@posta.example", "anna.riva@posta.example", "Perde");
        heard(shop, shop.banco, "Carla Neri", "carla@neri.example", "Bene");
        let page = giulia.get(shop, "/people/merges").body;
        assert!(page.contains("l’indirizzo dell’una è il nome dell’altra") && !page.contains("Carla Neri"));
        let of_anna = giulia.get(shop, &format!("/people/{twin}/merge")).body;
        assert!(of_anna.contains(&format!("/people/{twin}/merge?with={anna}")));
        let (first, second) = (anna.to_string(), twin.to_string());
        let two = [("first", first.as_str()), ("second", second.as_str()), ("answer", "two")];
        assert_eq!(giulia.post(shop, "/people/merges", &two).status, 303);
        assert!(giulia.get(shop, "/people/merges").body.contains("Niente da decidere"));
        let same = [("first", first.as_str()), ("second", second.as_str()), ("answer", "same")];
        assert_eq!(giulia.post(shop, "/people/merges", &same).status, 303, "one may think better of it");
        assert_eq!(giulia.get(shop, &format!("/people/{twin}")).location(), format!("/people/{anna}"));
    });
}

#[test]
fn notebooks_and_consents_of_one_person_are_read_together() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@lapieve.example");
        let other = customer(shop, "A. Riva", "a.riva@posta.example");
        giulia.post(shop, &format!("/people/{other}/facts"), &[("body", "Ha due Vera 6")]);
        giulia.post(shop, &format!("/people/{anna}/merge"), &[("with", &other.to_string())]);
        let page = giulia.get(shop, &format!("/people/{anna}/notebook")).body;
        assert!(page.contains("Ha due Vera 6"));
    });
}
