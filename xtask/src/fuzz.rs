//! `cargo xtask fuzz`: the targets of `crates/fuzz` under libFuzzer, guided by coverage.
//!
//! The instrumentation is LLVM's own and needs no other compiler; the flags are those of cargo-fuzz without the
//! address sanitizer, because there is no unsafe code of ours to watch. What is found lies in
//! `target/fuzz/finds/<target>` and belongs into `crates/fuzz/corpus/<target>` once it is mended.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::shell;

/// Minutes for each target when nobody says otherwise.
const MINUTES: u64 = 5;
/// Seconds after which one input is called a hang.
const HANG_SECONDS: u64 = 10;
/// Longest input. Bytes.
const LONGEST: usize = 16 * 1024;

const FLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg fuzzing",
];

/// Builds, then runs each target for its minutes. Fails when one finds something.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (minutes, chosen) = read(arguments)?;
    let targets = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !targets.contains(name)) {
        bail!("{unknown} is no target; there are: {}", targets.join(", "));
    }
    let program = build()?;
    let mut found = Vec::new();
    for target in if chosen.is_empty() { &targets } else { &chosen } {
        if !hold(&program, target, minutes)? {
            found.push(target.clone());
        }
    }
    if !found.is_empty() {
        bail!("found something in {}: see target/fuzz/finds", found.join(", "));
    }
    Ok(())
}

fn read(arguments: &[String]) -> anyhow::Result<(u64, Vec<String>)> {
    let mut minutes = MINUTES;
    let mut chosen = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--minutes" {
            minutes = arguments.next().context("--minutes takes a number")?.parse()?;
        } else {
            chosen.push(argument.clone());
        }
    }
    Ok((minutes, chosen))
}

/// The targets: each has a corpus.
fn targets() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(shell::root().join("crates/fuzz/corpus"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn build() -> anyhow::Result<PathBuf> {
    let told = shell::output("rustc", &["-vV"])?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    shell::say("building the targets with coverage");
    // Naming the host keeps the flags away from build scripts.
    shell::run_command(
        Command::new("cargo")
            .args(["build", "--release", "--package", "bottega-fuzz", "--bin", "bottega-fuzz"])
            .args(["--features", "libfuzzer", "--target", host, "--target-dir", "target/fuzz"])
            .env("RUSTFLAGS", FLAGS.join(" "))
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
            .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true")
            .current_dir(shell::root()),
    )?;
    Ok(shell::root().join("target/fuzz").join(host).join("release/bottega-fuzz"))
}

/// Runs a target; whether it held.
fn hold(program: &Path, target: &str, minutes: u64) -> anyhow::Result<bool> {
    let home = shell::root().join("target/fuzz");
    let (grown, finds) = (home.join("corpus").join(target), home.join("finds").join(target));
    std::fs::create_dir_all(&grown)?;
    std::fs::create_dir_all(&finds)?;
    shell::say(&format!("{target}, {minutes} minutes"));
    let status = Command::new(program)
        .arg(&grown)
        .arg(shell::root().join("crates/fuzz/corpus").join(target))
        .arg(format!("-max_total_time={}", minutes * 60))
        .arg(format!("-timeout={HANG_SECONDS}"))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-artifact_prefix={}/", finds.display()))
        .args(["-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"])
        .env("BOTTEGA_FUZZ_TARGET", target)
        .current_dir(shell::root())
        .status()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    Ok(status.success())
}
