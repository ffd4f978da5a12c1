//! Backups that are not as they should be, and places where nothing may be restored.

use engine::shelf::Blobs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use engine::Engine;
use engine::blob::{self, BlobDigest};
use keep::{Backup, KeepError, Restore, Source, Unwatched};

use crate::old::{Place, RELEASED, fill, large};
use crate::{clock, sound};

fn backed_up(with_key: bool) -> (Place, PathBuf) {
    let place = Place::sqlite();
    fill(&place, &RELEASED[0]);
    drop(Engine::open(&place.options, &clock()).unwrap());
    let folder = place.dir.path().join("backups");
    let order = Backup {
        from: &place.options,
        blobs: &Blobs::Folder,
        folder: &folder,
        prefix: "bottega",
        with_key,
        trial: false,
    };
    let made = keep::backup(&order, &clock(), &sound, &mut Unwatched).unwrap();
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["bottega-2026-11-21T090000Z.tar"], "nothing else is left");
    (place, made.file)
}

fn with_key<'a>(to: &'a Place, key: &'a Path) -> Restore<'a> {
    Restore { key: Some(key), ..Restore::to(&to.options) }
}

fn refused(file: &Path) -> String {
    let to = Place::sqlite();
    let result = Source::open(file)
        .and_then(|source| keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched));
    assert!(
        !to.file().exists() && !to.options.data_dir.join(engine::KEY_FILE).exists(),
        "nothing was written"
    );
    result.unwrap_err().to_string()
}

#[test]
fn a_backup_that_was_cut_short_is_refused_wherever_it_was_cut() {
    let (_place, file) = backed_up(true);
    let whole = std::fs::read(&file).unwrap();
    // The file ends in zeros; what is cut of those was nothing.
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let cuts = (0..end).step_by(end / 40).chain([100, 511, 512, 513, end - 1, end]);
    for cut in cuts {
        std::fs::write(&file, &whole[..cut]).unwrap();
        let said = refused(&file);
        assert!(said.contains("is not whole") || said.contains("is no backup"), "{cut}: {said}");
    }
}

/// Every row by its table, the key, the large file.
type Made = (Vec<(String, u64, String)>, Vec<u8>, Vec<u8>);

/// Everything that a restore made.
fn all_of(to: &Place) -> Made {
    let key = std::fs::read(to.options.data_dir.join(engine::KEY_FILE)).unwrap();
    let digest = BlobDigest::of(&large());
    let file = blob::packed_file(&to.options.data_dir, &digest).unwrap().unwrap();
    (crate::sums(&to.options, &["node_lease", "keeping"]), key, file)
}

fn restored(file: &Path) -> Place {
    let to = Place::sqlite();
    let source = Source::open(file).unwrap();
    keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
    to
}

#[test]
fn a_backup_whose_bytes_changed_is_refused() {
    let (_place, file) = backed_up(true);
    let whole = std::fs::read(&file).unwrap();
    let as_it_was = all_of(&restored(&file));
    let mut said = Vec::new();
    for at in (600..whole.len() - 1024).step_by(whole.len() / 60) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        std::fs::write(&file, &changed).unwrap();
        let to = Place::sqlite();
        let result = Source::open(&file)
            .and_then(|source| keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched));
        match result {
            Err(error) => said.push(error.to_string()),
            // A byte between the entries, or in a name nobody reads, changes nothing: then the shop is equal.
            Ok(_) => assert_eq!(all_of(&to), as_it_was, "byte {at}"),
        }
    }
    assert!(said.iter().any(|said| said.contains("not as they were written")), "{said:#?}");
}

/// Where the content of an entry of a tar file begins.
fn content(tar: &[u8], name: &str) -> usize {
    // Other files name it too: its own name stands at the head of a block.
    (0..tar.len()).step_by(512).find(|at| tar[*at..].starts_with(name.as_bytes())).unwrap() + 512
}

