//! The engine on both databases: transactions, group commit, jobs, blobs, idempotency, signals.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use engine::runner::{Handlers, JobContext};
use engine::{blob, idempotency, job, params};
use kernel::{Clash, Clock, Fault, MailboxId};
use testkit::on_both_engines;

engine::statements! {
    /// How many tags there are.
    COUNT_TAGS = "SELECT CAST(COUNT(*) AS BIGINT) FROM tag";
    /// Adds a tag.
    ADD_TAG = "INSERT INTO tag (id, name) VALUES ($1, $2)";
    /// The tags of some names.
    TAGS_IN = "SELECT id FROM tag WHERE name IN LIST($1) ORDER BY id";
}

fn tags(store: &testkit::Store) -> i64 {
    store.engine().read_blocking(|tx| Ok(tx.one(&COUNT_TAGS, &[], |row| row.take())?)).unwrap()
}

#[test]
fn a_fault_undoes_the_whole_write_and_a_panic_too() {
    on_both_engines(|store| {
        let failed = store.engine().write_blocking(|tx| -> Result<(), Fault> {
            tx.execute(&ADD_TAG, params![1_i64, "one"])?;
            Err(Fault::NotFound)
        });
        assert!(matches!(failed, Err(Fault::NotFound)));
        let panicked = store.engine().write_blocking(|tx| -> Result<(), Fault> {
            tx.execute(&ADD_TAG, params![2_i64, "two"])?;
            panic!("on purpose")
        });
        assert!(matches!(panicked, Err(Fault::Store(_))));
        assert_eq!(tags(store), 0);
        store.engine().write_blocking(|tx| Ok(tx.execute(&ADD_TAG, params![3_i64, "three"])?)).unwrap();
        assert_eq!(tags(store), 1);
    });
}

#[test]
fn a_part_that_fails_spoils_only_itself() {
    on_both_engines(|store| {
        store
            .engine()
            .write_blocking(|tx| {
                tx.execute(&ADD_TAG, params![1_i64, "kept"])?;
                let part = tx.savepoint(|tx| -> Result<(), Fault> {
                    tx.execute(&ADD_TAG, params![2_i64, "lost"])?;
                    tx.execute(&ADD_TAG, params![1_i64, "the same id"])?;
                    Ok(())
                });
                assert!(part.is_err());
                tx.execute(&ADD_TAG, params![3_i64, "kept too"])?;
                Ok(())
            })
            .unwrap();
        assert_eq!(tags(store), 2);
        let found = store
            .engine()
            .read_blocking(|tx| {
                let names = vec!["kept".to_owned(), "lost".to_owned(), "kept too".to_owned()];
                Ok(tx.query(&TAGS_IN, params![names], |row| row.take::<i64>())?)
            })
            .unwrap();
        assert_eq!(found, [1, 3]);
    });
}

