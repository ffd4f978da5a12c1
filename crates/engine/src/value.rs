//! Parameters on their way in, columns on their way out: the same types on both engines.

use std::error::Error as StdError;

use bytes::BytesMut;
use kernel::Instant;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::DbError;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL of any type.
    Null,
    /// A whole number, an id or an instant in microseconds.
    Int(i64),
    /// A real number.
    Real(f64),
    /// A truth value.
    Bool(bool),
    /// A text. U+0000 is dropped: PostgreSQL cannot store it.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of numbers for `IN LIST($n)`.
    Ints(Vec<i64>),
    /// A list of texts for `IN LIST($n)`.
    Texts(Vec<String>),
}

impl Value {
    fn json_list(&self) -> Option<String> {
        match self {
            Value::Ints(list) => serde_json::to_string(list).ok(),
            Value::Texts(list) => serde_json::to_string(list).ok(),
            _ => None,
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Value::Real(number) => ToSqlOutput::Borrowed(ValueRef::Real(*number)),
            Value::Bool(truth) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*truth))),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::Ints(_) | Value::Texts(_) => {
                ToSqlOutput::Owned(rusqlite::types::Value::Text(self.json_list().unwrap_or_default()))
            }
        })
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => match *ty {
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::FLOAT8 => (*number as f64).to_sql(ty, out),
                Type::BOOL => (*number != 0).to_sql(ty, out),
                _ => number.to_sql(&Type::INT8, out),
            },
            Value::Real(number) => number.to_sql(&Type::FLOAT8, out),
            Value::Bool(truth) => truth.to_sql(&Type::BOOL, out),
            Value::Text(text) if *ty == Type::TS_VECTOR => crate::search::put_vector(text, out),
            Value::Text(text) => text.to_sql(&Type::TEXT, out),
            Value::Bytes(bytes) => bytes.to_sql(&Type::BYTEA, out),
            Value::Ints(list) => list.to_sql(&Type::INT8_ARRAY, out),
            Value::Texts(list) => list.to_sql(&Type::TEXT_ARRAY, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $make:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($it: $from) -> Value { $make }
        })*
    };
}

value_from! {
    i64 => |it| Value::Int(it);
    i32 => |it| Value::Int(i64::from(it));
    u32 => |it| Value::Int(i64::from(it));
    usize => |it| Value::Int(i64::try_from(it).unwrap_or(i64::MAX));
    f64 => |it| Value::Real(it);
    bool => |it| Value::Bool(it);
    &str => |it| Value::Text(without_nul(it));
    String => |it| Value::Text(if it.contains('\0') { without_nul(&it) } else { it });
    &String => |it| Value::Text(without_nul(it));
    Vec<u8> => |it| Value::Bytes(it);
    &[u8] => |it| Value::Bytes(it.to_vec());
    Vec<i64> => |it| Value::Ints(it);
    Vec<String> => |it| Value::Texts(it);
    Instant => |it| Value::Int(it.micros());
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Value {
        option.map_or(Value::Null, Into::into)
    }
}

/// Makes the parameters of a statement: `params![id, name, Option::<i64>::None]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

/// A row while it is read, column after column.
pub struct Row<'r> {
    pub(crate) inner: RowInner<'r>,
    pub(crate) next: usize,
    pub(crate) statement: &'static str,
}

pub(crate) enum RowInner<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r postgres::Row),
}

impl Row<'_> {
    /// The next column, in the order of the SELECT.
    pub fn take<T: Column>(&mut self) -> Result<T, DbError> {
        let index = self.next;
        self.next += 1;
        let read = match &self.inner {
            RowInner::Sqlite(row) => {
                row.get_ref(index).map_err(|error| error.to_string()).and_then(T::from_sqlite)
            }
            RowInner::Postgres(row) => T::from_postgres(row, index),
        };
        read.map_err(|cause| DbError::Column { index, statement: self.statement, cause })
    }

    /// Passes over the next column.
    pub fn skip(&mut self) {
        self.next += 1;
    }
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// From SQLite's storage classes. The error says what was found.
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self, String>;
    /// From PostgreSQL.
    fn from_postgres(row: &postgres::Row, index: usize) -> Result<Self, String>;
}

macro_rules! column {
    ($type:ty, $($pattern:pat => $make:expr),+) => {
        impl Column for $type {
            fn from_sqlite(value: ValueRef<'_>) -> Result<Self, String> {
                match value {
                    $($pattern => $make,)+
                    other => Err(format!("{:?} where {} was expected", other.data_type(), stringify!($type))),
                }
            }
            fn from_postgres(row: &postgres::Row, index: usize) -> Result<Self, String> {
                row.try_get(index).map_err(|error| error.to_string())
            }
        }
    };
}

column!(i64, ValueRef::Integer(number) => Ok(number));
column!(f64, ValueRef::Real(number) => Ok(number), ValueRef::Integer(number) => Ok(number as f64));
column!(bool, ValueRef::Integer(number) => Ok(number != 0));
column!(String, ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).map_err(|e| e.to_string()));
column!(Vec<u8>, ValueRef::Blob(bytes) => Ok(bytes.to_vec()));

impl<T: Column> Column for Option<T> {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self, String> {
        match value {
            ValueRef::Null => Ok(None),
            value => T::from_sqlite(value).map(Some),
        }
    }

    fn from_postgres(row: &postgres::Row, index: usize) -> Result<Self, String> {
        if is_null(row, index)? { Ok(None) } else { T::from_postgres(row, index).map(Some) }
    }
}

/// Whether a column is NULL, whatever its type.
fn is_null(row: &postgres::Row, index: usize) -> Result<bool, String> {
    struct Anything;
    impl postgres::types::FromSql<'_> for Anything {
        fn from_sql(_: &Type, _: &[u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
            Ok(Anything)
        }
        fn accepts(_: &Type) -> bool {
            true
        }
    }
    row.try_get::<_, Option<Anything>>(index).map(|value| value.is_none()).map_err(|error| error.to_string())
}

impl Column for Instant {
    fn from_sqlite(value: ValueRef<'_>) -> Result<Self, String> {
        i64::from_sqlite(value).map(Instant::from_micros)
    }
    fn from_postgres(row: &postgres::Row, index: usize) -> Result<Self, String> {
        i64::from_postgres(row, index).map(Instant::from_micros)
    }
}

/// Every id is a number in the store.
macro_rules! ids {
    ($($id:ty),* $(,)?) => {
        $(impl From<$id> for Value {
            fn from(id: $id) -> Value { Value::Int(id.raw()) }
        }
        impl Column for $id {
            fn from_sqlite(value: ValueRef<'_>) -> Result<Self, String> {
                i64::from_sqlite(value).map(<$id>::from)
            }
            fn from_postgres(row: &postgres::Row, index: usize) -> Result<Self, String> {
                i64::from_postgres(row, index).map(<$id>::from)
            }
        })*
    };
}

ids!(
    kernel::AccountId,
    kernel::PasskeyId,
    kernel::ProviderId,
    kernel::SessionId,
    kernel::TokenId,
    kernel::TeamId,
    kernel::MailboxId,
    kernel::ProductId,
    kernel::PersonId,
    kernel::OrganisationId,
    kernel::IdentityId,
    kernel::SourceId,
    kernel::ArrivalId,
    kernel::VoiceId,
    kernel::ConversationId,
    kernel::MessageId,
    kernel::AttachmentId,
    kernel::EventId,
    kernel::OutboxId,
    kernel::MergeId,
    kernel::FactId,
    kernel::ConsentId,
    kernel::JobId,
    kernel::TagId,
);
