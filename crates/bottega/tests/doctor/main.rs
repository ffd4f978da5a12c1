//! The doctor: finds nothing in a healthy shop, and everything that is broken on purpose.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod sabotage;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use bottega::{demo, rooms};
use counter::answer::{Answer, answer};
use engine::invariant::{self, Broken, Rule};
use engine::{Engine, Statement};
use kernel::{AccountId, Actor, Clock, ConversationId, Fault, PersonId, SystemClock};
use sabotage::SABOTAGES;
use serde_json::Value;
use testkit::{Store, on_both_engines};

engine::statements! {
    /// A damaged blob.
    DAMAGE = "UPDATE blob SET bytes = (SELECT o.bytes FROM blob o WHERE o.bytes IS NOT NULL AND o.digest > blob.digest
                                         ORDER BY o.digest LIMIT 1)
              WHERE digest = (SELECT digest FROM blob WHERE bytes IS NOT NULL ORDER BY digest LIMIT 1)";
    /// A conversation in which somebody waits.
    WAITS = "SELECT id, mailbox_id FROM conversation WHERE state = 'waiting_for_us' AND channel = 'mail' ORDER BY id LIMIT 1";
    /// Two people.
    TWO = "SELECT id FROM person ORDER BY id LIMIT 2";
    /// An import that ended.
    IMPORTED = "INSERT INTO import_run (id, mailbox_id, source_name, kind, file_name, size, digest, state, position, stored,
                  created_at, ended_at)
                SELECT 2, (SELECT MIN(id) FROM mailbox), 'x', 'csv', 'x', 1, digest, 'ended', 1, 1, 0, 1 FROM blob
                ORDER BY digest LIMIT 1";
    /// Somebody who may do everything.
    ADMINISTRATORS = "SELECT id FROM account WHERE role = 'administrator' ORDER BY id LIMIT 1";
}

/// The small demo company with an answer on its way and two people who are one: something in every table.
fn shop(store: &Store) -> &Engine {
    let engine = store.engine();
    demo::load(engine, 7, ::demo::Size::Small, SystemClock.now()).unwrap();
    engine
        .write_blocking(|tx| {
            let account: AccountId = tx.one(&ADMINISTRATORS, &[], |row| row.take())?;
            let mut actor: Actor = primitives::account::actor(tx, account)?.ok_or(Fault::NotFound)?;
            let all = primitives::mailbox::list(tx)?;
            actor.mailboxes = all.into_iter().map(|mailbox| mailbox.id).collect();
            let waiting: ConversationId = tx.one(&WAITS, &[], |row| row.take())?;
            answer(
                tx,
                &SystemClock,
                &actor,
                waiting,
                &Answer { text: "Arriviamo domani.", ..Answer::default() },
            )?;
            let two: Vec<PersonId> = tx.query(&TWO, &[], |row| row.take())?;
            tx.execute(&IMPORTED, &[])?;
            people::merge::merge(tx, &SystemClock, &actor, two[0], two[1])?;
            Ok(())
        })
        .unwrap();
    engine
}

/// What does not hold after a sabotage, which is taken back.
fn after(engine: &Engine, name: &str, sabotage: &'static Statement) -> Vec<Broken> {
    let mut looked_at = rooms::invariants();
    looked_at.retain(|one| one.name == name || matches!(one.rule, Rule::Refers { .. }));
    let read_blobs = name == invariant::blobs::NAME;
    let found = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&found);
    let undone = engine.write_blocking(move |tx| {
        tx.execute(sabotage, &[])?;
        *told.lock().unwrap() = invariant::check(tx, &looked_at, read_blobs, &mut |_| {})?;
        Err::<(), _>(Fault::NotFound)
    });
    assert!(matches!(undone, Err(Fault::NotFound)), "{}: {undone:?}", sabotage.name());
    std::mem::take(&mut found.lock().unwrap())
}

#[test]
fn every_invariant_holds_in_the_demo_company_and_breaks_when_it_is_broken() {
    let names: BTreeSet<&str> = rooms::invariants()
        .iter()
        .filter(|invariant| !matches!(invariant.rule, Rule::Refers { .. }))
        .map(|invariant| invariant.name)
        .chain([invariant::blobs::NAME])
        .collect();
    let broken_on_purpose: BTreeSet<&str> = SABOTAGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, broken_on_purpose, "every invariant has its sabotage");
    on_both_engines(|store| {
        let engine = shop(store);
        let whole = engine
            .read_blocking(|tx| Ok(invariant::check(tx, &rooms::invariants(), true, &mut |_| {})?))
            .unwrap();
        assert_eq!(whole, []);
        for (name, sabotage) in SABOTAGES {
            let found = after(engine, name, sabotage);
            assert!(found.iter().any(|broken| broken.name == *name), "{name} was not noticed, but {found:?}");
        }
        let damaged = after(engine, invariant::blobs::NAME, &DAMAGE);
        assert!(damaged.iter().any(|broken| broken.some[0].contains("damaged")), "{damaged:?}");
    });
}