#[test]
fn a_damaged_file_is_found_before_anything_is_written_and_the_rest_can_be_had() {
    let (_place, file) = backed_up(true);
    let as_it_was = all_of(&restored(&file)).0;
    let mut bytes = std::fs::read(&file).unwrap();
    let at = content(&bytes, "blobs/");
    bytes[at + 1_000] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let source = Source::open(&file).unwrap();
    let lost = BlobDigest::of(&large());
    assert_eq!(source.check(|_| {}).unwrap(), [lost]);
    let said = refused(&file);
    assert!(said.contains("1 of the large files") && said.contains("--without-damaged-files"), "{said}");

    for to in Place::each() {
        let order = Restore { without_damaged: true, ..Restore::to(&to.options) };
        let restored = keep::restore(&source, &order, &clock(), &mut Unwatched).unwrap();
        assert_eq!((restored.damaged_blobs, restored.missing_blobs), (vec![lost.hex()], 0));
        assert!(restored.key);
        assert_eq!(blob::packed_file(&to.options.data_dir, &lost).unwrap(), None);
        if to.options.url.starts_with("sqlite:") {
            assert_eq!(crate::sums(&to.options, &["node_lease", "keeping"]), as_it_was);
        }
    }
}

#[test]
fn a_file_that_was_taken_out_of_an_export_is_found_too() {
    let (place, _) = backed_up(true);
    let folder = place.dir.path().join("export");
    keep::export(&place.options, &Blobs::Folder, &folder, false, &clock(), &mut Unwatched).unwrap();
    let hex = BlobDigest::of(crate::old::SMALL).hex();
    std::fs::remove_file(folder.join("blobs").join(&hex[..2]).join(&hex[2..])).unwrap();
    let source = Source::open(&folder).unwrap();
    assert!(refused(&folder).contains("--without-damaged-files"));
    let to = Place::sqlite();
    let order = Restore { without_damaged: true, ..Restore::to(&to.options) };
    let restored = keep::restore(&source, &order, &clock(), &mut Unwatched).unwrap();
    assert_eq!(restored.damaged_blobs, [hex]);
}

#[test]
fn a_damaged_key_is_refused_unless_another_is_given_or_none_is_wanted() {
    let (place, file) = backed_up(true);
    let mut bytes = std::fs::read(&file).unwrap();
    let at = content(&bytes, engine::KEY_FILE);
    assert_eq!(bytes[at..at + 32], [7; 32]);
    bytes[at] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let said = refused(&file);
    assert!(said.contains("the key in") && said.contains("--key"), "{said}");
    let source = Source::open(&file).unwrap();
    assert!(source.key().is_err());
    let right = place.options.data_dir.join(engine::KEY_FILE);
    let to = Place::sqlite();
    assert!(keep::restore(&source, &with_key(&to, &right), &clock(), &mut Unwatched).unwrap().key);
    let without = Place::sqlite();
    let order = Restore { without_damaged: true, ..Restore::to(&without.options) };
    assert!(!keep::restore(&source, &order, &clock(), &mut Unwatched).unwrap().key);
    assert!(!without.options.data_dir.join(engine::KEY_FILE).exists());
}

#[test]
fn a_newer_backup_and_what_is_no_backup_are_refused_with_the_next_step() {
    let (place, file) = backed_up(true);
    let folder = place.dir.path().join("export");
    keep::export(&place.options, &Blobs::Folder, &folder, false, &clock(), &mut Unwatched).unwrap();
    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let known = engine::newest_schema();
    std::fs::write(&manifest, text.replace(&format!("\"schema\": {known}"), "\"schema\": 9999")).unwrap();
    let said = refused(&folder);
    assert!(said.contains("install that version or a newer one"), "{said}");
    std::fs::remove_file(&manifest).unwrap();
    assert!(refused(&folder).contains("has no manifest.json"));
    std::fs::write(&file, b"PK\x03\x04 not a tar at all").unwrap();
    assert!(refused(&file).contains("is no backup"));
    std::fs::write(&file, b"").unwrap();
    assert!(refused(&file).contains("is no backup"));
}

