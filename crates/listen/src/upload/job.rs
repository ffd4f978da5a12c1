//! Looking at an uploaded file and running it, in slices.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use engine::runner::JobContext;
use engine::{DbError, Tx, blob, job, params};
use kernel::{Actor, Clock, Fault};
use primitives::mailbox;
use primitives::source::Source;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::{END, LOOKED, Run, RunId, bytes, find, signal};
use crate::import::input::Origin;
use crate::import::items::{Items, Named};
use crate::import::{ImportError, Pump, Report, dry, source, tell_end};
use crate::intake;

/// The job that counts what a file holds.
pub const LOOK: &str = "import.look";
/// The job that takes a slice of a file in.
pub const RUN: &str = "import.run";
/// How many batches one slice has: other jobs wait no longer than it takes.
const SLICE: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    run: RunId,
}

pub(super) fn enqueue_look(tx: &mut Tx<'_>, clock: &dyn Clock, run: RunId) -> Result<(), DbError> {
    job::enqueue(tx, clock, LOOK, &Payload { run }, None, None)
}

/// A slice of its own for each place: the job that asks for the next one is still running.
pub(super) fn enqueue_run(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    run: RunId,
    position: i64,
) -> Result<(), DbError> {
    let key = format!("import:{run}:{position}");
    job::enqueue(tx, clock, RUN, &Payload { run }, Some(&key), None)
}

fn open(context: &JobContext, payload: &str, state: &str) -> Result<Option<(Run, Items)>, Fault> {
    let Payload { run } = serde_json::from_str(payload).map_err(Fault::store)?;
    context.engine.read_blocking(|tx| {
        let Some(run) = find(tx, run)?.filter(|run| run.state == state) else { return Ok(None) };
        let origin = Origin::Bytes(bytes(tx, &run)?.into());
        let files = vec![Named { name: run.file.clone(), origin }];
        let items = Items::new(run.kind, run.choice.clone(), files, Arc::new(AtomicU64::new(0)));
        Ok(Some((run, items)))
    })
}

/// Counts what a file holds: how many new, how many known, how many unreadable items.
pub fn look(context: &JobContext, payload: &str) -> Result<(), Fault> {
    let Some((run, items)) = open(context, payload, "counting")? else { return Ok(()) };
    let machine = Actor::machine(vec![run.mailbox]);
    let mut report = Report::default();
    let outcome = dry::run(&context.engine, &machine, &run.source, items, &mut report, &mut |_| {});
    let problem = match outcome {
        Ok(()) => (report.fetched == 0).then(|| Problem::Empty.to_json()),
        Err(ImportError::Fault(fault)) => return Err(fault),
        Err(error) => Some(Problem::of(&error).to_json()),
    };
    context.engine.write_blocking(move |tx| {
        let state = if problem.is_some() { "failed" } else { "looked" };
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        tx.execute(
            &LOOKED,
            params![
                run.id.raw(),
                state,
                count(report.fetched),
                count(report.stored),
                count(report.duplicate),
                count(report.quarantined),
                problem.as_deref()
            ],
        )?;
        signal(tx, &run);
        Ok(())
    })
}

/// Takes a slice of a file in and asks for the next one.
pub fn run(context: &JobContext, payload: &str) -> Result<(), Fault> {
    let Some((run, items)) = open(context, payload, "running")? else { return Ok(()) };
    let (engine, clock) = (&context.engine, &context.clock);
    let machine = Actor::machine(vec![run.mailbox]);
    let place = run.mailbox;
    let name = engine
        .read_blocking(|tx| Ok(mailbox::by_id(tx, place)?))?
        .map(|mailbox| mailbox.name)
        .unwrap_or_default();
    let source = match source::resolve(engine, clock, &machine, &run.source, Some(&name)) {
        Ok(source) => source,
        Err(error) => return end(context, &run, &machine, Ended::Failed(error)),
    };
    intake::finish_pending(engine, clock, Some(source.id))?;
    let pump = Pump::new(engine, clock, &source, Some(run.id))?;
    let (mut report, mut batches) = (Report::default(), 0);
    let skip = usize::try_from(run.position).unwrap_or(0);
    let outcome = pump.run(items, skip, &mut report, &mut |_| {
        batches += 1;
        batches < SLICE
    });
    match outcome {
        Err(ImportError::Fault(fault)) => Err(fault),
        Err(error) => end(context, &run, &machine, Ended::Failed(error)),
        Ok(true) => end(context, &run, &machine, Ended::Whole(source)),
        Ok(false) => {
            let (clock, run) = (Arc::clone(clock), run.id);
            engine.write_blocking(move |tx| {
                let position = find(tx, run)?.map_or(0, |run| run.position);
                Ok(enqueue_run(tx, &*clock, run, position)?)
            })
        }
    }
}

/// How an import ended.
enum Ended {
    /// Everything came from this source.
    Whole(Source),
    /// Something stopped it.
    Failed(ImportError),
}

/// Ends an import; its file is needed no more, because each of its items is kept.
fn end(context: &JobContext, run: &Run, machine: &Actor, ended: Ended) -> Result<(), Fault> {
    let (clock, run, machine) = (Arc::clone(&context.clock), run.id, machine.clone());
    let (state, problem, source) = match ended {
        Ended::Whole(source) => ("ended", None, Some(source)),
        Ended::Failed(problem) => ("failed", Some(Problem::of(&problem).to_json()), None),
    };
    context.engine.write_blocking(move |tx| {
        if tx.execute(&END, params![run.raw(), state, problem.as_deref(), clock.now()])? == 0 {
            return Ok(());
        }
        let Some(run) = find(tx, run)? else { return Ok(()) };
        if let Some(source) = &source {
            let counts = [run.position, run.stored, run.duplicate, run.quarantined];
            let counts = counts.map(|count| u64::try_from(count).unwrap_or(0));
            tell_end(tx, &*clock, &machine, source, counts)?;
            blob::release(tx, &run.digest)?;
        }
        signal(tx, &run);
        Ok(())
    })
}
