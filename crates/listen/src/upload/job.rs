//! Looking at an uploaded file and running it, in slices.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use engine::blob::{self, BlobDigest};
use engine::runner::JobContext;
use engine::{DbError, Tx, job, params};
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
/// How many batches one slice has at least: other jobs wait no longer than it takes.
const SLICE: usize = 20;
/// A slice passes over everything before it; for each so many items of that it has a batch more.
const PASSED_OVER: i64 = 20_000;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) run: RunId,
}

/// Once for each choice of columns: what looks with those of before does not answer for these.
pub(crate) fn enqueue_look(tx: &mut Tx<'_>, clock: &dyn Clock, run: RunId) -> Result<(), DbError> {
    let mapping = find(tx, run)?.map(|run| run.mapping).unwrap_or_default();
    let key = format!("look:{run}:{}", BlobDigest::of(mapping.as_bytes()).hex());
    job::enqueue(tx, clock, LOOK, &Payload { run }, Some(&key), None)
}

/// A slice of its own for each place: the job that asks for the next one is still running.
pub(crate) fn enqueue_run(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    run: RunId,
    position: i64,
) -> Result<(), DbError> {
    let key = format!("import:{run}:{position}");
    job::enqueue(tx, clock, RUN, &Payload { run }, Some(&key), None)
}

/// An import in a state and its items; without them, where its file is lost.
fn open(context: &JobContext, payload: &str, state: &str) -> Result<Option<(Run, Option<Items>)>, Fault> {
    let Payload { run } = serde_json::from_str(payload).map_err(Fault::store)?;
    context.engine.read_blocking(|tx| {
        let Some(run) = find(tx, run)?.filter(|run| run.state == state) else { return Ok(None) };
        let items = bytes(tx, &run)?.map(|bytes| {
            let files = vec![Named { name: run.file.clone(), origin: Origin::Bytes(bytes.into()) }];
            Items::new(run.kind, run.choice.clone(), files, Arc::new(AtomicU64::new(0)))
        });
        Ok(Some((run, items)))
    })
}

/// Counts what a file holds: how many new, how many known, how many unreadable items.
pub fn look(context: &JobContext, payload: &str) -> Result<(), Fault> {
    match open(context, payload, "counting")? {
        Some((run, items)) => count(context, run, items),
        None => Ok(()),
    }
}

