//! What the system says of this process.

use std::time::Instant;

use crate::health::{Kind, Metric, Reading};

const fn gauge(
    name: &'static str,
    unit: &'static str,
    means: &'static str,
    when_high: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels: &[], means, when_high }
}

static RESIDENT: Metric = gauge(
    "bottega_process_resident_bytes",
    "bytes",
    "Memory that the process holds now (Linux).",
    "Above 300 MB and growing day after day: tell us; a restart frees it.",
);
static OPEN_FILES: Metric = gauge(
    "bottega_process_open_files",
    "files",
    "Files and connections that the process holds open (Linux).",
    "Near the unit's LimitNOFILE: too many connections; see the proxy's keep-alive.",
);
static UPTIME: Metric = gauge(
    "bottega_process_uptime_seconds",
    "seconds",
    "For how long the process has been serving.",
    "Alarming when low again and again: the process restarts; the system's log says why.",
);

/// Every metric of this module.
pub(crate) const METRICS: &[&Metric] = &[&UPTIME, &RESIDENT, &OPEN_FILES];

/// What can be read here; a system that does not tell gives fewer.
pub(crate) fn readings(started: Instant) -> Vec<Reading> {
    let one = |metric, value| Reading { metric, labels: Vec::new(), value };
    let mut readings = vec![one(&UPTIME, started.elapsed().as_secs_f64())];
    readings.extend(resident_bytes().map(|bytes| one(&RESIDENT, bytes)));
    readings
        .extend(std::fs::read_dir("/proc/self/fd").ok().map(|open| one(&OPEN_FILES, open.count() as f64)));
    readings
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
