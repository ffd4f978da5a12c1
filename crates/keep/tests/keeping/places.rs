//! Two restores into one place, restores that died, and the room that is asked for.

use std::path::{Path, PathBuf};

use engine::blob::{self, BlobDigest};
use engine::shelf::{Blobs, BucketOptions};
use engine::{Engine, Options};
use keep::{Backup, KeepError, Restore, Source, Unwatched, Watch};

use crate::old::{Place, RELEASED, fill, large};
use crate::{clock, sound, sums};

const MARK: &str = "restore-unfinished";
const PARTS: &str = "restore.unfinished";

fn shop() -> Place {
    let place = Place::sqlite();
    fill(&place, &RELEASED[0]);
    drop(Engine::open(&place.options, &clock()).unwrap());
    place
}

fn backed_up(place: &Place, blobs: &Blobs) -> Result<PathBuf, KeepError> {
    let folder = place.dir.path().join("backups");
    let order = Backup {
        from: &place.options,
        blobs,
        folder: &folder,
        prefix: "bottega",
        with_key: true,
        trial: false,
    };
    keep::backup(&order, &clock(), &sound, &mut Unwatched).map(|made| made.file)
}

fn key(options: &Options) -> PathBuf {
    options.data_dir.join(engine::KEY_FILE)
}

/// Does something in the middle of a restore.
struct Meanwhile<F>(Option<F>);

impl<F: FnOnce()> Watch for Meanwhile<F> {
    fn stage(&mut self, what: &'static str, _: Option<u64>) {
        if what == "comparing"
            && let Some(deed) = self.0.take()
        {
            deed();
        }
    }

    fn at(&mut self, _: u64) {}
}

#[test]
fn a_second_restore_into_one_place_refuses_and_the_first_is_whole() {
    let from = shop();
    let file = backed_up(&from, &Blobs::Folder).unwrap();
    for to in Place::each() {
        let source = Source::open(&file).unwrap();
        let elsewhere = Options { data_dir: to.dir.path().join("other"), ..to.options.clone() };
        let second = || {
            let again = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched);
            assert!(matches!(again, Err(KeepError::Underway(_))), "{again:?}");
            if to.options.url.starts_with("sqlite:") {
                let beside = keep::restore(&source, &Restore::to(&elsewhere), &clock(), &mut Unwatched);
                assert!(matches!(beside, Err(KeepError::Underway(_))), "{beside:?}");
            }
            assert!(keep::interrupted(&to.options.data_dir));
        };
        let mut watch = Meanwhile(Some(second));
        let restored = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut watch).unwrap();
        assert!(watch.0.is_none() && restored.key);
        assert_eq!(std::fs::read(key(&to.options)).unwrap(), [7; 32]);
        let large = BlobDigest::of(&large());
        assert!(blob::packed_file(&to.options.data_dir, &large).unwrap().is_some());
        let without = ["node_lease", "keeping", "outbox", "job", "session", "sign_in_failure"];
        assert_eq!(sums(&to.options, &without), sums(&from.options, &without));
        for left in [MARK, PARTS] {
            assert!(!to.options.data_dir.join(left).exists(), "{left}");
        }
        drop(Engine::open(&to.options, &clock()).unwrap());
    }
}

fn marked(to: &Options, from: &Path) {
    let from = from.display().to_string();
    let said = format!("{{\"from\":\"{from}\",\"started_at\":\"2026-11-21T09:00:00Z\"}}");
    std::fs::write(to.data_dir.join(MARK), said).unwrap();
}

