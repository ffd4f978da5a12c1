//! The `bottega` command.

use std::process::ExitCode;

use bottega::{cli, output};
use clap::Parser;

fn main() -> ExitCode {
    // What customers said is nobody else's on this machine: the database, its files, exports, letters on their way.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let cli = cli::Cli::parse();
    match bottega::commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
