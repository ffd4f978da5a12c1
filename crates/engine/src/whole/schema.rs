//! What tables there are, as the database itself says.

use crate::{DbError, Row, Tx};

/// A table of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// The table whose rows it names, where the schema says so.
    pub references: Option<String>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number, an id, an instant; on SQLite also a truth value.
    Int,
    /// A truth value, where the engine has the type.
    Flag,
    /// A real number.
    Real,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// What only its engine can make, such as PostgreSQL's search terms.
    Own,
}

crate::statements! {
    /// Every column of every table; virtual tables and what stands behind them are no tables of ours, nor those that
    /// an extension brought.
    COLUMNS = {
        sqlite: "SELECT t.name, c.name, c.type, f.\"table\"
                 FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
                 LEFT JOIN pragma_foreign_key_list(t.name) AS f ON f.\"from\" = c.name
                 WHERE t.schema = 'main' AND t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_'
                 ORDER BY t.name, c.cid",
        postgres: "SELECT CAST(t.relname AS TEXT), CAST(c.attname AS TEXT), format_type(c.atttypid, NULL),
                     (SELECT CAST(r.relname AS TEXT) FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid
                      WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.conkey[1] = c.attnum LIMIT 1)
                   FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
                   WHERE t.relnamespace = CAST(current_schema() AS regnamespace) AND t.relkind = 'r'
                     AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = ''
                     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = CAST('pg_class' AS regclass)
                                       AND d.objid = t.oid AND d.deptype = 'e')
                   ORDER BY t.relname COLLATE \"C\", c.attnum"
    };
}

/// Every table of the shop in the order of their names. Empty when there is none.
pub fn tables(tx: &mut Tx<'_>) -> Result<Vec<Table>, DbError> {
    let mut tables: Vec<Table> = Vec::new();
    tx.query(&COLUMNS, &[], |row| {
        let table: String = row.take()?;
        let column = read(row)?;
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { name: table, columns: vec![column] }),
        }
        Ok(())
    })?;
    Ok(tables)
}

/// Whether the database holds no table at all.
pub fn is_empty(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(tables(tx)?.is_empty())
}

fn read(row: &mut Row<'_>) -> Result<Column, DbError> {
    let name = row.take()?;
    let kind = match row.take::<String>()?.as_str() {
        "INTEGER" | "bigint" | "integer" => Kind::Int,
        "boolean" => Kind::Flag,
        "REAL" | "double precision" => Kind::Real,
        "TEXT" | "text" => Kind::Text,
        "BLOB" | "bytea" => Kind::Bytes,
        _ => Kind::Own,
    };
    Ok(Column { name, kind, references: row.take()? })
}
