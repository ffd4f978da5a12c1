//! The quarantine through HTTP and by jobs, on both engines: looked at, tried again, set aside.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use engine::Statement;
use kernel::{Actor, ArrivalId, Clock, Role, SourceId};
use listen::arrival::{self, Format, Item};
use listen::intake;
use listen::table::Choice;
use primitives::event;
use primitives::source;
use serde_json::json;
use testkit::{Shop, Staffer};

static TO_ROWS: Statement =
    Statement::new("test::to_rows", "UPDATE arrival SET format = 'jsonl' WHERE id = $1");
static BLOCK: Statement = Statement::new("test::block", "UPDATE arrival SET cause = 'failed' WHERE id = $1");

static LOSE: Statement = Statement::new(
    "test::lose",
    "DELETE FROM blob WHERE digest = (SELECT raw_digest FROM arrival WHERE id = $1)",
);

fn rooms() -> Vec<web::Module> {
    vec![listen::module()]
}

/// Items of a source, taken in as far as they can be read; their arrivals in order.
fn bring(shop: &Shop, name: &str, kind: &str, items: &[(&str, &[u8], Format)]) -> (SourceId, Vec<ArrivalId>) {
    let (clock, banco, name, kind) = (shop.store.clock.clone(), shop.banco, name.to_owned(), kind.to_owned());
    let items: Vec<Item> = items
        .iter()
        .map(|(name, raw, format)| Item::new((*name).to_owned(), raw.to_vec(), format.clone()))
        .collect();
    let engine = shop.store.engine();
    let kept = engine.write_blocking(move |tx| {
        let machine = Actor::machine(vec![banco]);
        let source = source::find_or_create(tx, &*clock, &machine, &name, &kind, banco)?;
        let kept = arrival::keep(tx, &*clock, source.id, None, true, &items)?;
        Ok((source.id, kept.into_iter().map(|kept| kept.id).collect()))
    });
    let clock: Arc<dyn Clock> = shop.store.clock.clone();
    intake::finish_pending(engine, &clock, None).unwrap();
    kept.unwrap()
}

/// A line of JSON that was taken for a mail: once it is known for what it is, it can be read.
fn mistaken(shop: &Shop, lines: &[&str]) -> (SourceId, Vec<ArrivalId>) {
    let items: Vec<(&str, &[u8], Format)> =
        lines.iter().map(|line| ("riga", line.as_bytes(), Format::Mail)).collect();
    bring(shop, "Negozio", "api", &items)
}

fn mend(shop: &Shop, ids: &[ArrivalId]) {
    let ids = ids.to_vec();
    let mended = shop.store.engine().write_blocking(move |tx| {
        ids.iter().try_for_each(|id| tx.execute(&TO_ROWS, engine::params![*id]).map(|_| ()))?;
        Ok(())
    });
    mended.unwrap();
}

fn totals(shop: &Shop, who: &Staffer) -> serde_json::Value {
    who.api(shop, Method::GET, "/sources", None).json()["items"][0]["total"].clone()
}

fn conductor(shop: &Shop) -> Staffer {
    shop.staffer("Carla", Role::Conductor, &[shop.banco])
}

#[test]
fn what_nobody_could_read_is_looked_at_without_danger() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let nasty = "<script>alert(1)</script> \u{202e}gpj.exe\u{7}\0";
        let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde";
        let (_, ids) = bring(
            shop,
            "<b>Posta</b>",
            "import",
            &[
                ("<i>nome</i>.eml", nasty.as_bytes(), Format::Mail),
                ("figura.eml", picture, Format::Mail),
                ("vuota.eml", b"", Format::Mail),
            ],
        );
        let list = carla.get(shop, "/listen/quarantine");
        assert_eq!(list.status, StatusCode::OK);
        assert!(list.body.contains("Non è una mail: sono dati binari."), "{}", list.body);
        assert!(!list.body.contains("<i>nome") && !list.body.contains("<b>Posta"), "{}", list.body);
        let one = carla.get(shop, &format!("/listen/quarantine/{}", ids[0]));
        assert!(!one.body.contains("<script>alert"), "{}", one.body);
        assert!(one.body.contains("⟨U+202E⟩") && one.body.contains('␇') && one.body.contains('␀'));
        let picture = carla.get(shop, &format!("/listen/quarantine/{}", ids[1]));
        assert!(picture.body.contains("00000000  89 50 4e 47"), "{}", picture.body);
        assert!(
            carla
                .get(shop, &format!("/listen/quarantine/{}?as=text", ids[1]))
                .body
                .contains("⟨89⟩</span>PNG")
        );
        assert!(carla.get(shop, &format!("/listen/quarantine/{}", ids[2])).body.contains("zero byte"));
        let raw = carla.get(shop, &format!("/listen/arrivals/{}/raw", ids[0]));
        assert!(raw.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        let raw = carla.api(shop, Method::GET, &format!("/arrivals/{}/raw", ids[0]), None);
        assert_eq!((raw.status, raw.body.as_str()), (StatusCode::OK, nasty));

        // By cause, and page by page.
        let only = carla.get(shop, "/listen/quarantine?cause=empty").body;
        assert!(only.contains("vuota.eml") && !only.contains("figura.eml"));
        let first = carla.api(shop, Method::GET, "/quarantine?limit=2", None).json();
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let next = format!("/quarantine?cursor={}", first["next"].as_str().unwrap());
        let rest = carla.api(shop, Method::GET, &next, None).json();
        assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)));
        assert_eq!(rest["items"][0]["cause"], "binary");
        assert!(shop.app.last_page_statements() <= 8);
    });
}

