//! How the figures grow with the company, from 10,000 messages to 5 million: a table and a small chart.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::cli::Bench;
use crate::output;

use super::measure;
use super::process::Server;
use super::row::figure;
use super::work::{Desk, Work};

/// The steps, in conversations of about ten messages.
const STEPS: [u32; 5] = [1_000, 5_000, 20_000, 100_000, 500_000];
/// What is measured at each.
const LINES: [Work; 4] = [Work::List, Work::Thread, Work::State, Work::Search];

/// The p95 of each kind of work at a step, in milliseconds.
#[derive(Debug, Serialize)]
struct Step {
    conversations: u32,
    p95_ms: Vec<f64>,
}

/// Measures every step up to the wanted size and draws the chart.
pub(super) fn run(options: &Bench, path: &Path) -> anyhow::Result<()> {
    let mut steps = Vec::new();
    for conversations in STEPS.into_iter().filter(|step| *step <= options.conversations) {
        output::say(&format!("{conversations} conversations …"));
        let folder = super::folder(options, conversations)?;
        let shop = super::open(options, conversations, &folder)?;
        let token = super::token(&shop.place)?;
        let server = Server::start(&shop.place)?;
        let desk = Desk::open(&server, &shop, token)?;
        let mut p95_ms = Vec::new();
        for work in LINES {
            let clients = desk.clients(work, options.clients, 1);
            let measured = measure::drive(&server, clients, Duration::from_secs(options.seconds))?;
            p95_ms.push(measured.p95_ms);
        }
        steps.push(Step { conversations, p95_ms });
    }
    std::fs::write(path, chart(&steps))?;
    if options.json {
        return output::json(&steps);
    }
    output::line(
        "| messages | list p95 ms | thread p95 ms | status change p95 ms | search p95 ms |\n|---|---|---|---|---|",
    )?;
    for step in &steps {
        let figures: Vec<String> = step.p95_ms.iter().map(|value| figure(*value)).collect();
        output::line(&format!("| {} | {} |", thousands(step.conversations * 10), figures.join(" | ")))?;
    }
    Ok(())
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 120.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 40.0;
/// The lines' colours and dashes: told apart in print too.
const STROKES: [(&str, &str); 4] =
    [("#a8452c", ""), ("#2f6b4f", "6 3"), ("#3d5a80", "2 3"), ("#8a6d1d", "9 3 2 3")];

/// Both axes logarithmic, because both span orders of magnitude.
fn chart(steps: &[Step]) -> String {
    let all = || steps.iter().flat_map(|step| step.p95_ms.iter().copied());
    let low = all().fold(1.0_f64, f64::min).log10().floor();
    let high = all().fold(100.0_f64, f64::max).log10().ceil();
    let (first, last) = (4.0, 50_f64.log10() + 5.0);
    let x = |messages: f64| LEFT + (messages.log10() - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    let y = |ms: f64| TOP + (high - ms.max(0.01).log10()) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title>p95 in milliseconds from 10,000 to 5 million \
         messages</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fbf8f2\"/>\n"
    );
    let mut line = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    let mut decade = low;
    while decade <= high {
        let (at, label) = (y(10_f64.powf(decade)), 10_f64.powf(decade));
        line(format!(
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd4c4\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#5b5346\">{label} ms</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        ));
        decade += 1.0;
    }
    for step in steps {
        let messages = step.conversations * 10;
        line(format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#5b5346\">{}</text>",
            x(f64::from(messages)),
            HEIGHT - BOTTOM + 18.0,
            thousands(messages)
        ));
    }
    line(format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#5b5346\">messages</text>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 6.0
    ));
    let mut labels: Vec<f64> = Vec::new();
    for (index, (work, (colour, dash))) in LINES.iter().zip(STROKES).enumerate() {
        let mut points = steps.iter().filter_map(|step| {
            let ms = step.p95_ms.get(index)?;
            Some((x(f64::from(step.conversations * 10)), y(*ms)))
        });
        let mut path = String::new();
        for (x, y) in points.clone() {
            let _ = write!(path, "{x:.1},{y:.1} ");
        }
        let mut end = points.next_back().map_or(TOP, |(_, y)| y) + 4.0;
        // Labels of lines that end together are moved apart.
        while labels.iter().any(|label| (label - end).abs() < 13.0) {
            end += 13.0;
        }
        labels.push(end);
        line(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>\
             <text x=\"{:.1}\" y=\"{end:.1}\" fill=\"{colour}\">{}</text>",
            path.trim_end(),
            WIDTH - RIGHT + 8.0,
            work.name()
        ));
    }
    line("</svg>".to_owned());
    svg
}

fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_line_for_each_kind_of_work() {
        let steps = [
            Step { conversations: 1_000, p95_ms: vec![4.0, 5.0, 6.0, 7.0] },
            Step { conversations: 500_000, p95_ms: vec![4.0, 5.0, 6.0, 70.0] },
        ];
        let svg = chart(&steps);
        assert_eq!(svg.matches("<polyline").count(), LINES.len());
        assert!(svg.contains(">5,000,000<") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN"));
    }
}
