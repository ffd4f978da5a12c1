//! `cargo xtask faults`: the killing in full, on both engines.

use std::process::Command;

use anyhow::{Context, bail};

use crate::machine::{self, Postgres};
use crate::shell;

/// Kills on each engine when nobody says otherwise.
const KILLS: u64 = 5_000;

/// Kills the process so often on each engine, and says what was survived.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let kills: u64 = match arguments {
        [] => KILLS,
        [flag, number] if flag == "--kills" => number.parse().context("--kills takes a number")?,
        _ => bail!("cargo xtask faults [--kills N]"),
    };
    machine::install()?;
    let postgres = Postgres::start()?;
    shell::say(&format!("{kills} kills on each engine; BOTTEGA_SEED repeats a run"));
    let mut command = Command::new("cargo");
    command.args(["test", "--workspace", "--test", "faults", "kills::", "--", "--nocapture"]);
    command
        .env("BOTTEGA_TEST_POSTGRES", postgres.url())
        .env("BOTTEGA_TEST_ALL", "1")
        .env("BOTTEGA_KILLS", kills.to_string())
        .current_dir(shell::root());
    shell::run_command(&mut command)
}
