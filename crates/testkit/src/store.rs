//! Fresh databases on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Engine, Options};
use kernel::{Clock, Instant, ManualClock};

/// The variable that names a PostgreSQL in which tests may create databases. `cargo xtask test` sets it.
pub const POSTGRES: &str = "BOTTEGA_TEST_POSTGRES";
/// Set where nothing may be skipped.
pub const ALL: &str = "BOTTEGA_TEST_ALL";

/// A fresh database with a clock that stands still at 2026-11-20 09:00 UTC. Gone when dropped.
pub struct Store {
    /// The engine, migrated.
    pub engine: Option<Engine>,
    /// The clock of everything in it.
    pub clock: Arc<ManualClock>,
    /// Where its files are.
    pub dir: tempfile::TempDir,
    /// Its address, to open it once more.
    pub url: String,
    cleanup: Option<(String, String)>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Store {
    /// On embedded SQLite.
    pub fn sqlite() -> Store {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("bottega.db").display());
        Store::open(url, dir, None)
    }

    /// On PostgreSQL; `None` where there is none and skipping is allowed.
    pub fn postgres() -> Option<Store> {
        let Ok(server) = std::env::var(POSTGRES) else {
            assert!(std::env::var_os(ALL).is_none(), "{POSTGRES} must be set here");
            eprintln!("skipped on PostgreSQL: {POSTGRES} is not set (cargo xtask test sets it)");
            return None;
        };
        let name = format!("bottega_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("CREATE DATABASE {name}"));
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Some(Store::open(url, tempfile::tempdir().unwrap(), Some((server, name))))
    }

    fn open(url: String, dir: tempfile::TempDir, cleanup: Option<(String, String)>) -> Store {
        let now: Instant = "2026-11-20T09:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let options = Options { url: url.clone(), data_dir: dir.path().join("data") };
        let engine = Engine::open(&options, &*clock).expect("the engine opens");
        Store { engine: Some(engine), clock, dir, url, cleanup }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    /// The clock as use cases take it.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.engine.take());
        if let Some((server, name)) = self.cleanup.take() {
            administer(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs a statement on the tests' PostgreSQL: databases are made and dropped so.
pub fn administer(server: &str, sql: &str) {
    let (server, sql) = (server.to_owned(), sql.to_owned());
    // The driver blocks; a test may already be inside an asynchronous runtime.
    std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&server, postgres::NoTls).expect("PostgreSQL answers");
        client.batch_execute(&sql).expect(&sql);
    })
    .join()
    .unwrap();
}

/// Runs a test on SQLite, then on PostgreSQL.
pub fn on_both_engines(test: impl Fn(&Store)) {
    test(&Store::sqlite());
    if let Some(store) = Store::postgres() {
        test(&store);
    }
}
