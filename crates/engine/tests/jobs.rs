//! Jobs when the machine is in trouble, when they kill their process, when versions differ and clocks step.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use engine::job;
use engine::runner::{Handlers, JobContext};
use engine::shelf::sweep;
use kernel::{Clock, Fault};
use testkit::{Store, on_both_engines};
use tokio::sync::watch;

fn context(store: &Store) -> JobContext {
    JobContext { engine: store.engine().clone(), clock: store.clock.clone() }
}

fn enqueue(store: &Store, kind: &'static str, in_seconds: Option<i64>) {
    let clock = store.clock.clone();
    let enqueued = store.engine().write_blocking(move |tx| {
        let at = in_seconds.map(|seconds| clock.now().plus_seconds(seconds));
        Ok(job::enqueue(tx, &*clock, kind, &(), None, at)?)
    });
    enqueued.unwrap();
}

fn counts(store: &Store) -> Vec<(String, i64)> {
    store.engine().read_blocking(|tx| Ok(job::counts(tx)?)).unwrap()
}

fn of_state(state: &str, count: i64) -> Vec<(String, i64)> {
    vec![(state.to_owned(), count)]
}

#[test]
fn an_outage_is_no_try_however_long_it_is_and_a_fault_of_the_job_is() {
    on_both_engines(|store| {
        let (away, ran) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU32::new(0)));
        let mut handlers = Handlers::default();
        let (is_away, counted) = (Arc::clone(&away), Arc::clone(&ran));
        handlers.add("letter", move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            if is_away.load(Ordering::SeqCst) {
                return Err(Fault::store(std::io::Error::other("the folder is away")));
            }
            Err(Fault::NotFound)
        });
        let context = context(store);
        enqueue(store, "letter", None);
        for _ in 0..50 {
            assert_eq!(handlers.run_due(&context).unwrap(), 1, "at most five minutes after the one before");
            store.clock.advance_seconds(301);
        }
        assert_eq!(counts(store), of_state("waiting", 1));
        let waiting = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "waiting", None, 1)?)).unwrap();
        assert!(waiting.items[0].last_error.as_deref().unwrap().contains("the folder is away"));

        away.store(false, Ordering::SeqCst);
        for _ in 0..20 {
            handlers.run_due(&context).unwrap();
            store.clock.advance_seconds(3_700);
        }
        assert_eq!(i64::from(ran.load(Ordering::SeqCst)), 50 + job::TRIES, "it has all its tries left");
        assert_eq!(counts(store), of_state("dead", 1));
    });
}

#[test]
fn a_job_that_takes_its_process_down_again_and_again_is_laid_among_the_dead() {
    on_both_engines(|store| {
        enqueue(store, "heavy", None);
        let killed = || {
            let clock = store.clock.clone();
            store
                .engine()
                .write_blocking(move |tx| Ok(job::claim(tx, &*clock, &["heavy"])?))
                .unwrap()
                .unwrap()
        };
        while killed().tries() < job::TRIES + 2 {
            store.clock.advance_seconds(job::LEASE_SECONDS + 1);
        }
        store.clock.advance_seconds(job::LEASE_SECONDS + 1);
        let mut handlers = Handlers::default();
        handlers.add("heavy", |_, _| panic!("it would kill this process too"));
        assert_eq!(handlers.run_due(&context(store)).unwrap(), 1);
        let dead = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "dead", None, 1)?)).unwrap();
        assert!(dead.items[0].last_error.as_deref().unwrap().contains("again and again"));
    });
}

