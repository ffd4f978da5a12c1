//! `cargo xtask generate`: documents that follow from the code.

use anyhow::bail;

use crate::{screenshots, shell};

/// A document and the arguments with which `bottega` prints it.
const DOCUMENTS: [(&str, &[&str]); 4] = [
    ("docs/reference/openapi.json", &["openapi"]),
    ("docs/reference/commands.md", &["reference", "commands"]),
    ("docs/reference/configuration.md", &["reference", "configuration"]),
    ("docs/reference/metrics.md", &["reference", "metrics"]),
];

/// Writes every document; with `--no-screenshots` only the texts.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    for (file, printed_by) in DOCUMENTS {
        std::fs::write(shell::root().join(file), print(printed_by)?)?;
        shell::say(file);
    }
    if arguments.iter().any(|argument| argument == "--no-screenshots") {
        return Ok(());
    }
    screenshots::take()
}

/// Fails when a document is older than the code.
pub fn verify() -> anyhow::Result<()> {
    shell::say("generated references");
    for (file, printed_by) in DOCUMENTS {
        let written = std::fs::read_to_string(shell::root().join(file)).unwrap_or_default();
        if written != print(printed_by)? {
            bail!("{file} is out of date: run cargo xtask generate --no-screenshots");
        }
    }
    Ok(())
}

fn print(arguments: &[&str]) -> anyhow::Result<String> {
    let mut all = vec!["run", "--quiet", "--package", "bottega", "--"];
    all.extend(arguments);
    shell::output("cargo", &all)
}
