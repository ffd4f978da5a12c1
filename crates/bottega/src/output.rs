//! What the command line prints: results on stdout, everything else on stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

/// Text without what a terminal would obey or turn around: customers' words are printed, never followed.
pub fn plain(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Prints a line of the result. A reader that has gone (`| head`) is no failure.
pub fn line(text: &str) -> std::io::Result<()> {
    quiet_when_gone(writeln!(std::io::stdout().lock(), "{}", plain(text)))
}

/// Prints one JSON document on one line.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    // JSON escapes what a terminal would obey, but for the second set of control characters and the marks that
    // turn text around: those are escaped here, so that the document still says the same.
    let mut escaped = String::new();
    for c in serde_json::to_string(value)?.chars() {
        let mut plain = plain(c.encode_utf8(&mut [0; 4]));
        if plain.starts_with(char::REPLACEMENT_CHARACTER) && c != char::REPLACEMENT_CHARACTER {
            plain = format!("\\u{:04x}", u32::from(c));
        }
        escaped.push_str(&plain);
    }
    line(&escaped)?;
    Ok(())
}

/// Writes many lines at once.
pub fn lines(text: &str) -> std::io::Result<()> {
    quiet_when_gone(std::io::stdout().lock().write_all(plain(text).as_bytes()))
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
    let _ = writeln!(std::io::stderr().lock(), "{}", plain(text));
}

/// Says why the command failed, with every cause.
pub fn error(error: &anyhow::Error) {
    say(&format!("bottega: {error:#}"));
}

/// So many of something: "1 letter", "3 letters".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A progress bar on a terminal, a line every few seconds elsewhere.
pub struct Progress {
    bar: ProgressBar,
    what: String,
    began: std::time::Instant,
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
            "{prefix} {wide_bar} {human_pos}/{human_len} {rate} {eta}"
        } else {
            "{prefix} {spinner} {human_pos} {rate}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            // Whole things a second: nobody wants to read a ten-thousandth of one.
            bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = write!(out, "{}/s", HumanCount(state.per_sec() as u64));
            }));
        }
        bar.set_prefix(what.to_owned());
        let now = std::time::Instant::now();
        Progress { bar, what: what.to_owned(), began: now, told: now }
    }

    /// So many are done.
    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.told.elapsed() > TELL_EVERY {
            self.told = std::time::Instant::now();
            match self.bar.length() {
                Some(total) => {
                    // A bar that nobody sees does not measure.
                    let rate = done as f64 / self.began.elapsed().as_secs_f64();
                    let left = total.saturating_sub(done) as f64 / rate.max(f64::MIN_POSITIVE);
                    say(&format!("{} {done}/{total}, {rate:.0}/s, {left:.0} s left", self.what));
                }
                None => say(&format!("{} {done}", self.what)),
            }
        }
    }

    /// So many of so many are done.
    pub fn of(&mut self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.at(done);
    }

    /// Ends and clears it.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
