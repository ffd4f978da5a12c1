//! Every statement of the room is valid on both engines.

#[test]
fn every_statement_is_prepared_on_both_engines() {
    testkit::on_both_engines(|store| {
        for statement in listen::module().statements {
            store.engine().read_blocking(|tx| Ok(tx.explain(statement)?)).unwrap_or_else(|error| {
                panic!("{}: {error}", statement.name());
            });
        }
    });
}
