//! `cargo xtask test`: everything that tests need, then every test, and the package as installed.

use std::process::Command;

use crate::machine::{self, Postgres};
use crate::{package, shell};

/// Installs, starts, tests, stops. Arguments go to the test runner.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    machine::install()?;
    let python = machine::python()?;
    let postgres = Postgres::start()?;
    let nextest = shell::exists("cargo-nextest");
    let mut command = Command::new("cargo");
    command.args(if nextest { &["nextest", "run"][..] } else { &["test"][..] });
    command.args(["--workspace"]).args(arguments);
    command
        .env("BOTTEGA_TEST_POSTGRES", postgres.url())
        .env("BOTTEGA_TEST_PYTHON", python)
        .env("BOTTEGA_TEST_ALL", "1")
        .env("INSTA_UPDATE", "no")
        .current_dir(shell::root());
    shell::say("every test, on SQLite and PostgreSQL");
    shell::run_command(&mut command)?;
    // Whoever runs some tests does not wait for the package.
    if arguments.is_empty() { package::try_out() } else { Ok(()) }
}
