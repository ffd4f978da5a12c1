//! Bad input, one kind after another: each is told in a sentence, nothing is lost, nothing is half-stored.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::{Engine, Statement};
use kernel::{Actor, Clock, Instant};
use listen::import::{ImportError, Kind, Options, Report, run};
use listen::table::Choice;
use testkit::{Store, on_both_engines};

static VOICES: Statement = Statement::new("test::bodies", "SELECT body FROM voice ORDER BY id");
static RAW: Statement = Statement::new(
    "test::raw",
    "SELECT b.size FROM arrival a JOIN blob b ON b.digest = a.raw_digest WHERE a.state <> 'duplicate' ORDER BY a.id",
);

fn options(kind: Kind, path: &Path) -> Options {
    Options {
        kind,
        path: path.to_owned(),
        source: "prova".into(),
        mailbox: None,
        mapping: Choice::default(),
        dry_run: false,
    }
}

fn try_import(store: &Store, kind: Kind, path: &Path) -> Result<Report, ImportError> {
    let clock: Arc<dyn Clock> = store.clock.clone();
    run(store.engine(), clock, &Actor::machine(vec![]), &options(kind, path), &mut |_| {})
}

fn import(store: &Store, kind: Kind, path: &Path) -> Report {
    let report = try_import(store, kind, path).unwrap();
    assert!(report.balanced, "{report:?}");
    report
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    (report.fetched, report.stored, report.duplicate, report.quarantined)
}

fn file(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn bodies(engine: &Engine) -> Vec<String> {
    engine.read_blocking(|tx| Ok(tx.query(&VOICES, &[], |row| row.take())?)).unwrap()
}

const MAIL: &str =
    "From: Anna <anna@cliente.example>\nSubject: Perde\nMessage-ID: <1@cliente.example>\n\nPerde acqua.\n";

#[test]
fn empty_files_of_every_kind_bring_nothing_and_say_so() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        for kind in [Kind::Mbox, Kind::Csv, Kind::Jsonl] {
            let report = import(store, kind, &file(dir.path(), "vuoto", ""));
            assert_eq!(counts(&report), (0, 0, 0, 0), "{kind:?}");
            assert_eq!(report.problems[0].cause, "the file is empty");
        }
        // A mail that is empty is an item all the same: it stands in quarantine.
        assert_eq!(counts(&import(store, Kind::Eml, &file(dir.path(), "vuoto", ""))), (1, 0, 0, 1));
        let empty = tempfile::tempdir().unwrap();
        let error = try_import(store, Kind::Eml, empty.path()).unwrap_err();
        assert!(error.to_string().contains("no file to import"), "{error}");
    });
}

#[test]
fn a_cut_file_keeps_what_it_had_and_the_whole_one_brings_the_rest() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let mail = |n: usize| {
            format!("From a Mon Mar  2 09:00:00 2026\n{}\n", MAIL.replace("<1@", &format!("<{n}@")))
        };
        let whole: String = (0..500).map(mail).collect();
        // An mbox that ends in the middle of a mail: that mail is an item as it is.
        let cut = &whole[..whole.len() - 20];
        let report = import(store, Kind::Mbox, &file(dir.path(), "a.mbox", cut));
        assert_eq!(counts(&report), (500, 500, 0, 0));
        let report = import(store, Kind::Mbox, &file(dir.path(), "a.mbox", &whole));
        assert_eq!(
            (report.stored, report.duplicate),
            (1, 499),
            "the whole mail is another than its beginning"
        );

        // A compressed one that ends in the middle: what can be read comes in, and the error says that it was cut.
        let rows: String = (0..30_000).map(|n| format!("{n},parole numero {n}\n")).collect();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(format!("id,testo\n{rows}").as_bytes()).unwrap();
        let packed = gz.finish().unwrap();
        let path = file(dir.path(), "t.csv.gz", &packed[..packed.len() / 2]);
        let error = try_import(store, Kind::Csv, &path).unwrap_err();
        assert!(error.to_string().contains("t.csv.gz cannot be read"), "{error}");
        let report = import(store, Kind::Csv, &file(dir.path(), "t.csv.gz", &packed));
        assert_eq!(report.fetched, 30_000);
        assert!(report.duplicate > 0 && report.stored + report.duplicate == 30_000, "{report:?}");
    });
}

#[test]
fn u0000_and_broken_letters_are_no_reason_to_lose_a_voice() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let table = b"id,testo,titolo,autore,email,prodotto,versione\n1\0,per\0de,tito\0lo,An\0na,a\0@c.example,Ve\0ra,2\0\n2,caff\xe8 \xff buono,,,,,\n";
        assert_eq!(counts(&import(store, Kind::Csv, &file(dir.path(), "t.csv", table))), (2, 2, 0, 0));
        let lines = "{\"text\":\"per\\u0000de\",\"subject\":\"ti\\u0000tolo\",\"external_id\":\"a\\u0000\",\"author\":{\"name\":\"An\\u0000na\",\
                     \"email\":\"b\\u0000@c.example\"},\"product\":\"Ve\\u0000ra\"}\n";
        assert_eq!(counts(&import(store, Kind::Jsonl, &file(dir.path(), "v.jsonl", lines))), (1, 1, 0, 0));
        let mail = "From: An\0na <anna\0@cliente.example>\nSubject: Per\0de =?utf-8?q?a=00b?=\nMessage-ID: <n\0@c.example>\n\nPerde\0 acqua \u{fffd}.\n";
        assert_eq!(counts(&import(store, Kind::Eml, &file(dir.path(), "m.eml", mail))), (1, 1, 0, 0));
        let bodies = bodies(store.engine());
        assert_eq!(bodies.len(), 4);
        assert!(bodies.iter().all(|body| !body.contains('\0')), "{bodies:?}");
        assert!(bodies.iter().any(|body| body.starts_with("caffè")), "{bodies:?}");
    });
}

