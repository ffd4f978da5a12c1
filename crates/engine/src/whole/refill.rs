//! The search of a database that was filled: its entries in the order of their ids, by the hundred thousand.

use std::collections::HashSet;

use super::copy::insert;
use super::{Column, Kind, Table};
use crate::search::{ADD_TERMS, Entry};
use crate::{DbError, Dialect, Tx, Value, params};

/// Most bytes of terms that wait to be put in order. SQLite's index begins a new segment whenever an id is
/// smaller than the one before, so order is speed.
const TERMS: usize = 48 << 20;

crate::statements! {
    /// Adds an entry to an index that is filled anew, on SQLite.
    FILL = {
        sqlite: "INSERT INTO search_entry (id, subject_kind, subject_id, chunk, mailbox_id) VALUES ($1, $2, $3, $4, $5)",
        postgres: "SELECT 1 WHERE $1 = 0 AND $2 = '' AND $3 = 0 AND $4 = 0 AND $5 = 0"
    };
}

/// Fills an empty search. It remembers which ids it gave, eight bytes an entry: many texts may have been said in
/// one millisecond.
#[derive(Debug, Default)]
pub struct Refill {
    taken: HashSet<i64>,
    waiting: Vec<Entry>,
    bytes: usize,
}

impl Refill {
    /// Begins; nobody else may use the database.
    pub fn begin(tx: &mut Tx<'_>) -> Result<Refill, DbError> {
        if tx.dialect() == Dialect::Sqlite {
            tx.batch("INSERT INTO search_terms (search_terms, rank) VALUES ('hashsize', 67108864)")?;
        }
        Ok(Refill::default())
    }

    /// Adds entries.
    pub fn add(&mut self, tx: &mut Tx<'_>, entries: Vec<Entry>) -> Result<(), DbError> {
        for mut entry in entries {
            while !self.taken.insert(entry.id) {
                entry.id += 1;
            }
            self.bytes += entry.terms.len();
            self.waiting.push(entry);
        }
        if self.bytes >= TERMS { self.write(tx) } else { Ok(()) }
    }

    /// Writes what waits.
    pub fn end(mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        self.write(tx)?;
        if tx.dialect() == Dialect::Sqlite {
            tx.batch("INSERT INTO search_terms (search_terms, rank) VALUES ('hashsize', 1048576)")?;
        }
        Ok(())
    }

    fn write(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        self.bytes = 0;
        let mut entries = std::mem::take(&mut self.waiting);
        entries.sort_unstable_by_key(|entry| entry.id);
        if tx.dialect() == Dialect::Sqlite {
            for Entry { id, subject_kind, subject_id, chunk, mailbox, terms } in entries {
                tx.execute(&FILL, params![id, subject_kind, subject_id, chunk, mailbox])?;
                tx.execute(&ADD_TERMS, params![id, terms])?;
            }
            return Ok(());
        }
        let rows = entries.into_iter().map(|entry| {
            vec![
                Value::Int(entry.id),
                entry.subject_kind.into(),
                Value::Int(entry.subject_id),
                Value::Int(entry.chunk),
                Value::Int(entry.mailbox),
                entry.terms.into(),
            ]
        });
        insert(tx, &table(), rows.collect())
    }
}

fn table() -> Table {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind, references: None };
    Table {
        name: "search_entry".to_owned(),
        columns: vec![
            column("id", Kind::Int),
            column("subject_kind", Kind::Text),
            column("subject_id", Kind::Int),
            column("chunk", Kind::Int),
            column("mailbox_id", Kind::Int),
            column("terms", Kind::Own),
        ],
    }
}