#[test]
fn an_export_that_was_tampered_with_leads_nowhere_else() {
    let (place, _) = backed_up(true);
    let folder = place.dir.path().join("export");
    keep::export(&place.options, &Blobs::Folder, &folder, false, &clock(), &mut Unwatched).unwrap();
    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(place.dir.path().join("secret"), "x").unwrap();
    for name in ["../secret", "/etc/passwd", "data/../../secret"] {
        std::fs::write(&manifest, text.replace("data/person.jsonl", name)).unwrap();
        assert!(refused(&folder).contains("it is missing"), "{name}");
    }
    std::fs::write(&manifest, &text).unwrap();
    let mut file =
        std::fs::OpenOptions::new().read(true).write(true).open(folder.join("data/tag.jsonl")).unwrap();
    let mut line = String::new();
    file.read_to_string(&mut line).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(line.replace("garanzia", "garanzie").as_bytes()).unwrap();
    assert!(refused(&folder).contains("data/tag.jsonl"));
}

#[test]
fn a_shop_is_never_overwritten() {
    let (_place, file) = backed_up(true);
    for to in Place::each() {
        drop(Engine::open(&to.options, &clock()).unwrap());
        let before = crate::sums(&to.options, &[]);
        let source = Source::open(&file).unwrap();
        let refused = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched);
        assert!(matches!(refused, Err(KeepError::Occupied { .. })), "{refused:?}");
        assert_eq!(before, crate::sums(&to.options, &[]));
    }
    // The files of another shop without its database are not touched either.
    let to = Place::sqlite();
    std::fs::create_dir_all(&to.options.data_dir).unwrap();
    std::fs::write(to.options.data_dir.join(engine::KEY_FILE), [1; 32]).unwrap();
    let source = Source::open(&file).unwrap();
    let refused = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched);
    assert!(refused.unwrap_err().to_string().contains("belongs to another shop"));
    assert_eq!(std::fs::read(to.options.data_dir.join(engine::KEY_FILE)).unwrap(), [1; 32]);
}

#[test]
fn a_backup_without_the_key_says_what_is_lost_and_takes_only_the_right_one() {
    let (place, file) = backed_up(false);
    let source = Source::open(&file).unwrap();
    assert!(!source.manifest.key.included && source.manifest.key.note.contains("Lost without"));
    let to = Place::sqlite();
    let wrong = place.dir.path().join("wrong.key");
    std::fs::write(&wrong, [9; 32]).unwrap();
    let refused = keep::restore(&source, &with_key(&to, &wrong), &clock(), &mut Unwatched);
    assert!(refused.unwrap_err().to_string().contains("key of another shop"));
    let right = place.options.data_dir.join(engine::KEY_FILE);
    let restored = keep::restore(&source, &with_key(&to, &right), &clock(), &mut Unwatched).unwrap();
    assert!(restored.key);
    let without = Place::sqlite();
    let restored = keep::restore(&source, &Restore::to(&without.options), &clock(), &mut Unwatched).unwrap();
    assert!(!restored.key);
}

#[test]
fn a_blob_that_was_lost_before_is_told_and_the_rest_is_kept() {
    let place = Place::sqlite();
    fill(&place, &RELEASED[0]);
    drop(Engine::open(&place.options, &clock()).unwrap());
    let hex = BlobDigest::of(&large()).hex();
    std::fs::remove_file(place.options.data_dir.join("blobs").join(&hex[..2]).join(&hex[2..])).unwrap();
    let folder = place.dir.path().join("backups");
    let order = Backup {
        from: &place.options,
        blobs: &Blobs::Folder,
        folder: &folder,
        prefix: "b",
        with_key: true,
        trial: true,
    };
    let made = keep::backup(&order, &clock(), &sound, &mut Unwatched).unwrap();
    assert_eq!(made.manifest.blobs.missing.len(), 1);
    assert!(
        made.manifest.verified.findings[0].contains("missing before this backup"),
        "{:?}",
        made.manifest.verified
    );
    let export = place.dir.path().join("export");
    let exported =
        keep::export(&place.options, &Blobs::Folder, &export, false, &clock(), &mut Unwatched).unwrap();
    assert_eq!(exported.missing.len(), 1);
    let to = Place::sqlite();
    let source = Source::open(&export).unwrap();
    assert_eq!(
        keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched).unwrap().missing_blobs,
        1
    );
}