#[test]
fn a_mail_of_60_megabytes_is_stored_whole() {
    let store = Store::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let part = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n";
    let mail = format!(
        "{}Content-Type: application/zip; name=\"a.zip\"\nContent-Transfer-Encoding: base64\n\n{}",
        MAIL.split("\n\n").next().unwrap().to_owned() + "\n",
        part.repeat(60 * 1024 * 1024 / part.len())
    );
    let path = file(dir.path(), "grande.eml", &mail);
    assert_eq!(counts(&import(&store, Kind::Eml, &path)), (1, 1, 0, 0));
    let sizes: Vec<i64> =
        store.engine().read_blocking(|tx| Ok(tx.query(&RAW, &[], |row| row.take())?)).unwrap();
    assert_eq!(sizes, [i64::try_from(mail.len()).unwrap()], "its bytes are all there");
    assert_eq!(counts(&import(&store, Kind::Eml, &path)), (1, 0, 1, 0));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let store = Store::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &Path| try_import(&store, Kind::Mbox, path).unwrap_err().to_string();
    assert!(refused(Path::new("/dev/zero")).contains("neither a file nor a folder"));
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(&pipe).contains("neither a file nor a folder"));
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    std::os::unix::fs::symlink(&two, &one).unwrap();
    std::os::unix::fs::symlink(&one, &two).unwrap();
    assert!(refused(&one).contains("cannot be read"), "{}", refused(&one));
    // In a folder, links and pipes are passed over.
    std::fs::write(dir.path().join("a"), format!("From a Mon Mar  2 09:00:00 2026\n{MAIL}")).unwrap();
    assert_eq!(counts(&import(&store, Kind::Mbox, dir.path())), (1, 1, 0, 0));
}

#[test]
fn a_table_without_words_says_which_columns_it_has() {
    let store = Store::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let path = file(dir.path(), "t.csv", "quando,dove\n2026-01-01,qui\n");
    let error = try_import(&store, Kind::Csv, &path).unwrap_err().to_string();
    assert!(error.contains("quando, dove") && error.contains("--map text=COLUMN"), "{error}");
    let mut asked = options(Kind::Csv, &path);
    asked.mapping = Choice::parse(&["text=parole".to_owned()]).unwrap();
    let clock: Arc<dyn Clock> = store.clock.clone();
    let error = run(store.engine(), clock, &Actor::machine(vec![]), &asked, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("has no column \"parole\""), "{error}");
    assert!(bodies(store.engine()).is_empty());
}

/// A clock that goes back by a day as soon as it is told to.
struct Jumping {
    now: Instant,
    back: AtomicBool,
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        let jump = if self.back.load(Ordering::Relaxed) { -90_000 } else { 0 };
        self.now.plus_seconds(jump)
    }
}

#[test]
fn a_clock_that_steps_back_in_the_middle_leaves_the_ledger_balanced() {
    on_both_engines(|store| {
        let dir = tempfile::tempdir().unwrap();
        let rows: String = (0..1_000).map(|n| format!("{n},parole {n}\n")).collect();
        let path = file(dir.path(), "t.csv", format!("id,testo\n{rows}"));
        let clock = Arc::new(Jumping { now: store.clock.now(), back: AtomicBool::new(false) });
        let (as_clock, jump): (Arc<dyn Clock>, _) = (clock.clone(), clock);
        let report =
            run(store.engine(), as_clock, &Actor::machine(vec![]), &options(Kind::Csv, &path), &mut |done| {
                jump.back.store(done.fetched >= 400, Ordering::Relaxed);
            });
        let report = report.unwrap();
        assert!(report.balanced);
        assert_eq!(counts(&report), (1_000, 1_000, 0, 0));
        assert_eq!(counts(&import(store, Kind::Csv, &path)), (1_000, 0, 1_000, 0), "each has its own id");
    });
}

#[test]
fn a_database_that_can_hold_no_more_stops_the_import_and_blames_no_item() {
    let store = Store::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..20_000).map(|n| format!("{n},parole sempre diverse numero {n}\n")).collect();
    let path = file(dir.path(), "t.csv", format!("id,testo\n{rows}"));
    // The writer's connection is bounded through a limit that the file itself remembers for no one else: a
    // transaction larger than the limit fails like one on a full disk.
    static BOUND: Statement = Statement::new("test::bound", "PRAGMA max_page_count = 400");
    static UNBOUND: Statement = Statement::new("test::unbound", "PRAGMA max_page_count = 1000000");
    let set = |statement: &'static Statement| {
        store
            .engine()
            .write_blocking(move |tx| Ok(tx.query(statement, &[], |row| row.take::<i64>())?))
            .unwrap()
    };
    set(&BOUND);
    let error = try_import(&store, Kind::Csv, &path).unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    set(&UNBOUND);
    let report = import(&store, Kind::Csv, &path);
    assert_eq!(
        (report.fetched, report.quarantined),
        (20_000, 0),
        "nothing stands in quarantine for a full disk"
    );
    assert_eq!(bodies(store.engine()).len(), 20_000);
}
