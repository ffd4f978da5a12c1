//! Node numbers and jobs in hand, when a process ends in order.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::runner::{Handlers, JobContext};
use engine::{Engine, Options, job};
use testkit::on_both_engines;
use tokio::sync::watch;

fn node(engine: &Engine, store: &testkit::Store) -> i64 {
    let clock = store.clock.clone();
    let id: i64 = engine.read_blocking(move |tx| Ok(tx.mint(&*clock))).unwrap();
    (id >> 12) & 1_023
}

#[test]
fn a_number_that_was_given_back_is_the_next_ones_after_a_rest() {
    on_both_engines(|store| {
        let options = Options { url: store.url.clone(), data_dir: store.dir.path().join("data") };
        let first = node(store.engine(), store);
        let open = || Engine::open(&options, store.clock()).unwrap();
        assert_ne!(node(&open(), store), first, "it is held");
        store.engine().release_node(store.clock()).unwrap();
        assert_ne!(node(&open(), store), first, "it rests, so that no id is minted twice");
        store.clock.advance_seconds(6);
        assert_eq!(node(&open(), store), first);
    });
}

#[test]
fn a_process_that_slept_through_its_lease_takes_another_number_and_leaves_the_new_owners_alone() {
    on_both_engines(|store| {
        let options = Options { url: store.url.clone(), data_dir: store.dir.path().join("data") };
        let slept = store.engine();
        let lost = node(slept, store);
        store.clock.advance_seconds(181);
        let heir = Engine::open(&options, store.clock()).unwrap();
        assert_eq!(node(&heir, store), lost, "the lease had ended");
        slept.keep_node(store.clock()).unwrap();
        let found = node(slept, store);
        assert_ne!(found, lost, "it is the heir's now");
        store.clock.advance_seconds(60);
        heir.keep_node(store.clock()).unwrap();
        slept.keep_node(store.clock()).unwrap();
        assert_eq!((node(&heir, store), node(slept, store)), (lost, found), "each renews its own");
    });
}

#[test]
fn a_number_that_was_lost_is_not_given_back() {
    on_both_engines(|store| {
        let options = Options { url: store.url.clone(), data_dir: store.dir.path().join("data") };
        let lost = node(store.engine(), store);
        store.clock.advance_seconds(181);
        let heir = Engine::open(&options, store.clock()).unwrap();
        store.engine().release_node(store.clock()).unwrap();
        store.clock.advance_seconds(6);
        let third = Engine::open(&options, store.clock()).unwrap();
        assert_eq!(node(&heir, store), lost);
        assert_ne!(node(&third, store), lost, "the heir holds it");
    });
}

#[test]
fn jobs_that_were_not_begun_are_left_as_they_were() {
    on_both_engines(|store| {
        let clock = store.clock.clone();
        let enqueued = store.engine().write_blocking(move |tx| {
            for _ in 0..3 {
                job::enqueue(tx, &*clock, "once", &(), None, None)?;
            }
            Ok(())
        });
        enqueued.unwrap();
        let (stop, stopping) = watch::channel(false);
        let stop = Arc::new(stop);
        let ran = Arc::new(AtomicU32::new(0));
        let mut handlers = Handlers::default();
        let (for_job, counted) = (Arc::clone(&stop), Arc::clone(&ran));
        handlers.add("once", move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            for_job.send_replace(true);
            Ok(())
        });
        let context = Arc::new(JobContext { engine: store.engine().clone(), clock: store.clock.clone() });
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(handlers.serve(context, stopping));
        assert_eq!(ran.load(Ordering::SeqCst), 1, "the one in hand was finished, no other begun");
        let left = store.engine().read_blocking(|tx| Ok(job::counts(tx)?)).unwrap();
        assert_eq!(left, [("waiting".to_owned(), 2)]);
        let waiting = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "waiting", None, 10)?));
        assert!(waiting.unwrap().items.iter().all(|job| job.attempts == 0), "not begun is no attempt");
    });
}
