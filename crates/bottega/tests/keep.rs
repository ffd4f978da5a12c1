//! Backup, restore, export and move as their keeper runs them, with the example company; and killed in the middle.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How often each command is killed.
const KILLS: u32 = 8;

/// A small example company, made once and copied for each test.
fn company() -> tempfile::TempDir {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let said = Command::new(env!("CARGO_BIN_EXE_bottega"))
            .args(["demo", "--only-load", "--size", "small", "--dir"])
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        folder
    });
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(made.path().join(".")).arg(copy.path()).status().unwrap();
    assert!(copied.success());
    std::fs::rename(copy.path().join("bottega-demo.db"), copy.path().join("bottega.db")).unwrap();
    for end in ["-wal", "-shm"] {
        let from = copy.path().join(format!("bottega-demo.db{end}"));
        if from.exists() {
            std::fs::rename(from, copy.path().join(format!("bottega.db{end}"))).unwrap();
        }
    }
    copy
}

/// Runs in a folder whose shop is `bottega.db`, with its files beside.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let files = if folder.join("bottega-demo-files").exists() { "bottega-demo-files" } else { "." };
    let mut command = Command::new(env!("CARGO_BIN_EXE_bottega"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.join("bottega.db").display()))
        .env("BOTTEGA_DATA_DIR", folder.join(files))
        .env("BOTTEGA_BACKUP_DIR", folder.join("copies"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "one document on one line: {text}");
    serde_json::from_str(&text).unwrap()
}

fn path(value: &Value) -> PathBuf {
    value.as_str().unwrap().into()
}

