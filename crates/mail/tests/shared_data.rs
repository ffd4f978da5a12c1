//! Runs over mails that others wrote, where they are at hand (`BOTTEGA_SHARED_DATA`, or `shared/data` beside the
//! workspace): nothing may panic, and the counts show what they are made of.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, which show what they counted"
)]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn data(folder: &str) -> Option<PathBuf> {
    let root = env::var_os("BOTTEGA_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = root.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not here", folder.display());
    None
}

fn mails(folder: &Path) -> Vec<PathBuf> {
    let files = mail::folder::items(folder).unwrap();
    files.into_iter().filter(|p| p.extension().is_some_and(|e| e == "eml")).collect()
}

#[test]
fn every_mail_that_broke_others_is_read() {
    let Some(folder) = data("mail_fixtures") else { return };
    let (mut counts, mut defects) = (BTreeMap::<&str, usize>::new(), BTreeMap::<String, usize>::new());
    for path in mails(&folder) {
        let message = mail::parse(&fs::read(&path).unwrap());
        assert!(message.text.trim().is_empty() || !message.reply.trim().is_empty(), "{}", path.display());
        *counts.entry("mails").or_default() += 1;
        *counts.entry("with text").or_default() += usize::from(!message.text.trim().is_empty());
        *counts.entry("with a sender's address").or_default() +=
            usize::from(message.from.is_some_and(|f| !f.address.is_empty()));
        *counts.entry("attachments").or_default() += message.attachments.len();
        for defect in message.defects {
            *defects.entry(defect).or_default() += 1;
        }
    }
    println!("{counts:?}\n{defects:?}");
}

/// How often our reading agrees with the expectation files of the library underneath; a hint, no oracle.
#[test]
fn agreement_with_the_expectations_of_the_library_is_shown() {
    let Some(folder) = data("mail_fixtures/stalwart-mail-parser") else { return };
    let (mut mails_seen, mut subjects, mut senders) = (0, 0, 0);
    for path in mails(&folder) {
        let Ok(json) = fs::read(path.with_extension("json")) else { continue };
        let Ok(expected) = serde_json::from_slice::<Value>(&json) else { continue };
        let header = |name: &str| {
            let headers = expected["parts"][0]["headers"].as_array()?;
            headers.iter().find(|h| h["name"] == name).map(|h| h["value"].clone())
        };
        let message = mail::parse(&fs::read(&path).unwrap());
        mails_seen += 1;
        let subject =
            header("subject").and_then(|v| v["Text"].as_str().map(str::to_owned)).unwrap_or_default();
        let same_subject = subject.split_whitespace().eq(message.subject.split_whitespace());
        subjects += usize::from(same_subject);
        let from =
            header("from").and_then(|v| v["Address"]["List"][0]["address"].as_str().map(str::to_owned));
        let ours = message.from.map(|f| f.address).filter(|a| !a.is_empty());
        senders += usize::from(from == ours);
        if !same_subject || from != ours {
            println!("{}: {subject:?} {:?} | {from:?} {ours:?}", path.display(), message.subject);
        }
    }
    println!("of {mails_seen}: same subject {subjects}, same sender {senders}");
}
