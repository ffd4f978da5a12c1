//! The sweep of the large files: what it removes, and what it must never remove.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use engine::shelf::owner::{self, Whose};
use engine::shelf::sweep::{self, Swept};
use engine::{DbError, Engine, Options, Trouble, blob, params};
use kernel::{Clock, Fault, ManualClock, SystemClock};
use testkit::{Store, on_both_engines};

engine::statements! {
    /// Writes down that a file is being removed.
    REMOVING = "UPDATE shelf_orphan SET removing = 1";
    /// How many notes there are.
    NOTES = "SELECT CAST(COUNT(*) AS BIGINT) FROM shelf_orphan";
    /// What stands of a mark after the database was copied.
    COPIED = "UPDATE shelf_owner SET written_in = 'the one that was copied'";
}

/// Bytes that do not compress, so that they become a file.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..200_000).map(|_| next()).collect()
}

/// Files are of now, by the machine's clock.
fn now() -> ManualClock {
    ManualClock::at(SystemClock.now())
}

fn put(engine: &Engine, seed: u64) -> Result<blob::BlobDigest, Fault> {
    engine.write_blocking(move |tx| Ok(blob::put(tx, &bytes(seed))?))
}

fn undone(engine: &Engine, seed: u64) {
    let undone = engine.write_blocking(move |tx| {
        blob::put(tx, &bytes(seed))?;
        Err::<(), _>(Fault::NotFound)
    });
    assert!(undone.is_err());
}

fn is_there(engine: &Engine, digest: blob::BlobDigest) -> bool {
    engine.read_blocking(move |tx| Ok(blob::get(tx, &digest).is_ok())).unwrap()
}

fn notes(engine: &Engine) -> i64 {
    engine.read_blocking(|tx| Ok(tx.one(&NOTES, &[], |row| row.take())?)).unwrap()
}

#[test]
fn files_that_an_undone_write_left_are_swept_when_they_are_old_and_no_others() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        let kept = put(engine, 1).unwrap();
        undone(engine, 2);
        let swept = |removed| Swept { lying: 2, orphans: 1, removed, anothers: false };
        assert_eq!(sweep::run(engine, &clock, true).unwrap(), swept(0), "it is young");
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        assert_eq!(sweep::run(engine, &clock, false).unwrap(), swept(0), "a look changes nothing");
        assert_eq!(sweep::run(engine, &clock, true).unwrap(), swept(1));
        assert!(is_there(engine, kept));
        assert_eq!(notes(engine), 0);
    });
}

#[test]
fn what_just_lost_its_row_stays_for_a_day_however_old_it_is() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        let released = put(engine, 1).unwrap();
        clock.advance_seconds(sweep::AGE_SECONDS * 700);
        sweep::run(engine, &clock, true).unwrap();
        engine.write_blocking(move |tx| Ok(blob::release(tx, &released)?)).unwrap();
        // A backup whose snapshot has the row is copying meanwhile.
        assert_eq!(sweep::run(engine, &clock, true).unwrap().removed, 0);
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        assert_eq!(sweep::run(engine, &clock, true).unwrap().removed, 1);
    });
}

#[test]
fn what_is_put_again_is_struck_off_and_what_is_being_removed_is_refused_for_a_moment() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        undone(engine, 1);
        undone(engine, 2);
        sweep::run(engine, &clock, true).unwrap();
        assert_eq!(notes(engine), 2);
        let again = put(engine, 1).unwrap();
        assert_eq!(notes(engine), 1, "the one that has a row now is struck off with it");

        // A process died after it wrote down what it was about to remove.
        engine.write_blocking(|tx| Ok(tx.execute(&REMOVING, params![])?)).unwrap();
        let refused = put(engine, 2).unwrap_err();
        assert_eq!(DbError::trouble_in(&refused), Some(Trouble::Away), "{refused}");
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        sweep::run(engine, &clock, true).unwrap();
        let anew = put(engine, 2).unwrap();
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        assert_eq!(sweep::run(engine, &clock, true).unwrap().orphans, 0);
        assert!(is_there(engine, again) && is_there(engine, anew));
    });
}

