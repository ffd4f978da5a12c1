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

#[test]
fn no_page_runs_more_than_eight_statements() {
    crate::browser::shops(|shop| {
        let admin = shop.staffer("Rita", kernel::Role::Administrator, &[shop.banco]);
        let one = format!("/settings/accounts/{}", admin.account);
        let pages = shop.declared.iter().filter(|route| route.method == "GET");
        for path in pages.map(|route| route.path).filter(|path| !path.contains('{')).chain([one.as_str()]) {
            admin.get(shop, path);
            let statements = shop.app.last_page_statements();
            assert!(statements <= 8, "{path}: {statements}");
        }
    });
}
