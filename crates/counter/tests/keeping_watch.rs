//! States, hands, continuations, lists and the thread itself.

mod scene;

use axum::http::StatusCode;
use kernel::Role;
use scene::{capture, customer, mail, mail_continuing, on_both_engines, write};

#[test]
fn a_snoozed_conversation_comes_back_by_itself() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}");
        let state = |fields: &[(&str, &str)]| giulia.post(shop, &format!("{path}/state"), fields);
        let snoozed = state(&[("state", "snoozed"), ("until", "tomorrow")]);
        assert_eq!(snoozed.location(), format!("{path}?done=snoozed"));
        assert!(giulia.get(shop, &path).body.contains("rimandata a domani alle 9:00"));
        assert!(giulia.get(shop, "/conversations?view=snoozed").body.contains("La macchina"));
        assert!(giulia.get(shop, "/today").body.contains("Nessuno aspetta te."));
        assert_eq!(shop.run_jobs(), 0);
        shop.store.clock.advance_seconds(23 * 3_600);
        assert_eq!(shop.run_jobs(), 1);
        assert!(giulia.get(shop, "/today").body.contains("Una persona aspetta"));
        assert!(giulia.get(shop, &path).body.contains("Tornata da sola"));

        let past = state(&[("state", "snoozed"), ("until", "2020-01-01")]);
        assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(past.body.contains("deve ancora venire"), "{}", past.body);
    });
}

engine::statements! {
    /// As in a shop made of an export, which has no jobs.
    FORGET_JOBS = "DELETE FROM job";
}

#[test]
fn a_snoozed_conversation_without_its_job_is_asked_for_again() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let state = format!("/conversations/{id}/state");
        giulia.post(shop, &state, &[("state", "snoozed"), ("until", "tomorrow")]);
        write(shop, |tx, _, _| Ok(tx.execute(&FORGET_JOBS, &[])?));
        let ask = || write(shop, |tx, clock, _| counter::conversation::ask_again(tx, clock));
        ask();
        // Asked for twice, as at each start of each process, it still is one job.
        ask();
        shop.store.clock.advance_seconds(23 * 3_600);
        assert_eq!(shop.run_jobs(), 1);
        assert!(giulia.get(shop, "/today").body.contains("Una persona aspetta"));
    });
}

#[test]
fn closing_is_told_and_can_be_taken_back() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}");
        let closed = giulia.post(shop, &format!("{path}/state"), &[("state", "closed")]);
        let page = giulia.get(shop, closed.location()).body;
        assert!(page.contains("class=\"undo\"") && page.contains("value=\"waiting_for_us\""), "{page}");
        assert!(page.contains("Chiusa da te"));
        giulia.post(shop, &format!("{path}/state"), &[("state", "waiting_for_us")]);
        let page = giulia.get(shop, &path).body;
        assert!(page.contains("Riaperta da te") && !page.contains("class=\"undo\""));
        let wrong = giulia.post(shop, &format!("{path}/state"), &[("state", "gone")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn hands_change_among_those_who_see_the_mailbox() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let marco = shop.keeper("Marco");
        let elsewhere = shop.staffer("Elena", Role::Keeper, &[shop.private]);
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let path = format!("/conversations/{id}");
        let assign = |owner: &str| giulia.post(shop, &format!("{path}/assign"), &[("owner", owner)]);
        assert_eq!(assign("me").location(), format!("{path}?done=assigned"));
        assert!(giulia.get(shop, "/today").body.contains("Una persona aspetta te."));
        assign(&marco.account.to_string());
        let page = giulia.get(shop, &path).body;
        assert!(page.contains("la segue Marco") && page.contains("Passata a Marco da te"), "{page}");
        assert!(!page.contains("Elena"), "who does not see the mailbox is no choice");
        assert_eq!(assign(&elsewhere.account.to_string()).status, StatusCode::UNPROCESSABLE_ENTITY);
        assign("");
        assert!(giulia.get(shop, &path).body.contains("non è ancora di nessuno"));
        assert!(giulia.get(shop, "/today").body.contains("non è ancora di nessuno"));
    });
}

