//! What the process counts while it serves, and how a program that watches reads it: the text of
//! `/metrics`, in the format that Prometheus and its kin understand (OpenMetrics).

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use engine::Labels;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric as Cell, Registry};

use crate::app::App;
use crate::health::{Kind, Metric, Reading, Vital};
use crate::process;

/// The type of what `exposition` gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of an answer's duration, seconds. Pages are to take 0.02.
const DURATIONS: [f64; 10] = [0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The meters of one application.
#[derive(Clone)]
pub struct Meters {
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    streams: Gauge,
    panics: Counter,
}

impl Default for Meters {
    fn default() -> Meters {
        Meters {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            in_flight: Gauge::default(),
            streams: Gauge::default(),
            panics: Counter::default(),
        }
    }
}

impl Meters {
    /// Counts an answer. `route` is the pattern that matched, never the path that was asked.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let class = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let (method, route) = (("method", method.to_owned()), ("route", route.to_owned()));
        self.seconds.get_or_create(&vec![method.clone(), route.clone()]).observe(took.as_secs_f64());
        self.requests.get_or_create(&vec![method, route, ("status", class.to_owned())]).inc();
    }

    /// One more request that is being answered, until what this gives is dropped.
    pub(crate) fn answering(&self) -> Present {
        Present::one_more(&self.in_flight)
    }

    /// One more live stream, until what this gives is dropped.
    pub(crate) fn streaming(&self) -> Present {
        Present::one_more(&self.streams)
    }

    /// Counts a panic; the process's hook calls it.
    pub fn panicked(&self) {
        self.panics.inc();
    }
}

/// Something that is there now; one fewer when dropped.
pub(crate) struct Present(Gauge);

