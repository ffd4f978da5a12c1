//! Loading many rows at once: what comes out is a database like any other, or one that says it is none.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use engine::bulk::{Bulk, Finishing, Rows};
use engine::search::{self, Entry};
use engine::{DbError, Dialect, Engine, Options, params};
use kernel::{Instant, MailboxId};
use testkit::{Store, on_both_engines};
use text::search::Query;

engine::statements! {
    /// Every index and key of the schema, as it was declared.
    SCHEMA = {
        sqlite: "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_schema WHERE name <> 'sqlite_stat1' ORDER BY 1",
        postgres: "SELECT CAST(conrelid AS regclass)::text || ' ' || conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
                   WHERE connamespace = 'public'::regnamespace
                   UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    };
    /// The tags.
    TAGS = "SELECT name FROM tag ORDER BY id";
    /// Adds a tag.
    ADD_TAG = "INSERT INTO tag (id, name) VALUES ($1, $2)";
}

const MAILBOX: MailboxId = MailboxId(7);

/// An empty database beside the store's own, which is in use.
fn fresh(store: &Store) -> Options {
    match store.engine().dialect() {
        Dialect::Sqlite => Options {
            url: store.url.replace("bottega.db", "loaded.db"),
            data_dir: store.dir.path().join("data-loaded"),
        },
        Dialect::Postgres => Options { url: store.url.clone(), data_dir: store.dir.path().join("data") },
    }
}

fn schema(engine: &Engine) -> Vec<String> {
    engine.read_blocking(|tx| Ok(tx.query(&SCHEMA, &[], |row| row.take())?)).unwrap()
}

fn found(engine: &Engine, words: &str) -> Vec<i64> {
    let query = Query::parse(words);
    let found = engine
        .read_blocking(move |tx| Ok(search::candidates(tx, &query, vec![MAILBOX.raw()], None, 50)?))
        .unwrap();
    found.into_iter().map(|candidate| candidate.subject_id).collect()
}

#[test]
fn what_was_loaded_is_a_database_like_any_other() {
    on_both_engines(|store| {
        let options = fresh(store);
        let before = schema(store.engine());
        let mut bulk = Bulk::begin(&options, store.clock()).unwrap();
        assert_eq!(bulk.dialect(), store.engine().dialect());
        let mut tags = Rows::of("tag", &["id", "name"]);
        tags.push([1_i64.into(), "urgente".into()]);
        tags.push([2_i64.into(), "perché no".into()]);
        assert_eq!(tags.len(), 2);
        bulk.add(vec![tags.take()]).unwrap();
        assert!(tags.is_empty());
        let at = |second: i64| Instant::from_micros(1_790_000_000_000_000 + second * 1_000_000);
        let texts = [(1, 30, "La guarnizione perde ancora"), (2, 10, "Guarnizioni nuove"), (3, 20, "Grazie")];
        let entries = texts.into_iter().flat_map(|(id, second, text)| {
            Entry::of("voice", id, id as u64, MAILBOX, at(second), text, Some("it"))
        });
        bulk.add_entries(entries.collect()).unwrap();
        let mut told = Vec::new();
        bulk.finish(|step| told.push(step)).unwrap();
        assert!(matches!(told.last(), Some(Finishing { done, all }) if done == all && *all > 40), "{told:?}");

        let engine = Engine::open(&options, store.clock()).unwrap();
        assert_eq!(schema(&engine), before);
        let names: Vec<String> =
            engine.read_blocking(|tx| Ok(tx.query(&TAGS, &[], |row| row.take())?)).unwrap();
        assert_eq!(names, ["urgente", "perché no"]);
        assert_eq!(found(&engine, "guarnizione"), [1, 2], "the newest first");
        // It goes on as if every row had come through a use case.
        let now = kernel::Clock::now(&*store.clock);
        engine
            .write_blocking(move |tx| {
                search::index(tx, "voice", 4, MAILBOX, now, "una guarnizione", Some("it"))?;
                search::remove(tx, "voice", 1)?;
                Ok(())
            })
            .unwrap();
        assert_eq!(found(&engine, "guarnizione"), [4, 2]);
        let twice = engine.write_blocking(|tx| Ok(tx.execute(&ADD_TAG, params![9_i64, "urgente"])?));
        assert!(twice.is_err(), "names are unique again");
    });
}

#[test]
fn a_database_whose_loading_was_interrupted_is_refused() {
    on_both_engines(|store| {
        let options = fresh(store);
        drop(Bulk::begin(&options, store.clock()).unwrap());
        assert!(matches!(Engine::open(&options, store.clock()), Err(DbError::HalfLoaded)));
        assert!(matches!(Bulk::begin(&options, store.clock()), Err(DbError::HalfLoaded)));
    });
}

#[test]
fn a_row_that_does_not_fit_ends_the_loading() {
    on_both_engines(|store| {
        let mut bulk = Bulk::begin(&fresh(store), store.clock()).unwrap();
        let mut wrong = Rows::of("no_such_table", &["id"]);
        wrong.push([1_i64.into()]);
        bulk.add(vec![wrong]).unwrap();
        assert!(bulk.finish(|_| {}).is_err());
    });
}

#[test]
fn a_vector_made_here_is_the_one_that_postgresql_would_make() {
    engine::statements! {
        /// Both ways beside each other.
        BOTH = { sqlite: "SELECT $1 = $2", postgres: "SELECT CAST($1 AS tsvector) = to_tsvector('simple', CAST($2 AS TEXT))" };
    }
    let Some(store) = Store::postgres() else { return };
    let long = "perché la macchina perde ".repeat(4_000);
    for text in ["La VERA-6 di anna@example.com: 3,5 bar, l'anello è rotto", "", "però 机器 坏了", &long]
    {
        let terms = text::search::analyse(text, Some("it"));
        let same = store
            .engine()
            .read_blocking(move |tx| Ok(tx.one(&BOTH, params![&terms, &terms], |row| row.take::<bool>())?))
            .unwrap();
        assert!(same, "{text:.60}");
    }
}
