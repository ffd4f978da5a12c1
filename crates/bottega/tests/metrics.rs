//! What machines ask of the process: probes and figures, who may read them, and that each figure is documented.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use kernel::{Actor, Role};
use primitives::source;
use testkit::{Answer, Shop, Staffer};

fn scrape(shop: &Shop, who: &Staffer) -> Answer {
    let bearer = format!("Bearer {}", who.token);
    shop.send(Request::get("/metrics").header(header::AUTHORIZATION, bearer).body(Body::empty()).unwrap())
}

fn from(shop: &Shop, address: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address.parse().unwrap(), 40_000)));
    shop.send(request)
}

/// What a shop gives only after its first backup.
const LATER: [&str; 2] = ["bottega_backup_age_seconds", "bottega_backup_bytes"];

/// The names of metrics with their kinds, and every label's name by metric.
fn read(text: &str) -> (BTreeMap<String, String>, BTreeMap<String, BTreeSet<String>>) {
    let mut kinds = BTreeMap::new();
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            kinds.insert(name.to_owned(), kind.to_owned());
        }
        if line.starts_with('#') {
            continue;
        }
        let end = line.find(['{', ' ']).unwrap();
        let name =
            kinds.keys().filter(|name| line[..end].starts_with(name.as_str())).max_by_key(|name| name.len());
        let name = name.unwrap_or_else(|| panic!("a sample without a type: {line}")).clone();
        let of_name = labels.entry(name).or_default();
        if let Some(set) = line[end..].strip_prefix('{') {
            let set = set.split("\"").step_by(2).map(|part| part.trim_matches([',', '=', '}', ' ']));
            of_name.extend(
                set.filter(|label| !label.is_empty() && label.parse::<f64>().is_err()).map(str::to_owned),
            );
        }
    }
    (kinds, labels)
}

#[test]
fn every_figure_is_documented_and_every_documented_figure_is_given() {
    Shop::on_both_engines(bottega::rooms::modules, |shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        admin.get(shop, "/today");
        let clock = shop.store.clock.clone();
        let mailbox = shop.banco;
        let enqueued = shop.store.engine().write_blocking(move |tx| {
            source::create(tx, &*clock, &Actor::machine(vec![mailbox]), "posta", "import", mailbox)?;
            Ok(engine::job::enqueue(tx, &*clock, listen::PENDING_JOB, &(), None, None)?)
        });
        enqueued.unwrap();
        shop.run_jobs();
        let answer = scrape(shop, &admin);
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.body.ends_with("# EOF\n"));
        let (kinds, labels) = read(&answer.body);
        let documented = web::meters::documented(shop.app.healths());
        let told: BTreeSet<&str> = documented.iter().map(|metric| metric.name).collect();
        assert_eq!(told.len(), documented.len(), "two metrics share a name");
        let given: BTreeSet<&str> = kinds.keys().map(String::as_str).collect();
        let missing: Vec<&&str> = told.difference(&given).filter(|name| !LATER.contains(name)).collect();
        assert!(given.is_subset(&told), "not documented: {:?}", given.difference(&told));
        assert!(missing.is_empty(), "documented and never given: {missing:?}");
        for metric in documented {
            let kind = format!("{:?}", metric.kind).to_lowercase();
            if let Some(given) = kinds.get(metric.name) {
                assert_eq!(*given, kind, "{}", metric.name);
            }
            let mut known: BTreeSet<String> = metric.labels.iter().map(|label| (*label).to_owned()).collect();
            known.insert("le".to_owned());
            let of_metric = labels.get(metric.name).cloned().unwrap_or_default();
            assert!(of_metric.is_subset(&known), "{}: {of_metric:?}", metric.name);
            assert!(!metric.means.is_empty() && !metric.when_high.is_empty() && !metric.unit.is_empty());
            for label in metric.labels {
                let personal = ["account", "keeper", "person", "owner", "email", "user"];
                assert!(!personal.contains(label), "{}: no figure about one person", metric.name);
            }
        }
    });
}

