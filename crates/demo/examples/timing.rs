//! Times the making of a company and of all its stories: `cargo run --release -p bottega-demo --example timing`

use std::io::{self, Write};
use std::time::Instant;

use demo::{Company, Size};

const NOW_MICROS: i64 = 1_795_251_600_000_000;

fn main() -> io::Result<()> {
    let sizes: &[Size] = if std::env::args().any(|word| word == "--large") {
        &[Size::Small, Size::Medium, Size::Large]
    } else {
        &[Size::Small, Size::Medium]
    };
    for size in sizes {
        let start = Instant::now();
        let company = Company::generate(7, *size, NOW_MICROS);
        let generated = start.elapsed();
        let (mut stories, mut turns, mut bytes) = (0, 0, 0);
        for story in company.stories() {
            stories += 1;
            turns += story.turns.len();
            bytes += story.turns.iter().map(|turn| turn.text.len()).sum::<usize>();
        }
        let whole = start.elapsed();
        let people = company.people.len();
        writeln!(
            io::stdout(),
            "{size:?}: {people} people in {generated:?}; {stories} stories, {turns} turns, {bytes} bytes in {whole:?}"
        )?;
    }
    Ok(())
}
