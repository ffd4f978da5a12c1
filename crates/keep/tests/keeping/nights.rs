//! The backup of each night.

use engine::Engine;
use engine::shelf::Blobs;
use keep::Nightly;

use crate::old::{Place, RELEASED, fill};
use crate::{clock, sound};

const DAY: i64 = 86_400;

fn plan(place: &Place) -> Nightly {
    Nightly { folder: place.dir.path().join("nights"), hour: 3, daily: 2, weekly: 0, with_key: true }
}

fn files(plan: &Nightly) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(&plan.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn each_night_has_one_backup_and_only_ours_are_removed() {
    for place in Place::each() {
        fill(&place, &RELEASED[0]);
        let (clock, plan) = (clock(), plan(&place));
        let engine = Engine::open(&place.options, &clock).unwrap();
        std::fs::create_dir(&plan.folder).unwrap();
        for stranger in ["nightly-of-somebody-else.tar", "bottega-2026-11-01T000000Z.tar"] {
            std::fs::write(plan.folder.join(stranger), "mine").unwrap();
        }
        std::fs::write(plan.folder.join("nightly-2026-11-20T020000Z.unfinished"), "half").unwrap();
        let night = || keep::night(&engine, &place.options, &Blobs::Folder, &plan, &clock, &sound).unwrap();
        for _ in 0..4 {
            assert!(night().is_some());
            assert!(night().is_none(), "one a night");
            clock.advance_seconds(DAY);
        }
        assert_eq!(
            files(&plan),
            [
                "bottega-2026-11-01T000000Z.tar",
                "nightly-2026-11-23T090000Z.tar",
                "nightly-2026-11-24T090000Z.tar",
                "nightly-of-somebody-else.tar",
            ]
        );
        let good = engine.read_blocking(|tx| Ok(keep::last_good(tx)?)).unwrap().unwrap();
        assert_eq!((good.kind.as_str(), good.verified.as_deref()), ("nightly", Some("restored")));
        assert!(good.place.unwrap().ends_with("nightly-2026-11-24T090000Z.tar"));
    }
}

#[test]
fn a_night_that_failed_is_told_and_tried_again_an_hour_later() {
    let place = Place::sqlite();
    fill(&place, &RELEASED[0]);
    let clock = clock();
    let engine = Engine::open(&place.options, &clock).unwrap();
    let mut plan = plan(&place);
    let good = plan.folder.clone();
    // A file stands where the folder should be.
    plan.folder = place.dir.path().join("a-file");
    std::fs::write(&plan.folder, "").unwrap();
    let night = |plan: &Nightly| keep::night(&engine, &place.options, &Blobs::Folder, plan, &clock, &sound);
    assert!(night(&plan).is_err());
    let newest = engine.read_blocking(|tx| Ok(keep::newest(tx, 1)?)).unwrap();
    assert_eq!(newest[0].state, "failed", "{newest:?}");
    assert!(newest[0].problem.as_deref().unwrap().contains("a-file"), "{newest:?}");
    plan.folder = good;
    assert!(night(&plan).unwrap().is_none(), "not at once");
    clock.advance_seconds(3_700);
    assert!(night(&plan).unwrap().is_some());
}

#[test]
fn a_shop_that_opened_today_has_no_backup_of_last_night() {
    let place = Place::sqlite();
    let clock = clock();
    let engine = Engine::open(&place.options, &clock).unwrap();
    assert!(
        keep::night(&engine, &place.options, &Blobs::Folder, &plan(&place), &clock, &sound)
            .unwrap()
            .is_none()
    );
}

fn sql(place: &Place, text: &str) {
    match keep::sqlite_file(&place.options) {
        Some(file) => rusqlite::Connection::open(file).unwrap().execute_batch(text).unwrap(),
        None => crate::old::sql(&place.options.url, text),
    }
}

#[test]
fn a_night_that_another_process_took_over_stays_that_ones() {
    for place in Place::each() {
        fill(&place, &RELEASED[0]);
        let (clock, plan) = (clock(), plan(&place));
        let engine = Engine::open(&place.options, &clock).unwrap();
        let second = Engine::open(&place.options, &clock).unwrap();
        let by = |engine: &Engine, sound: keep::Soundness<'_>| {
            keep::night(engine, &place.options, &Blobs::Folder, &plan, &clock, sound)
        };
        // While the first one looks through its trial, its lease runs out, and the second makes the whole backup.
        let slow = |_: &Engine| {
            clock.advance_seconds(700);
            let taken = by(&second, &sound).unwrap().unwrap();
            clock.advance_seconds(60);
            assert!(taken.file.exists());
            Ok(Vec::new())
        };
        let first = by(&engine, &slow).unwrap().unwrap();
        assert!(first.file.exists(), "nobody took its unfinished file for a leftover");
        let line = engine.read_blocking(|tx| Ok(keep::last_good(tx)?)).unwrap().unwrap();
        assert!(line.place.unwrap().ends_with("nightly-2026-11-21T091140Z.tar"));
        assert_eq!(files(&plan).len(), 2, "{:?}", files(&plan));
        assert!(!keep::due(&engine, &plan, &clock).unwrap());
        clock.advance_seconds(DAY);
        assert!(keep::due(&engine, &plan, &clock).unwrap());
    }
}

#[test]
fn nights_from_before_a_restore_make_room_too_and_those_of_another_shop_never() {
    for place in Place::each() {
        fill(&place, &RELEASED[0]);
        let (clock, plan) = (clock(), plan(&place));
        let engine = Engine::open(&place.options, &clock).unwrap();
        // Another shop uses the same folder; its key is another.
        let stranger = Place::sqlite();
        fill(&stranger, &RELEASED[0]);
        std::fs::write(stranger.options.data_dir.join(engine::KEY_FILE), [9; 32]).unwrap();
        let other = Engine::open(&stranger.options, &clock).unwrap();
        keep::night(&other, &stranger.options, &Blobs::Folder, &plan, &clock, &sound).unwrap().unwrap();
        for night in 0..4 {
            clock.advance_seconds(DAY);
            keep::night(&engine, &place.options, &Blobs::Folder, &plan, &clock, &sound).unwrap().unwrap();
            if night == 1 {
                // As after a restore: the list of what was made is empty, the files are there.
                sql(&place, "DELETE FROM keeping");
            }
        }
        assert_eq!(
            files(&plan),
            [
                "nightly-2026-11-21T090000Z.tar",
                "nightly-2026-11-24T090000Z.tar",
                "nightly-2026-11-25T090000Z.tar",
            ]
        );
    }
}
