//! Changes of SQLite's search index, gathered over a group of writes and made in the order of the index.
//!
//! FTS5 keeps what is new in memory until a row comes whose id is not greater than the last one's: then it
//! writes a segment. Texts of one group seldom come in the order of their ids, so that each would cost a segment
//! of its own and the merging of it; sorted, the group costs one.

use rusqlite::Connection as Sqlite;

use crate::search::{ADD_TERMS, REMOVE_TERMS};
use crate::{DbError, Dialect};

/// A change that waits for the end of the group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The terms of an entry are added.
    Add(i64, String),
    /// The terms of an entry are removed.
    Remove(i64),
}

impl Change {
    fn entry(&self) -> i64 {
        match self {
            Change::Add(entry, _) | Change::Remove(entry) => *entry,
        }
    }
}

/// What becomes of one entry in the end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    removed: bool,
    added: Option<String>,
}

/// Makes the changes, none of which is left afterwards.
pub(crate) fn apply(connection: &Sqlite, changes: &mut Vec<Change>) -> Result<(), DbError> {
    for (entry, outcome) in outcomes(std::mem::take(changes)) {
        if outcome.removed {
            connection.prepare_cached(REMOVE_TERMS.sql(Dialect::Sqlite))?.execute([entry])?;
        }
        if let Some(terms) = outcome.added {
            let mut add = connection.prepare_cached(ADD_TERMS.sql(Dialect::Sqlite))?;
            add.execute(rusqlite::params![entry, terms])?;
        }
    }
    Ok(())
}

/// Sorted by entry; of one that was added and removed in the group, nothing is left.
fn outcomes(mut changes: Vec<Change>) -> Vec<(i64, Outcome)> {
    // Stable: the changes of one entry stay in their order.
    changes.sort_by_key(Change::entry);
    let mut out: Vec<(i64, Outcome)> = Vec::with_capacity(changes.len());
    for change in changes {
        let entry = change.entry();
        if out.last().is_none_or(|(last, _)| *last != entry) {
            out.push((entry, Outcome::default()));
        }
        let Some((_, outcome)) = out.last_mut() else { continue };
        match change {
            Change::Add(_, terms) => outcome.added = Some(terms),
            Change::Remove(_) => outcome.removed |= outcome.added.take().is_none(),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_in_the_order_of_the_index_and_cancel_each_other() {
        let add = |entry, terms: &str| Change::Add(entry, terms.to_owned());
        let changes = vec![
            add(9, "nine"),
            add(2, "two"),
            Change::Remove(5),
            add(7, "seven"),
            Change::Remove(7),
            Change::Remove(2),
            add(2, "two again"),
            add(5, "five again"),
        ];
        let outcome = |removed, added: Option<&str>| Outcome { removed, added: added.map(str::to_owned) };
        assert_eq!(
            outcomes(changes),
            [
                (2, outcome(false, Some("two again"))),
                (5, outcome(true, Some("five again"))),
                (7, outcome(false, None)),
                (9, outcome(false, Some("nine"))),
            ]
        );
    }
}
