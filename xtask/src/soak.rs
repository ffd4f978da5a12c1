//! `cargo xtask soak`: half of the full load for a while, on the build that the tests made.

use anyhow::{Context, bail};
use std::process::Command;

use crate::shell;

/// How long, when nobody says otherwise. Minutes.
const MINUTES: &str = "2";
/// Conversations of the company that is soaked.
const CONVERSATIONS: &str = "1000";

/// Makes a small company and soaks it.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let minutes = match arguments {
        [] => MINUTES,
        [minutes] => minutes.as_str(),
        _ => bail!("cargo xtask soak [MINUTES]"),
    };
    minutes.parse::<f64>().context("the minutes are a number")?;
    shell::run("cargo", &["build", "--package", "bottega"])?;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(shell::root().join("target/debug/bottega"));
    command.args(["bench", "--soak", minutes, "--conversations", CONVERSATIONS, "--dir"]).arg(folder.path());
    shell::run_command(&mut command)
}
