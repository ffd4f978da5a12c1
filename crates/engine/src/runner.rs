//! Runs jobs in the background of a process until it is told to stop: in two lanes, so that a letter does not stand
//! behind an import.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use kernel::{Clock, Fault};
use tokio::sync::watch;

use crate::{DbError, Engine, caught, job};

/// How long the runner sleeps when nothing wakes it: other nodes' jobs and retries are found by this.
const NAP: Duration = Duration::from_millis(500);
/// How often the lease of a running job is prolonged: several times within [`job::LEASE_SECONDS`].
const PROLONG_EVERY: Duration = Duration::from_secs(15);
/// How often the queue is put right ([`job::settle`]).
const SETTLE_EVERY: Duration = Duration::from_secs(60);

/// What a handler gets.
pub struct JobContext {
    /// The database.
    pub engine: Engine,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Runs one job. It may run again after a crash, so it must be idempotent.
pub type Handler = Arc<dyn Fn(&JobContext, &str) -> Result<(), Fault> + Send + Sync>;

/// The lanes of a process: each runs one job at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// What is done in a moment, and somebody waits for.
    Quick,
    /// Everything else.
    Long,
}

/// Handlers by kind.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, (Lane, Handler)>);

impl Handlers {
    /// Adds the handler of a kind of job, which may take as long as it needs.
    pub fn add(
        &mut self,
        kind: &'static str,
        handler: impl Fn(&JobContext, &str) -> Result<(), Fault> + Send + Sync + 'static,
    ) {
        self.0.insert(kind, (Lane::Long, Arc::new(handler)));
    }

    /// Adds the handler of a kind of job that is done in a moment and that somebody waits for: it never stands
    /// behind one that takes long.
    pub fn add_quick(
        &mut self,
        kind: &'static str,
        handler: impl Fn(&JobContext, &str) -> Result<(), Fault> + Send + Sync + 'static,
    ) {
        self.0.insert(kind, (Lane::Quick, Arc::new(handler)));
    }

    fn kinds(&self, lane: Option<Lane>) -> Vec<&'static str> {
        let wanted = self.0.iter().filter(|(_, (its, _))| lane.is_none_or(|lane| lane == *its));
        wanted.map(|(kind, _)| *kind).collect()
    }

    /// Runs every job that is due now and gives how many there were; for tests and the command line.
    pub fn run_due(&self, context: &JobContext) -> Result<usize, Fault> {
        self.settle(context)?;
        self.run_until(context, &self.kinds(None), &|| false)
    }

    fn settle(&self, context: &JobContext) -> Result<(), Fault> {
        let (clock, known) = (Arc::clone(&context.clock), self.kinds(None));
        context.engine.write_blocking(move |tx| Ok(job::settle(tx, &*clock, &known)?))
    }

    /// Runs every job of some kinds that is due, one claimed after the other, until told to stop.
    fn run_until(
        &self,
        context: &JobContext,
        kinds: &[&'static str],
        stopped: &dyn Fn() -> bool,
    ) -> Result<usize, Fault> {
        let mut ran = 0;
        while !stopped() && !kinds.is_empty() {
            keep_node(context);
            let (clock, kinds) = (Arc::clone(&context.clock), kinds.to_vec());
            let claimed = context.engine.write_blocking(move |tx| Ok(job::claim(tx, &*clock, &kinds)?))?;
            let Some(claimed) = claimed else { break };
            self.run(context, &claimed)?;
            ran += 1;
        }
        Ok(ran)
    }

    /// Runs a claimed job.
    fn run(&self, context: &JobContext, claimed: &job::Job) -> Result<(), Fault> {
        // Only kinds that have a handler are claimed.
        let Some((&kind, (_, handler))) = self.0.get_key_value(claimed.kind.as_str()) else { return Ok(()) };
        let began = Instant::now();
        let outcome = if claimed.has_no_end(context.clock.now()) {
            Err(("the process ended while this ran, again and again".to_owned(), job::Cause::Job))
        } else {
            let done = while_leased(context, claimed, || caught(|| handler(context, &claimed.payload)));
            done.map_err(|fault| (fault.to_string(), cause_of(&fault)))
        };
        context.engine.meters().job_ran(kind, outcome.is_ok(), began.elapsed());
        if let Err((error, cause)) = &outcome {
            tracing::warn!(job = %claimed.id, kind, attempt = claimed.attempt, error, ?cause, "job failed");
        }
        let (clock, ended) = (Arc::clone(&context.clock), claimed.clone());
        let ours = context.engine.write_blocking(move |tx| match &outcome {
            Ok(()) => Ok(job::done(tx, &ended)?),
            Err((error, cause)) => Ok(job::failed(tx, &*clock, &ended, error, *cause)?),
        })?;
        if !ours {
            tracing::warn!(job = %claimed.id, kind = claimed.kind, "a job's lease ran out; another process has it");
        }
        Ok(())
    }

    /// Runs jobs until `stop` becomes true; what runs then is finished first.
    pub async fn serve(self, context: Arc<JobContext>, stop: watch::Receiver<bool>) {
        tokio::join!(
            self.serve_lane(Lane::Quick, &context, stop.clone()),
            self.serve_lane(Lane::Long, &context, stop.clone()),
        );
    }

    async fn serve_lane(&self, lane: Lane, context: &Arc<JobContext>, mut stop: watch::Receiver<bool>) {
        let kinds = self.kinds(Some(lane));
        let mut settled: Option<Instant> = None;
        while !*stop.borrow() {
            // The lane that may stand still for an hour leaves this to the other.
            let settles = lane == Lane::Quick && settled.is_none_or(|at| at.elapsed() > SETTLE_EVERY);
            if settles {
                settled = Some(Instant::now());
            }
            let (handlers, for_jobs, told) = (self.clone(), Arc::clone(context), stop.clone());
            let kinds = kinds.clone();
            let ran = tokio::task::spawn_blocking(move || {
                if settles {
                    handlers.settle(&for_jobs)?;
                }
                handlers.run_until(&for_jobs, &kinds, &|| *told.borrow())
            })
            .await;
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

/// Whether a job failed by itself, or what it needs is away.
fn cause_of(fault: &Fault) -> job::Cause {
    match DbError::trouble_in(fault) {
        Some(_) => job::Cause::Machine,
        None => job::Cause::Job,
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
