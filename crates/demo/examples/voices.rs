//! Prints voices drawn at random, to be read with a critical eye:
//! `cargo run -p bottega-demo --example voices -- --seed 7 --count 30 [--lang it] [--topic gasket] [--whole] [--rich]`

use std::collections::HashMap;
use std::io::{self, Write};

use demo::{Channel, Company, Size, Story, TurnKind};

const NOW_MICROS: i64 = 1_795_251_600_000_000;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        arguments
            .iter()
            .position(|word| word == name)
            .and_then(|at| arguments.get(at + 1))
            .map(String::as_str)
    };
    let number =
        |name: &str, default: usize| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let seed = number("--seed", 7) as u64;
    let count = number("--count", 30);
    let whole = arguments.iter().any(|word| word == "--whole");
    let size =
        if arguments.iter().any(|word| word == "--rich") { Size::Conversations(1_000) } else { Size::Medium };
    let company = Company::generate(seed, size, NOW_MICROS);
    let chosen = |story: &Story| {
        value("--lang").is_none_or(|code| story.turns[0].language.code() == code)
            && value("--topic").is_none_or(|topic| story.topic == topic)
    };
    let stories: Vec<Story> = company.stories().filter(chosen).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "{} stories", stories.len())?;
    let mut topics: HashMap<&str, usize> = HashMap::new();
    for story in &stories {
        *topics.entry(story.topic).or_default() += 1;
    }
    writeln!(out, "{topics:?}")?;
    // A stride that shares no factor with the number of stories visits them as if by chance.
    let mut at = number("--from", 1) * 7919 % stories.len().max(1);
    for _ in 0..count.min(stories.len()) {
        print(&mut out, &company, &stories[at], whole)?;
        at = (at + 104_729) % stories.len();
    }
    Ok(())
}

fn print(out: &mut impl Write, company: &Company, story: &Story, whole: bool) -> io::Result<()> {
    let author = story.person.map_or("?", |index| company.people[index].name.as_str());
    writeln!(
        out,
        "\n=== {} | {author} | {} | {:?} | {:?}",
        story.subject, story.topic, story.product, story.state
    )?;
    for turn in story.turns.iter().take(if whole { usize::MAX } else { 1 }) {
        let who = match turn.kind {
            TurnKind::Incoming { channel: Channel::Mail, .. } => "mail".to_owned(),
            TurnKind::Incoming { channel, score, .. } => format!("{channel:?} {score:?}"),
            TurnKind::Outgoing { by } => format!("answer by {by}"),
            TurnKind::Note { by } => format!("note by {by}"),
        };
        writeln!(out, "--- {who}\n{}", turn.text)?;
    }
    Ok(())
}
