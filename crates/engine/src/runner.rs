//! Runs jobs in the background of a process until it is told to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use kernel::{Clock, Fault};
use tokio::sync::watch;

use crate::{Engine, caught, job};

/// How many jobs one process claims at a time.
const AT_ONCE: u32 = 8;
/// How long the runner sleeps when nothing wakes it: other nodes' jobs and retries are found by this.
const NAP: Duration = Duration::from_millis(500);
/// How often the lease of a running job is prolonged: several times within [`job::LEASE_SECONDS`].
const PROLONG_EVERY: Duration = Duration::from_secs(15);

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
        self.run_until(context, &|| false)
    }

    /// Runs every job that is due until told to stop; what was claimed and not begun is given back.
    fn run_until(&self, context: &JobContext, stopped: &dyn Fn() -> bool) -> Result<usize, Fault> {
        let mut ran = 0;
        loop {
            if stopped() {
                return Ok(ran);
            }
            keep_node(context);
            let clock = Arc::clone(&context.clock);
            let jobs = context.engine.write_blocking(move |tx| Ok(job::claim(tx, &*clock, AT_ONCE)?))?;
            if jobs.is_empty() {
                return Ok(ran);
            }
            for (index, claimed) in jobs.iter().enumerate() {
                if stopped() {
                    let rest = jobs[index..].to_vec();
                    context.engine.write_blocking(move |tx| Ok(job::give_back(tx, &rest)?))?;
                    return Ok(ran);
                }
                self.run(context, claimed)?;
                ran += 1;
            }
        }
    }

    /// Runs a claimed job, unless its lease ran out while it waited for the ones before it.
    fn run(&self, context: &JobContext, claimed: &job::Job) -> Result<(), Fault> {
        let (clock, fresh) = (Arc::clone(&context.clock), claimed.clone());
        if !context.engine.write_blocking(move |tx| Ok(job::prolong(tx, &*clock, &fresh)?))? {
            return Ok(());
        }
        let began = Instant::now();
        let outcome = match self.0.get(claimed.kind.as_str()) {
            Some(handler) => while_leased(context, claimed, || {
                caught(|| handler(context, &claimed.payload)).map_err(|fault| fault.to_string())
            }),
            None => Err(format!("this version has no handler for {:?}", claimed.kind)),
        };
        // What nobody here handles shares one name: names must not grow with what stands in the table.
        let kind = self.0.get_key_value(claimed.kind.as_str()).map_or("unknown", |(kind, _)| kind);
        context.engine.meters().job_ran(kind, outcome.is_ok(), began.elapsed());
        if let Err(error) = &outcome {
            tracing::warn!(job = %claimed.id, kind = claimed.kind, attempt = claimed.attempt, error, "job failed");
        }
        let (clock, ended) = (Arc::clone(&context.clock), claimed.clone());
        let ours = context.engine.write_blocking(move |tx| match &outcome {
            Ok(()) => Ok(job::done(tx, &ended)?),
            Err(error) => Ok(job::failed(tx, &*clock, &ended, error)?),
        })?;
        if !ours {
            tracing::warn!(job = %claimed.id, kind = claimed.kind, "a job's lease ran out; another process has it");
        }
        Ok(())
    }

    /// Runs jobs until `stop` becomes true; what runs then is finished first, what was only claimed is given
    /// back.
    pub async fn serve(self, context: Arc<JobContext>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let (handlers, for_jobs, told) = (self.clone(), Arc::clone(&context), stop.clone());
            let ran =
                tokio::task::spawn_blocking(move || handlers.run_until(&for_jobs, &|| *told.borrow())).await;
            match ran {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::error!(%error, "the job queue cannot be read"),
                Err(error) => tracing::error!(%error, "the job runner panicked"),
            }
            tokio::select! {
                () = context.engine.jobs_enqueued() => {}
                () = tokio::time::sleep(NAP) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Runs a handler while a thread beside it prolongs the lease, so that a long job is not taken by another
/// process; a process that dies prolongs nothing.
fn while_leased<T>(context: &JobContext, claimed: &job::Job, handler: impl FnOnce() -> T) -> T {
    let (ended, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(PROLONG_EVERY) {
                keep_node(context);
                let (clock, job) = (Arc::clone(&context.clock), claimed.clone());
                let kept = context.engine.write_blocking(move |tx| Ok(job::prolong(tx, &*clock, &job)?));
                match kept {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => tracing::warn!(%error, job = %claimed.id, "a lease could not be prolonged"),
                }
            }
        });
        let result = handler();
        drop(ended);
        result
    })
}

fn keep_node(context: &JobContext) {
    if let Err(error) = context.engine.keep_node(&*context.clock) {
        tracing::warn!(%error, "the lease of this process's node number could not be renewed");
    }
}