#[test]
fn one_that_can_be_read_now_becomes_a_voice_once() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let (source, ids) = mistaken(shop, &["{\"text\":\"Era solo una riga\"}"]);
        let retry = format!("/listen/quarantine/{}/retry", ids[0]);
        let still = carla.post(shop, &retry, &[]);
        assert!(still.location().ends_with("?done=still"), "{}", still.location());
        assert!(carla.get(shop, still.location()).body.contains("non si riesce ancora"));
        let shown = carla.api(shop, Method::GET, &format!("/quarantine/{}", ids[0]), None).json();
        assert_eq!((&shown["tries"], &shown["cause"]), (&json!(2), &json!("nobody-named")));

        mend(shop, &ids);
        let read = carla.post(shop, &retry, &[]);
        assert!(read.location().starts_with("/voices/voi_"), "{}", read.location());
        assert_eq!(carla.post(shop, &retry, &[]).location(), read.location(), "twice is once");
        let again = carla.api(shop, Method::POST, &format!("/quarantine/{}/retry", ids[0]), None);
        assert_eq!((again.status, &again.json()["became"]), (StatusCode::OK, &json!("stored")));
        let total = totals(shop, &carla);
        assert_eq!(
            (&total["fetched"], &total["stored"], &total["quarantined"]),
            (&json!(1), &json!(1), &json!(0))
        );
        assert_eq!(total["balanced"], true);
        assert_eq!(
            carla.api(shop, Method::GET, "/voices", None).json()["items"].as_array().unwrap().len(),
            1
        );
        // Its page leads to what it became, and its bytes are there as they were.
        let page = carla.get(shop, &format!("/listen/quarantine/{}", ids[0]));
        assert_eq!(page.location(), read.location());
        let raw = carla.api(shop, Method::GET, &format!("/arrivals/{}/raw", ids[0]), None);
        assert_eq!(raw.body, "{\"text\":\"Era solo una riga\"}");
        let events = shop.store.engine().read_blocking(|tx| {
            let actor = Actor::machine(vec![shop.banco]);
            Ok(event::audit_of_kind(tx, &actor, event::EventKind::ArrivalRetried, None, 10)?.items)
        });
        let events = events.unwrap();
        assert_eq!(events.len(), 2, "one try that failed, one that did not");
        assert_eq!(events[0].detail, Some(json!({ "became": "stored" })));
        assert!(carla.get(shop, &format!("/listen/sources/{source}")).body.contains("I conti tornano"));
    });
}

