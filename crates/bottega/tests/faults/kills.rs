//! The process is killed at random moments, again and again. What was acknowledged is there exactly once,
//! what was not is there once or not at all, and after each kill everything that must hold holds.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::params;

use crate::deeds::Doer;
use crate::house::{House, Keys};
use crate::luck::{Luck, seed};
use crate::memory::{Memory, What};

/// How often the process is killed on each engine when nobody says otherwise.
const KILLS: u64 = 200;
/// How many act at once.
const DOERS: u64 = 3;
/// Longest life of a process that serves. Milliseconds.
const LONGEST_LIFE: u64 = 220;
/// Every so many kills everything is compared, and `bottega doctor --deep` is asked.
const OFTEN: u64 = 20;
/// Items of a file that is imported by the command line.
const ITEMS: u64 = 40;

engine::statements! {
    /// How often each thing that a source named came to be a voice.
    VOICES = "SELECT external_id, CAST(COUNT(*) AS BIGINT) FROM voice WHERE external_id IS NOT NULL
              GROUP BY external_id ORDER BY external_id";
    /// How often each mail came to be a voice.
    MAILS = "SELECT message_key, CAST(COUNT(*) AS BIGINT) FROM voice WHERE message_key IS NOT NULL
             GROUP BY message_key ORDER BY message_key";
    /// How often each of our texts was written.
    TEXTS = "SELECT body, CAST(COUNT(*) AS BIGINT) FROM message WHERE body IS NOT NULL GROUP BY body ORDER BY body";
    /// Merges and whether they stand.
    MERGES = "SELECT id, undone_at IS NULL FROM merge ORDER BY id";
    /// Imports of the browser and how they stand.
    RUNS = "SELECT id, state, stored FROM import_run ORDER BY id";
    /// What waits or runs.
    JOBS = "SELECT kind, state, last_error FROM job ORDER BY id";
    /// Arrivals that nobody has read.
    PENDING = "SELECT CAST(COUNT(*) AS BIGINT) FROM arrival WHERE state = 'pending' AND id > $1";
    /// Letters that have not left.
    NOT_SENT = "SELECT state, CAST(COUNT(*) AS BIGINT) FROM outbox WHERE state <> 'sent' GROUP BY state ORDER BY state";
}

