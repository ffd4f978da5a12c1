//! What the command line prints: results on stdout, everything else on stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// Prints a line of the result. A reader that has gone (`| head`) is no failure.
pub fn line(text: &str) -> std::io::Result<()> {
    quiet_when_gone(writeln!(std::io::stdout().lock(), "{text}"))
}

/// Prints one JSON document on one line.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?)?;
    Ok(())
}

/// Writes many lines at once.
pub fn lines(text: &str) -> std::io::Result<()> {
    quiet_when_gone(std::io::stdout().lock().write_all(text.as_bytes()))
}

fn quiet_when_gone(written: std::io::Result<()>) -> std::io::Result<()> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says something to whoever runs the command.
pub fn say(text: &str) {
    // Nobody to hear it is fine.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says why the command failed, with every cause.
pub fn error(error: &anyhow::Error) {
    say(&format!("bottega: {error:#}"));
}

/// A progress bar on a terminal, a line every few seconds elsewhere.
pub struct Progress {
    bar: ProgressBar,
    what: String,
    told: std::time::Instant,
}

/// How often progress is told where there is no terminal.
const TELL_EVERY: Duration = Duration::from_secs(2);

impl Progress {
    /// Progress of so many things; `None` where their number is not known.
    pub fn new(what: &str, total: Option<u64>) -> Progress {
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::no_length(),
        };
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = if total.is_some() {
            "{prefix} {wide_bar} {human_pos}/{human_len} {eta}"
        } else {
            "{prefix} {spinner} {human_pos} {per_sec}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Progress { bar, what: what.to_owned(), told: std::time::Instant::now() }
    }

    /// So many are done.
    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.told.elapsed() > TELL_EVERY {
            self.told = std::time::Instant::now();
            match self.bar.length() {
                Some(total) => say(&format!("{} {done}/{total}", self.what)),
                None => say(&format!("{} {done}", self.what)),
            }
        }
    }

    /// Ends and clears it.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