#[test]
fn many_are_tried_again_by_a_job_that_shows_how_far_it_is() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let lines: Vec<String> = (0..250).map(|n| format!("{{\"text\":\"voce {n}\"}}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (source, ids) = mistaken(shop, &lines);
        bring(shop, "Altra", "import", &[("vuota", b"", Format::Mail)]);
        mend(shop, &ids[..249]);
        let aside = format!("/listen/quarantine/{}/set-aside", ids[0]);
        carla.post(shop, &aside, &[("reason", "prova")]);

        let begun = carla.post(shop, "/listen/quarantine/retry", &[("source", &source.to_string())]);
        let page = begun.location().to_owned();
        assert!(page.starts_with("/listen/quarantine/runs/rty_"), "{page}");
        assert!(carla.get(shop, &page).body.contains("<progress value=\"0\" max=\"249\""));
        shop.run_jobs();
        let done = carla.get(shop, &page).body;
        assert!(done.contains("Finito") && done.contains(">248<") && done.contains(">249<"), "{done}");
        let run = page.rsplit('/').next().unwrap();
        let shown = carla.api(shop, Method::GET, &format!("/quarantine/runs/{run}"), None).json();
        assert_eq!(
            (&shown["tried"], &shown["stored"], &shown["still"]),
            (&json!(249), &json!(248), &json!(1))
        );
        // What was set aside was left alone; all that is left fails for one cause.
        let left = carla.api(shop, Method::GET, &format!("/quarantine?source={source}"), None).json();
        assert_eq!(left["items"].as_array().unwrap().len(), 1);
        assert_eq!(totals(shop, &carla)["balanced"], true);
        let none = carla.api(shop, Method::POST, "/quarantine/retry", Some(json!({ "cause": "binary" })));
        assert_eq!((none.status, &none.json()["id"]), (StatusCode::OK, &json!(null)));
        let all = carla.api(shop, Method::POST, "/quarantine/retry", Some(json!({})));
        assert_eq!((all.status, &all.json()["expected"]), (StatusCode::ACCEPTED, &json!(2)));
        shop.run_jobs();
    });
}

#[test]
fn a_run_that_was_cut_off_goes_on_and_a_large_one_is_left_to_a_job() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let large = format!("{{\"text\":\"{}\"}}", "parola ".repeat(200_000));
        let (_, ids) = mistaken(shop, &[&large, "{\"text\":\"piccola\"}"]);
        mend(shop, &ids);
        let later = carla.post(shop, &format!("/listen/quarantine/{}/retry", ids[0]), &[]);
        assert!(later.location().contains("/runs/"), "{}", later.location());
        shop.run_jobs();
        // The same job once more, as after a crash: there is nothing left to do.
        shop.run_jobs();
        let total = totals(shop, &carla);
        assert_eq!(
            (&total["stored"], &total["quarantined"]),
            (&json!(1), &json!(1)),
            "only the one asked for"
        );
        assert!(carla.get(shop, later.location()).body.contains("Finito"));
    });
}

