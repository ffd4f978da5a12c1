//! Imports and retries of a shop that was made of an export, which has no jobs.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop where they fail")]

use engine::{Statement, blob, params};
use kernel::{Clock, MailboxId};
use testkit::Shop;

static IMPORT: Statement = Statement::new(
    "test::import",
    "INSERT INTO import_run (id, mailbox_id, source_name, kind, file_name, size, digest, mapping, state, created_at)
     VALUES ($1, $2, 'Negozio', 'csv', 'x.csv', $3, $4, NULL, $5, $6)",
);
static RETRY: Statement = Statement::new(
    "test::retry",
    "INSERT INTO retry_run (id, mailboxes, state, position, upto, expected, created_at)
     VALUES (3, $1, 'running', 0, 9, 1, $2)",
);
static STATES: Statement = Statement::new(
    "test::states",
    "SELECT state FROM import_run UNION ALL SELECT state FROM retry_run ORDER BY state",
);

const FILE: &str = "text,score\nBravissimi,5\nLento,2\n";

fn as_exported(shop: &Shop) {
    let (clock, banco): (_, MailboxId) = (shop.store.clock.clone(), shop.banco);
    let written = shop.store.engine().write_blocking(move |tx| {
        for (id, state) in [(1_i64, "counting"), (2, "running")] {
            let digest = blob::put(tx, FILE.as_bytes())?;
            tx.execute(&IMPORT, params![id, banco, FILE.len(), digest, state, clock.now()])?;
        }
        tx.execute(&RETRY, params![banco.raw().to_string().as_str(), clock.now()])?;
        Ok(())
    });
    written.unwrap();
}

fn ask_again(shop: &Shop) -> u64 {
    let clock = shop.store.clock.clone();
    shop.store.engine().write_blocking(move |tx| listen::resume::ask_again(tx, &*clock)).unwrap()
}

#[test]
fn what_was_under_way_and_has_no_job_goes_on() {
    Shop::on_both_engines(
        || vec![listen::module()],
        |shop| {
            as_exported(shop);
            assert_eq!(ask_again(shop), 3);
            assert_eq!(ask_again(shop), 0, "a second process that starts asks for nothing twice");
            shop.run_jobs();
            let states = shop
                .store
                .engine()
                .read_blocking(|tx| Ok(tx.query(&STATES, &[], |row| row.take::<String>())?));
            assert_eq!(states.unwrap(), ["ended", "ended", "looked"]);
            assert_eq!(ask_again(shop), 0, "nothing is under way any more");
        },
    );
}