/// How often: `BOTTEGA_KILLS`.
fn kills() -> u64 {
    std::env::var("BOTTEGA_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// One shop and what those outside remember of it.
pub struct Ordeal {
    /// The shop.
    pub house: House,
    /// With what those outside act.
    pub keys: Keys,
    /// What they remember.
    pub memory: Mutex<Memory>,
    /// Files that the command line imports: kind, path, name of the source.
    files: Vec<(&'static str, PathBuf, String)>,
    /// From which everything follows.
    pub seed: u64,
}

impl Ordeal {
    /// Furnishes a shop.
    pub fn new(house: House, seed: u64) -> Ordeal {
        let keys = house.furnish();
        Ordeal { house, keys, memory: Mutex::new(Memory::default()), files: Vec::new(), seed }
    }

    /// One life: started, used, killed.
    fn live(&mut self, number: u64) {
        let mut luck = Luck::of(self.seed, number);
        if luck.once_in(2) {
            self.house.end_leases();
        }
        if luck.once_in(12) {
            return self.house.open_and_kill(Duration::from_millis(luck.below(150)));
        }
        let import = luck.once_in(6).then(|| self.begin_import(&mut luck, number));
        let life = self.house.open();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for doer in 0..DOERS {
                let doer = Doer {
                    address: life.address,
                    keys: &self.keys,
                    memory: &self.memory,
                    stop: &stop,
                    luck: Luck::of(self.seed, (number << 8) | (doer + 1)),
                    name: format!("deed-{number}-{doer}"),
                };
                scope.spawn(move || doer.act());
            }
            std::thread::sleep(Duration::from_millis(luck.below(LONGEST_LIFE)));
            life.kill();
            stop.store(true, Ordering::SeqCst);
        });
        if let Some(mut import) = import {
            import.kill().unwrap();
            import.wait().unwrap();
        }
    }

    /// Starts an import by the command line, of a new file or of one that was begun before.
    fn begin_import(&mut self, luck: &mut Luck, number: u64) -> Child {
        let begun = luck.once_in(2).then(|| luck.one_of(&self.files).cloned()).flatten();
        let (kind, path, source) = begun.unwrap_or_else(|| {
            let file = if luck.once_in(2) { self.mails(number) } else { self.lines(number) };
            self.files.push(file.clone());
            file
        });
        let mut command = self.house.command(&["import", kind]);
        command.arg(path).args(["--source", &source, "--mailbox", "Banco"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn lines(&self, number: u64) -> (&'static str, PathBuf, String) {
        let path = self.house.dir.path().join(format!("lines-{number}.jsonl"));
        let mut text: String = (0..ITEMS)
            .map(|item| {
                format!("{{\"external_id\":\"line-{number}-{item}\",\"text\":\"Ottimo, {number} {item}\",\"score\":5}}\n")
            })
            .collect();
        // The same line again, and one that nobody can read.
        text.push_str(&format!(
            "{{\"external_id\":\"line-{number}-0\",\"text\":\"Ottimo, {number} 0\",\"score\":5}}\n{{\"te\n"
        ));
        std::fs::write(&path, text).unwrap();
        ("jsonl", path, format!("righe {number}"))
    }

    fn mails(&self, number: u64) -> (&'static str, PathBuf, String) {
        let path = self.house.dir.path().join(format!("mails-{number}.mbox"));
        let mut text = String::new();
        for item in 0..ITEMS {
            let author = item % 12;
            // Each names the one before it, which may come later.
            let names = if item % 3 == 0 {
                String::new()
            } else {
                format!("In-Reply-To: <mail-{number}-{}@x.example>\n", item - 1)
            };
            text.push_str(&format!(
                "From x Fri Nov 20 09:00:00 2026\nFrom: Cliente {author} <cliente{author}@lapieve.example>\n\
                 To: banco@officina.example\nSubject: Ordine {number} {item}\nMessage-ID: <mail-{number}-{item}@x.example>\n\
                 {names}Date: Fri, 20 Nov 2026 09:{:02}:00 +0100\n\nBuongiorno, ordine {number} {item}.\n\n",
                ITEMS - item
            ));
        }
        std::fs::write(&path, text).unwrap();
        ("mbox", path, format!("posta {number}"))
    }

    /// Compares what is kept with what was acknowledged.
    fn compare(&self) {
        let memory = self.memory.lock().unwrap();
        assert_eq!(memory.strange, [] as [String; 0], "answers that no fault may cause");
        let counts = |statement: &'static engine::Statement| -> HashMap<String, i64> {
            let look =
                |tx: &mut engine::Tx<'_>| Ok(tx.query(statement, &[], |row| Ok((row.take()?, row.take()?)))?);
            self.house.look().read_blocking(look).unwrap().into_iter().collect()
        };
        let (voices, texts) = (counts(&VOICES), counts(&TEXTS));
        let twice = voices.iter().chain(&texts).find(|(_, count)| **count != 1);
        assert_eq!(twice, None, "something was stored twice");
        let merges: HashMap<String, bool> = self
            .house
            .look()
            .read_blocking(|tx| {
                Ok(tx.query(&MERGES, &[], |row| {
                    Ok((row.take::<kernel::MergeId>()?.to_string(), row.take()?))
                })?)
            })
            .unwrap()
            .into_iter()
            .collect();
        for kept in &memory.kept {
            let body: serde_json::Value = serde_json::from_str(&kept.asked.body).unwrap();
            let there = match kept.asked.what {
                What::Voice => voices.contains_key(&kept.asked.key),
                What::Letter | What::Note => texts.contains_key(body["text"].as_str().unwrap()),
                What::Merge => memory.merges.iter().all(|merge| merges.contains_key(merge)),
                What::Undo => {
                    let merge = kept.asked.path.split('/').nth_back(1).unwrap();
                    merges.get(merge) == Some(&false)
                }
            };
            assert!(there, "acknowledged and lost: {kept:?}");
        }
    }

    /// Everything that is left is asked and done, then the sums must be right.
    pub fn end(&self) {
        let life = self.house.open();
        let stop = AtomicBool::new(false);
        loop {
            let open = std::mem::take(&mut self.memory.lock().unwrap().open);
            if open.is_empty() {
                break;
            }
            for asked in open {
                let doer = Doer {
                    address: life.address,
                    keys: &self.keys,
                    memory: &self.memory,
                    stop: &stop,
                    luck: Luck::of(self.seed, 0),
                    name: String::new(),
                };
                doer.ask(asked);
            }
        }
        life.kill();
        for (kind, path, source) in &self.files {
            let arguments =
                ["import", kind, path.to_str().unwrap(), "--source", source, "--mailbox", "Banco", "--json"];
            let output = self.house.command(&arguments).output().unwrap();
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["balanced"], true, "{report} {}", String::from_utf8_lossy(&output.stderr));
        }
        self.house.finish();
        self.compare();
        let read = |statement: &'static engine::Statement| -> Vec<String> {
            let look = |tx: &mut engine::Tx<'_>| {
                let row = |row: &mut engine::Row<'_>| {
                    Ok(format!("{}: {}", row.take::<String>()?, row.take::<i64>()?))
                };
                Ok(tx.query(statement, &[], row)?)
            };
            self.house.look().read_blocking(look).unwrap()
        };
        assert_eq!(read(&NOT_SENT), [] as [String; 0], "letters that did not leave: {:?}", self.jobs());
        let pending: i64 = self
            .house
            .look()
            .read_blocking(|tx| Ok(tx.one(&PENDING, params![0], |row| row.take())?))
            .unwrap();
        assert_eq!(pending, 0, "arrivals that nobody read");
        self.compare_imports();
        self.compare_letters();
        assert_eq!(self.house.broken(true), []);
        self.house.ask_the_doctor();
    }

    fn jobs(&self) -> Vec<String> {
        let look = |tx: &mut engine::Tx<'_>| {
            let row = |row: &mut engine::Row<'_>| {
                Ok(format!(
                    "{} {} {:?}",
                    row.take::<String>()?,
                    row.take::<String>()?,
                    row.take::<Option<String>>()?
                ))
            };
            Ok(tx.query(&JOBS, &[], row)?)
        };
        self.house.look().read_blocking(look).unwrap()
    }

    fn compare_imports(&self) {
        let look = self.house.look();
        let voices: HashMap<String, i64> = look
            .read_blocking(|tx| Ok(tx.query(&VOICES, &[], |row| Ok((row.take()?, row.take()?)))?))
            .unwrap()
            .into_iter()
            .collect();
        let mails: HashMap<String, i64> = look
            .read_blocking(|tx| Ok(tx.query(&MAILS, &[], |row| Ok((row.take()?, row.take()?)))?))
            .unwrap()
            .into_iter()
            .collect();
        for (kind, _, source) in &self.files {
            let number = source.rsplit(' ').next().unwrap();
            for item in 0..ITEMS {
                let count = if *kind == "mbox" {
                    mails.get(&format!("mail-{number}-{item}@x.example"))
                } else {
                    voices.get(&format!("line-{number}-{item}"))
                };
                assert_eq!(count, Some(&1), "{source}, item {item}");
            }
        }
        let runs: Vec<(i64, String, i64)> = look
            .read_blocking(|tx| Ok(tx.query(&RUNS, &[], |row| Ok((row.take()?, row.take()?, row.take()?)))?))
            .unwrap();
        let set_going = self.memory.lock().unwrap().running.len();
        let ended = runs.iter().filter(|(_, state, stored)| state == "ended" && *stored == 40).count();
        assert!(ended >= set_going, "{set_going} imports were set going: {runs:?} {:?}", self.jobs());
    }

    /// Every letter that was acknowledged left exactly once.
    fn compare_letters(&self) {
        let letters = self.house.letters();
        let memory = self.memory.lock().unwrap();
        let mut expected = 0;
        for kept in memory.kept.iter().filter(|kept| kept.asked.what == What::Letter) {
            let mark = format!("{}.", kept.asked.key);
            let left = letters.iter().filter(|letter| letter.contains(&mark)).count();
            assert_eq!(left, 1, "letter {mark}");
            expected += 1;
        }
        assert_eq!(letters.len(), expected, "letters that nobody wrote");
    }
}

