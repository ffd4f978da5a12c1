//! Prints how often the language is told right, by length of text and language, and how fast, over
//! `<language>.<class>.txt` files with one text a line:
//! `cargo run --release -p bottega-text --example language_accuracy [FOLDER]`.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_else(|| {
        let data = std::env::var_os("BOTTEGA_SHARED_DATA")
            .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
        data.join("langid_testdata")
    });
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return Ok(());
    }
    let mut classes: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    for entry in std::fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some((language, class)) = name.strip_suffix(".txt").and_then(|stem| stem.split_once('.')) else {
            continue;
        };
        let text = std::fs::read_to_string(folder.join(&name))?;
        classes.entry(class.to_owned()).or_default().push(measure(language, &text));
    }
    for (class, mut rows) in classes {
        rows.sort_by(|a, b| a.language.cmp(&b.language));
        let (n, right): (usize, usize) =
            (rows.iter().map(|row| row.texts).sum(), rows.iter().map(|row| row.right).sum());
        let time: Duration = rows.iter().map(|row| row.time).sum();
        println!(
            "{class}: n {n}, right {:.3}, {:.0} texts/s",
            right as f64 / n as f64,
            n as f64 / time.as_secs_f64()
        );
        for row in rows {
            println!(
                "  {} right {:.3}, unknown {:.3}, of the sure ones (0.7 and more: {:.2}) right {:.3}; mistaken for {:?}",
                row.language,
                row.right as f64 / row.texts as f64,
                row.unknown as f64 / row.texts as f64,
                row.sure as f64 / row.texts as f64,
                row.sure_right as f64 / row.sure.max(1) as f64,
                row.mistaken()
            );
        }
    }
    Ok(())
}

struct Measured {
    language: String,
    texts: usize,
    right: usize,
    unknown: usize,
    sure: usize,
    sure_right: usize,
    wrong: BTreeMap<&'static str, usize>,
    time: Duration,
}

impl Measured {
    /// The three languages that it is most often mistaken for.
    fn mistaken(&self) -> Vec<(&'static str, usize)> {
        let mut wrong: Vec<_> = self.wrong.iter().map(|(language, count)| (*language, *count)).collect();
        wrong.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        wrong.truncate(3);
        wrong
    }
}

fn measure(language: &str, text: &str) -> Measured {
    let lines: Vec<&str> = text.lines().collect();
    let start = Instant::now();
    let guesses: Vec<_> = lines.iter().map(|line| text::language::identify(line)).collect();
    let time = start.elapsed();
    let mut measured = Measured {
        language: language.to_owned(),
        texts: lines.len(),
        right: 0,
        unknown: 0,
        sure: 0,
        sure_right: 0,
        wrong: BTreeMap::new(),
        time,
    };
    for guess in guesses {
        let right = guess.language == Some(language);
        measured.right += usize::from(right);
        measured.sure += usize::from(guess.confidence >= 0.7);
        measured.sure_right += usize::from(right && guess.confidence >= 0.7);
        match guess.language {
            None => measured.unknown += 1,
            Some(other) if !right => *measured.wrong.entry(other).or_default() += 1,
            Some(_) => {}
        }
    }
    measured
}
