//! A soak: half of what the server can do, for a long time. Memory stays flat, nothing fails, nothing is
//! left over at the end.

use std::time::{Duration, Instant};

use anyhow::bail;
use serde::Serialize;

use crate::cli::Bench;
use crate::output;

use super::http::Connection;
use super::measure::{self, Client};
use super::process::Server;
use super::row::figure;
use super::shop::Shop;
use super::work::{Desk, Work};

/// How long the full speed is measured.
const MEASURE: Duration = Duration::from_secs(8);
/// The share of the time after which memory is expected to be flat: pools and caches fill first.
const SETTLED: f64 = 0.35;
/// Most megabytes an hour that memory may grow by after that; below it the noise of an allocator lies.
const GROWTH_AN_HOUR: f64 = 40.0;
/// Growth that no slope is computed for: a short soak cannot tell a slope from a page cache.
const SLACK: f64 = 12.0;

#[derive(Debug, Serialize)]
struct Soaked {
    minutes: f64,
    full_rate: f64,
    rate: f64,
    count: usize,
    p95_ms: f64,
    memory_first_mb: f64,
    memory_last_mb: f64,
    memory_growth_mb_an_hour: f64,
    sound: bool,
}

/// A client that rests after each act for as long as it took at full speed.
struct Paced {
    client: Box<dyn Client>,
    every: Duration,
    due: Option<Instant>,
}

impl Client for Paced {
    fn act(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        let due = self.due.unwrap_or_else(Instant::now);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        // Whoever is late does not catch up: half load is what is asked for, not bursts.
        self.due = Some(due.max(Instant::now() - self.every) + self.every);
        self.client.act(connection)
    }
}

pub(super) fn run(options: &Bench, shop: &Shop, minutes: f64) -> anyhow::Result<()> {
    let token = super::token(&shop.place)?;
    let server = Server::start(&shop.place)?;
    let desk = Desk::open(&server, shop, token)?;
    let full = measure::drive(&server, desk.clients(Work::Day, options.clients, 1), MEASURE)?;
    let every = Duration::from_secs_f64(2.0 * options.clients as f64 / full.rate);
    output::say(&format!("full speed is {} a second; half of it for {minutes} minutes …", figure(full.rate)));
    let slice = Duration::from_secs_f64((minutes * 60.0 / 24.0).max(2.0));
    let (mut samples, mut count, mut p95) = (Vec::new(), 0, 0.0_f64);
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < minutes * 60.0 {
        let clients = desk.clients(Work::Day, options.clients, 2 + samples.len() as u64 * 1_000);
        let clients = clients
            .into_iter()
            .map(|client| Box::new(Paced { client, every, due: None }) as Box<dyn Client>)
            .collect();
        let measured = measure::drive(&server, clients, slice)?;
        count += measured.count;
        p95 = p95.max(measured.p95_ms);
        samples.push((began.elapsed().as_secs_f64(), server.memory()?.own));
        output::say(&format!(
            "{:.0} s: {} a second, p95 {} ms, {} MB",
            began.elapsed().as_secs_f64(),
            figure(measured.rate),
            figure(measured.p95_ms),
            figure(measured.memory_mb)
        ));
    }
    let seconds = began.elapsed().as_secs_f64();
    let settled = &samples[(samples.len() as f64 * SETTLED) as usize..];
    let growth = slope(settled) * 3_600.0;
    let (first, last) = (
        settled.first().map_or(0.0, |(_, memory)| *memory),
        settled.last().map_or(0.0, |(_, memory)| *memory),
    );
    drop(server);
    let sound = is_sound(shop)?;
    let soaked = Soaked {
        minutes: seconds / 60.0,
        full_rate: full.rate,
        rate: count as f64 / seconds,
        count,
        p95_ms: p95,
        memory_first_mb: first,
        memory_last_mb: last,
        memory_growth_mb_an_hour: growth,
        sound,
    };
    if options.json {
        output::json(&soaked)?;
    } else {
        output::line(&format!(
            "{count} requests in {:.1} minutes, {} a second of {} possible, no error; p95 {} ms; memory {} MB \
             to {} MB, {} MB an hour",
            soaked.minutes,
            figure(soaked.rate),
            figure(full.rate),
            figure(p95),
            figure(first),
            figure(last),
            figure(growth)
        ))?;
    }
    if last - first > SLACK && growth > GROWTH_AN_HOUR {
        bail!("memory grew by {} MB an hour", figure(growth));
    }
    if !sound {
        bail!("bottega doctor --deep found something: run it on {}", shop.place.url);
    }
    Ok(())
}

/// Queues empty, ledger balanced, every invariant: the doctor knows them.
fn is_sound(shop: &Shop) -> anyhow::Result<bool> {
    let output = shop.place.command()?.args(["doctor", "--deep"]).output()?;
    if !output.status.success() {
        output::say(&String::from_utf8_lossy(&output.stdout));
        output::say(&String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.status.success())
}

/// The slope of the line through some points by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let together: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    if spread > 0.0 { together / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line_through_the_points() {
        assert!((slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) - 2.0).abs() < 1e-9);
        assert_eq!(slope(&[(0.0, 4.0), (5.0, 4.0)]), 0.0);
        assert_eq!(slope(&[(1.0, 4.0)]), 0.0);
    }
}