#[test]
fn last_night_is_restored_with_what_the_guide_says() {
    let shop = company();
    let made = json(&run(shop.path(), &["backup", "--json"]));
    assert_eq!((&made["verified"], &made["key"]), (&"restored".into(), &true.into()), "{made}");
    assert_eq!(made["findings"], Value::Array(Vec::new()), "{made}");
    let file = made["file"].as_str().unwrap();
    let looked = run(shop.path(), &["restore", file, "--dry-run"]);
    assert!(
        looked.status.success() && said(&looked).contains("There is a shop at that place already"),
        "{}",
        said(&looked)
    );

    // Where the shop is, nothing happens; without --yes and nobody to ask neither.
    let refused = run(shop.path(), &["restore", file, "--yes"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("nothing is ever overwritten") && said(&refused).contains("mv "),
        "{}",
        said(&refused)
    );
    let again = tempfile::tempdir().unwrap();
    let place = again.path().join("shop");
    let unasked = run(shop.path(), &["restore", file, "--to", place.to_str().unwrap()]);
    assert!(said(&unasked).contains("run it again with --yes"), "{}", said(&unasked));
    assert!(!place.exists());

    let restored =
        json(&run(shop.path(), &["restore", file, "--to", place.to_str().unwrap(), "--yes", "--json"]));
    assert_eq!((&restored["rows"], &restored["key"]), (&made["rows"], &true.into()));
    let healthy = json(&run(&place, &["doctor", "--deep", "--json"]));
    assert_eq!(healthy["broken"], Value::Array(Vec::new()), "{healthy}");
    // What was on its way is held, and somebody decides.
    let held = json(&run(&place, &["held", "list", "--json"]));
    assert_eq!(held.as_array().unwrap().len() as u64, restored["held"].as_u64().unwrap());
    if let Some(first) = held.as_array().unwrap().first() {
        let id = first["id"].as_str().unwrap();
        assert!(run(&place, &["held", "stop", id]).status.success());
        let twice = run(&place, &["held", "stop", id]);
        assert!(said(&twice).contains("is not held"), "{}", said(&twice));
    }
    assert!(run(&place, &["held", "release", "--all"]).status.success());
    assert_eq!(json(&run(&place, &["held", "list", "--json"])), Value::Array(Vec::new()));
}

#[test]
fn a_damaged_key_is_told_before_anything_is_done_and_the_rest_can_be_had() {
    let shop = company();
    let made = json(&run(shop.path(), &["backup", "--quick", "--json"]));
    let file = path(&made["file"]);
    let mut bytes = std::fs::read(&file).unwrap();
    // Its name stands at the head of its entry; what it holds begins one block after.
    let entry = bytes.windows(12).rposition(|bytes| bytes == b"bottega.key\0").unwrap();
    bytes[entry + 512] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let file = file.to_str().unwrap();
    let looked = run(shop.path(), &["restore", file, "--dry-run"]);
    assert!(!looked.status.success() && said(&looked).contains("bottega.key"), "{}", said(&looked));
    let refused = run(shop.path(), &["restore", file, "--to", "again", "--yes"]);
    assert!(said(&refused).contains("--without-damaged-files"), "{}", said(&refused));
    assert!(!shop.path().join("again").exists());
    let arguments = ["restore", file, "--to", "again", "--yes", "--json", "--without-damaged-files"];
    let restored = json(&run(shop.path(), &arguments));
    assert_eq!((&restored["key"], &restored["rows"]), (&false.into(), &made["rows"]));
}

#[test]
fn the_server_has_its_nights_made_by_a_command_that_makes_each_once() {
    let shop = company();
    let made = json(&run(shop.path(), &["backup", "--nightly", "--json"]));
    let file = path(&made["file"]);
    assert!(file.file_name().unwrap().to_str().unwrap().starts_with("nightly-") && file.exists(), "{made}");
    assert_eq!(json(&run(shop.path(), &["backup", "--nightly", "--json"]))["file"], Value::Null);
}

#[test]
fn a_wrong_path_is_told_in_words() {
    let shop = company();
    let missing = run(shop.path(), &["restore", "nightly.tar", "--to", "again", "--yes"]);
    assert!(
        said(&missing).contains("nightly.tar is not there: name the backup with its whole path"),
        "{}",
        said(&missing)
    );
    assert!(!said(&missing).contains("os error"), "{}", said(&missing));
    let made = json(&run(shop.path(), &["backup", "--quick", "--json"]));
    let file = made["file"].as_str().unwrap();
    let no_key = run(shop.path(), &["restore", file, "--to", "again", "--key", "/dev/null", "--yes"]);
    assert!(said(&no_key).contains("/dev/null is no key file"), "{}", said(&no_key));
    let restored = run(shop.path(), &["restore", file, "--to", "again", "--yes"]);
    let again = shop.path().join("again");
    assert!(
        said(&restored).contains(&format!("BOTTEGA_DATA_DIR={}", again.display())),
        "{}",
        said(&restored)
    );
}

#[test]
fn a_backup_taken_while_the_shop_writes_is_of_one_instant() {
    let shop = company();
    let mails = shop.path().join("mails");
    std::fs::create_dir(&mails).unwrap();
    for number in 0..400 {
        let body = format!(
            "From: Anna <anna{}@x.example>\r\nTo: banco@x.example\r\nSubject: La {number}\r\nMessage-ID: <{number}@x.example>\r\n\
             Date: Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\nBuongiorno, sono la {number}.\r\n{}\r\n",
            number % 50,
            if number % 40 == 0 { noise(number, 120_000) } else { String::new() }
        );
        std::fs::write(mails.join(format!("{number}.eml")), body).unwrap();
    }
    let mut writing =
        command(shop.path(), &["import", "eml", "mails", "--source", "posta", "--json"]).spawn().unwrap();
    let mut taken = 0;
    loop {
        let over = writing.try_wait().unwrap().is_some();
        let made = json(&run(shop.path(), &["backup", "--json", "--to", &format!("copies-{taken}")]));
        assert_eq!(made["findings"], Value::Array(Vec::new()), "{made}");
        taken += 1;
        if over {
            break;
        }
    }
    assert!(writing.wait().unwrap().success());
}

/// Text that packs badly, so that its mail becomes a file beside the database.
fn noise(seed: u32, length: usize) -> String {
    let mut state = seed.wrapping_add(1);
    let next = |at| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if at % 76 == 75 { '\n' } else { char::from(b'!' + (state >> 24) as u8 % 90) }
    };
    (0..length).map(next).collect()
}

#[test]
fn an_export_opens_as_a_shop_again() {
    let shop = company();
    let made = json(&run(shop.path(), &["export", "out", "--csv", "--json"]));
    assert!(shop.path().join("out/people.csv").exists() && shop.path().join("out/data/voice.jsonl").exists());
    let again = json(&run(shop.path(), &["restore", "out", "--to", "again", "--yes", "--json"]));
    assert_eq!(again["rows"], made["rows"]);
    let healthy = json(&run(&shop.path().join("again"), &["doctor", "--deep", "--json"]));
    assert_eq!(healthy["broken"], Value::Array(Vec::new()), "{healthy}");
    let twice = run(shop.path(), &["export", "out"]);
    assert!(said(&twice).contains("give a folder that does not exist yet"), "{}", said(&twice));
}

#[test]
fn a_move_to_another_engine_and_back_is_equal() {
    let Some(store) = testkit::Store::postgres() else { return };
    let shop = company();
    let url = empty_twin(&store.url);
    let there = json(&run(shop.path(), &["migrate", "--to", &url, "--json"]));
    let back = command(shop.path(), &["migrate", "--to", "sqlite:back.db", "--json"])
        .env("BOTTEGA_DATABASE_URL", &url)
        .output()
        .unwrap();
    let back = json(&back);
    assert_eq!(there["rows"], back["rows"]);
    assert_eq!(sorted(&there["tables"]), sorted(&back["tables"]));
    let refused = run(shop.path(), &["migrate", "--to", &url]);
    assert!(said(&refused).contains("nothing is ever overwritten"), "{}", said(&refused));
    psql(&store.url, &format!("DROP DATABASE {} WITH (FORCE)", url.rsplit('/').next().unwrap()));
}