#[test]
fn names_of_invariants_are_unique() {
    let all = rooms::invariants();
    let names: BTreeSet<&str> = all.iter().map(|invariant| invariant.name).collect();
    assert_eq!(names.len(), all.len());
}

fn doctor(folder: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_bottega"))
        .arg("doctor")
        .args(arguments)
        .arg("--json")
        .current_dir(folder)
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.join("shop.db").display()))
        .env("BOTTEGA_DATA_DIR", folder.join("data"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "one document on one line: {text}{:?}", output.stderr);
    (output.status.code(), serde_json::from_str(&text).unwrap())
}

fn level<'a>(found: &'a Value, name: &str) -> &'a str {
    let checks = found["checks"].as_array().unwrap();
    let worst =
        checks.iter().filter(|check| check["name"] == name).map(|check| check["level"].as_str().unwrap());
    worst
        .max_by_key(|level| ["ok", "attention", "problem"].iter().position(|known| known == level))
        .unwrap_or("none")
}

#[test]
fn a_look_at_nothing_makes_nothing_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, found) = doctor(folder.path(), &[]);
    assert_eq!((code, level(&found, "database")), (Some(1), "problem"), "{found}");
    assert!(found["checks"].to_string().contains("check database_url"), "{found}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking made something");
}

#[test]
fn a_healthy_shop_is_healthy_and_what_is_wrong_around_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_bottega"))
        .args(["user", "create", "ada@officina.example", "--name", "Ada", "--role", "administrator"])
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.path().join("shop.db").display()))
        .env("BOTTEGA_DATA_DIR", folder.path().join("data"))
        .output()
        .unwrap();
    assert!(made.status.success());
    let (code, found) = doctor(folder.path(), &["--deep"]);
    assert_eq!((code, &found["healthy"]), (Some(0), &true.into()), "{found}");
    assert!(found["invariants"].as_u64().unwrap() > 50);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = folder.path().join("data/bottega.key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (code, found) = doctor(folder.path(), &[]);
        assert_eq!((code, level(&found, "key")), (Some(1), "problem"), "{found}");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&key, b"short").unwrap();
        assert_eq!(level(&doctor(folder.path(), &[]).1, "key"), "problem");
    }

    std::fs::write(folder.path().join("bottega.toml"), "listem = \"x\"").unwrap();
    let (code, found) = doctor(folder.path(), &[]);
    assert_eq!((code, level(&found, "configuration")), (Some(1), "problem"), "{found}");
}

#[test]
fn another_key_than_the_one_that_sealed_is_told() {
    let mut store = Store::sqlite();
    let sealed = store.engine().write_blocking(|tx| {
        let machine = Actor::machine(Vec::new());
        let new = admin::accounts::New {
            email: "ada@officina.example".into(),
            name: "Ada".into(),
            role: kernel::Role::Administrator,
            title: String::new(),
            locale: kernel::Locale::default(),
            zone: "Europe/Rome".into(),
            password_hash: None,
            mailboxes: Vec::new(),
        };
        let account = admin::accounts::create(tx, &SystemClock, &machine, &new)?;
        primitives::second_factor::confirm(tx, &SystemClock, &machine, account, &[9; 20], 1)
    });
    assert!(sealed.unwrap());
    drop(store.engine.take());
    let folder = store.dir.path();
    std::fs::rename(folder.join("bottega.db"), folder.join("shop.db")).unwrap();
    assert_eq!(level(&doctor(folder, &[]).1, "secrets"), "ok");
    std::fs::write(folder.join("data/bottega.key"), [7; 32]).unwrap();
    let (code, found) = doctor(folder, &[]);
    assert_eq!((code, level(&found, "secrets")), (Some(1), "problem"), "{found}");
}

#[test]
fn a_proxy_whose_word_does_not_count_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let proxies = |lines: &str| {
        std::fs::write(folder.path().join("bottega.toml"), lines).unwrap();
        level(&doctor(folder.path(), &[]).1, "proxies").to_owned()
    };
    let public = "public_url = \"https://bottega.example\"\n";
    assert_eq!(proxies(""), "none", "there is no proxy");
    assert_eq!(proxies(public), "ok", "the one on this machine");
    assert_eq!(proxies(&format!("{public}listen = \"0.0.0.0:8420\"")), "attention");
    let named = format!("{public}listen = \"0.0.0.0:8420\"\ntrusted_proxies = \"192.0.2.9\"");
    assert_eq!(proxies(&named), "ok");
    assert_eq!(proxies(&format!("{public}trusted_proxies = \"0.0.0.0/0\"")), "problem");
}

#[test]
fn a_damaged_file_is_told_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    std::fs::write(&database, b"this is no database, and long enough to have a header of one hundred bytes, is it not? Yes it is, yes.").unwrap();
    let (code, found) = doctor(folder.path(), &[]);
    assert_eq!((code, level(&found, "database")), (Some(1), "problem"), "{found}");
    assert!(std::fs::read(&database).unwrap().starts_with(b"this is no database"));
}
