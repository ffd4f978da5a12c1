//! The pages, as somebody at the counter walks through them.

use crate::world::{customer, hear, heard, on_both_engines, said};

#[test]
fn a_person_is_found_by_name_address_and_number() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde acqua");
        heard(shop, shop.banco, "Bruno Sala", "bruno@sala.example", "Tutto bene");
        let list = giulia.get(shop, "/people").body;
        assert!(list.contains("Anna Riva") && list.contains("Bruno Sala"));
        let found = giulia.get(shop, "/people?q=ann").body;
        assert!(found.contains("Anna Riva") && !found.contains("Bruno Sala"));
        let found = giulia.get(shop, "/people?q=Anna@LaPieve.example").body;
        assert!(found.contains(&format!("/people/{anna}")) && !found.contains("Bruno Sala"));
        assert!(giulia.get(shop, "/people?q=zz").body.contains("Nessuno per «zz»"));
        let added = giulia.post(
            shop,
            &format!("/people/{anna}/identities"),
            &[("kind", "phone"), ("value", "055 123 4567")],
        );
        assert_eq!(added.location(), format!("/people/{anna}/identities?done=identity"));
        assert!(giulia.get(shop, "/people?q=%2B39+055+1234567").body.contains("Anna Riva"));
    });
}

#[test]
fn an_empty_house_explains_itself() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let page = giulia.get(shop, "/people").body;
        assert!(page.contains("Ancora nessuno") && page.contains("sentite nelle tue caselle"));
        let page = giulia.get(shop, "/people/merges").body;
        assert!(page.contains("Niente da decidere"));
    });
}

#[test]
fn the_list_is_paged_by_name() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        for number in 0..60 {
            customer(shop, &format!("Cliente {number:02}"), &format!("c{number}@clienti.example"));
        }
        let first = giulia.get(shop, "/people?q=cliente").body;
        assert!(
            first.contains("Cliente 00") && first.contains("Cliente 49") && !first.contains("Cliente 50")
        );
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let second = giulia.get(shop, &next.replace("&#38;", "&").replace("&amp;", "&")).body;
        assert!(
            second.contains("Cliente 50") && second.contains("Cliente 59") && !second.contains("Cliente 49")
        );
    });
}

#[test]
fn the_story_shows_voices_answers_notes_and_facts_in_order() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let actor = giulia.actor(shop);
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "La macchina perde");
        let mut scored = said(shop.banco, anna, "Mi trovo bene", "2026-09-01T10:00:00Z");
        (scored.score, scored.score_most) = (Some(4.0), Some(5.0));
        hear(shop, scored);
        let (clock, banco) = (shop.store.clock.clone(), shop.banco);
        crate::world::write(shop, move |tx| {
            use primitives::conversation::{self, NewConversation};
            use primitives::message::{self, Kind, Ours};
            let new = NewConversation {
                mailbox: banco,
                person: Some(anna),
                subject: "La macchina".into(),
                channel: primitives::Channel::Mail,
                language: None,
                owner: None,
                team: None,
                product: None,
                historical: false,
                external_id: None,
                continues: None,
                opened_at: "2026-11-19T08:00:00Z".parse().unwrap(),
            };
            let id = conversation::open(tx, &*clock, &actor, &new)?;
            let conversation = conversation::required(tx, &actor, id)?;
            for (kind, body, at) in [
                (Kind::Outgoing, "Arriva domani", "2026-11-19T09:00:00Z"),
                (Kind::Note, "È il lotto 2.4", "2026-11-19T10:00:00Z"),
            ] {
                let ours = Ours {
                    kind,
                    body,
                    language: None,
                    author: None,
                    at: Some(at.parse().unwrap()),
                    state: None,
                };
                message::write(tx, &*clock, &actor, &conversation, &ours)?;
            }
            Ok(())
        });
        let page = giulia.get(shop, &format!("/people/{anna}")).body;
        let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} in {page}"));
        assert!(place("È il lotto 2.4") < place("Arriva domani"));
        assert!(place("Arriva domani") < place("La macchina perde"));
        assert!(place("La macchina perde") < place("settembre 2026"));
        assert!(place("settembre 2026") < place("Mi trovo bene"));
        place("voto dato: 4 su 5");
        place("Ci ha parlato 2 volte");
        assert!(page.contains(&format!("data-live=\"person:{anna}\"")));
        let only = |show: &str| giulia.get(shop, &format!("/people/{anna}?show={show}")).body;
        assert!(only("voices").contains("La macchina perde") && !only("voices").contains("Arriva domani"));
        assert!(only("answers").contains("Arriva domani") && !only("answers").contains("lotto"));
        assert!(only("notes").contains("lotto") && !only("notes").contains("Arriva domani"));
        assert!(only("facts").contains("Prima volta") && !only("facts").contains("lotto"));
    });
}

