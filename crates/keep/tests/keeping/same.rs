//! What goes out comes in again, equal, on either engine.

use engine::shelf::Blobs;
use std::path::Path;

use engine::search::candidates;
use engine::{Engine, Options};
use keep::{Backup, KeepError, Purpose, Source, Unwatched};

use crate::old::{Place, RELEASED, SMALL, fill, large};
use crate::{clock, sound, sums};

/// What a restore leaves behind or changes, each with its own test.
const RESTORE: [&str; 7] =
    ["node_lease", "session", "sign_in_failure", "outbox", "job", "keeping", "schema_version"];
/// What an export leaves out besides.
const EXPORT: [&str; 10] = [
    "node_lease",
    "session",
    "sign_in_failure",
    "outbox",
    "job",
    "keeping",
    "schema_version",
    "token",
    "idempotency",
    "account",
];

fn full_shop(place: &Place) {
    fill(place, &RELEASED[0]);
    for (table, rows, _) in sums(&place.options, &[]) {
        assert!(rows > 0, "{table} is empty: give it a row in tests/schemas");
    }
    drop(Engine::open(&place.options, &clock()).unwrap());
}

fn found_by_search(options: &Options) -> usize {
    let engine = Engine::open(options, &clock()).unwrap();
    let query = text::search::Query::parse("guarnizione");
    let mails = text::search::Query::parse("gruppo");
    engine
        .read_blocking(|tx| {
            Ok(candidates(tx, &query, vec![16], None, 10)?.len()
                + candidates(tx, &mails, vec![16], None, 10)?.len())
        })
        .unwrap()
}

fn blobs_are_whole(options: &Options) {
    let engine = Engine::open(options, &clock()).unwrap();
    for bytes in [SMALL.to_vec(), large()] {
        let digest = engine::blob::BlobDigest::of(&bytes);
        assert_eq!(engine.read_blocking(|tx| Ok(engine::blob::get(tx, &digest)?)).unwrap(), bytes);
    }
}

fn backup_of(place: &Place, folder: &Path) -> std::path::PathBuf {
    let order = Backup {
        from: &place.options,
        blobs: &Blobs::Folder,
        folder,
        prefix: "bottega",
        with_key: true,
        trial: true,
    };
    keep::backup(&order, &clock(), &sound, &mut Unwatched).unwrap().file
}

