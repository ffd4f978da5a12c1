//! The real binary as a process of its own, and what the system knows of it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::http::{Ask, Connection};

/// The system counts processor time in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take to stop before it is killed.
const STOPPING: Duration = Duration::from_secs(20);

/// Where a server keeps its data.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub url: String,
    pub data_dir: PathBuf,
}

impl Place {
    /// A command of the same binary on this place.
    pub fn command(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .env("BOTTEGA_DATABASE_URL", &self.url)
            .env("BOTTEGA_DATA_DIR", &self.data_dir)
            // The brakes are for one caller; here a handful stand for everybody.
            .env("BOTTEGA_REQUESTS_PER_SECOND", "1000000")
            .env("BOTTEGA_REQUESTS_BURST", "1000000");
        Ok(command)
    }
}

/// A running server.
pub(super) struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From its start to its first page.
    pub cold_start: Duration,
}

impl Server {
    pub fn start(place: &Place) -> anyhow::Result<Server> {
        // A free port: taken, seen, given back.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = place.command()?;
        command.args(["serve", "--listen", &address.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let child = command.spawn().context("the server does not start")?;
        let mut server = Server { child, address, cold_start: Duration::ZERO };
        loop {
            let page = Connection::open(address)
                .map_err(anyhow::Error::from)
                .and_then(|mut connection| connection.ask(&Ask::get("/sign-in", "")));
            if page.is_ok_and(|page| page.status == 200) {
                server.cold_start = started.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended with {status} before it answered");
            }
            if started.elapsed() > PATIENCE {
                bail!("the server does not answer after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Seconds of processor time that the server's own process has used.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        ticks(&stat, 11)
    }

    /// Megabytes (of 2²⁰ bytes) of its memory now. What it maps of the database's file is the system's
    /// cache, which it gives back when others need it, and is counted apart.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = |name: &str| {
            status
                .lines()
                .find_map(|line| {
                    line.strip_prefix(name)?.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()
                })
                .unwrap_or(0.0)
        };
        Ok(Memory { own: kilobytes("RssAnon:") / 1024.0, resident: kilobytes("VmRSS:") / 1024.0 })
    }
}

/// How much memory a process holds, in megabytes of 2²⁰ bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Memory {
    /// Its own.
    pub own: f64,
    /// With program text and mapped files.
    pub resident: f64,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to stop first, so that it drains; whoever does not listen is ended.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < STOPPING {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two neighbouring fields of a `stat` line, counted after the name, in seconds: user and system time.
fn ticks(stat: &str, field: usize) -> anyhow::Result<f64> {
    // The name stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("the system's figures are not understood")?;
    let fields: Vec<f64> = fields.split_whitespace().map(|text| text.parse().unwrap_or(0.0)).collect();
    let both = fields.get(field).zip(fields.get(field + 1)).context("the system's figures are too few")?;
    Ok((both.0 + both.1) / TICKS_A_SECOND)
}

/// Seconds of processor time of the children that have ended.
pub(super) fn cpu_of_ended() -> anyhow::Result<f64> {
    ticks(&std::fs::read_to_string("/proc/self/stat")?, 13)
}

/// The most memory that this process held so far, in megabytes.
pub(super) fn own_peak() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    Ok(peak.and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(0.0) / 1024.0)
}

/// Megabytes of a folder's files.
pub(super) fn disk(folder: &Path) -> f64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0.0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => disk(&entry.path()),
            Ok(data) => data.len() as f64 / f64::from(1 << 20),
            Err(_) => 0.0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_whatever_the_process_is_called() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 30 20 0 0 1 0 9";
        assert_eq!(ticks(stat, 11).unwrap(), 2.0);
        assert_eq!(ticks(stat, 13).unwrap(), 0.5);
        assert!(ticks("", 11).is_err());
    }
}
