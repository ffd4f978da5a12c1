//! Clients that ask as fast as they are answered, and what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Serialize;

use super::http::Connection;
use super::process::Server;

/// What was measured of one kind of work.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Measured {
    /// How many were done.
    pub count: usize,
    /// How many a second.
    pub rate: f64,
    /// Milliseconds under which half, 95 and 99 of 100 were answered, and the slowest.
    pub p50_ms: f64,
    /// See `p50_ms`.
    pub p95_ms: f64,
    /// See `p50_ms`.
    pub p99_ms: f64,
    /// See `p50_ms`.
    pub max_ms: f64,
    /// Milliseconds of the server's processor time for each.
    pub cpu_ms: f64,
    /// The server's own memory, the highest seen, in megabytes.
    pub memory_mb: f64,
    /// With program text and mapped files.
    pub resident_mb: f64,
}

/// A client of a workload: does one thing, and says what is wrong when the answer is not the expected one.
pub(super) trait Client: Send {
    fn act(&mut self, connection: &mut Connection) -> anyhow::Result<()>;
}

/// Lets the clients work for a while, after a tenth of it to warm up.
pub(super) fn drive(
    server: &Server,
    clients: Vec<Box<dyn Client>>,
    time: Duration,
) -> anyhow::Result<Measured> {
    let (warm, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut cpu = 0.0;
    let (mut own, mut resident) = (0.0_f64, 0.0_f64);
    let mut began = Instant::now();
    let mut seconds = 0.0;
    let mut latencies: Vec<Duration> = Vec::new();
    std::thread::scope(|scope| {
        let mut handles = Vec::new();
        for mut client in clients {
            let (warm, stop) = (&warm, &stop);
            handles.push(scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                let mut connection = Connection::open(server.address)?;
                let mut latencies = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let counted = warm.load(Ordering::Relaxed);
                    let asked = Instant::now();
                    if let Err(error) = client.act(&mut connection) {
                        stop.store(true, Ordering::Relaxed);
                        return Err(error);
                    }
                    if counted {
                        latencies.push(asked.elapsed());
                    }
                }
                Ok(latencies)
            }));
        }
        std::thread::sleep(time / 10);
        cpu -= server.cpu()?;
        began = Instant::now();
        warm.store(true, Ordering::Relaxed);
        while began.elapsed() < time && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(100));
            let memory = server.memory()?;
            own = own.max(memory.own);
            resident = resident.max(memory.resident);
        }
        stop.store(true, Ordering::Relaxed);
        for handle in handles {
            let one = handle.join().map_err(|_| anyhow::anyhow!("a client broke"))?;
            latencies.extend(one?);
        }
        seconds = began.elapsed().as_secs_f64();
        cpu += server.cpu()?;
        Ok::<(), anyhow::Error>(())
    })?;
    if latencies.is_empty() {
        bail!("nothing was answered in {} s", time.as_secs());
    }
    latencies.sort_unstable();
    let count = latencies.len();
    Ok(Measured {
        count,
        rate: count as f64 / seconds,
        p50_ms: percentile(&latencies, 0.50)?,
        p95_ms: percentile(&latencies, 0.95)?,
        p99_ms: percentile(&latencies, 0.99)?,
        max_ms: percentile(&latencies, 1.0)?,
        cpu_ms: 1000.0 * cpu / count as f64,
        memory_mb: own,
        resident_mb: resident,
    })
}

/// The latency under which a share of the sorted ones lies, in milliseconds (nearest rank).
fn percentile(sorted: &[Duration], share: f64) -> anyhow::Result<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let at = sorted.get(rank.clamp(1, sorted.len()) - 1).context("no latency")?;
    Ok(at.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let all: Vec<Duration> = (1..=20).map(Duration::from_millis).collect();
        assert_eq!(percentile(&all, 0.5).unwrap(), 10.0);
        assert_eq!(percentile(&all, 0.95).unwrap(), 19.0);
        assert_eq!(percentile(&all, 1.0).unwrap(), 20.0);
        assert_eq!(percentile(&all[..1], 0.95).unwrap(), 1.0);
    }
}
