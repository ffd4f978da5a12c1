//! How a table looks outside: which columns are ids, instants, texts, bytes.

use engine::Value;
use engine::whole::{Column, Kind, Table};
use kernel::id;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The prefixes of ids by the table whose rows they name. A table that is not here has ids without prefix.
const PREFIXES: [(&str, &str); 22] = [
    ("account", kernel::AccountId::PREFIX),
    ("session", kernel::SessionId::PREFIX),
    ("token", kernel::TokenId::PREFIX),
    ("team", kernel::TeamId::PREFIX),
    ("mailbox", kernel::MailboxId::PREFIX),
    ("product", kernel::ProductId::PREFIX),
    ("person", kernel::PersonId::PREFIX),
    ("organisation", kernel::OrganisationId::PREFIX),
    ("identity", kernel::IdentityId::PREFIX),
    ("source", kernel::SourceId::PREFIX),
    ("arrival", kernel::ArrivalId::PREFIX),
    ("voice", kernel::VoiceId::PREFIX),
    ("conversation", kernel::ConversationId::PREFIX),
    ("message", kernel::MessageId::PREFIX),
    ("attachment", kernel::AttachmentId::PREFIX),
    ("event", kernel::EventId::PREFIX),
    ("outbox", kernel::OutboxId::PREFIX),
    ("merge", kernel::MergeId::PREFIX),
    ("fact", kernel::FactId::PREFIX),
    ("consent", kernel::ConsentId::PREFIX),
    ("job", kernel::JobId::PREFIX),
    ("tag", kernel::TagId::PREFIX),
];

/// Columns that name rows of another table without the schema saying so.
const UNSAID: [(&str, &str); 3] =
    [("root_id", "person"), ("actor_id", "account"), ("duplicate_of", "arrival")];

/// What a column is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// An id: the prefix of its type, an underscore and 13 Crockford characters; the characters alone where
    /// the type has no prefix or depends on the row.
    Id,
    /// An instant: RFC 3339, UTC, down to microseconds.
    Instant,
    /// A whole number; 0 and 1 for no and yes.
    Integer,
    /// A real number.
    Real,
    /// A text.
    Text,
    /// Bytes in hexadecimal, such as digests.
    Hex,
    /// Bytes in base64.
    Base64,
}

/// A column as the manifest tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is.
    pub form: Form,
    /// The prefix of its ids, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

/// The fields of a table.
pub fn fields(table: &Table) -> Vec<Field> {
    table.columns.iter().map(|column| field(&table.name, column)).collect()
}

fn field(table: &str, column: &Column) -> Field {
    let name = column.name.as_str();
    let form = match column.kind {
        Kind::Int | Kind::Flag if name == "id" || name.ends_with("_id") || name == "duplicate_of" => Form::Id,
        Kind::Int | Kind::Flag if is_instant(name) => Form::Instant,
        Kind::Int | Kind::Flag => Form::Integer,
        Kind::Real => Form::Real,
        Kind::Text | Kind::Own => Form::Text,
        Kind::Bytes if name.ends_with("digest") => Form::Hex,
        Kind::Bytes => Form::Base64,
    };
    let prefix = (form == Form::Id).then(|| prefix_of(table, column)).flatten();
    Field { name: column.name.clone(), form, prefix: prefix.map(str::to_owned) }
}

fn is_instant(name: &str) -> bool {
    ["_at", "_until", "_since"].iter().any(|end| name.ends_with(end)) || name == "not_before"
}

fn prefix_of(table: &str, column: &Column) -> Option<&'static str> {
    let name = column.name.as_str();
    let named = if name == "id" {
        table
    } else if let Some(references) = &column.references {
        references
    } else if let Some((_, unsaid)) = UNSAID.iter().find(|(column, _)| *column == name) {
        unsaid
    } else {
        name.strip_suffix("_id").unwrap_or(name)
    };
    PREFIXES.iter().find(|(known, _)| *known == named).map(|(_, prefix)| *prefix)
}

/// An id as text.
pub fn id_text(prefix: Option<&str>, raw: i64) -> String {
    match prefix {
        Some(prefix) => format!("{prefix}_{}", id::encode(raw)),
        None => id::encode(raw),
    }
}

/// The sum of the digests of rows, the same in whatever order they come and on whatever engine they lie.
/// Two tables of the same sum and count hold the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many rows.
    pub rows: u64,
    sum: u128,
}

impl Sum {
    /// Adds a row; `order` is the order of the columns by name.
    pub fn add(&mut self, order: &[usize], row: &[Value]) {
        let mut hash = Sha256::new();
        for index in order {
            match row.get(*index) {
                None | Some(Value::Null) => hash.update([0]),
                Some(Value::Int(number)) => {
                    hash.update([1]);
                    hash.update(number.to_le_bytes());
                }
                Some(Value::Bool(truth)) => {
                    hash.update([1]);
                    hash.update(i64::from(*truth).to_le_bytes());
                }
                Some(Value::Real(number)) => {
                    hash.update([2]);
                    hash.update(number.to_bits().to_le_bytes());
                }
                Some(Value::Text(text)) => long(&mut hash, 3, text.as_bytes()),
                Some(Value::Bytes(bytes)) => long(&mut hash, 4, bytes),
                // Lists are parameters; no column holds one.
                Some(Value::Ints(_) | Value::Texts(_)) => hash.update([5]),
            }
        }
        let mut first = [0; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(first));
    }

    /// As the manifest writes it: 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

fn long(hash: &mut Sha256, mark: u8, bytes: &[u8]) {
    hash.update([mark]);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// The order of columns by their names, in which a row's digest is made.
pub fn name_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut named: Vec<(usize, &str)> = names.enumerate().collect();
    named.sort_by_key(|(_, name)| *name);
    named.into_iter().map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_does_not_know_the_order_of_rows_and_knows_every_value() {
        let rows = [vec![Value::Int(1), Value::Text("a".into())], vec![Value::Int(2), Value::Null]];
        let sum = |rows: &[&Vec<Value>]| {
            let mut sum = Sum::default();
            rows.iter().for_each(|row| sum.add(&[0, 1], row));
            sum
        };
        assert_eq!(sum(&[&rows[0], &rows[1]]), sum(&[&rows[1], &rows[0]]));
        let other = vec![Value::Int(2), Value::Text(String::new())];
        assert_ne!(sum(&[&rows[0], &rows[1]]), sum(&[&rows[0], &other]));
        assert_ne!(sum(&[&rows[0]]), sum(&[&rows[0], &rows[0]]));
    }
}
