//! The command line as people and scripts use it.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn bottega(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bottega"))
        .args(arguments)
        .current_dir(folder)
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.join("shop.db").display()))
        .env("BOTTEGA_DATA_DIR", folder.join("data"))
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "one document on one line: {text}");
    serde_json::from_str(&text).unwrap()
}

const MAIL: &str = "From: Anna Riva <anna@lapieve.example>\r\nTo: banco@officina.example\r\nSubject: La macchina perde\r\n\
    Message-ID: <m1@lapieve.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0100\r\n\r\nBuongiorno, perde dal gruppo.\r\n";

/// Makes a shop, as a machine room does without a browser.
fn open(folder: &Path) {
    let ada =
        ["user", "create", "ada@officina.example", "--name", "Ada", "--role", "administrator", "--json"];
    json(&bottega(folder, &ada));
}

#[test]
fn what_only_looks_makes_no_shop_in_a_wrong_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id;testo;voto\n1;Ottimo caffè;5\n").unwrap();
    let commands: [&[&str]; 6] = [
        &["user", "list"],
        &["user", "end-sessions", "ada@officina.example"],
        &["token", "create", "--for", "ada@officina.example", "--name", "x"],
        &["held", "list"],
        &["export", "out"],
        &["migrate"],
    ];
    for command in commands {
        let output = bottega(folder.path(), command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        assert!(
            said.contains("holds no shop. Is this the right folder? Name the file with --config."),
            "{said}"
        );
    }
    assert_eq!(bottega(folder.path(), &["doctor"]).status.code(), Some(1));
    let there: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(there, ["a.csv"], "looking made something");
}

#[test]
fn a_folder_of_mails_is_imported_once_however_often_it_is_run_and_may_be_the_first_of_a_shop() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join("mails/sub");
    std::fs::create_dir_all(&mails).unwrap();
    std::fs::write(mails.join("one.whatever"), MAIL).unwrap();
    std::fs::write(mails.join("copy"), MAIL).unwrap();
    std::fs::write(mails.join(".hidden"), MAIL.replace("m1@", "m2@")).unwrap();
    std::fs::write(mails.join("empty.eml"), "").unwrap();
    let run = || json(&bottega(folder.path(), &["import", "eml", "mails", "--source", "posta", "--json"]));
    let first = run();
    assert_eq!(
        (&first["fetched"], &first["stored"], &first["duplicate"], &first["quarantined"], &first["balanced"]),
        (&3.into(), &1.into(), &1.into(), &1.into(), &true.into()),
        "{first}"
    );
    assert_eq!(first["problems"].as_array().unwrap().len(), 1, "{first}");
    let second = run();
    assert_eq!((&second["stored"], &second["balanced"]), (&0.into(), &true.into()), "{second}");
}

#[test]
fn a_dry_run_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    std::fs::write(folder.path().join("a.csv"), "id;testo;voto\n1;Ottimo caffè;5\n2;Così così;3\n").unwrap();
    let run = |extra: &[&str]| {
        let mut arguments = vec!["import", "csv", "a.csv", "--source", "sondaggio", "--json"];
        arguments.extend(extra);
        json(&bottega(folder.path(), &arguments))
    };
    assert_eq!(run(&["--dry-run"])["stored"], 2);
    assert_eq!(run(&[])["stored"], 2, "the dry run stored nothing");
    assert_eq!(run(&[])["duplicate"], 2);
}

#[test]
fn a_mail_is_parsed_by_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.eml"), MAIL).unwrap();
    let mail = json(&bottega(folder.path(), &["mail", "parse", "m.eml", "--json"]));
    let expected = [
        "attachments",
        "cc",
        "date",
        "defects",
        "folded",
        "from",
        "html",
        "in_reply_to",
        "labels",
        "message_id",
        "references",
        "reply",
        "reply_to",
        "sender",
        "subject",
        "text",
        "to",
    ];
    let mut keys: Vec<&str> = mail.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(mail["from"]["address"], "anna@lapieve.example");
    assert_eq!(mail["reply"].as_str().unwrap().trim(), "Buongiorno, perde dal gruppo.");
}

#[test]
fn every_line_of_text_gets_one_line_of_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("t"),
        "La macchina perde acqua dal gruppo\n\nThe machine is leaking again",
    )
    .unwrap();
    let output = bottega(folder.path(), &["text", "language", "t"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let languages: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(languages.len(), 3);
    assert_eq!((&languages[0]["language"], &languages[2]["language"]), (&"it".into(), &"en".into()));
}

#[test]
fn accounts_and_tokens_are_made_without_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let made = json(&bottega(
        folder.path(),
        &["user", "create", "ada@officina.example", "--name", "Ada", "--role", "administrator", "--json"],
    ));
    assert!(made["id"].as_str().unwrap().starts_with("acc_"));
    let token = json(&bottega(
        folder.path(),
        &["token", "create", "--for", "ada@officina.example", "--name", "x", "--json"],
    ));
    assert!(token["token"].as_str().unwrap().starts_with("bottega_"));
    let again = bottega(folder.path(), &["user", "create", "ada@officina.example", "--name", "Ada"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("taken already"));
}

#[test]
fn who_is_shut_out_finds_a_way_at_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let ada = "ada@officina.example";
    bottega(folder.path(), &["user", "create", ada, "--name", "Ada", "--role", "administrator"]);
    let first = json(&bottega(folder.path(), &["user", "password", ada, "--json"]));
    let second = json(&bottega(folder.path(), &["user", "password", ada, "--allow-passwords", "--json"]));
    assert_ne!(first["password"], second["password"]);
    assert_eq!(second["password_sign_in"], true);
    let link = bottega(folder.path(), &["user", "password-link", ada]);
    assert!(String::from_utf8_lossy(&link.stdout).contains("/password/"), "{link:?}");
    for command in ["reset-second-factor", "end-sessions"] {
        assert_eq!(bottega(folder.path(), &["user", command, ada]).status.code(), Some(0), "{command}");
        let nobody = bottega(folder.path(), &["user", command, "nobody@officina.example"]);
        assert_eq!(nobody.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&nobody.stderr).contains("bottega user list"));
    }
}

#[test]
fn wrong_use_and_failure_have_their_own_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(bottega(folder.path(), &["import", "eml"]).status.code(), Some(2));
    assert_eq!(bottega(folder.path(), &["nonsense"]).status.code(), Some(2));
    let missing = bottega(folder.path(), &["import", "eml", "nowhere", "--source", "x", "--json"]);
    assert_eq!((missing.status.code(), missing.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere does not exist"));
}

#[test]
fn the_api_document_is_openapi_3_1() {
    let folder = tempfile::tempdir().unwrap();
    let output = bottega(folder.path(), &["openapi"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}