/// Kills a shop so often, then counts; what was acknowledged, by kind.
fn survive(house: House, name: &str, seed: u64, kills: u64) -> Vec<(What, usize)> {
    eprintln!("{name}: {kills} kills, BOTTEGA_SEED={seed} BOTTEGA_KILLS={kills} repeats them");
    let mut ordeal = Ordeal::new(house, seed);
    for number in 1..=kills {
        ordeal.live(number);
        assert_eq!(
            ordeal.house.broken(number % OFTEN == 0),
            [],
            "after kill {number} of BOTTEGA_SEED={seed}"
        );
        if number % OFTEN == 0 {
            ordeal.compare();
            ordeal.house.ask_the_doctor();
        }
    }
    ordeal.end();
    let memory = ordeal.memory.lock().unwrap();
    let of = |what| memory.kept.iter().filter(|kept| kept.asked.what == what).count();
    eprintln!(
        "{name}: {kills} kills survived; {} voices, {} letters, {} notes, {} merges, {} un-merges, {} files by the \
         browser and {} by the command line",
        of(What::Voice),
        of(What::Letter),
        of(What::Note),
        of(What::Merge),
        of(What::Undo),
        memory.running.len(),
        ordeal.files.len()
    );
    assert!(of(What::Voice) as u64 > kills / 8, "the lives were too short to prove anything");
    [What::Voice, What::Letter, What::Note, What::Merge, What::Undo].map(|what| (what, of(what))).to_vec()
}

/// Every kill that was asked for, in shops of a bounded size: what a shop holds is checked after each.
fn survive_all(name: &str, mut house: impl FnMut(u64) -> Option<House>) {
    let (seed, kills) = (seed(), kills());
    let mut sums: Vec<(What, usize)> = Vec::new();
    for number in 0..kills.div_ceil(KILLS) {
        let Some(house) = house(number) else { return };
        let these = KILLS.min(kills - number * KILLS);
        for (what, count) in survive(house, name, seed.wrapping_add(number), these) {
            match sums.iter_mut().find(|(of, _)| *of == what) {
                Some((_, sum)) => *sum += count,
                None => sums.push((what, count)),
            }
        }
    }
    eprintln!("{name}: {kills} kills in all, nothing lost, nothing doubled: {sums:?}");
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed_on_sqlite() {
    survive_all("SQLite", |_| Some(House::sqlite()));
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed_on_postgresql() {
    survive_all("PostgreSQL", |number| House::postgres(&format!("kills{number}")));
}