#[test]
fn details_are_changed_and_errors_keep_the_words() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia Moretti");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}/details");
        let account = giulia.account.to_string();
        let fields = [
            ("name", "Anna Maria Riva"),
            ("organisation", "Agriturismo La Pieve"),
            ("language", "IT"),
            ("keeper", account.as_str()),
            ("stand_in", ""),
        ];
        assert_eq!(giulia.post(shop, &path, &fields).location(), format!("{path}?done=changed"));
        let story = giulia.get(shop, &format!("/people/{anna}")).body;
        assert!(story.contains("Anna Maria Riva") && story.contains("Agriturismo La Pieve"));
        assert!(story.contains("La segui tu.") && story.contains("Cambiato chi la segue"));
        let organisation = story.split("/organisations/").nth(1).unwrap().split('"').next().unwrap();
        let page = giulia.get(shop, &format!("/organisations/{organisation}")).body;
        assert!(page.contains("Anna Maria Riva") && page.contains("Una persona"));
        let bad = giulia.post(shop, &path, &[("name", ""), ("organisation", "Bar Centrale")]);
        assert_eq!(bad.status, 422);
        assert!(bad.body.contains("Bar Centrale") && bad.body.contains("Il nome manca."));
        let bad = giulia.post(shop, &path, &[("name", "Anna"), ("keeper", "acc_0000000000001")]);
        assert_eq!(bad.status, 422);
        let bad = giulia.post(shop, &path, &[("name", "Anna"), ("language", "italiano")]);
        assert!(bad.status == 422 && bad.body.contains("codice di lingua"));
        let kept = giulia.get(shop, &format!("/people/{anna}")).body;
        assert!(kept.contains("Anna Maria Riva") && !kept.contains("Bar Centrale"));
    });
}

#[test]
fn the_notebook_takes_small_facts_and_lets_them_go() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let paolo = shop.keeper("Paolo");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}/facts");
        let fact = [("body", "Cene grandi il sabato"), ("told_by", "customer"), ("told_on", "2026-05-01")];
        giulia.post(shop, &path, &fact);
        let page = giulia.get(shop, &format!("/people/{anna}/notebook")).body;
        assert!(page.contains("Cene grandi il sabato") && page.contains("detto a te, 1 mag 2026"));
        assert!(page.contains("Mai salute") && page.contains("lo vede e lo corregge"));
        let page = paolo.get(shop, &format!("/people/{anna}")).body;
        assert!(page.contains("Cene grandi il sabato") && page.contains("detto a Giulia, 1 mag 2026"));
        let long = "x".repeat(281);
        let refused = giulia.post(shop, &path, &[("body", long.as_str())]);
        assert!(refused.status == 422 && refused.body.contains(&long));
        assert_eq!(giulia.post(shop, &path, &[("body", "  ")]).status, 422);
        let future = giulia.post(shop, &path, &[("body", "Torna"), ("told_on", "2027-01-01")]);
        assert!(future.status == 422 && future.body.contains("giorno già passato"));
        let page = giulia.get(shop, &format!("/people/{anna}/notebook")).body;
        let id = page.split("/facts/").nth(1).unwrap().split('/').next().unwrap();
        let gone = giulia.post(shop, &format!("/people/{anna}/facts/{id}/remove"), &[]);
        assert_eq!(gone.location(), format!("/people/{anna}/notebook?done=fact-removed"));
        assert!(!giulia.get(shop, &format!("/people/{anna}/notebook")).body.contains("Cene grandi"));
        assert_eq!(giulia.post(shop, &format!("/people/{anna}/facts/{id}/remove"), &[]).status, 404);
    });
}

#[test]
fn consent_is_given_and_taken_back() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let path = format!("/people/{anna}/consent");
        let news = [("purpose", "news"), ("basis", "consent")];
        assert_eq!(giulia.post(shop, &path, &news).status, 303);
        assert_eq!(giulia.post(shop, &path, &news).status, 409, "once is enough");
        assert_eq!(giulia.post(shop, &path, &[("purpose", "spam"), ("basis", "consent")]).status, 422);
        let page = giulia.get(shop, &format!("/people/{anna}/details")).body;
        assert!(page.contains("Mandarle novità") && page.contains("dal 20 novembre 2026"));
        let id = page.split("/consent/").nth(1).unwrap().split('/').next().unwrap();
        assert_eq!(giulia.post(shop, &format!("{path}/{id}/withdraw"), &[]).status, 303);
        assert!(giulia.get(shop, &format!("/people/{anna}/details")).body.contains("ritirato"));
        let story = giulia.get(shop, &format!("/people/{anna}?show=facts")).body;
        assert!(story.contains("Consenso dato") && story.contains("Consenso ritirato"));
    });
}

#[test]
fn an_address_of_somebody_else_offers_to_merge_instead() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = heard(shop, shop.banco, "Anna Riva", "anna@lapieve.example", "Perde");
        let other = heard(shop, shop.banco, "A. Riva", "a.riva@posta.example", "Perde ancora");
        let path = format!("/people/{anna}/identities");
        let taken = giulia.post(shop, &path, &[("kind", "email"), ("value", "A.Riva@posta.example")]);
        assert_eq!(taken.status, 422);
        assert!(taken.body.contains(&format!("/people/{anna}/merge?with={other}")));
        assert!(taken.body.contains("A.Riva@posta.example"), "the words stay in the field");
        let wrong = giulia.post(shop, &path, &[("kind", "email"), ("value", "anna")]);
        assert_eq!(wrong.status, 422);
    });
}