impl Present {
    fn one_more(gauge: &Gauge) -> Present {
        gauge.inc();
        Present(gauge.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

const fn metric(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    labels: &'static [&'static str],
    means: &'static str,
    when_high: &'static str,
) -> Metric {
    Metric { name, kind, unit, labels, means, when_high }
}

static REQUESTS: Metric = metric(
    "bottega_http_requests",
    Kind::Counter,
    "requests",
    &["method", "route", "status"],
    "Requests that were answered, by the pattern of their route and the class of their status.",
    "`status=\"5xx\"` growing: the log of the same minutes says why, with the request's id. `4xx` growing on one \
     route: a program asks wrongly, or somebody tries doors.",
);
static SECONDS: Metric = metric(
    "bottega_http_request_seconds",
    Kind::Histogram,
    "seconds",
    &["method", "route"],
    "How long answers took until their first byte.",
    "The 95th part in 100 of a page above 0.1: look at the waits below, the disk, and what else the machine does.",
);
static IN_FLIGHT: Metric = metric(
    "bottega_http_requests_in_flight",
    Kind::Gauge,
    "requests",
    &[],
    "Requests that are being answered now.",
    "High for minutes: the database or the disk is slow; see `bottega_write_wait_seconds`.",
);
static STREAMS: Metric = metric(
    "bottega_live_streams",
    Kind::Gauge,
    "streams",
    &[],
    "Open live streams: one for each browser that shows the shop, and one for each program that listens.",
    "More than the browsers that are open: a program opens streams and does not close them.",
);
static PANICS: Metric = metric(
    "bottega_panics",
    Kind::Counter,
    "panics",
    &[],
    "Faults of ours that were caught; what they were doing was rolled back.",
    "Above 0: tell us, with the place that the log names.",
);
static WRITES_WAITING: Metric = metric(
    "bottega_writes_waiting",
    Kind::Gauge,
    "writes",
    &[],
    "Writes that wait for the one writer of SQLite, or are in it; 0 on PostgreSQL.",
    "Above 100 for minutes: more is written than the disk takes; an import at its full speed is such a time.",
);
static WRITE_WAIT: Metric = metric(
    "bottega_write_wait_seconds",
    Kind::Histogram,
    "seconds",
    &[],
    "How long writes waited to begin: in the writer's queue, or for a connection to PostgreSQL.",
    "Above 0.1 often: the disk is slow or somebody imports; on PostgreSQL, all connections are in use.",
);
static COMMIT: Metric = metric(
    "bottega_commit_seconds",
    Kind::Histogram,
    "seconds",
    &[],
    "How long commits took, the disk's flush included.",
    "Above 0.05 often: the disk is slow to flush; nothing in Bottega makes up for it.",
);
static COMMIT_WRITES: Metric = metric(
    "bottega_commit_writes",
    Kind::Histogram,
    "writes",
    &[],
    "How many writes shared a commit; always 1 on PostgreSQL.",
    "Nothing: groups grow under load, and that is what makes them quick.",
);
static READ_WAIT: Metric = metric(
    "bottega_read_wait_seconds",
    Kind::Histogram,
    "seconds",
    &[],
    "How long reads waited for a free connection.",
    "Above 0.05 often: more is asked than the cores answer, or one question takes long: see the routes.",
);
static SEARCH: Metric = metric(
    "bottega_search_seconds",
    Kind::Histogram,
    "seconds",
    &[],
    "How long the index took to name the newest texts that have the words of a search.",
    "Above 0.1 often: the words are in nearly every text, or the index no longer fits into memory.",
);
static RETRIES: Metric = metric(
    "bottega_transaction_retries",
    Kind::Counter,
    "transactions",
    &[],
    "Transactions that PostgreSQL asked to run again because another came between.",
    "Growing as quickly as the requests: several programs change the same things at once.",
);
static JOB_RUNS: Metric = metric(
    "bottega_job_runs",
    Kind::Counter,
    "jobs",
    &["kind", "outcome"],
    "Attempts of background jobs, by kind and by how they ended.",
    "`outcome=\"failed\"` growing: Settings, Jobs says why; each is tried eight times.",
);
static JOB_SECONDS: Metric = metric(
    "bottega_job_seconds",
    Kind::Histogram,
    "seconds",
    &["kind"],
    "How long attempts of background jobs took.",
    "Above 60 for a kind that is not an import: the machine is busy or the job has grown too large.",
);
static DATABASE_ANSWERS: Metric = metric(
    "bottega_database_answers",
    Kind::Gauge,
    "1",
    &[],
    "1 when the database answered this very question, else 0; then the figures that come from it are missing.",
    "Alarming at 0: the database is away or hangs; nothing can be read or written until it is back.",
);
static VITAL: Metric = metric(
    "bottega_vital",
    Kind::Gauge,
    "level",
    &["name"],
    "How each part of the shop stands: 0 is well, 1 wants attention, 2 is bad. The page How the shop is says the same \
     in sentences.",
    "The one alarm to have: 2 for five minutes, or 1 for a day. The page says the next step.",
);

/// The metrics of the process, which belong to no room.
const PROCESS: [&Metric; 16] = [
    &VITAL,
    &DATABASE_ANSWERS,
    &REQUESTS,
    &SECONDS,
    &IN_FLIGHT,
    &STREAMS,
    &PANICS,
    &WRITES_WAITING,
    &WRITE_WAIT,
    &COMMIT,
    &COMMIT_WRITES,
    &READ_WAIT,
    &SEARCH,
    &RETRIES,
    &JOB_RUNS,
    &JOB_SECONDS,
];

/// Every metric that an application of these rooms may give, in the order of the reference.
pub fn documented(rooms: &[crate::Health]) -> Vec<&'static Metric> {
    let of_rooms = rooms.iter().flat_map(|room| room.metrics.iter().copied());
    PROCESS.into_iter().chain(process::METRICS.iter().copied()).chain(of_rooms).collect()
}

/// What a reading may be written into.
type Values = Family<Labels, Gauge<f64, AtomicU64>>;

/// The text of `/metrics`. `vitals` is what the rooms said, `None` when the database does not answer.
pub(crate) fn exposition(app: &App, vitals: Option<&[Vital]>) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::default();
    let (http, store) = (app.meters(), app.engine().meters());
    let one = |value: f64| {
        let gauge = Gauge::<f64, AtomicU64>::default();
        gauge.set(value);
        gauge
    };
    add(&mut registry, &DATABASE_ANSWERS, one(if vitals.is_some() { 1.0 } else { 0.0 }));
    add(&mut registry, &REQUESTS, http.requests.clone());
    add(&mut registry, &SECONDS, http.seconds.clone());
    add(&mut registry, &IN_FLIGHT, http.in_flight.clone());
    add(&mut registry, &STREAMS, http.streams.clone());
    add(&mut registry, &PANICS, http.panics.clone());
    add(&mut registry, &WRITES_WAITING, store.writes_waiting.clone());
    add(&mut registry, &WRITE_WAIT, store.write_wait_seconds.clone());
    add(&mut registry, &COMMIT, store.commit_seconds.clone());
    add(&mut registry, &COMMIT_WRITES, store.commit_writes.clone());
    add(&mut registry, &READ_WAIT, store.read_wait_seconds.clone());
    add(&mut registry, &SEARCH, store.search_seconds.clone());
    add(&mut registry, &RETRIES, store.retries.clone());
    add(&mut registry, &JOB_RUNS, store.jobs.clone());
    add(&mut registry, &JOB_SECONDS, store.job_seconds.clone());

    let levels = vitals.unwrap_or_default().iter().map(|vital| Reading {
        metric: &VITAL,
        labels: vec![vital.name.to_owned()],
        value: f64::from(vital.level as u8),
    });
    let told = vitals.unwrap_or_default().iter().flat_map(|vital| vital.readings.iter().cloned());
    let mut gauges: BTreeMap<&str, (&Metric, Values)> = BTreeMap::new();
    for reading in levels.chain(process::readings(app.started())).chain(told) {
        let (_, family) = gauges.entry(reading.metric.name).or_insert((reading.metric, Values::default()));
        let labels: Labels = reading.metric.labels.iter().copied().zip(reading.labels).collect();
        family.get_or_create(&labels).set(reading.value);
    }
    for (metric, family) in gauges.into_values() {
        add(&mut registry, metric, family);
    }
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

fn add(registry: &mut Registry, metric: &Metric, cell: impl Cell) {
    // The registry ends the sentence by itself.
    registry.register(metric.name, metric.means.trim_end_matches('.'), cell);
}