#[test]
fn a_restore_that_died_is_cleared_and_nothing_else_is() {
    let from = shop();
    let file = backed_up(&from, &Blobs::Folder).unwrap();
    let source = Source::open(&file).unwrap();
    for to in Place::each() {
        let parts = to.options.data_dir.join(PARTS);
        std::fs::create_dir_all(parts.join("blobs")).unwrap();
        std::fs::write(parts.join(engine::KEY_FILE), "half").unwrap();
        marked(&to.options, &file);
        let half = keep::sqlite_file(&to.options).map(|file| format!("{}.unfinished", file.display()));
        if let Some(half) = &half {
            std::fs::write(half, "half").unwrap();
        }
        // Somebody copied the old key back before the restore is run again.
        std::fs::write(key(&to.options), [1; 32]).unwrap();
        let refused = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched);
        assert!(matches!(refused, Err(KeepError::Occupied { .. })), "{refused:?}");
        assert_eq!(std::fs::read(key(&to.options)).unwrap(), [1; 32]);
        assert!(!parts.exists() && half.is_none_or(|half| !Path::new(&half).exists()));
        std::fs::remove_file(key(&to.options)).unwrap();
        let restored = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
        assert!(restored.key && !to.options.data_dir.join(MARK).exists());
    }
}

#[test]
fn a_restore_that_died_at_its_end_is_ended_by_the_next_one() {
    let from = shop();
    let file = backed_up(&from, &Blobs::Folder).unwrap();
    let source = Source::open(&file).unwrap();
    for to in Place::each() {
        let first = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
        assert!(first.held > 0, "the shop has letters on their way");
        // It died when the database was in place, and neither key nor files were.
        let parts = to.options.data_dir.join(PARTS);
        std::fs::create_dir(&parts).unwrap();
        for name in [engine::KEY_FILE, "blobs"] {
            std::fs::rename(to.options.data_dir.join(name), parts.join(name)).unwrap();
        }
        marked(&to.options, &file);
        assert!(keep::interrupted(&to.options.data_dir));
        let again = keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched).unwrap();
        assert_eq!((again.held, again.key), (first.held, true));
        assert_eq!(std::fs::read(key(&to.options)).unwrap(), [7; 32]);
        assert!(to.options.data_dir.join("blobs").is_dir() && !parts.exists());
        assert!(!keep::interrupted(&to.options.data_dir));
    }
}

#[test]
fn files_are_asked_room_for_once() {
    let from = shop();
    let folder = from.dir.path().join("export");
    keep::export(&from.options, &Blobs::Folder, &folder, false, &clock(), &mut Unwatched).unwrap();
    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let (before, after) = text.split_once("\"blobs\": {").unwrap();
    let bytes = after.split_once("\"bytes\": ").unwrap().1.split(['\n', ',']).next().unwrap();
    let free = keep::free_bytes(from.dir.path()).unwrap();
    let saying = |bytes_now: u64| {
        let after = after.replacen(&format!("\"bytes\": {bytes}"), &format!("\"bytes\": {bytes_now}"), 1);
        std::fs::write(&manifest, format!("{before}\"blobs\": {{{after}")).unwrap();
        let to = Place::sqlite();
        let source = Source::open(&folder).unwrap();
        keep::restore(&source, &Restore::to(&to.options), &clock(), &mut Unwatched)
    };
    // Half of the disk has room on it; twice the disk has not.
    assert!(saying(free / 2).is_ok());
    assert!(matches!(saying(free * 2), Err(KeepError::NoRoom { .. })));
}

#[test]
fn files_in_a_bucket_are_asked_room_for_too() {
    let from = shop();
    let text = "UPDATE blob SET size = 1000000000000000 WHERE bytes IS NULL";
    rusqlite::Connection::open(from.file()).unwrap().execute_batch(text).unwrap();
    // Nobody listens there: it is refused before the bucket is asked for anything.
    let bucket = BucketOptions {
        bucket: "files".into(),
        prefix: String::new(),
        endpoint: Some("http://127.0.0.1:9".into()),
        region: "eu-south-1".into(),
        key_id: "id".into(),
        secret: "secret".into(),
    };
    let refused = backed_up(&from, &Blobs::Bucket(bucket));
    assert!(matches!(refused, Err(KeepError::NoRoom { .. })), "{refused:?}");
}
