//! `bottega bench`: the budgets, measured on a demo company with the real binary as a process of its own and
//! clients over real sockets.

mod dice;
mod growth;
mod http;
mod measure;
mod process;
mod row;
mod shop;
mod single;
mod soak;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use ::demo::Size;
use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Bench;
use crate::output;

use process::{Place, Server};
use row::{Bound, Row, figure};
use shop::{Made, Shop};
use work::{Desk, Work};

pub(crate) use shop::ALL as STATEMENTS;

/// How long a server is left alone before its idle memory is read.
const IDLE: Duration = Duration::from_secs(3);

/// Everything that was measured of one company.
#[derive(Debug, Serialize)]
struct Report {
    engine: &'static str,
    /// Conversations that the company has.
    conversations: u32,
    clients: usize,
    seconds: u64,
    machine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<Made>,
    rows: Vec<Row>,
}

/// Runs the command.
pub fn run(options: &Bench) -> anyhow::Result<()> {
    if let Some(path) = &options.growth {
        return growth::run(options, path);
    }
    let folder = folder(options, options.conversations)?;
    let shop = open(options, options.conversations, &folder)?;
    if let Some(minutes) = options.soak {
        return soak::run(options, &shop, minutes);
    }
    let rows = measure(options, &shop, &folder)?;
    let report = Report {
        engine: engine_of(options),
        conversations: options.conversations,
        clients: options.clients,
        seconds: options.seconds,
        machine: machine(),
        made: shop.made,
        rows,
    };
    print(options, &report)
}

/// The folder of a company of a size: kept, so that a second run need not make it again.
fn folder(options: &Bench, conversations: u32) -> anyhow::Result<PathBuf> {
    let folder = options.dir.join(format!("{conversations}"));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

fn open(options: &Bench, conversations: u32, folder: &std::path::Path) -> anyhow::Result<Shop> {
    let url = match &options.database {
        Some(url) => url.clone(),
        None => format!("sqlite:{}", folder.join("bottega.db").display()),
    };
    let place = Place { url, data_dir: folder.join("files") };
    shop::open(place, Size::Conversations(conversations), options.database.is_none().then_some(folder))
}

fn engine_of(options: &Bench) -> &'static str {
    if options.database.is_some() { "PostgreSQL" } else { "SQLite" }
}

/// A token that may send voices, for the first who answers at the counter.
fn token(place: &Place) -> anyhow::Result<String> {
    let output = place
        .command()?
        .args(["token", "create", "--for", "giulia@officinavera.example", "--name", "bench", "--json"])
        .output()?;
    let issued: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(issued["token"].as_str().context("no token was issued")?.to_owned())
}

fn measure(options: &Bench, shop: &Shop, folder: &std::path::Path) -> anyhow::Result<Vec<Row>> {
    let token = token(&shop.place)?;
    let server = Server::start(&shop.place)?;
    let mut rows = vec![cold_start(&server)];
    std::thread::sleep(IDLE);
    rows.push(memory("memory, idle", server.memory()?, 60.0));
    let desk = Desk::open(&server, shop, token)?;
    for path in ["/today", "/conversations?view=all"] {
        rows.push(single::cold_page(&server, &desk, path)?);
    }
    for work in Work::ROWS {
        output::say(&format!("{} …", work.name()));
        rows.push(one(options, &server, &desk, work)?);
    }
    rows.push(memory("memory, after all of it", server.memory()?, 150.0));
    drop(server);
    output::say("mail in …");
    rows.push(single::mail_in(&shop.place, &shop.texts, folder)?);
    output::say("language …");
    rows.push(single::language(&shop.texts, folder)?);
    Ok(rows)
}

fn one(options: &Bench, server: &Server, desk: &Desk, work: Work) -> anyhow::Result<Row> {
    let clients = desk.clients(work, options.clients, 1);
    if clients.is_empty() {
        bail!("nobody can do this: {}", work.name());
    }
    let measured = measure::drive(server, clients, Duration::from_secs(options.seconds))?;
    let bounds = match work {
        Work::Voice => vec![
            Bound::at_least("a second", measured.rate, 1_500.0),
            Bound::at_most("CPU ms", measured.cpu_ms, 0.6),
        ],
        Work::Search => vec![Bound::at_most("p95 ms", measured.p95_ms, 100.0)],
        Work::List | Work::Thread | Work::State => vec![
            Bound::at_most("p95 ms", measured.p95_ms, 20.0),
            Bound::at_most("CPU ms", measured.cpu_ms, 1.5),
        ],
        Work::Today | Work::Day => Vec::new(),
    };
    Ok(Row::of_work(work.name(), measured, bounds))
}

fn cold_start(server: &Server) -> Row {
    let ms = server.cold_start.as_secs_f64() * 1000.0;
    Row::of_figure(
        "cold start, to the first page",
        format!("{} ms", figure(ms)),
        vec![Bound::at_most("ms", ms, 150.0)],
    )
}

fn memory(work: &str, memory: process::Memory, bound: f64) -> Row {
    let seen = format!("{} MB own, {} MB resident", figure(memory.own), figure(memory.resident));
    Row::of_figure(work, seen, vec![Bound::at_most("resident MB", memory.resident, bound)])
}

/// Processors, memory and system, as the system tells them.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let memory = read("/proc/meminfo");
    let kilobytes = memory.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()
    });
    let gigabytes = kilobytes.unwrap_or(0.0) / f64::from(1 << 20);
    format!("{cores} cores, {}, {gigabytes:.0} GiB", model.trim_matches([' ', '\t', ':']))
}

fn print(options: &Bench, report: &Report) -> anyhow::Result<()> {
    if options.json {
        return output::json(report);
    }
    output::line(&format!(
        "{}, {} conversations, {} clients, {} s a row; {}\n",
        report.engine, report.conversations, report.clients, report.seconds, report.machine
    ))?;
    if let Some(made) = &report.made {
        let disk = made.disk_mb.map(|disk| format!(", {disk:.0} MB on disk")).unwrap_or_default();
        output::line(&format!(
            "made in {:.0} s with at most {:.0} MB of memory{disk}\n",
            made.seconds, made.peak_memory_mb
        ))?;
    }
    output::line(row::HEAD)?;
    for row in &report.rows {
        output::line(&row.line())?;
    }
    Ok(())
}
