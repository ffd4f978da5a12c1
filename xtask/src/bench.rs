//! `cargo xtask bench`: the figures of `docs/benchmarks.md`, measured with the release binary on companies of
//! several sizes, and on the shared data where it is there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::machine::Postgres;
use crate::shell;

/// Conversations of the companies that are measured on.
const USUAL: &str = "20000";
const LARGE: &str = "500000";

/// Builds, measures on both engines, prints tables. `--large` measures on half a million conversations too,
/// `--growth` every size between and draws the chart.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (mut large, mut growth) = (false, false);
    for argument in arguments {
        match argument.as_str() {
            "--large" => large = true,
            "--growth" => growth = true,
            _ => bail!("cargo xtask bench [--large] [--growth]"),
        }
    }
    shell::run("cargo", &["build", "--release", "--package", "bottega"])?;
    let binary = shell::root().join("target/release/bottega");
    let postgres = Postgres::durable()?;
    let folder = tempfile::tempdir()?;
    let sizes = if large { &[USUAL, LARGE][..] } else { &[USUAL] };
    for size in sizes {
        bench(&binary, folder.path(), &["--conversations", size])?;
        let url = database(&postgres, &format!("bench_{size}"))?;
        bench(&binary, folder.path(), &["--conversations", size, "--database", &url])?;
    }
    if growth {
        let chart = text(&shell::root().join("docs/guide/images/growth.svg"));
        bench(&binary, folder.path(), &["--conversations", LARGE, "--growth", &chart])?;
    }
    imports(&binary, &postgres, folder.path())
}

fn bench(binary: &Path, folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    shell::run_command(
        Command::new(binary).arg("bench").args(arguments).arg("--dir").arg(folder.join("bench")),
    )
}

/// The demo company and the shared data, on both engines.
#[expect(clippy::print_stdout, reason = "the table is the result")]
fn imports(binary: &Path, postgres: &Postgres, folder: &Path) -> anyhow::Result<()> {
    println!("| what | engine | items | seconds | items/s | result |");
    println!("|---|---|---|---|---|---|");
    for engine in ["SQLite", "PostgreSQL"] {
        for size in ["small", "medium"] {
            let place = folder.join(format!("demo-{engine}-{size}"));
            let mut command = Command::new(binary);
            command.args(["demo", "--only-load", "--size", size, "--dir"]).arg(&place);
            if engine == "PostgreSQL" {
                command.args(["--database", &database(postgres, &format!("demo_{size}"))?]);
            }
            let started = Instant::now();
            shell::run_command(&mut command)?;
            println!("| demo company, {size} | {engine} | | {:.1} | | |", started.elapsed().as_secs_f64());
        }
    }
    let Some(data) = shared_data() else {
        shell::say("the shared data is not here: imports are not measured");
        return Ok(());
    };
    let spam = folder.join("spamassassin");
    std::fs::create_dir_all(&spam)?;
    let archive = data.join("spamassassin/spamassassin_dev.tar.gz");
    shell::run("tar", &["-xzf", &text(&archive), "-C", &text(&spam)])?;
    let imports: [(&str, &str, PathBuf); 5] = [
        ("mail_fixtures", "eml", data.join("mail_fixtures")),
        ("spamassassin", "eml", spam),
        ("nhs_fft v6", "csv", data.join("nhs_fft/nhs_fft_v6_dev.csv.gz")),
        ("nhs_fft phase 1", "csv", data.join("nhs_fft/phase1_text_data_dev.csv.gz")),
        ("youtube_app_reviews", "csv", data.join("youtube_app_reviews/youtube_dev.csv.gz")),
    ];
    for engine in ["SQLite", "PostgreSQL"] {
        let place = folder.join(format!("import-{engine}"));
        let url = match engine {
            "SQLite" => format!("sqlite:{}", place.join("bottega.db").display()),
            _ => database(postgres, "imports")?,
        };
        for round in ["first", "second"] {
            for (name, format, path) in &imports {
                let started = Instant::now();
                let report = import(binary, format, path, name, &url, &place)?;
                let seconds = started.elapsed().as_secs_f64();
                let fetched = report["fetched"].as_f64().unwrap_or_default();
                println!(
                    "| import {format} {name}, {round} run | {engine} | {fetched} | {seconds:.2} | {:.0} | {} stored, {} \
                     duplicate, {} quarantined, balanced: {} |",
                    fetched / seconds,
                    report["stored"],
                    report["duplicate"],
                    report["quarantined"],
                    report["balanced"]
                );
            }
        }
    }
    Ok(())
}

fn import(
    binary: &Path,
    format: &str,
    path: &Path,
    source: &str,
    url: &str,
    data_dir: &Path,
) -> anyhow::Result<Value> {
    let output = Command::new(binary)
        .args(["import", format, &text(path), "--source", source, "--json"])
        .env("BOTTEGA_DATABASE_URL", url)
        .env("BOTTEGA_DATA_DIR", data_dir)
        .output()?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn database(postgres: &Postgres, name: &str) -> anyhow::Result<String> {
    let server = postgres.url();
    shell::run("psql", &[&server, "-q", "-c", &format!("CREATE DATABASE {name}")])?;
    let (server, _) = server.rsplit_once('/').context("the address names a database")?;
    Ok(format!("{server}/{name}"))
}

fn shared_data() -> Option<PathBuf> {
    let named = std::env::var_os("BOTTEGA_SHARED_DATA").map(PathBuf::from);
    named.or_else(|| Some(shell::root().join("../shared/data"))).filter(|folder| folder.is_dir())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
