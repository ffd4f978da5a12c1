//! What the store counts about itself while it runs: how long writes and reads wait, what a commit costs,
//! how jobs end. The web kit gives these out under documented names.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// Upper bounds of waits and commits, seconds: from a tenth of a millisecond to ten seconds.
const WAITS: [f64; 11] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];
/// Upper bounds of a job's duration, seconds.
const JOBS: [f64; 8] = [0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0];
/// Upper bounds of the number of writes that share a commit.
const GROUPS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 128.0];

/// The labels of a figure: names and values.
pub type Labels = Vec<(&'static str, String)>;

/// The meters of one engine. Each is shared: a clone counts into the same cell.
#[derive(Clone)]
pub struct Meters {
    /// Writes that wait for the writer, or run in it, now (SQLite).
    pub writes_waiting: Gauge,
    /// Seconds from asking for a write to its beginning: the writer's queue, or a free connection.
    pub write_wait_seconds: Histogram,
    /// Seconds of a commit, flush included.
    pub commit_seconds: Histogram,
    /// Writes that shared a commit (SQLite; always one on PostgreSQL).
    pub commit_writes: Histogram,
    /// Seconds from asking for a read to its beginning: a free connection.
    pub read_wait_seconds: Histogram,
    /// Seconds that the index took for the newest candidates of a search.
    pub search_seconds: Histogram,
    /// Transactions that were run again because another came between (PostgreSQL).
    pub retries: Counter,
    /// Jobs that ran, by `kind` and `outcome` (`done`, `failed`).
    pub jobs: Family<Labels, Counter>,
    /// Seconds that jobs took, by `kind`.
    pub job_seconds: Family<Labels, Histogram, fn() -> Histogram>,
}

impl Default for Meters {
    fn default() -> Meters {
        Meters {
            writes_waiting: Gauge::default(),
            write_wait_seconds: Histogram::new(WAITS),
            commit_seconds: Histogram::new(WAITS),
            commit_writes: Histogram::new(GROUPS),
            read_wait_seconds: Histogram::new(WAITS),
            search_seconds: Histogram::new(WAITS),
            retries: Counter::default(),
            jobs: Family::default(),
            job_seconds: Family::new_with_constructor(|| Histogram::new(JOBS)),
        }
    }
}

impl Meters {
    /// Counts a job that ran.
    pub(crate) fn job_ran(&self, kind: &str, done: bool, took: Duration) {
        let outcome = if done { "done" } else { "failed" };
        self.jobs.get_or_create(&vec![("kind", kind.to_owned()), ("outcome", outcome.to_owned())]).inc();
        self.job_seconds.get_or_create(&vec![("kind", kind.to_owned())]).observe(took.as_secs_f64());
    }
}
