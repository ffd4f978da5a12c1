//! What must always hold, whatever crashed and whenever: said as statements that find what breaks it.
//!
//! Every part of the house lists its own [`Invariant`]s next to its statements; `bottega doctor --deep`
//! and the harness that kills the process check them all, in one snapshot of the database, table by table
//! in ranges of the id, so that a large database needs no more memory than a small one.

pub mod blobs;
pub mod store;

use crate::{DbError, Statement, Tx, params};

/// How many rows one range holds.
pub const RANGE: u32 = 5_000;
/// How many of the rows that break an invariant are named.
const NAMED: usize = 10;

/// Something that must always hold.
pub struct Invariant {
    /// What it is called: `table.what`, unique.
    pub name: &'static str,
    /// What must hold, as a sentence.
    pub sentence: &'static str,
    /// How a row is named outside: its public id.
    pub id: fn(i64) -> String,
    /// How it is checked.
    pub rule: Rule,
}

/// How an invariant is checked.
pub enum Rule {
    /// Over the rows of a growing table. `walk` gives the end of the range of `$2` rows after the id `$1`
    /// (made by [`crate::walk!`]); `broken` gives the ids of the rows in `$1 < id <= $2` that break it.
    Rows {
        /// Where a range ends.
        walk: &'static Statement,
        /// What breaks the invariant in a range.
        broken: &'static Statement,
    },
    /// Over a table of few rows: the statement takes nothing and gives the ids of those that break it.
    Few(&'static Statement),
    /// The rows of a range each refer to a blob and count as one reference: the statement gives the
    /// digests. All of these together must be what the table of blobs counts.
    Refers {
        /// Where a range ends.
        walk: &'static Statement,
        /// The digests to which a range refers, one row for each reference.
        digests: &'static Statement,
    },
    /// What SQL alone cannot say.
    Code(Code),
}

/// An invariant that is checked by a function: it tells the findings what breaks it.
pub type Code = fn(&mut Tx<'_>, &mut Findings<'_>) -> Result<(), DbError>;

/// The end of each range of a table: `VOICES = walk("voice")` within [`crate::statements!`].
#[macro_export]
macro_rules! walk {
    ($table:literal) => {
        concat!(
            "SELECT MAX(id) FROM (SELECT id FROM ",
            $table,
            " WHERE id > $1 ORDER BY id LIMIT $2) AS step"
        )
    };
}

/// Declares invariants over the rows of growing tables, and their statements as `ALL`:
/// `invariants! { NAME: "voice.event", VOICES, VoiceId, "Every voice …", "SELECT …"; }`.
#[macro_export]
macro_rules! invariants {
    ($($name:ident: $code:literal, $walk:path, $id:path, $sentence:literal, $sql:tt;)*) => {
        $crate::statements! { $(#[doc = $sentence] $name = $sql;)* }
        /// What must hold over the rows of growing tables.
        pub static ROWS: &[$crate::invariant::Invariant] = &[$($crate::invariant::Invariant {
            name: $code,
            sentence: $sentence,
            id: |raw| $id(raw).to_string(),
            rule: $crate::invariant::Rule::Rows { walk: &$walk, broken: &$name },
        }),*];
    };
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// Its name.
    pub name: &'static str,
    /// What should hold.
    pub sentence: &'static str,
    /// How many rows break it.
    pub count: u64,
    /// Some of them.
    pub some: Vec<String>,
}

/// How far a check has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is being checked.
    pub name: &'static str,
    /// How many invariants were checked before it.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// How many rows of this one were looked at.
    pub rows: u64,
}

/// Collects what breaks one invariant.
pub struct Findings<'p> {
    count: u64,
    some: Vec<String>,
    at: Progress,
    tell: &'p mut dyn FnMut(&Progress),
}

impl Findings<'_> {
    /// A row breaks the invariant; named by its public id.
    pub fn broken(&mut self, row: impl std::fmt::Display) {
        self.count += 1;
        if self.some.len() < NAMED {
            self.some.push(row.to_string());
        }
    }

    /// So many more rows were looked at.
    pub fn looked_at(&mut self, rows: u64) {
        self.at.rows += rows;
        (self.tell)(&self.at);
    }
}

/// Checks every one of them in the snapshot of this transaction; gives those that do not hold.
/// `read_blobs` says whether the bytes of every blob are read and compared with their address.
pub fn check(
    tx: &mut Tx<'_>,
    invariants: &[&'static Invariant],
    read_blobs: bool,
    tell: &mut dyn FnMut(&Progress),
) -> Result<Vec<Broken>, DbError> {
    let refers: Vec<_> = invariants.iter().copied().filter(|one| is_reference(one)).collect();
    let mut broken = Vec::new();
    let of = invariants.len() - refers.len() + 1;
    let mut done = 0;
    let mut one = |name,
                   sentence,
                   tx: &mut Tx<'_>,
                   run: &dyn Fn(&mut Tx<'_>, &mut Findings<'_>) -> Result<(), DbError>| {
        let at = Progress { name, done, of, rows: 0 };
        tell(&at);
        let mut findings = Findings { count: 0, some: Vec::new(), at, tell };
        run(tx, &mut findings)?;
        done += 1;
        if findings.count > 0 {
            broken.push(Broken { name, sentence, count: findings.count, some: findings.some });
        }
        Ok::<(), DbError>(())
    };
    for invariant in invariants.iter().filter(|one| !is_reference(one)) {
        one(invariant.name, invariant.sentence, tx, &|tx, findings| run(tx, invariant, findings))?;
    }
    one(blobs::NAME, blobs::SENTENCE, tx, &|tx, findings| blobs::check(tx, &refers, read_blobs, findings))?;
    Ok(broken)
}

fn is_reference(invariant: &Invariant) -> bool {
    matches!(invariant.rule, Rule::Refers { .. })
}

fn run(tx: &mut Tx<'_>, invariant: &Invariant, findings: &mut Findings<'_>) -> Result<(), DbError> {
    match &invariant.rule {
        Rule::Rows { walk, broken } => ranges(tx, walk, |tx, from, to| {
            for id in tx.query(broken, params![from, to], |row| row.take::<i64>())? {
                findings.broken((invariant.id)(id));
            }
            findings.looked_at(u64::from(RANGE));
            Ok(())
        }),
        Rule::Few(statement) => {
            for id in tx.query(statement, &[], |row| row.take::<i64>())? {
                findings.broken((invariant.id)(id));
            }
            Ok(())
        }
        Rule::Code(code) => code(tx, findings),
        Rule::Refers { .. } => Ok(()),
    }
}

/// Walks a table from its first row to its last, in ranges `from < id <= to`.
pub fn ranges(
    tx: &mut Tx<'_>,
    walk: &'static Statement,
    mut look: impl FnMut(&mut Tx<'_>, i64, i64) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut from = i64::MIN;
    while let Some(to) = tx.one(walk, params![from, RANGE], |row| row.take::<Option<i64>>())? {
        look(tx, from, to)?;
        from = to;
    }
    Ok(())
}