#[test]
fn figures_name_patterns_and_nothing_that_somebody_typed() {
    let shop = Shop::open(testkit::Store::sqlite(), bottega::rooms::modules());
    let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
    for path in
        ["/people/anna@example.org", "/search?q=annarossi", "/annarossi", "/conversations/cnv_annarossi"]
    {
        admin.get(&shop, path);
    }
    shop.send(Request::builder().method("ANNAROSSI").uri("/today").body(Body::empty()).unwrap());
    let text = scrape(&shop, &admin).body;
    assert!(!text.to_lowercase().contains("anna"), "{text}");
    assert!(text.contains(r#"route="/people/{id}""#));
    assert!(
        text.contains(r#"bottega_http_requests_total{method="GET",route="(none)",status="4xx"} 1"#),
        "{text}"
    );
}

#[test]
fn figures_are_for_this_machine_and_for_tokens_with_their_scope() {
    let shop = Shop::open(testkit::Store::sqlite(), bottega::rooms::modules());
    assert_eq!(shop.get("/metrics").status, StatusCode::UNAUTHORIZED);
    let keeper = shop.keeper("Giulia");
    assert_eq!(scrape(&shop, &keeper).status, StatusCode::FORBIDDEN, "the role does not allow it");
    assert_eq!(keeper.get(&shop, "/metrics").status, StatusCode::UNAUTHORIZED, "a session is no token");
    let local = [("host", "127.0.0.1:8420")];
    assert_eq!(from(&shop, "127.0.0.1", &local).status, StatusCode::OK);
    assert_eq!(from(&shop, "::1", &[("host", "[::1]:8420")]).status, StatusCode::OK);
    assert_eq!(from(&shop, "192.0.2.7", &local).status, StatusCode::UNAUTHORIZED, "another machine");
    let proxied = [("host", "bottega.example")];
    assert_eq!(
        from(&shop, "127.0.0.1", &proxied).status,
        StatusCode::UNAUTHORIZED,
        "a proxy on this machine"
    );
    let proxied = [("host", "localhost"), ("x-forwarded-for", "192.0.2.7")];
    assert_eq!(from(&shop, "127.0.0.1", &proxied).status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_process_that_stops_or_meets_another_schema_is_alive_and_not_ready() {
    Shop::on_both_engines(bottega::rooms::modules, |shop| {
        let ready = shop.get("/readyz");
        assert_eq!((ready.status, ready.body.as_str()), (StatusCode::OK, "ready"));
        let newer = engine::newest_schema() + 1;
        let migrated = shop.store.engine().write_blocking(move |tx| {
            tx.execute(&FUTURE, &[engine::Value::from(newer)])?;
            Ok(())
        });
        migrated.unwrap();
        assert_eq!(shop.get("/readyz").body, "ready", "within a second nobody asks the database again");
        shop.store.clock.advance_seconds(1);
        let ready = shop.get("/readyz");
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(ready.body.contains(&format!("schema: the database has {newer}")), "{}", ready.body);
        shop.app.stop();
        let ready = shop.get("/readyz");
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(ready.body.starts_with("not ready\nstopping"), "{}", ready.body);
        assert_eq!(shop.get("/healthz").body, "ok");
    });
}

static FUTURE: engine::Statement =
    engine::Statement::new("tests::FUTURE", "INSERT INTO schema_version (number) VALUES ($1)");

#[test]
fn a_live_stream_ends_when_the_process_stops() {
    let shop = Shop::open(testkit::Store::sqlite(), bottega::rooms::modules());
    let keeper = shop.keeper("Giulia");
    shop.app.stop();
    // Without an end this would wait for ten minutes.
    let stream = keeper.get(&shop, "/live");
    assert!(stream.body.contains("event: hello"), "{}", stream.body);
}

#[test]
fn an_answer_carries_the_name_by_which_the_log_knows_its_request() {
    let shop = Shop::open(testkit::Store::sqlite(), bottega::rooms::modules());
    let name = |answer: Answer| answer.headers.get("x-request-id").unwrap().to_str().unwrap().to_owned();
    assert_ne!(name(shop.get("/healthz")), name(shop.get("/nowhere")));
}

#[test]
fn the_page_of_the_whole_house_stays_within_its_statements() {
    Shop::on_both_engines(bottega::rooms::modules, |shop| {
        let admin = shop.staffer("Rita", Role::Administrator, &[shop.banco]);
        let page = admin.get(shop, "/settings/health");
        assert_eq!(page.status, StatusCode::OK);
        let statements = shop.app.last_page_statements();
        assert!(statements <= MOST_STATEMENTS, "{statements}");
    });
}

/// What the page of how the shop is may ask, although it asks every room: as much as any page.
const MOST_STATEMENTS: u32 = 8;
