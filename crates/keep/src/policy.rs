//! What is carried, and what stays behind and why. Everything that is not named here is carried.

/// What the rows are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A backup: everything that makes the shop the same again.
    Backup,
    /// An export, which others may read: no secrets.
    Export,
    /// A move to another engine: everything, people stay signed in.
    Move,
}

/// A table that stays behind.
struct Left {
    table: &'static str,
    when: &'static [Purpose],
    why: &'static str,
}

const ALWAYS: &[Purpose] = &[Purpose::Backup, Purpose::Export, Purpose::Move];
const OUTSIDE: &[Purpose] = &[Purpose::Backup, Purpose::Export];
const EXPORT: &[Purpose] = &[Purpose::Export];

const LEFT: &[Left] = &[
    Left { table: "schema_version", when: ALWAYS, why: "the manifest says which schema it is" },
    Left { table: "node_lease", when: ALWAYS, why: "the numbers of processes that were running" },
    Left { table: "search_entry", when: ALWAYS, why: "the search is made again from the texts" },
    Left { table: "shelf_owner", when: ALWAYS, why: "a copy owns no place of large files" },
    Left { table: "shelf_orphan", when: ALWAYS, why: "what is to be swept is found anew" },
    Left { table: "keeping", when: ALWAYS, why: "what was done with the database that it came from" },
    Left { table: "bulk_load", when: ALWAYS, why: "the mark of a loading, empty in a whole shop" },
    Left { table: "session", when: OUTSIDE, why: "everybody signs in again" },
    Left { table: "sign_in_failure", when: OUTSIDE, why: "failed sign-ins are counted anew" },
    Left { table: "doorway", when: OUTSIDE, why: "ways in that were half walked" },
    Left { table: "known_browser", when: EXPORT, why: "by which browsers are known again" },
    Left { table: "authenticator", when: EXPORT, why: "second factors are secrets" },
    Left { table: "recovery_code", when: EXPORT, why: "second factors are secrets" },
    Left {
        table: "passkey",
        when: EXPORT,
        why: "second factors belong to the house in which they were made",
    },
    Left { table: "token", when: EXPORT, why: "API tokens are secrets" },
    Left { table: "idempotency", when: EXPORT, why: "answers kept for programs that try again" },
    Left { table: "job", when: EXPORT, why: "work that was waiting belongs to the shop that goes on" },
];

/// Columns that an export leaves empty.
const WITHHELD: &[(&str, &str)] = &[("account", "password_hash"), ("provider", "client_secret")];

/// Why a table stays behind; `None` when it is carried.
pub fn left(purpose: Purpose, table: &str) -> Option<&'static str> {
    LEFT.iter().find(|left| left.table == table && left.when.contains(&purpose)).map(|left| left.why)
}

/// Whether a column is left empty.
pub fn withheld(purpose: Purpose, table: &str, column: &str) -> bool {
    purpose == Purpose::Export && WITHHELD.contains(&(table, column))
}

/// Everything that this purpose leaves, with the reason, for the manifest.
pub fn all_left(purpose: Purpose) -> Vec<(String, String)> {
    let tables = LEFT.iter().filter(|left| left.when.contains(&purpose));
    let mut all: Vec<(String, String)> =
        tables.map(|left| (left.table.to_owned(), left.why.to_owned())).collect();
    if purpose == Purpose::Export {
        let columns =
            WITHHELD.iter().map(|(table, column)| (format!("{table}.{column}"), "a secret".to_owned()));
        all.extend(columns);
    }
    all
}

/// The tables and columns named here, for the test that finds them in the schema.
pub fn named() -> Vec<(&'static str, Option<&'static str>)> {
    let tables = LEFT.iter().map(|left| (left.table, None));
    tables.chain(WITHHELD.iter().map(|(table, column)| (*table, Some(*column)))).collect()
}