/// Counts items and writes down what they are, unless other columns were chosen meanwhile.
fn count(context: &JobContext, run: Run, items: Option<Items>) -> Result<(), Fault> {
    let machine = Actor::machine(vec![run.mailbox]);
    let mut report = Report::default();
    let outcome =
        items.map(|items| dry::run(&context.engine, &machine, &run.source, items, &mut report, &mut |_| {}));
    let problem = match outcome {
        None => Some(Problem::Lost.to_json()),
        Some(Ok(())) => (report.fetched == 0).then(|| Problem::Empty.to_json()),
        Some(Err(ImportError::Fault(fault))) => return Err(fault),
        Some(Err(error)) => Some(Problem::of(&error).to_json()),
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
                problem.as_deref(),
                &run.mapping
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
    let Some(items) = items else { return end(context, &run, &machine, Ended::Failed(Problem::Lost)) };
    let place = run.mailbox;
    let name = engine
        .read_blocking(|tx| Ok(mailbox::by_id(tx, place)?))?
        .map(|mailbox| mailbox.name)
        .unwrap_or_default();
    let source = match source::resolve(engine, clock, &machine, &run.source, Some(&name)) {
        Ok(source) => source,
        Err(ImportError::Fault(fault)) => return Err(fault),
        Err(error) => return end(context, &run, &machine, Ended::Failed(Problem::of(&error))),
    };
    intake::finish_pending(engine, clock, Some(source.id))?;
    let pump = Pump::new(engine, clock, &source, Some(run.id))?;
    let (mut report, mut batches) = (Report::default(), 0);
    let skip = u64::try_from(run.position).unwrap_or(0);
    let slice = SLICE.max(usize::try_from(run.position / PASSED_OVER).unwrap_or(SLICE));
    let outcome = pump.run(items, skip, &mut report, &mut |_| {
        batches += 1;
        batches < slice
    });
    match outcome {
        Err(ImportError::Fault(fault)) => Err(fault),
        Err(error) => end(context, &run, &machine, Ended::Failed(Problem::of(&error))),
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
    Failed(Problem),
}

/// Ends an import; its file is needed no more, because each of its items is kept.
fn end(context: &JobContext, run: &Run, machine: &Actor, ended: Ended) -> Result<(), Fault> {
    let (clock, run, machine) = (Arc::clone(&context.clock), run.id, machine.clone());
    let (state, problem, source) = match ended {
        Ended::Whole(source) => ("ended", None, Some(source)),
        Ended::Failed(problem) => ("failed", Some(problem.to_json()), None),
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

#[cfg(test)]
mod tests {
    use engine::{Statement, invariant};
    use kernel::Clash;
    use primitives::source as sources;
    use testkit::{Store, on_both_engines};

    use super::*;
    use crate::import::Kind;
    use crate::table::Choice;
    use crate::upload::{NewRun, begin, choose, start};

    static LOSE: Statement = Statement::new("test::lose", "DELETE FROM blob WHERE digest = $1");

    struct Bench<'s> {
        context: JobContext,
        actor: Actor,
        store: &'s Store,
    }

    impl Bench<'_> {
        fn of(store: &Store) -> Bench<'_> {
            let clock = store.clock.clone();
            let banco = store.engine().write_blocking(move |tx| {
                mailbox::create(tx, &*clock, &Actor::machine(vec![]), "Banco", None, None)
            });
            let context = JobContext { engine: store.engine().clone(), clock: store.clock.clone() };
            Bench { context, actor: Actor::machine(vec![banco.unwrap()]), store }
        }

        fn write<T: Send + 'static>(
            &self,
            act: impl Fn(&mut Tx<'_>, &dyn Clock, &Actor) -> Result<T, Fault> + Send + 'static,
        ) -> T {
            let (clock, actor) = (self.store.clock.clone(), self.actor.clone());
            self.store.engine().write_blocking(move |tx| act(tx, &*clock, &actor)).unwrap()
        }

        fn begin(&self, table: &str) -> RunId {
            let bytes = table.as_bytes().to_vec();
            self.write(move |tx, clock, actor| {
                let (source, file) = ("Foglio".to_owned(), "t.csv".to_owned());
                let bytes = bytes.clone();
                begin(tx, clock, actor, &NewRun { source, mailbox: None, kind: Kind::Csv, file, bytes })
            })
        }

        fn choose(&self, run: RunId, column: &str) {
            let choice = Choice::parse(&[column]).unwrap();
            self.write(move |tx, clock, actor| choose(tx, clock, actor, run, &choice));
        }

        fn payload(run: RunId) -> String {
            serde_json::to_string(&Payload { run }).unwrap()
        }

        fn look(&self, run: RunId) {
            look(&self.context, &Self::payload(run)).unwrap();
        }

        fn slice(&self, run: RunId) -> Result<(), Fault> {
            super::run(&self.context, &Self::payload(run))
        }

        fn items(&self, run: RunId, state: &str) -> (Run, Option<Items>) {
            open(&self.context, &Self::payload(run), state).unwrap().unwrap()
        }

        fn run(&self, id: RunId) -> Run {
            self.store.engine().read_blocking(|tx| Ok(find(tx, id)?)).unwrap().unwrap()
        }

        fn lose_the_file(&self, run: RunId) {
            let digest = self.run(run).digest;
            self.write(move |tx, _, _| Ok(tx.execute(&LOSE, params![digest])?));
        }

        /// What does not hold of the ledger and of imports; references are counted over the whole house.
        fn broken(&self) -> Vec<String> {
            let rules = crate::arrival::invariant::all();
            let mut found = self
                .store
                .engine()
                .read_blocking(|tx| Ok(invariant::check(tx, &rules, false, &mut |_| {})?))
                .unwrap();
            found.retain(|broken| broken.name != invariant::blobs::NAME);
            found.into_iter().map(|broken| format!("{broken:?}")).collect()
        }
    }

    #[test]
    fn two_processes_at_one_import_skip_nothing() {
        on_both_engines(|store| {
            let bench = Bench::of(store);
            let rows: String = (0..450).map(|n| format!("riga {n}\n")).collect();
            let run = bench.begin(&format!("text\n{rows}"));
            bench.look(run);
            bench.write(move |tx, clock, actor| start(tx, clock, actor, run));
            let pump = |items: Items, batches: usize| {
                let clock: Arc<dyn Clock> = store.clock.clone();
                let machine = bench.actor.clone();
                let source = source::resolve(store.engine(), &clock, &machine, "Foglio", None).unwrap();
                let pump = Pump::new(store.engine(), &clock, &source, Some(run)).unwrap();
                let mut done = 0;
                pump.run(items, 0, &mut Report::default(), &mut |_| {
                    done += 1;
                    done < batches
                })
            };
            // Both have read that nothing is in the ledger yet; the second one slept.
            let (first, second) = (bench.items(run, "running").1, bench.items(run, "running").1);
            assert!(!pump(first.unwrap(), 1).unwrap());
            let late = pump(second.unwrap(), 1);
            assert!(matches!(late, Err(ImportError::Fault(Fault::Conflict(Clash::Changed)))), "{late:?}");
            let between = bench.run(run);
            assert_eq!((between.position, between.stored, between.duplicate), (200, 200, 0));
            bench.slice(run).unwrap();
            let ended = bench.run(run);
            assert_eq!((ended.state.as_str(), ended.position, ended.stored), ("ended", 450, 450));
            assert_eq!(bench.broken(), [] as [String; 0]);
        });
    }

    #[test]
    fn what_looked_with_other_columns_does_not_answer_for_these() {
        on_both_engines(|store| {
            let bench = Bench::of(store);
            let run = bench.begin("nota,voto\nbello,\nbrutto,\n");
            bench.choose(run, "text=nota");
            let (before, items) = bench.items(run, "counting");
            bench.choose(run, "text=voto");
            count(&bench.context, before, items).unwrap();
            assert_eq!(bench.run(run).state, "counting", "the second look has not answered yet");
            let asked = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "waiting", None, 10)?));
            assert_eq!(asked.unwrap().items.len(), 3, "a look for each choice");
            bench.look(run);
            let looked = bench.run(run);
            assert_eq!((looked.state.as_str(), looked.stored, looked.quarantined), ("looked", 0, 2));
        });
    }

    #[test]
    fn an_import_that_failed_is_looked_at_once_more_as_if_it_had_not_ended() {
        on_both_engines(|store| {
            let bench = Bench::of(store);
            let run = bench.begin("text\nbello\n");
            bench.look(run);
            bench.write(move |tx, clock, actor| start(tx, clock, actor, run));
            bench.write(|tx, clock, actor| {
                let other = mailbox::create(tx, clock, actor, "Altra", None, None)?;
                sources::create(tx, clock, actor, "Foglio", "import", other)
            });
            bench.slice(run).unwrap();
            assert_eq!(bench.run(run).state, "failed");
            bench.choose(run, "text=text");
            assert_eq!(bench.run(run).state, "counting");
            assert_eq!(bench.broken(), [] as [String; 0]);
        });
    }

    #[test]
    fn an_import_whose_file_is_lost_fails_with_the_reason() {
        on_both_engines(|store| {
            let bench = Bench::of(store);
            let (counted, running) = (bench.begin("text\nbello\n"), bench.begin("text\nbrutto\n"));
            bench.look(running);
            bench.write(move |tx, clock, actor| start(tx, clock, actor, running));
            bench.lose_the_file(counted);
            bench.lose_the_file(running);
            bench.look(counted);
            bench.slice(running).unwrap();
            for run in [counted, running] {
                let run = bench.run(run);
                assert_eq!((run.state.as_str(), run.problem), ("failed", Some(Problem::Lost.to_json())));
            }
        });
    }
}
