//! Runs jobs in the background of a process until it is told to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Fault};
use tokio::sync::watch;

use crate::{Engine, caught, job};

/// How many jobs one process claims at a time.
const AT_ONCE: u32 = 8;
/// How long the runner sleeps when nothing wakes it: other nodes' jobs and retries are found by this.
const NAP: Duration = Duration::from_millis(500);
/// How often a process prolongs its node number.
const RENEW_EVERY: Duration = Duration::from_secs(240);

/// What a handler gets.
pub struct JobContext {
    /// The database.
    pub engine: Engine,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Runs one job. It may run again after a crash, so it must be idempotent.
pub type Handler = Arc<dyn Fn(&JobContext, &str) -> Result<(), Fault> + Send + Sync>;

/// Handlers by kind.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Handler>);

impl Handlers {
    /// Adds the handler of a kind of job.
    pub fn add(
        &mut self,
        kind: &'static str,
        handler: impl Fn(&JobContext, &str) -> Result<(), Fault> + Send + Sync + 'static,
    ) {
        self.0.insert(kind, Arc::new(handler));
    }

    /// Runs every job that is due now and gives how many there were; for tests and the command line.
    pub fn run_due(&self, context: &JobContext) -> Result<usize, Fault> {
        let mut ran = 0;
        loop {
            let clock = Arc::clone(&context.clock);
            let jobs = context.engine.write_blocking(move |tx| Ok(job::claim(tx, &*clock, AT_ONCE)?))?;
            if jobs.is_empty() {
                return Ok(ran);
            }
            ran += jobs.len();
            for claimed in &jobs {
                self.run(context, claimed)?;
            }
        }
    }

    fn run(&self, context: &JobContext, claimed: &job::Job) -> Result<(), Fault> {
        let outcome = match self.0.get(claimed.kind.as_str()) {
            Some(handler) => caught(|| handler(context, &claimed.payload)).map_err(|fault| fault.to_string()),
            None => Err(format!("this version has no handler for {:?}", claimed.kind)),
        };
        let (clock, claimed) = (Arc::clone(&context.clock), claimed.clone());
        if let Err(error) = &outcome {
            tracing::warn!(job = %claimed.id, kind = claimed.kind, attempt = claimed.attempt, error, "job failed");
        }
        context.engine.write_blocking(move |tx| match &outcome {
            Ok(()) => Ok(job::done(tx, claimed.id)?),
            Err(error) => Ok(job::failed(tx, &*clock, &claimed, error)?),
        })
    }

    /// Runs jobs until `stop` becomes true; what runs then is finished first.
    pub async fn serve(self, context: Arc<JobContext>, mut stop: watch::Receiver<bool>) {
        let mut renewed = tokio::time::Instant::now();
        while !*stop.borrow() {
            let (handlers, for_jobs) = (self.clone(), Arc::clone(&context));
            let ran = tokio::task::spawn_blocking(move || handlers.run_due(&for_jobs)).await;
            match ran {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "the job queue cannot be read"),
                Err(error) => tracing::error!(%error, "the job runner panicked"),
            }
            if renewed.elapsed() > RENEW_EVERY {
                renewed = tokio::time::Instant::now();
                let context = Arc::clone(&context);
                let _ = tokio::task::spawn_blocking(move || context.engine.renew_node(&*context.clock)).await;
            }
            tokio::select! {
                () = context.engine.jobs_enqueued() => {}
                () = tokio::time::sleep(NAP) => {}
                _ = stop.changed() => {}
            }
        }
    }
}
