//! The log: what it looks like, how much it says, and what it never says.
//!
//! It goes to stderr, from where the system keeps and rotates it. A line tells what happened to the machine, with
//! ids, codes, counts and durations; it holds no name, address, subject or text of a customer, no path or query that
//! somebody typed, no secret. Statements and their parameters are never logged, at any level: the drivers' own
//! records are not listened to.

use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use web::meters::Meters;

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// What a command says that is not a server: only what went wrong.
pub const QUIET: &str = "warn";

/// Begins the log; a second call changes nothing. `RUST_LOG`, where it is set, decides instead of `level`.
///
/// # Errors
/// When `level` is no filter such as `info` or `info,web=debug`.
pub fn begin(format: LogFormat, level: &str) -> anyhow::Result<()> {
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => filter,
        Err(_) => EnvFilter::try_new(level)
            .map_err(|error| anyhow::anyhow!("log_level {level:?} cannot be read: {error}"))?,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Who began it first has decided; in a process that is one command nobody did.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
    };
    Ok(())
}

/// Counts every panic and logs where it was. What it said is logged only when it is a fixed text of the code: one
/// that was put together may quote what a customer wrote.
pub fn hear_panics(meters: Meters) {
    std::panic::set_hook(Box::new(move |panic| {
        meters.panicked();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not told)");
        tracing::error!(place, said, "a panic: a fault of ours, please tell us the place");
    }));
}
