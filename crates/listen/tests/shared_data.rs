//! Runs over data that others wrote, where it is at hand (`BOTTEGA_SHARED_DATA`, or `shared/data` beside the
//! workspace): everything balances, and a second run stores nothing.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, which show what they counted"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use kernel::{Actor, Clock};
use listen::import::{Kind, Options, Report, run};
use listen::table::Choice;
use testkit::Store;

fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BOTTEGA_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = root.join(folder);
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: {} is not here", folder.display());
    None
}

fn import(store: &Store, kind: Kind, path: &Path, source: &str) -> Report {
    let options = Options {
        kind,
        path: path.to_owned(),
        source: source.into(),
        mailbox: None,
        mapping: Choice::default(),
        dry_run: false,
    };
    let clock: Arc<dyn Clock> = store.clock.clone();
    let began = Instant::now();
    let mut calls = 0;
    let report = run(store.engine(), clock, &Actor::machine(vec![]), &options, &mut |_| calls += 1).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{source} on {:?}: fetched {} stored {} duplicate {} quarantined {} in {seconds:.2} s ({:.0}/s), {calls} progress calls",
        store.engine().dialect(),
        report.fetched,
        report.stored,
        report.duplicate,
        report.quarantined,
        report.fetched as f64 / seconds
    );
    assert!(report.balanced, "{source}");
    report
}

fn twice(store: &Store, kind: Kind, path: &Path, source: &str) -> Report {
    let first = import(store, kind, path, source);
    let mut causes = std::collections::BTreeMap::<&str, usize>::new();
    first.problems.iter().for_each(|problem| *causes.entry(problem.cause.as_str()).or_default() += 1);
    println!("  {causes:?}");
    let second = import(store, kind, path, source);
    assert_eq!((second.stored, second.duplicate), (0, first.fetched), "{source}");
    first
}

fn stores() -> Vec<Store> {
    [Some(Store::sqlite()), Store::postgres()].into_iter().flatten().collect()
}

#[test]
fn mails_that_broke_others_balance_and_repeat_nothing() {
    let Some(folder) = data("mail_fixtures") else { return };
    for store in stores() {
        twice(&store, Kind::Eml, &folder, "fixtures");
    }
}

#[test]
fn a_corpus_of_raw_mails_balances_and_repeats_nothing() {
    let Some(archive) = data("spamassassin/spamassassin_dev.tar.gz") else { return };
    let dir = tempfile::tempdir().unwrap();
    let done = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(dir.path()).status().unwrap();
    assert!(done.success());
    for store in stores() {
        twice(&store, Kind::Eml, dir.path(), "spamassassin");
    }
}

#[test]
fn tables_of_comments_and_reviews_balance_and_repeat_nothing() {
    for (file, rows, source) in [
        ("nhs_fft/nhs_fft_v6_dev.csv.gz", 5_554, "fft"),
        ("nhs_fft/phase1_text_data_dev.csv.gz", 7_214, "fft phase 1"),
        ("youtube_app_reviews/youtube_dev.csv.gz", 3_500, "reviews"),
    ] {
        let Some(file) = data(file) else { continue };
        for store in stores() {
            let report = twice(&store, Kind::Csv, &file, source);
            assert_eq!(report.fetched, rows);
        }
    }
}