#[test]
fn a_version_that_does_not_know_a_kind_leaves_it_to_the_one_that_does() {
    on_both_engines(|store| {
        let (older, mut newer) = (Handlers::default(), Handlers::default());
        newer.add("new.kind", |_, _| Ok(()));
        let context = context(store);
        enqueue(store, "new.kind", None);
        for _ in 0..20 {
            assert_eq!(older.run_due(&context).unwrap(), 0);
            store.clock.advance_seconds(600);
        }
        assert_eq!(counts(store), of_state("waiting", 1));
        assert_eq!(newer.run_due(&context).unwrap(), 1);

        enqueue(store, "nobody.does", None);
        store.clock.advance_seconds(7 * 3_600);
        assert_eq!(newer.run_due(&context).unwrap(), 0);
        assert_eq!(counts(store), of_state("dead", 1), "what nobody knows is seen, not forgotten");
    });
}

#[test]
fn what_was_wanted_at_once_does_not_wait_for_a_clock_that_was_ahead() {
    on_both_engines(|store| {
        let mut handlers = Handlers::default();
        handlers.add("letter", |_, _| Ok(()));
        handlers.add("breaks", |_, _| Err(Fault::NotFound));
        let context = context(store);
        let hours = 3_600 * 30;
        store.clock.advance_seconds(hours);
        enqueue(store, "breaks", None);
        assert_eq!(handlers.run_due(&context).unwrap(), 1);
        enqueue(store, "letter", None);
        enqueue(store, "letter", Some(20));
        enqueue(store, "letter", Some(7_200));
        store.clock.advance_seconds(-hours);
        assert_eq!(handlers.run_due(&context).unwrap(), 3, "two letters and the other try");
        assert_eq!(counts(store), of_state("waiting", 2), "not the one that was wanted later");
    });
}

#[test]
fn a_lease_of_a_clock_that_was_ahead_ends_within_a_minute() {
    on_both_engines(|store| {
        let mut handlers = Handlers::default();
        handlers.add("any", |_, _| Ok(()));
        let context = context(store);
        enqueue(store, "any", None);
        let ahead = kernel::ManualClock::at(store.clock.now().plus_seconds(86_400));
        store.engine().write_blocking(move |tx| Ok(job::claim(tx, &ahead, &["any"])?)).unwrap().unwrap();
        assert_eq!(handlers.run_due(&context).unwrap(), 0, "it may be running");
        store.clock.advance_seconds(job::LEASE_SECONDS + 1);
        assert_eq!(handlers.run_due(&context).unwrap(), 1);
    });
}

#[test]
fn a_letter_does_not_stand_behind_an_import() {
    on_both_engines(|store| {
        let (stop, stopping) = watch::channel(false);
        let (sent, told) = mpsc::sync_channel(1);
        let told = std::sync::Mutex::new(told);
        let mut handlers = Handlers::default();
        // The import ends once the letter has left.
        handlers.add("import", move |_, _| {
            told.lock().unwrap().recv_timeout(std::time::Duration::from_secs(60)).map_err(Fault::store)?;
            stop.send_replace(true);
            Ok(())
        });
        handlers.add_quick("letter", move |_, _| sent.send(()).map_err(Fault::store));
        enqueue(store, "import", None);
        store.clock.advance_seconds(1);
        enqueue(store, "letter", None);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(handlers.serve(Arc::new(context(store)), stopping));
        assert_eq!(counts(store), [], "both are done");
    });
}

#[test]
fn the_next_sweep_comes_however_this_one_ends() {
    on_both_engines(|store| {
        let mut handlers = Handlers::default();
        sweep::register(&mut handlers);
        let clock = store.clock.clone();
        store.engine().write_blocking(move |tx| Ok(sweep::enqueue(tx, &*clock, 0)?)).unwrap();
        // Nothing can be listed there.
        std::fs::write(store.dir.path().join("data/blobs"), "no folder").unwrap();
        handlers.run_due(&context(store)).unwrap();
        let waiting = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "waiting", None, 9)?)).unwrap();
        let next = |job: &job::JobState| job.run_at > store.clock.now().plus_seconds(80_000);
        assert_eq!(waiting.items.len(), 2, "another try, and the next one");
        assert_eq!(waiting.items.iter().filter(|job| next(job)).count(), 1);
    });
}
