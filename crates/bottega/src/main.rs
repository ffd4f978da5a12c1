//! The `bottega` command.

use std::process::ExitCode;

use bottega::{cli, output};
use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match bottega::commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
