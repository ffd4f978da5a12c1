//! Every schema ever released becomes the newest one, with a way back.

use engine::Engine;
use keep::State;

use crate::old::{Place, RELEASED, fill};
use crate::{clock, sums};

#[test]
fn every_released_schema_becomes_the_newest_and_keeps_every_row() {
    for released in &RELEASED {
        for place in Place::each() {
            fill(&place, released);
            let tables =
                |options| -> Vec<String> { sums(options, &[]).into_iter().map(|(name, ..)| name).collect() };
            let before: Vec<(String, u64)> = sums(&place.options, &["schema_version", "node_lease"])
                .into_iter()
                .map(|(name, rows, _)| (name, rows))
                .collect();
            assert_eq!(keep::state(&place.options).unwrap(), State::Older(released.number));
            let copy = place
                .options
                .url
                .starts_with("sqlite:")
                .then(|| keep::copy_before(&place.options, released.number, &clock()).unwrap().unwrap());
            drop(keep::upgrade(&place.options, released.number, copy.as_deref(), &clock()).unwrap());
            assert_eq!(keep::state(&place.options).unwrap(), State::Current);
            let after = sums(&place.options, &[]);
            for (table, rows) in before {
                let now = after.iter().find(|(name, ..)| *name == table).unwrap();
                assert_eq!(now.1, rows, "{table}");
            }
            assert!(tables(&place.options).contains(&"keeping".to_owned()));
            let Some(copy) = copy else { continue };
            // The copy is the old shop: putting it back is the way back.
            let old = engine::Options { url: format!("sqlite:{}", copy.display()), ..place.options.clone() };
            assert_eq!(keep::state(&old).unwrap(), State::Older(released.number));
        }
    }
}

#[test]
fn a_newer_database_is_left_alone() {
    for place in Place::each() {
        drop(Engine::open(&place.options, &clock()).unwrap());
        let text = "INSERT INTO schema_version (number) VALUES (9999)";
        match keep::sqlite_file(&place.options) {
            Some(file) => rusqlite::Connection::open(file).unwrap().execute_batch(text).unwrap(),
            None => crate::old::sql(&place.options.url, text),
        }
        let said = keep::state(&place.options).unwrap_err().to_string();
        assert!(said.contains("install the newer version again"), "{said}");
        assert!(Engine::open(&place.options, &clock()).is_err());
    }
}

#[test]
fn two_processes_that_start_at_once_upgrade_once() {
    for place in Place::each() {
        fill(&place, &RELEASED[0]);
        std::thread::scope(|scope| {
            let starts: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        if place.options.url.starts_with("sqlite:") {
                            keep::copy_before(&place.options, 1, &clock()).unwrap();
                        }
                        drop(Engine::open(&place.options, &clock()).unwrap());
                    })
                })
                .collect();
            starts.into_iter().for_each(|start| start.join().unwrap());
        });
        assert_eq!(keep::state(&place.options).unwrap(), State::Current);
    }
}

#[test]
fn a_copy_is_promised_only_where_there_is_one() {
    let place = Place::sqlite();
    fill(&place, &RELEASED[0]);
    // Another process upgraded after this one had looked.
    drop(Engine::open(&place.options, &clock()).unwrap());
    assert_eq!(keep::copy_before(&place.options, 1, &clock()).unwrap(), None);
    let copies = std::fs::read_dir(place.dir.path()).unwrap().flatten();
    let copies = copies.filter(|entry| entry.file_name().to_string_lossy().contains(".schema-"));
    assert_eq!(copies.count(), 0, "and none is left");
}

#[test]
fn an_empty_place_has_no_schema() {
    for place in Place::each() {
        assert_eq!(keep::state(&place.options).unwrap(), State::Empty);
        assert!(
            !place.options.url.starts_with("sqlite:") || !place.file().exists(),
            "a look creates nothing"
        );
    }
}