#[test]
fn setting_aside_needs_a_reason_and_can_be_taken_back() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let (_, ids) = mistaken(shop, &["niente"]);
        let path = format!("/listen/quarantine/{}", ids[0]);
        let empty = carla.post(shop, &format!("{path}/set-aside"), &[("reason", "  ")]);
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.body.contains("aria-invalid"), "{}", empty.body);
        let aside = carla.post(shop, &format!("{path}/set-aside"), &[("reason", "<b>È pubblicità</b>")]);
        assert_eq!(aside.status, StatusCode::SEE_OTHER);
        assert!(!carla.get(shop, "/listen/quarantine").body.contains("row-arr_"));
        let list = carla.get(shop, "/listen/quarantine?aside=1").body;
        assert!(list.contains("È pubblicità") && list.contains("Carla") && !list.contains("<b>È"), "{list}");
        let total = totals(shop, &carla);
        assert_eq!(
            (&total["quarantined"], &total["balanced"]),
            (&json!(1), &json!(true)),
            "it is counted still"
        );
        assert_eq!(carla.post(shop, &format!("{path}/put-back"), &[]).status, StatusCode::SEE_OTHER);
        assert!(carla.get(shop, "/listen/quarantine").body.contains("row-arr_"));
        let wrong =
            carla.api(shop, Method::POST, &format!("/quarantine/{}/set-aside", ids[0]), Some(json!({})));
        assert_eq!(
            (wrong.status, &wrong.json()["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("text"))
        );
        let reason = json!({ "reason": "x".repeat(501) });
        let long = carla.api(shop, Method::POST, &format!("/quarantine/{}/set-aside", ids[0]), Some(reason));
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn who_may_not_sees_and_changes_nothing() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let (source, ids) = mistaken(shop, &["{\"text\":\"segretissimo\"}"]);
        let one = format!("/listen/quarantine/{}", ids[0]);
        let run = carla.post(shop, "/listen/quarantine/retry", &[]).location().to_owned();
        // Another mailbox's: not found, for whatever role.
        let dino = shop.staffer("Dino", Role::Administrator, &[shop.private]);
        for path in [one.clone(), run.clone(), format!("/listen/quarantine?source={}", ArrivalId(1))] {
            assert_eq!(dino.get(shop, &path).status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["retry", "set-aside", "put-back"] {
            let answer = dino.post(shop, &format!("{one}/{path}"), &[("reason", "x")]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            let api = format!("/quarantine/{}/{path}", ids[0]);
            let answer = dino.api(shop, Method::POST, &api, Some(json!({ "reason": "x" })));
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{api}");
        }
        let source = source.to_string();
        let answer = dino.post(shop, "/listen/quarantine/retry", &[("source", &source)]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(!dino.get(shop, "/listen/quarantine").body.contains("row-arr_"));
        for path in [format!("/quarantine/{}", ids[0]), format!("/arrivals/{}/raw", ids[0])] {
            assert_eq!(dino.api(shop, Method::GET, &path, None).status, StatusCode::NOT_FOUND, "{path}");
        }
        let hers = dino.api(shop, Method::GET, &format!("/quarantine?source={source}"), None).json();
        assert_eq!(hers["items"], json!([]));
        // A keeper looks and does not act.
        let anna = shop.keeper("Anna");
        let page = anna.get(shop, &one);
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("set-aside\""), "{}", page.body);
        for path in [
            format!("{one}/retry"),
            "/listen/quarantine/retry".to_owned(),
            format!("/listen/sources/{source}/watch"),
        ] {
            assert_eq!(anna.post(shop, &path, &[]).status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(anna.get(shop, &run).status, StatusCode::FORBIDDEN);
        // A form from elsewhere does nothing.
        let forged: Request<Body> = carla
            .request(Method::POST, &format!("{one}/retry"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("csrf=altro"))
            .unwrap();
        assert_eq!(shop.send(forged).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_file_imported_again_tries_what_could_not_be_read() {
    use listen::import::{Kind, Options, run};
    Shop::on_both_engines(rooms, |shop| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("voci.csv");
        std::fs::write(&path, "nota,voto\nbello,\nbrutto,\n,\n").unwrap();
        let import = |map: &[&str]| {
            let map: Vec<String> = map.iter().map(|part| (*part).to_owned()).collect();
            let options = Options {
                kind: Kind::Csv,
                path: path.clone(),
                source: "Foglio".into(),
                mailbox: Some("Banco".into()),
                mapping: Choice::parse(&map).unwrap(),
                dry_run: false,
            };
            let clock: Arc<dyn Clock> = shop.store.clock.clone();
            let machine = Actor::machine(vec![shop.banco]);
            run(shop.store.engine(), clock, &machine, &options, &mut |_| {}).unwrap()
        };
        // Read with the wrong column, nothing is said in any row.
        let first = import(&["text=voto"]);
        assert_eq!((first.fetched, first.stored, first.quarantined), (3, 0, 3), "{first:?}");
        // Another day, with the right one: the rows repeat what came, and what came is read at last.
        shop.store.clock.advance_seconds(86_400);
        let second = import(&["text=nota"]);
        assert_eq!((second.fetched, second.stored, second.duplicate), (3, 0, 3), "{second:?}");
        assert_eq!((second.recovered, second.quarantined, second.balanced), (2, 0, true), "{second:?}");
        assert_eq!(second.problems.len(), 1, "the empty row is named still");
        let carla = conductor(shop);
        let total = totals(shop, &carla);
        assert_eq!((&total["fetched"], &total["stored"]), (&json!(6), &json!(2)));
        assert_eq!((&total["duplicate"], &total["quarantined"]), (&json!(3), &json!(1)));
        // Each day keeps what it fetched: the first one's voices are the first day's.
        let id = carla.api(shop, Method::GET, "/sources", None).json()["items"][0]["id"].clone();
        let ledger = carla.api(shop, Method::GET, &format!("/sources/{}/ledger", id.as_str().unwrap()), None);
        let days = ledger.json()["days"].clone();
        assert_eq!(
            (&days[0]["fetched"], &days[0]["duplicate"], &days[0]["stored"]),
            (&json!(3), &json!(3), &json!(0))
        );
        assert_eq!(
            (&days[1]["fetched"], &days[1]["stored"], &days[1]["quarantined"]),
            (&json!(3), &json!(2), &json!(1))
        );
        let third = import(&["text=nota"]);
        assert_eq!((third.duplicate, third.recovered), (3, 0));
    });
}

#[test]
fn what_a_file_repeats_is_tried_once_when_it_can_be_read_at_last() {
    use listen::import::{Kind, Options, run};
    let tables =
        ["nota,voto\nbello,\nbello,\nbrutto,\n,\n", "id,nota,voto\n7,bello,\n7,bello,\n8,brutto,\n9,,\n"];
    for table in tables {
        Shop::on_both_engines(rooms, |shop| {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("voci.csv");
            std::fs::write(&path, table).unwrap();
            let import = |column: &str| {
                let options = Options {
                    kind: Kind::Csv,
                    path: path.clone(),
                    source: "Foglio".into(),
                    mailbox: Some("Banco".into()),
                    mapping: Choice::parse(&[column]).unwrap(),
                    dry_run: false,
                };
                let clock: Arc<dyn Clock> = shop.store.clock.clone();
                let machine = Actor::machine(vec![shop.banco]);
                run(shop.store.engine(), clock, &machine, &options, &mut |_| {}).unwrap()
            };
            let first = import("text=voto");
            assert_eq!((first.fetched, first.quarantined, first.duplicate), (4, 3, 1), "{first:?}");
            shop.store.clock.advance_seconds(86_400);
            let second = import("text=nota");
            assert_eq!((second.duplicate, second.recovered, second.balanced), (4, 2, true), "{second:?}");
            let third = import("text=nota");
            assert_eq!((third.duplicate, third.recovered), (4, 0), "{third:?}");
            let carla = conductor(shop);
            let voices = carla.api(shop, Method::GET, "/voices", None).json();
            assert_eq!(voices["items"].as_array().unwrap().len(), 2, "each once: {voices}");
            let total = totals(shop, &carla);
            assert_eq!((&total["stored"], &total["quarantined"]), (&json!(2), &json!(1)));
            let rules = listen::module().invariants;
            let mut broken = shop
                .store
                .engine()
                .read_blocking(|tx| Ok(engine::invariant::check(tx, &rules, false, &mut |_| {})?))
                .unwrap();
            // References are counted over the whole house.
            broken.retain(|broken| broken.name != engine::invariant::blobs::NAME);
            assert_eq!(broken, []);
        });
    }
}

#[test]
fn one_whose_bytes_are_lost_says_so_and_holds_up_nothing() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let (_, ids) = mistaken(shop, &["{\"text\":\"perduta\"}", "{\"text\":\"c’è\"}"]);
        mend(shop, &ids);
        let lost = ids[0];
        shop.store.engine().write_blocking(move |tx| Ok(tx.execute(&LOSE, engine::params![lost])?)).unwrap();
        let page = carla.get(shop, &format!("/listen/quarantine/{lost}"));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("byte sono andati persi"), "{}", page.body);
        // The others are tried all the same, and the run ends.
        let run = carla.post(shop, "/listen/quarantine/retry", &[]).location().to_owned();
        shop.run_jobs();
        let run = format!("/quarantine/runs/{}", run.rsplit('/').next().unwrap());
        let shown = carla.api(shop, Method::GET, &run, None).json();
        assert_eq!((&shown["stored"], &shown["still"]), (&json!(1), &json!(1)), "{shown}");
        let shown = carla.api(shop, Method::GET, &format!("/quarantine/{lost}"), None).json();
        assert_eq!(shown["cause"], "bytes-lost");
        let tried = carla.post(shop, &format!("/listen/quarantine/{lost}/retry"), &[]);
        assert!(tried.location().ends_with("?done=still"), "{}", tried.location());
    });
}

#[test]
fn what_could_not_be_stored_can_be_tried_again() {
    Shop::on_both_engines(rooms, |shop| {
        let carla = conductor(shop);
        let mail = b"From: Anna <anna@cliente.example>\nSubject: Perde\nMessage-ID: <q@cliente.example>\n\nPerde acqua.\n";
        let (_, ids) =
            bring(shop, "Posta", "import", &[("m.eml", b"<q>", Format::Mail), ("n.eml", mail, Format::Mail)]);
        let id = ids[0];
        shop.store.engine().write_blocking(move |tx| Ok(tx.execute(&BLOCK, engine::params![id])?)).unwrap();
        let page = carla.get(shop, &format!("/listen/quarantine/{id}")).body;
        assert!(page.contains("Non si è riusciti"), "{page}");
        let tried = carla.api(shop, Method::POST, &format!("/quarantine/{id}/retry"), None).json();
        assert_eq!(tried["became"], "quarantined");
        let shown = carla.api(shop, Method::GET, &format!("/quarantine/{id}"), None).json();
        assert_eq!(shown["cause"], "no-header", "the cause is that of the last try");
    });
}