#[test]
fn a_continuation_is_joined_or_kept_apart_by_a_human() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let bruno = customer(shop, "Bruno", "bruno@casa.example");
        let (first, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        let (second, _) =
            mail_continuing(shop, shop.banco, bruno, "Ancora lei", "Perde ancora.", Some(first));
        let (third, _) = mail_continuing(shop, shop.banco, bruno, "Altro", "Tutto altro.", Some(first));
        let page = giulia.get(shop, &format!("/conversations/{second}")).body;
        assert!(page.contains("Sembra il seguito di") && page.contains("«La macchina»"), "{page}");
        let decide = |id: &dyn std::fmt::Display, join: &str| {
            giulia.post(shop, &format!("/conversations/{id}/continuation"), &[("join", join)])
        };
        assert_eq!(decide(&second, "maybe").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(decide(&second, "yes").location(), format!("/conversations/{first}?done=joined"));
        let moved = giulia.get(shop, &format!("/conversations/{second}"));
        assert_eq!(moved.location(), format!("/conversations/{first}"));
        assert!(giulia.get(shop, &format!("/conversations/{first}")).body.contains("Perde ancora."));
        assert_eq!(decide(&third, "no").location(), format!("/conversations/{third}?done=apart"));
        let page = giulia.get(shop, &format!("/conversations/{third}")).body;
        assert!(!page.contains("Sembra il seguito") && page.contains("Tenuta a parte da te"), "{page}");
        assert_eq!(decide(&third, "no").status, StatusCode::CONFLICT);
        let reply = giulia.post(shop, &format!("/conversations/{second}/reply"), &[("text", "ciao")]);
        assert_eq!(reply.status, StatusCode::CONFLICT);
    });
}

#[test]
fn lists_page_through_everything_and_say_what_they_show() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        for _ in 0..52 {
            mail(shop, shop.banco, anna, "La macchina", "Perde.");
            shop.store.clock.advance_seconds(1);
        }
        let rows = |html: &str| html.matches("<li class=\"li").count();
        for view in ["waiting", "open", "all"] {
            let page = giulia.get(shop, &format!("/conversations?view={view}")).body;
            assert_eq!(rows(&page), 50, "{view}");
            let next = page.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
            let next = next.replace("&amp;", "&").replace("&#38;", "&");
            assert_eq!(rows(&giulia.get(shop, &next).body), 2, "{view} {next}");
        }
        let today = giulia.get(shop, "/today").body;
        assert!(today.contains("52 persone aspettano") && today.contains("tutte e 52"));
        for view in ["mine", "snoozed", "closed"] {
            let page = giulia.get(shop, &format!("/conversations?view={view}")).body;
            assert!(page.contains("Qui non c’è niente"), "{view}");
        }
        assert_eq!(giulia.get(shop, "/conversations?view=strange").status, StatusCode::NOT_FOUND);
        assert_eq!(giulia.get(shop, "/conversations?cursor=nonsense").status, StatusCode::OK);
        let other = giulia.get(shop, &format!("/conversations?view=all&mailbox={}", shop.private)).body;
        assert_eq!(rows(&other), 0);
    });
}

#[test]
fn a_long_thread_is_read_in_stretches() {
    on_both_engines(|shop| {
        let giulia = shop.keeper("Giulia");
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        let (id, _) = mail(shop, shop.banco, anna, "La macchina", "Perde.");
        for number in 0..105 {
            shop.store.clock.advance_seconds(60);
            let text = format!("nota numero {number}.");
            giulia.post(shop, &format!("/conversations/{id}/note"), &[("text", &text)]);
        }
        let page = giulia.get(shop, &format!("/conversations/{id}")).body;
        assert_eq!(page.matches("<li class=\"msg").count(), 100);
        assert!(page.contains("nota numero 104.") && !page.contains("nota numero 4."));
        let earlier = page.split("?before=").nth(1).unwrap().split('"').next().unwrap();
        let page = giulia.get(shop, &format!("/conversations/{id}?before={earlier}")).body;
        assert_eq!(page.matches("<li class=\"msg").count(), 6);
        assert!(page.contains("nota numero 4.") && page.contains("Torna all’ultimo messaggio"));
        assert!(!page.contains("id=\"pen\""));
    });
}

#[test]
fn everybody_is_greeted_in_the_words_of_their_part() {
    on_both_engines(|shop| {
        let anna = customer(shop, "Anna Riva", "anna@casa.example");
        mail(shop, shop.banco, anna, "La macchina", "Perde.");
        capture(shop, shop.banco, Some(anna), "Che bella bottega");
        for (name, role, said) in [
            ("Giulia", Role::Keeper, "Rispondendo le prendi in mano tu."),
            ("Paolo", Role::Function, "aspetta una risposta dal banco"),
            ("Carla", Role::Conductor, "Una persona aspetta"),
            ("Ada", Role::Administrator, "Una persona aspetta"),
        ] {
            let staffer = shop.staffer(name, role, &[shop.banco]);
            let page = staffer.get(shop, "/today");
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.body.contains(said), "{name}: {}", page.body);
            assert!(page.body.contains("prima volta"), "{name}");
        }
        let newcomer = shop.staffer("Nuova", Role::Administrator, &[]);
        assert!(newcomer.get(shop, "/today").body.contains("/settings/mailboxes"));
    });
}
