//! Disks that are full, or take nothing.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::cluster::is_root;
use crate::house::House;
use crate::http::Answer;
use crate::outages::{page, until_done, voice, voice_saying};

/// A small disk in memory, where this machine lets the test have one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
                .arg(folder.path())
                .status()
                .is_ok_and(|status| status.success());
        mounted.then_some(SmallDisk(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, how: &str) {
        let option = format!("remount,{how}");
        assert!(Command::new("mount").args(["-o", &option]).arg(self.path()).status().unwrap().success());
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.path().join("filler")).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process may still be ending.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// A voice too large to live in the database.
pub fn long() -> String {
    let mut luck = crate::luck::Luck::of(7, 1);
    (0..20_000).map(|_| format!("{:016x}", luck.next())).collect()
}

#[test]
fn a_full_disk_is_told_reading_goes_on_and_it_heals_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return a_bounded_disk() };
    let house = House::within(disk.path());
    let keys = house.furnish();
    let life = house.open();
    assert_eq!(voice(life.address, &keys, "before").status, 201);
    disk.fill();
    // What is free in the pages that the database has already may still take a few.
    let mut refused: Vec<Answer> = Vec::new();
    let mut stored = 0;
    for number in 0..400 {
        let answer = voice(life.address, &keys, &format!("meanwhile-{number}"));
        if answer.status == 201 {
            stored += 1;
        } else {
            refused.push(answer);
        }
        if refused.len() > 5 {
            break;
        }
    }
    eprintln!("{stored} voices still fitted");
    let first = refused.first().expect("a full disk refuses");
    assert!(refused.iter().all(|answer| answer.status == 507), "{refused:?}");
    assert!(first.body.contains("disk-full") && first.body.contains("made room"), "{first:?}");
    assert_eq!(voice_saying(life.address, &keys, "long", &long()).status, 507, "a file does not fit either");
    for path in ["/today", "/conversations", "/listen"] {
        assert_eq!(page(life.address, &keys, path).status, 200, "reading goes on: {path}");
    }
    disk.make_room();
    for number in 0..stored + 6 {
        until_done(|| voice(life.address, &keys, &format!("meanwhile-{number}")));
    }
    assert_eq!(voice_saying(life.address, &keys, "long", &long()).status, 201);
    drop(life);
    assert_eq!(house.broken(true), []);
    house.ask_the_doctor();
}

/// The same where no disk can be mounted: no file may grow beyond a bound, which is then lifted.
fn a_bounded_disk() {
    let house = House::sqlite();
    let keys = house.furnish();
    let size = |name: &str| house.dir.path().join(name).metadata().map_or(0, |found| found.len());
    let blocks = (size("shop.db") + size("shop.db-wal")).div_ceil(512) + 64;
    let life = house.open_bounded(blocks);
    let mut refused = Vec::new();
    let mut number = 0;
    while refused.len() < 5 && number < 2_000 {
        let answer = voice(life.address, &keys, &format!("meanwhile-{number}"));
        if answer.status != 201 {
            refused.push(answer);
        }
        number += 1;
    }
    assert!(
        !refused.is_empty() && refused.iter().all(|answer| matches!(answer.status, 503 | 507)),
        "{refused:?}"
    );
    assert_eq!(page(life.address, &keys, "/today").status, 200, "reading goes on");
    life.lift_bound();
    for again in 0..number {
        until_done(|| voice(life.address, &keys, &format!("meanwhile-{again}")));
    }
    drop(life);
    assert_eq!(house.broken(true), []);
}

#[test]
fn a_disk_that_takes_nothing_is_told_at_the_start_and_by_the_doctor() {
    let Some(disk) = SmallDisk::mount() else {
        // Without a mount, permissions would do; root, who has no bounds, could mount.
        return a_folder_without_permission();
    };
    let house = House::within(disk.path());
    let keys = house.furnish();
    disk.remount("ro");
    let output = house.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("cannot open"), "{said}");
    let output = house.command(&["doctor"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !output.status.success() && said.contains("cannot be written") && said.contains("for writing"),
        "{said}"
    );
    disk.remount("rw");
    let life = house.open();
    assert_eq!(voice(life.address, &keys, "after").status, 201);
}

#[cfg(unix)]
fn a_folder_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::sqlite();
    house.furnish();
    let allow = |mode| std::fs::set_permissions(house.data(), std::fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    let output = house.command(&["doctor"]).output().unwrap();
    allow(0o755);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("cannot be written"), "{said}");
}

#[test]
fn a_postgresql_that_may_only_be_read_is_told_and_heals() {
    let Some(house) = House::postgres("readonly") else { return };
    let keys = house.furnish();
    let life = house.open();
    assert_eq!(voice(life.address, &keys, "before").status, 201);
    let name = house.url.rsplit('/').next().unwrap();
    // From another database, whose own sessions may write.
    let only_read = |on: &str| {
        let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = {on}");
        house.administer(&set);
        house.administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    };
    only_read("on");
    let refused = voice(life.address, &keys, "meanwhile");
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body.contains("read-only"), "{refused:?}");
    assert_eq!(page(life.address, &keys, "/today").status, 200, "reading goes on");
    only_read("off");
    until_done(|| voice(life.address, &keys, "meanwhile"));
    drop(life);
    assert_eq!(house.broken(true), []);
}
