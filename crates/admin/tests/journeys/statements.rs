//! The statements of the room.

use testkit::on_both_engines;

#[test]
fn every_statement_of_the_room_is_accepted_by_both_engines() {
    on_both_engines(|store| {
        for statement in admin::module().statements {
            store
                .engine()
                .read_blocking(|tx| Ok(tx.explain(statement)?))
                .unwrap_or_else(|error| panic!("{}: {error}", statement.name()));
        }
    });
}
