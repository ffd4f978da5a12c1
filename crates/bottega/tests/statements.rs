//! The statements of the whole house, on both engines.

use std::collections::HashSet;

use engine::Dialect;
use testkit::on_both_engines;

#[test]
fn every_statement_is_prepared_on_both_engines_and_has_a_name_of_its_own() {
    let statements = bottega::rooms::statements();
    let names: HashSet<&str> = statements.iter().map(|statement| statement.name()).collect();
    assert_eq!(names.len(), statements.len(), "two statements share a name");
    on_both_engines(|store| {
        for statement in &statements {
            store.engine().read_blocking(|tx| Ok(tx.explain(statement)?)).unwrap_or_else(|error| {
                panic!("{}: {error}", statement.name());
            });
        }
    });
}

/// Statements that read a whole table on purpose: tables of at most some hundreds of rows, aggregates
/// over the ledger, and singletons.
const MAY_SCAN: [&str; 16] = [
    "account",
    "mailbox",
    "mailbox_grant",
    "product",
    "session",
    "shop",
    "source",
    "team",
    "team_member",
    "token",
    "job",
    "import_run",
    "retry_run",
    "node_lease",
    "schema_version",
    "tag",
];

/// Those that read a growing table on purpose: a backup asks once for the room that it needs, and reads it all anyway; the
/// doctor asks which sources closed days.
const READS_ALL: [&str; 2] = ["keep::place::FILES", "listen::arrival::invariant::rules::CLOSED"];

#[test]
fn no_statement_reads_a_growing_table_from_end_to_end() {
    let store = testkit::Store::sqlite();
    assert_eq!(store.engine().dialect(), Dialect::Sqlite);
    let mut scans = Vec::new();
    for statement in bottega::rooms::statements() {
        let text = statement.sql(Dialect::Sqlite);
        let tables: Vec<(String, String)> = aliases(text);
        let plan = store.engine().read_blocking(|tx| Ok(tx.explain(statement)?)).unwrap();
        for step in plan {
            // "SCAN x" walks a table or an index from end to end; "SCAN x USING INDEX" under an ORDER BY with a
            // LIMIT walks it only as far as the page goes, which is how a newest-first list is read.
            let Some(what) = step.strip_prefix("SCAN ") else { continue };
            let name = what.split_whitespace().next().unwrap_or_default();
            let table =
                tables.iter().find(|(alias, _)| alias == name).map_or(name, |(_, table)| table.as_str());
            let pages = what.contains("USING") && text.contains("LIMIT");
            if what.starts_with("CONSTANT ROW") || !is_table(table) || READS_ALL.contains(&statement.name()) {
                continue;
            }
            if !pages && !MAY_SCAN.contains(&table) && table != "json_each" && !what.contains("VIRTUAL TABLE")
            {
                scans.push(format!("{}: {step}", statement.name()));
            }
        }
    }
    assert!(scans.is_empty(), "these read everything:\n{}", scans.join("\n"));
}

/// Whether a name is a table of the schema, rather than a subquery of the statement.
fn is_table(name: &str) -> bool {
    let schema = [
        include_str!("../../engine/migrations/sqlite/0001_the_shop_opens.sql"),
        include_str!("../../engine/migrations/sqlite/0002_the_ledger_is_watched.sql"),
    ];
    schema.iter().any(|schema| schema.contains(&format!("CREATE TABLE {name} (")))
}

/// `FROM table alias` and `JOIN table alias`.
fn aliases(sql: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    words
        .windows(3)
        .filter(|window| matches!(window[0], "FROM" | "JOIN" | "UPDATE" | "INTO"))
        .map(|window| (window[2].trim_matches([',', ')']).to_owned(), window[1].to_owned()))
        .collect()
}
