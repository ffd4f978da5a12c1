//! Loading on PostgreSQL: `COPY` over several connections, keys, indexes and references at the end.
//!
//! What was taken away is written down in the table `bulk_load`, which is also the mark: empty but while
//! a loading is under way.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use postgres::Client;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};

use crate::dial::Dial;
use crate::search::Entry;
use crate::{DbError, Tx, Value};

use super::{Finishing, Rows, Writer};

const CONNECTIONS: usize = 2;

crate::statements! {
    /// Whether a loading was interrupted.
    HALF_LOADED = "SELECT EXISTS (SELECT 1 FROM bulk_load WHERE step >= 0)";
}

/// Whether a loading into this database was interrupted.
pub(crate) fn is_half_loaded(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    tx.one(&HALF_LOADED, &[], |row| row.take())
}

/// Keys and references of our tables, then their other indexes: how each goes and how it comes again.
/// References go first and come last.
const TAKEN: &str = "
    SELECT rank, away, again FROM (
      SELECT CASE contype WHEN 'f' THEN 3 WHEN 'p' THEN 1 ELSE 2 END AS rank,
             format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away,
             format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS again
      FROM pg_constraint
      WHERE connamespace = current_schema()::regnamespace AND contype IN ('f', 'p', 'u')
        AND conrelid <> 'bulk_load'::regclass AND conrelid <> 'schema_version'::regclass
      UNION ALL
      SELECT 2, format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))
    ) taken ORDER BY rank DESC, away";

fn connect(url: &str) -> Result<Client, DbError> {
    let mut client = Dial::of(url)?.connect()?;
    client.batch_execute(
        "SET timezone = 'UTC'; SET client_min_messages = warning; SET jit = off;
         SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET statement_timeout = 0",
    )?;
    Ok(client)
}

/// What is left to do at the end.
pub(super) struct Closing {
    url: String,
    /// Keys and indexes, which may be built side by side.
    indexes: Vec<String>,
    /// References, which may not.
    references: Vec<String>,
}

pub(super) struct Loading {
    client: Client,
    types: HashMap<String, Vec<Type>>,
}

pub(super) fn begin(url: &str) -> Result<(Closing, Vec<Loading>), DbError> {
    let mut client = connect(url)?;
    let (mut indexes, mut references) = (Vec::new(), Vec::new());
    let mut transaction = client.transaction()?;
    for (step, row) in transaction.query(TAKEN, &[])?.iter().enumerate() {
        let (rank, away, again): (i32, String, String) = (row.get(0), row.get(1), row.get(2));
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        transaction.execute("INSERT INTO bulk_load (step, sql) VALUES ($1, $2)", &[&step, &again])?;
        transaction.batch_execute(&away)?;
        if rank == 3 { references.push(again) } else { indexes.push(again) }
    }
    transaction.commit()?;
    let mut writers = vec![Loading { client, types: HashMap::new() }];
    while writers.len() < CONNECTIONS {
        writers.push(Loading { client: connect(url)?, types: HashMap::new() });
    }
    Ok((Closing { url: url.to_owned(), indexes, references }, writers))
}

impl Loading {
    fn copy<'a>(
        &mut self,
        table: &str,
        columns: &str,
        rows: impl Iterator<Item = &'a [Value]>,
    ) -> Result<(), DbError> {
        let target = format!("{table} ({columns})");
        if !self.types.contains_key(&target) {
            let prepared = self.client.prepare(&format!("SELECT {columns} FROM {table}"))?;
            let types = prepared.columns().iter().map(|column| column.type_().clone()).collect();
            self.types.insert(target.clone(), types);
        }
        let types = self.types.get(&target).map(Vec::as_slice).unwrap_or_default();
        let sink = self.client.copy_in(&format!("COPY {target} FROM STDIN BINARY"))?;
        let mut writer = BinaryCopyInWriter::new(sink, types);
        for row in rows {
            writer.write_raw(row.iter().map(|value| value as &dyn ToSql))?;
        }
        writer.finish()?;
        Ok(())
    }
}

impl Writer for Loading {
    fn rows(&mut self, rows: &Rows) -> Result<(), DbError> {
        self.copy(&rows.table, &rows.names(), rows.rows())
    }

    fn entries(&mut self, entries: Vec<Entry>) -> Result<(), DbError> {
        let rows: Vec<Vec<Value>> = entries
            .into_iter()
            .map(|entry| {
                vec![
                    Value::Int(entry.id),
                    Value::from(entry.subject_kind),
                    Value::Int(entry.subject_id),
                    Value::Int(entry.chunk),
                    Value::Int(entry.mailbox),
                    Value::Text(entry.terms),
                ]
            })
            .collect();
        let columns = format!("{}, terms", Entry::COLUMNS.join(", "));
        self.copy("search_entry", &columns, rows.iter().map(Vec::as_slice))
    }

    fn end(&mut self) -> Result<(), DbError> {
        Ok(())
    }
}

impl Closing {
    pub(super) fn finish(&mut self, tell: &mut dyn FnMut(Finishing)) -> Result<(), DbError> {
        let all = self.indexes.len() + self.references.len();
        let queue = Mutex::new(std::mem::take(&mut self.indexes).into_iter());
        let url = &self.url;
        // Whoever tells need not be shared between threads: the builders report through a channel.
        let (report, built) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                let (queue, report) = (&queue, report.clone());
                scope.spawn(move || {
                    let result = connect(url).and_then(|mut client| {
                        loop {
                            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                            let Some(sql) = next else { return Ok(()) };
                            client.batch_execute(&sql)?;
                            let _ = report.send(Ok(()));
                        }
                    });
                    if let Err(error) = result {
                        let _ = report.send(Err(error));
                    }
                });
            }
            drop(report);
            for (done, result) in built.iter().enumerate() {
                result?;
                tell(Finishing { done: done + 1, all });
            }
            Ok::<(), DbError>(())
        })?;
        let mut client = connect(url)?;
        let built = all - self.references.len();
        for (number, sql) in self.references.iter().enumerate() {
            client.batch_execute(sql)?;
            tell(Finishing { done: built + number + 1, all });
        }
        client.batch_execute("ANALYZE; DELETE FROM bulk_load")?;
        Ok(())
    }
}
