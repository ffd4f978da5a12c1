//! The first start of a shop that was made of an export.

use std::path::Path;
use std::process::{Command, Stdio};

use engine::{Engine, Options, Statement};
use kernel::SystemClock;

use crate::running::Server;

static SNOOZED: Statement = Statement::new(
    "test::snoozed",
    "SELECT CAST(COUNT(*) AS BIGINT) FROM conversation WHERE snoozed_until IS NOT NULL",
);
static PUT_OFF: Statement = Statement::new(
    "test::put_off",
    "UPDATE conversation SET state = 'snoozed', snoozed_until = 9000000000000000
     WHERE id IN (SELECT id FROM conversation WHERE state = 'waiting_for_us' ORDER BY id LIMIT 3)",
);
static ASKED: Statement = Statement::new(
    "test::asked",
    "SELECT CAST(COUNT(*) AS BIGINT) FROM job WHERE kind = 'conversation.wake'",
);

fn bottega(folder: &Path, database: &Path, arguments: &[&str]) {
    let ran = Command::new(env!("CARGO_BIN_EXE_bottega"))
        .args(arguments)
        .current_dir(folder)
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", database.display()))
        .env("BOTTEGA_DATA_DIR", folder.join("bottega-demo-files"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn count(options: &Options, statement: &'static Statement) -> i64 {
    let counted: Result<_, engine::DbError> =
        engine::whole::look(options, |tx| tx.one(statement, &[], |row| row.take()));
    counted.unwrap()
}

#[test]
fn what_was_put_off_comes_back_in_a_shop_made_of_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let (here, database) = (folder.path(), folder.path().join("bottega-demo.db"));
    bottega(here, &database, &["demo", "--only-load", "--size", "small", "--dir", "."]);
    let made =
        Options { url: format!("sqlite:{}", database.display()), data_dir: here.join("bottega-demo-files") };
    let engine = Engine::open(&made, &SystemClock).unwrap();
    let put_off = engine.write_blocking(|tx| Ok(tx.execute(&PUT_OFF, &[])?)).unwrap();
    assert!(put_off > 0, "the example company has conversations that wait");
    drop(engine);
    bottega(here, &database, &["export", "out"]);
    bottega(here, &database, &["restore", "out", "--to", "again", "--yes"]);
    let again = here.join("again");
    let url = format!("sqlite:{}", again.join("bottega.db").display());
    let options = Options { url: url.clone(), data_dir: again.clone() };
    let snoozed = count(&options, &SNOOZED);
    assert!(snoozed >= i64::try_from(put_off).unwrap());
    assert_eq!(count(&options, &ASKED), 0, "an export brings no jobs");

    let variables = [("BOTTEGA_DATABASE_URL", url.as_str()), ("BOTTEGA_DATA_DIR", again.to_str().unwrap())];
    let _server = Server::start(here, &variables);
    // It greets when it has asked for what was left.
    assert_eq!(count(&options, &ASKED), snoozed);
}
