//! Rows out of a table and into one, many at a time.

use postgres::binary_copy::BinaryCopyInWriter;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use rusqlite::types::ValueRef;

use super::{Kind, Table};
use crate::tx::Connection;
use crate::{DbError, Tx, Value};

const NAME: &str = "whole::stream";

/// Gives every row of a table to `each`, one at a time, in the order in which the engine keeps them.
/// Memory stays bounded however large the table is.
pub fn stream<E: From<DbError>>(
    tx: &mut Tx<'_>,
    table: &Table,
    mut each: impl FnMut(Vec<Value>) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!("SELECT {} FROM {}", column_list(table), quoted(&table.name));
    tx.statements_run += 1;
    match &mut tx.connection {
        Connection::Sqlite(connection) => {
            let mut prepared = connection.prepare(&sql).map_err(DbError::from)?;
            let mut rows = prepared.query([]).map_err(DbError::from)?;
            while let Some(row) = rows.next().map_err(DbError::from)? {
                let mut values = Vec::with_capacity(table.columns.len());
                for index in 0..table.columns.len() {
                    let value = row.get_ref(index).map_err(DbError::from)?;
                    values.push(from_sqlite(value).map_err(|cause| bad_column(index, cause))?);
                }
                each(values)?;
            }
        }
        Connection::Postgres(connection) => {
            let none: [&(dyn ToSql + Sync); 0] = [];
            let mut rows = connection.client.query_raw(sql.as_str(), none).map_err(DbError::from)?;
            while let Some(row) = rows.next().map_err(DbError::from)? {
                let mut values = Vec::with_capacity(table.columns.len());
                for (index, column) in table.columns.iter().enumerate() {
                    let value = from_postgres(&row, index, column.kind);
                    values.push(value.map_err(|cause| bad_column(index, cause))?);
                }
                each(values)?;
            }
        }
    }
    Ok(())
}

/// How many rows a table has.
pub fn count(tx: &mut Tx<'_>, table: &Table) -> Result<u64, DbError> {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {}", quoted(&table.name));
    tx.statements_run += 1;
    let rows: i64 = match &mut tx.connection {
        Connection::Sqlite(connection) => connection.query_row(&sql, [], |row| row.get(0))?,
        Connection::Postgres(connection) => connection.client.query_one(sql.as_str(), &[])?.get(0),
    };
    Ok(rows.unsigned_abs())
}

/// Adds rows whose values stand in the order of the table's columns: by `COPY` on PostgreSQL, by one
/// prepared statement on SQLite. A number in a column of truth values becomes one.
pub fn insert(tx: &mut Tx<'_>, table: &Table, mut rows: Vec<Vec<Value>>) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.statements_run += 1;
    match &mut tx.connection {
        Connection::Sqlite(connection) => {
            let marks = vec!["?"; table.columns.len()].join(", ");
            let sql =
                format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(&table.name), column_list(table));
            let mut prepared = connection.prepare_cached(&sql)?;
            for row in &rows {
                prepared.execute(rusqlite::params_from_iter(row))?;
            }
        }
        Connection::Postgres(connection) => {
            let types: Vec<Type> = table.columns.iter().map(|column| postgres_type(column.kind)).collect();
            let sql =
                format!("COPY {} ({}) FROM STDIN (FORMAT binary)", quoted(&table.name), column_list(table));
            let mut writer = BinaryCopyInWriter::new(connection.client.copy_in(sql.as_str())?, &types);
            for row in &mut rows {
                for (value, column) in row.iter_mut().zip(&table.columns) {
                    if let (Kind::Flag, Value::Int(number)) = (column.kind, &*value) {
                        *value = Value::Bool(*number != 0);
                    }
                }
                let params: Vec<&(dyn ToSql + Sync)> =
                    row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                writer.write(&params)?;
            }
            writer.finish()?;
        }
    }
    Ok(())
}

fn postgres_type(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Flag => Type::BOOL,
        Kind::Real => Type::FLOAT8,
        Kind::Text => Type::TEXT,
        // Of these there is one: the terms of the search.
        Kind::Own => Type::TS_VECTOR,
        Kind::Bytes => Type::BYTEA,
    }
}

fn column_list(table: &Table) -> String {
    table.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// A name of the schema as both engines take it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn bad_column(index: usize, cause: String) -> DbError {
    DbError::Column { index, statement: NAME, cause }
}

fn from_sqlite(value: ValueRef<'_>) -> Result<Value, String> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => {
            Value::Text(String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?)
        }
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}

fn from_postgres(row: &postgres::Row, index: usize, kind: Kind) -> Result<Value, String> {
    fn value<'r, T>(row: &'r postgres::Row, index: usize, make: fn(T) -> Value) -> Result<Value, String>
    where
        T: postgres::types::FromSql<'r>,
    {
        let read: Option<T> = row.try_get(index).map_err(|error| error.to_string())?;
        Ok(read.map_or(Value::Null, make))
    }
    match kind {
        Kind::Int => value(row, index, Value::Int),
        Kind::Flag => value(row, index, |truth: bool| Value::Int(i64::from(truth))),
        Kind::Real => value(row, index, Value::Real),
        Kind::Text => value(row, index, Value::Text),
        Kind::Bytes => value(row, index, Value::Bytes),
        Kind::Own => Err("this column is its engine's own and cannot be carried".to_owned()),
    }
}
