//! Every statement of the room prepares on both engines and reads its tables by an index.

use testkit::on_both_engines;

/// Steps that read a whole table, which is right there: tables of the shop's own few mailboxes, and the
/// newest people, by the primary key.
const ALLOWED: [&str; 2] = ["SCAN b", "SCAN p"];

#[test]
fn every_statement_prepares_and_reads_by_an_index() {
    on_both_engines(|store| {
        for statement in people::module().statements {
            let plan = store.engine().read_blocking(|tx| Ok(tx.explain(statement)?));
            let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", statement.name()));
            if store.engine().dialect() == engine::Dialect::Sqlite {
                for step in plan.iter().filter(|step| step.starts_with("SCAN ")) {
                    let table = step.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
                    let derived = ["t", "voices", "messages", "facts", "(subquery", "json_each", "CONSTANT"];
                    let is_derived = derived.iter().any(|name| step[5..].starts_with(name));
                    assert!(
                        is_derived || ALLOWED.contains(&table.as_str()),
                        "{} reads everything: {plan:#?}",
                        statement.name()
                    );
                }
            }
        }
    });
}