#[test]
fn a_backup_restores_equal_on_either_engine() {
    for from in Place::each() {
        full_shop(&from);
        let file = backup_of(&from, &from.dir.path().join("backups"));
        for to in Place::each() {
            let source = Source::open(&file).unwrap();
            let restored =
                keep::restore(&source, &keep::Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
            assert_eq!((restored.held, restored.key, restored.missing_blobs), (1, true, 0));
            assert_eq!(sums(&from.options, &RESTORE), sums(&to.options, &RESTORE), "{}", to.options.url);
            let keys =
                [&from, &to].map(|at| std::fs::read(at.options.data_dir.join(engine::KEY_FILE)).unwrap());
            assert_eq!(keys[0], keys[1]);
            blobs_are_whole(&to.options);
            assert_eq!(found_by_search(&to.options), 2);
            assert!(!keep::interrupted(&to.options.data_dir));
        }
    }
}

#[test]
fn an_export_comes_back_equal_on_either_engine_without_its_secrets() {
    for from in Place::each() {
        full_shop(&from);
        let folder = from.dir.path().join("export");
        keep::export(&from.options, &Blobs::Folder, &folder, true, &clock(), &mut Unwatched).unwrap();
        let people = std::fs::read_to_string(folder.join("data/person.jsonl")).unwrap();
        assert!(people.contains("\"id\":\"per_000000000000m\""), "{people}");
        let everything =
            std::process::Command::new("grep").args(["-r", "-l", "argon2id"]).arg(&folder).output().unwrap();
        assert!(everything.stdout.is_empty(), "{}", String::from_utf8_lossy(&everything.stdout));
        let sheet = std::fs::read_to_string(folder.join("people.csv")).unwrap();
        assert!(sheet.contains("\"'=Anna \"\"la\"\" Riva\""), "{sheet}");
        for to in Place::each() {
            let source = Source::open(&folder).unwrap();
            keep::restore(&source, &keep::Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
            assert_eq!(sums(&from.options, &EXPORT), sums(&to.options, &EXPORT), "{}", to.options.url);
            blobs_are_whole(&to.options);
            assert_eq!(found_by_search(&to.options), 2);
        }
    }
}

#[test]
fn a_move_takes_every_row_along_both_ways() {
    let Some(postgres) = Place::postgres() else { return };
    let sqlite = Place::sqlite();
    full_shop(&sqlite);
    const MOVE: [&str; 3] = ["node_lease", "keeping", "schema_version"];
    let moved = keep::relocate(&sqlite.options, &postgres.options, &mut Unwatched).unwrap();
    assert!(
        moved.tables.iter().any(|table| table.name == "session" && table.rows == 1),
        "people stay signed in"
    );
    assert_eq!(sums(&sqlite.options, &MOVE), sums(&postgres.options, &MOVE));
    blobs_are_whole(&postgres.options);
    assert_eq!(found_by_search(&postgres.options), 2);
    let back = Place::sqlite();
    keep::relocate(&postgres.options, &back.options, &mut Unwatched).unwrap();
    assert_eq!(sums(&sqlite.options, &MOVE), sums(&back.options, &MOVE));
    blobs_are_whole(&back.options);
    let again = keep::relocate(&sqlite.options, &back.options, &mut Unwatched);
    assert!(matches!(again, Err(KeepError::Occupied { .. })), "{again:?}");
}

#[test]
fn nothing_is_moved_while_somebody_works_with_it() {
    for place in Place::each() {
        full_shop(&place);
        let engine = Engine::open(&place.options, &clock()).unwrap();
        let to = Place::sqlite();
        let refused = keep::relocate(&place.options, &to.options, &mut Unwatched);
        assert!(matches!(refused, Err(KeepError::InUse(_))), "{refused:?}");
        assert!(!to.file().exists());
        drop(engine);
    }
}

#[test]
fn every_table_and_column_that_is_treated_apart_exists_on_both_engines() {
    for place in Place::each() {
        drop(Engine::open(&place.options, &clock()).unwrap());
        let tables: Result<_, KeepError> =
            engine::whole::look(&place.options, |tx| Ok(engine::whole::tables(tx)?));
        let tables = tables.unwrap();
        for (table, column) in keep::named() {
            let table =
                tables.iter().find(|known| known.name == table).unwrap_or_else(|| panic!("{table} is gone"));
            if let Some(column) = column {
                assert!(
                    table.columns.iter().any(|known| known.name == column),
                    "{}.{column} is gone",
                    table.name
                );
            }
        }
        for table in tables {
            for column in &table.columns {
                let own = column.kind == engine::whole::Kind::Own;
                assert!(
                    !own || keep::left(Purpose::Move, &table.name).is_some(),
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }
}

/// Words in a column's name that mean a secret. What bears one is withheld from exports, or said here to be none.
const SECRETS: [&str; 6] = ["password", "secret", "csrf", "token", "private", "recovery"];
const NO_SECRETS: [&str; 2] = [
    // A rule: whether one may come in by password.
    "shop.password_sign_in",
    // What an answer's address carries: every customer who was written to has it.
    "conversation.reply_token",
];

#[test]
fn no_secret_leaves_in_an_export() {
    let place = Place::sqlite();
    drop(Engine::open(&place.options, &clock()).unwrap());
    let tables: Result<_, KeepError> =
        engine::whole::look(&place.options, |tx| Ok(engine::whole::tables(tx)?));
    for table in tables.unwrap() {
        if keep::left(Purpose::Export, &table.name).is_some() {
            continue;
        }
        for column in &table.columns {
            let name = format!("{}.{}", table.name, column.name);
            let suspicious = SECRETS.iter().any(|word| column.name.contains(word));
            let decided = NO_SECRETS.contains(&name.as_str())
                || keep::named().contains(&(table.name.as_str(), Some(column.name.as_str())));
            assert!(!suspicious || decided, "{name}: may this leave in an export? Decide it in policy.rs");
        }
    }
}
