//! Shops of every schema ever released, with something in every table.

use std::path::PathBuf;

use engine::Options;
use engine::blob::{self, BlobDigest};

/// What is in the small blob.
pub const SMALL: &[u8] = b"From: Anna\r\n\r\nperde";

/// A released schema: its number, its statements for SQLite and PostgreSQL, and a shop in it.
pub struct Released {
    pub number: i64,
    sqlite: &'static str,
    postgres: &'static str,
    shop: &'static str,
}

/// Every schema that was ever released. A release adds its line here.
pub const RELEASED: [Released; 1] = [Released {
    number: 1,
    sqlite: include_str!("../../../engine/migrations/sqlite/0001_the_shop_opens.sql"),
    postgres: include_str!("../../../engine/migrations/postgres/0001_the_shop_opens.sql"),
    shop: include_str!("../schemas/0001.sql"),
}];

/// A database of its own, gone when dropped.
pub struct Place {
    pub options: Options,
    pub dir: tempfile::TempDir,
    server: Option<(String, String)>,
}

impl Place {
    /// An empty SQLite place: no file yet.
    pub fn sqlite() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("shop.db").display());
        Place { options: Options { url, data_dir: dir.path().join("data") }, dir, server: None }
    }

    /// An empty PostgreSQL database, where there is a server.
    pub fn postgres() -> Option<Place> {
        let Ok(server) = std::env::var("BOTTEGA_TEST_POSTGRES") else {
            assert!(std::env::var_os("BOTTEGA_TEST_ALL").is_none(), "BOTTEGA_TEST_POSTGRES must be set here");
            return None;
        };
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("bottega_keep_{}_{count}", std::process::id());
        sql(&server, &format!("CREATE DATABASE {name}"));
        let (base, _) = server.rsplit_once('/').unwrap();
        let dir = tempfile::tempdir().unwrap();
        let options = Options { url: format!("{base}/{name}"), data_dir: dir.path().join("data") };
        Some(Place { options, dir, server: Some((server, name)) })
    }

    /// One of each.
    pub fn each() -> Vec<Place> {
        std::iter::once(Place::sqlite()).chain(Place::postgres()).collect()
    }

    pub fn file(&self) -> PathBuf {
        keep::sqlite_file(&self.options).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = self.server.take() {
            sql(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs a text on PostgreSQL.
pub fn sql(url: &str, text: &str) {
    postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(text).unwrap_or_else(|error| {
        panic!("{error:?} in {text}");
    });
}

/// Fills a place with the shop of a schema.
pub fn fill(place: &Place, released: &Released) {
    std::fs::create_dir_all(&place.options.data_dir).unwrap();
    std::fs::write(place.options.data_dir.join(engine::KEY_FILE), [7; 32]).unwrap();
    let large = large();
    let digest = BlobDigest::of(&large);
    blob::keep_file(&place.options.data_dir, &digest, &blob::pack(&large).unwrap()).unwrap();
    let sqlite = place.options.url.starts_with("sqlite:");
    let bytes = |bytes: &[u8]| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if sqlite { format!("X'{hex}'") } else { format!("CAST('\\x{hex}' AS BYTEA)") }
    };
    let mut shop = released
        .shop
        .replace("{SMALL_DIGEST}", &bytes(&BlobDigest::of(SMALL).0))
        .replace("{SMALL_SIZE}", &SMALL.len().to_string())
        .replace("{SMALL_PACKED}", &bytes(&blob::pack(SMALL).unwrap()))
        .replace("{LARGE_DIGEST}", &bytes(&digest.0))
        .replace("{LARGE_SIZE}", &large.len().to_string());
    for short in [[0x00, 0xff], [0xaa, 0x01], [0xaa, 0x02], [0x01, 0x02], [0x03, 0x04]] {
        shop = shop.replace(&format!("{{{:02x}{:02x}}}", short[0], short[1]), &bytes(&short));
    }
    let versions = format!(
        "CREATE TABLE schema_version (number BIGINT NOT NULL PRIMARY KEY);
         INSERT INTO schema_version (number) VALUES ({});",
        released.number
    );
    if sqlite {
        let database = rusqlite::Connection::open(place.file()).unwrap();
        database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF;").unwrap();
        for text in [released.sqlite, &versions, &shop] {
            database.execute_batch(&format!("BEGIN; {text} COMMIT;")).unwrap();
        }
    } else {
        // The conversation that continues another stands before it.
        let shop = shop.replace("INSERT INTO conversation (", "ALTER TABLE conversation ALTER CONSTRAINT \
            conversation_continues_id_fkey DEFERRABLE; SET CONSTRAINTS ALL DEFERRED; INSERT INTO conversation (");
        for text in [released.postgres, &versions] {
            sql(&place.options.url, text);
        }
        sql(&place.options.url, &format!("BEGIN; {shop} COMMIT;"));
        sql(
            &place.options.url,
            "ALTER TABLE conversation ALTER CONSTRAINT conversation_continues_id_fkey NOT DEFERRABLE",
        );
    }
}

/// A blob that is too large for the database: it does not pack well.
pub fn large() -> Vec<u8> {
    let mut state = 7_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..300_000).map(next).collect()
}