fn sorted(tables: &Value) -> Vec<String> {
    let mut all: Vec<String> = tables.as_array().unwrap().iter().map(Value::to_string).collect();
    all.sort();
    all
}

/// Another, empty database on the same server.
fn empty_twin(url: &str) -> String {
    let (base, name) = url.rsplit_once('/').unwrap();
    psql(url, &format!("CREATE DATABASE {name}_moved"));
    format!("{base}/{name}_moved")
}

fn psql(url: &str, sql: &str) {
    postgres::Client::connect(url, postgres::NoTls).unwrap().batch_execute(sql).unwrap();
}

/// Starts a command and kills it after each of some shares of the time that it takes; `look` follows each kill.
fn killed(folder: &Path, arguments: &[&str], takes: Duration, mut look: impl FnMut(u32)) {
    for kill in 0..KILLS {
        let mut child = command(folder, arguments).spawn().unwrap();
        std::thread::sleep(takes * kill / KILLS);
        child.kill().unwrap();
        child.wait().unwrap();
        look(kill);
    }
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_that_looks_like_one() {
    let shop = company();
    let begun = Instant::now();
    let made = json(&run(shop.path(), &["backup", "--json"]));
    let takes = begun.elapsed();
    let copies = shop.path().join("copies");
    killed(shop.path(), &["backup"], takes, |_| {
        for entry in std::fs::read_dir(&copies).unwrap() {
            let file = entry.unwrap().path();
            if file.extension().is_some_and(|end| end == "tar") {
                let looked = run(shop.path(), &["restore", file.to_str().unwrap(), "--dry-run"]);
                assert!(looked.status.success(), "{}", said(&looked));
            }
        }
    });
    assert!(path(&made["file"]).exists());
    assert!(run(shop.path(), &["doctor"]).status.success());
}

#[test]
fn a_restore_that_is_killed_leaves_nothing_that_looks_like_a_shop() {
    let shop = company();
    let file = path(&json(&run(shop.path(), &["backup", "--quick", "--json"]))["file"]);
    let file = file.to_str().unwrap();
    let begun = Instant::now();
    let rows =
        json(&run(shop.path(), &["restore", file, "--to", "timed", "--yes", "--json"]))["rows"].clone();
    let takes = begun.elapsed();
    let arguments = ["restore", file, "--to", "again", "--yes"];
    let place = shop.path().join("again");
    killed(shop.path(), &arguments, takes, |kill| {
        if place.join("bottega.db").exists() {
            // It had just ended, or only its mark is left to be removed.
            let finished = run(shop.path(), &arguments);
            assert!(
                finished.status.success()
                    || said(&finished).contains("never overwritten")
                    || said(&finished).contains("ever overwritten"),
                "{}",
                said(&finished)
            );
            assert_eq!(
                json(&run(&place, &["doctor", "--deep", "--json"]))["broken"],
                Value::Array(Vec::new())
            );
            std::fs::remove_dir_all(&place).unwrap();
        } else if place.join("restore-unfinished").exists() {
            let opened = run(&place, &["user", "list"]);
            assert!(said(&opened).contains("was interrupted"), "kill {kill}: {}", said(&opened));
            assert!(!place.join("bottega.db").exists());
        }
    });
    let restored = json(&run(shop.path(), &["restore", file, "--to", "again", "--yes", "--json"]));
    assert_eq!(restored["rows"], rows);
    assert!(!place.join("restore-unfinished").exists());
    assert_eq!(json(&run(&place, &["doctor", "--deep", "--json"]))["broken"], Value::Array(Vec::new()));
}

#[test]
fn a_move_that_is_killed_leaves_the_original_and_no_copy() {
    let shop = company();
    let begun = Instant::now();
    let moved = json(&run(shop.path(), &["migrate", "--to", "sqlite:timed.db", "--json"]));
    let takes = begun.elapsed();
    let copy = shop.path().join("copy.db");
    killed(shop.path(), &["migrate", "--to", "sqlite:copy.db"], takes, |_| {
        if copy.exists() {
            std::fs::remove_file(&copy).unwrap();
        }
    });
    let again = json(&run(shop.path(), &["migrate", "--to", "sqlite:copy.db", "--json"]));
    assert_eq!(sorted(&again["tables"]), sorted(&moved["tables"]));
}

#[test]
fn the_commands_explain_themselves() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["backup", "restore", "export", "migrate", "held"] {
        let help = command(folder.path(), &[name, "--help"]).env("COLUMNS", "100").output().unwrap();
        insta::assert_snapshot!(format!("help_{name}"), String::from_utf8(help.stdout).unwrap());
    }
}