#[test]
fn a_row_that_is_written_while_the_sweep_is_under_way_keeps_its_file() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        undone(engine, 1);
        sweep::run(engine, &clock, true).unwrap();
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        // Imported again while it is swept, as often as it takes: refused in the one moment, or kept whole.
        let digest = std::thread::scope(|scope| {
            let importing = scope.spawn(|| {
                loop {
                    match put(engine, 1) {
                        Ok(digest) => return digest,
                        Err(fault) => assert_eq!(DbError::trouble_in(&fault), Some(Trouble::Away), "{fault}"),
                    }
                }
            });
            sweep::run(engine, &clock, true).unwrap();
            importing.join().unwrap()
        });
        assert!(is_there(engine, digest));
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        assert_eq!(sweep::run(engine, &clock, true).unwrap().orphans, 0);
        assert!(is_there(engine, digest));
    });
}

/// A shop on a database of its own whose data folder is another's.
fn stranger(store: &Store) -> Engine {
    let url = format!("sqlite:{}", store.dir.path().join("stranger.db").display());
    let options = Options { url, data_dir: store.dir.path().join("data") };
    Engine::open(&options, store.clock()).unwrap()
}

#[test]
fn another_database_removes_nothing_until_the_place_is_given_to_it() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        let kept = put(engine, 1).unwrap();
        assert_eq!(owner::whose(engine).unwrap(), Whose::Nobodys);
        sweep::run(engine, &clock, true).unwrap();
        assert_eq!(owner::whose(engine).unwrap(), Whose::Ours);

        let stranger = stranger(store);
        assert_eq!(owner::whose(&stranger).unwrap(), Whose::Anothers);
        for _ in 0..3 {
            let swept = sweep::run(&stranger, &clock, true).unwrap();
            assert_eq!((swept.anothers, swept.removed), (true, 0));
            clock.advance_seconds(sweep::AGE_SECONDS + 60);
        }
        assert!(is_there(engine, kept));
        assert_eq!(owner::whose(engine).unwrap(), Whose::Ours);

        owner::take_over(&stranger).unwrap();
        assert_eq!(owner::whose(&stranger).unwrap(), Whose::Ours);
        assert!(sweep::run(engine, &clock, true).unwrap().anothers, "one at a time");
    });
}

#[test]
fn a_copy_of_the_database_owns_nothing_although_it_knows_the_mark() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        sweep::run(engine, &clock, true).unwrap();
        put(engine, 1).unwrap();
        engine.write_blocking(|tx| Ok(tx.execute(&COPIED, &[])?)).unwrap();
        assert_eq!(owner::whose(engine).unwrap(), Whose::Anothers);
        assert!(sweep::run(engine, &clock, true).unwrap().anothers);
    });
}

#[test]
fn a_folder_that_is_not_mounted_is_trouble_and_a_file_that_is_gone_is_missing() {
    on_both_engines(|store| {
        let engine = store.engine();
        let (one, other) = (put(engine, 1).unwrap(), put(engine, 2).unwrap());
        let blobs = store.dir.path().join("data/blobs");
        let file = |digest: blob::BlobDigest| blobs.join(&digest.hex()[..2]).join(&digest.hex()[2..]);
        std::fs::remove_file(file(one)).unwrap();
        let get = |digest| engine.read_blocking(move |tx| Ok(blob::get(tx, &digest)?)).unwrap_err();
        let gone = get(one);
        assert!(DbError::missing_in(&gone) && DbError::trouble_in(&gone).is_none(), "{gone}");
        std::fs::rename(&blobs, store.dir.path().join("unmounted")).unwrap();
        let away = get(other);
        assert!(!DbError::missing_in(&away), "{away}");
        assert_eq!(DbError::trouble_in(&away), Some(Trouble::Away), "{away}");
    });
}

#[test]
fn halves_of_a_process_that_was_killed_are_removed_when_they_are_old() {
    on_both_engines(|store| {
        let (engine, clock) = (store.engine(), now());
        let kept = put(engine, 1).unwrap();
        let half = store.dir.path().join("data/blobs").join(&kept.hex()[..2]).join("abc.1-ThreadId(1).part");
        std::fs::write(&half, "half").unwrap();
        sweep::run(engine, &clock, true).unwrap();
        assert!(half.exists(), "somebody may be writing it");
        clock.advance_seconds(sweep::AGE_SECONDS + 60);
        sweep::run(engine, &clock, true).unwrap();
        assert!(!half.exists() && is_there(engine, kept));
    });
}