#[test]
fn rivals_never_lose_a_write() {
    on_both_engines(|store| {
        let together = Arc::new(Barrier::new(8));
        std::thread::scope(|scope| {
            for rival in 0..8_i64 {
                let (engine, together) = (store.engine().clone(), Arc::clone(&together));
                scope.spawn(move || {
                    together.wait();
                    for n in 0..40_i64 {
                        engine
                            .write_blocking(move |tx| {
                                // Reads what the others write: the collision that serialisable runs again.
                                let count: i64 = tx.one(&COUNT_TAGS, &[], |row| row.take())?;
                                let id = rival * 100 + n + 1;
                                Ok(tx.execute(&ADD_TAG, params![id, format!("{id} after {count}")])?)
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(tags(store), 320);
    });
}

#[test]
fn blobs_come_back_whole_small_and_large() {
    on_both_engines(|store| {
        // Pseudo-random bytes do not compress, so this one becomes a file.
        let mut state = 1_u32;
        let large: Vec<u8> = (0..300_000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        for bytes in [Vec::new(), b"ciao".to_vec(), vec![0; 200_000], large] {
            let digest = store.engine().write_blocking({
                let bytes = bytes.clone();
                move |tx| {
                    blob::put(tx, &bytes)?;
                    Ok(blob::put(tx, &bytes)?)
                }
            });
            let digest = digest.unwrap();
            let again = store.engine().read_blocking(|tx| Ok(blob::get(tx, &digest)?)).unwrap();
            assert_eq!(again, bytes);
            let release = move || store.engine().write_blocking(move |tx| Ok(blob::release(tx, &digest)?));
            release().unwrap();
            assert!(
                store.engine().read_blocking(|tx| Ok(blob::get(tx, &digest)?)).is_ok(),
                "one reference is left"
            );
            release().unwrap();
            assert!(store.engine().read_blocking(|tx| Ok(blob::get(tx, &digest)?)).is_err());
        }
    });
}

#[test]
fn a_failing_job_is_tried_again_and_then_laid_among_the_dead() {
    on_both_engines(|store| {
        let context = JobContext { engine: store.engine().clone(), clock: store.clock.clone() };
        let runs = Arc::new(AtomicU32::new(0));
        let mut handlers = Handlers::default();
        let counted = Arc::clone(&runs);
        handlers.add("breaks", move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            Err(Fault::NotFound)
        });
        let clock = store.clock.clone();
        store
            .engine()
            .write_blocking(move |tx| {
                job::enqueue(tx, &*clock, "breaks", &1, Some("once"), None)?;
                Ok(job::enqueue(tx, &*clock, "breaks", &1, Some("once"), None)?)
            })
            .unwrap();
        for _ in 0..20 {
            handlers.run_due(&context).unwrap();
            store.clock.advance_seconds(3_700);
        }
        assert_eq!(runs.load(Ordering::SeqCst), u32::try_from(job::TRIES).unwrap());
        let dead = store.engine().read_blocking(|tx| Ok(job::in_state(tx, "dead", None, 10)?)).unwrap();
        assert_eq!(dead.items.len(), 1);
        assert_eq!(dead.items[0].last_error.as_deref(), Some("not found"));
        let (clock, id) = (store.clock.clone(), dead.items[0].id);
        store.engine().write_blocking(move |tx| job::retry(tx, &*clock, id)).unwrap();
        assert_eq!(handlers.run_due(&context).unwrap(), 1);
    });
}

#[test]
fn a_job_whose_process_died_is_claimed_again_after_its_lease() {
    on_both_engines(|store| {
        let clock = store.clock.clone();
        let enqueue = {
            let clock = clock.clone();
            move |tx: &mut engine::Tx<'_>| Ok(job::enqueue(tx, &*clock, "any", &1, None, None)?)
        };
        store.engine().write_blocking(enqueue).unwrap();
        let claim = || {
            let clock = clock.clone();
            store.engine().write_blocking(move |tx| Ok(job::claim(tx, &*clock, &["any"])?)).unwrap()
        };
        assert!(claim().is_some());
        assert!(claim().is_none(), "somebody runs it");
        store.clock.advance_seconds(job::LEASE_SECONDS + 1);
        assert_eq!(claim().unwrap().attempt, 2);
    });
}

#[test]
fn the_same_key_is_answered_once_and_another_request_is_refused() {
    on_both_engines(|store| {
        let call = |request: &'static [u8]| {
            let clock = store.clock.clone();
            store.engine().write_blocking(move |tx| {
                idempotency::once(tx, &*clock, "acc", Some("k1"), request, |tx| {
                    let count: i64 = tx.one(&COUNT_TAGS, &[], |row| row.take())?;
                    tx.execute(&ADD_TAG, params![count + 1, format!("{count}")])?;
                    Ok(idempotency::Answer { status: 201, body: count.to_string() })
                })
            })
        };
        assert_eq!(call(b"a").unwrap(), call(b"a").unwrap());
        assert_eq!(tags(store), 1);
        assert!(matches!(call(b"b"), Err(Fault::Conflict(Clash::IdempotencyKey))));
    });
}

#[test]
fn a_signal_is_heard_after_the_commit_and_never_after_a_rollback() {
    on_both_engines(|store| {
        let mut heard = store.engine().signals();
        let signal = |id: &str| engine::Signal {
            kind: "test".into(),
            id: id.into(),
            revision: 1,
            mailbox: Some(MailboxId(1).raw()),
        };
        let lost = signal("lost");
        let _ = store.engine().write_blocking(move |tx| -> Result<(), Fault> {
            tx.signal(lost.clone());
            Err(Fault::NotFound)
        });
        // PostgreSQL's listener needs a moment to be connected; signals heal by being sent again.
        for _ in 0..100 {
            let told = signal("told");
            store
                .engine()
                .write_blocking(move |tx| {
                    tx.signal(told.clone());
                    Ok(())
                })
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
            if let Ok(first) = heard.try_recv() {
                assert_eq!(first.id, "told");
                return;
            }
        }
        panic!("no signal was heard");
    });
}

#[test]
fn two_processes_on_one_database_have_different_node_numbers() {
    on_both_engines(|store| {
        let options = engine::Options { url: store.url.clone(), data_dir: store.dir.path().join("data") };
        let second = engine::Engine::open(&options, store.clock()).unwrap();
        let mint = |engine: &engine::Engine| {
            let clock = store.clock.clone();
            engine.write_blocking(move |tx| Ok(tx.mint::<MailboxId>(&*clock))).unwrap()
        };
        assert_ne!(mint(store.engine()), mint(&second));
        assert_eq!(store.engine().derive("a", "b"), second.derive("a", "b"), "they share the key");
    });
}

#[test]
fn every_statement_is_prepared_on_both_engines() {
    on_both_engines(|store| {
        for statement in engine::all_statements() {
            store.engine().read_blocking(|tx| Ok(tx.explain(statement)?)).unwrap_or_else(|error| {
                panic!("{}: {error}", statement.name());
            });
        }
    });
}

#[test]
fn an_attempt_whose_lease_ran_out_ends_nothing_any_more() {
    on_both_engines(|store| {
        let clock = store.clock.clone();
        let enqueue = {
            let clock = clock.clone();
            move |tx: &mut engine::Tx<'_>| Ok(job::enqueue(tx, &*clock, "any", &1, None, None)?)
        };
        store.engine().write_blocking(enqueue).unwrap();
        let claim = || {
            let clock = clock.clone();
            store.engine().write_blocking(move |tx| Ok(job::claim(tx, &*clock, &["any"])?)).unwrap().unwrap()
        };
        let slept = claim();
        store.clock.advance_seconds(job::LEASE_SECONDS + 1);
        let took_over = claim();
        let with = |job: &job::Job, what: fn(&mut engine::Tx<'_>, &dyn Clock, &job::Job) -> Result<bool, engine::DbError>| {
            let (clock, job) = (clock.clone(), job.clone());
            store.engine().write_blocking(move |tx| Ok(what(tx, &*clock, &job)?)).unwrap()
        };
        assert!(!with(&slept, job::prolong));
        assert!(!with(&slept, |tx, clock, job| job::failed(tx, clock, job, "too late", job::Cause::Job)));
        assert!(!with(&slept, |tx, _, job| job::done(tx, job)));
        assert!(with(&took_over, job::prolong));
        assert!(with(&took_over, |tx, _, job| job::done(tx, job)));
        assert!(!with(&took_over, |tx, _, job| job::done(tx, job)), "once");
    });
}

#[test]
fn a_clock_that_steps_back_repeats_no_id() {
    on_both_engines(|store| {
        let mut ids = Vec::new();
        for step in [0, -3_600, 7_200, -60] {
            store.clock.advance_seconds(step);
            let clock = store.clock.clone();
            let minted = store.engine().write_blocking(move |tx| {
                let ids: Vec<i64> = (0..100).map(|_| tx.mint(&*clock)).collect();
                ids.iter()
                    .try_for_each(|id| tx.execute(&ADD_TAG, params![*id, id.to_string()]).map(|_| ()))?;
                Ok(ids)
            });
            ids.extend(minted.unwrap());
        }
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "each is greater than every one before");
    });
}

#[test]
fn tables_that_an_extension_brought_are_none_of_the_shops() {
    let Some(store) = testkit::Store::postgres() else { return };
    let tables = || {
        let found = store.engine().read_blocking(|tx| Ok(engine::whole::tables(tx)?)).unwrap();
        found.into_iter().map(|table| table.name).collect::<Vec<_>>()
    };
    let before = tables();
    testkit::administer(
        &store.url,
        "CREATE TABLE spatial_ref_sys (srid INTEGER); ALTER EXTENSION plpgsql ADD TABLE spatial_ref_sys",
    );
    assert_eq!(tables(), before);
}

#[test]
fn texts_of_one_group_are_found_whatever_their_order_and_those_of_a_failed_part_are_not() {
    use engine::search;
    use kernel::Instant;
    on_both_engines(|store| {
        let mailbox = MailboxId(3);
        let at = |second: i64| Instant::from_micros(1_790_000_000_000_000 + second * 1_000_000);
        let index = move |tx: &mut engine::Tx<'_>, id: i64, second: i64| {
            search::index(tx, "voice", id, mailbox, at(second), "una macchina", Some("it"))
        };
        let found = || {
            let query = text::search::Query::parse("macchina");
            let candidates = store
                .engine()
                .read_blocking(move |tx| Ok(search::candidates(tx, &query, vec![mailbox.raw()], None, 10)?));
            candidates.unwrap().into_iter().map(|one| one.subject_id).collect::<Vec<_>>()
        };
        store
            .engine()
            .write_blocking(move |tx| {
                index(tx, 1, 50)?;
                index(tx, 2, 10)?;
                let part = tx.savepoint(|tx| {
                    search::remove(tx, "voice", 1)?;
                    index(tx, 3, 20)?;
                    Err::<(), _>(Fault::NotFound)
                });
                assert!(part.is_err());
                index(tx, 4, 30)?;
                index(tx, 5, 40)?;
                search::remove(tx, "voice", 5)?;
                Ok(())
            })
            .unwrap();
        assert_eq!(found(), [1, 4, 2]);
        store.engine().write_blocking(|tx| Ok(search::remove(tx, "voice", 1)?)).unwrap();
        assert_eq!(found(), [4, 2]);
    });
}
