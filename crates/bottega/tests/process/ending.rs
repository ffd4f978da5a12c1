//! Its log and its end.

use std::io::{Read, Write};
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::running::Server;

#[test]
fn told_to_stop_it_finishes_what_it_was_asked_and_ends_well() {
    told_to_stop(&[]);
    if let Some(store) = testkit::Store::postgres() {
        told_to_stop(&[("BOTTEGA_DATABASE_URL", &store.url)]);
    }
}

fn told_to_stop(variables: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), variables);
    assert!(server.get("/readyz").ends_with("ready"));
    // Half a form is under way when the order comes.
    let mut form = server.connect();
    let body = "language=it";
    write!(
        form,
        "POST /language HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\nlang",
        server.address,
        body.len()
    )
    .unwrap();
    let idle = server.connect();
    server.until_it_answers(1);
    server.tell(Signal::TERM);
    server.until("told to stop: finishing what runs");
    form.write_all(&body.as_bytes()[4..]).unwrap();
    let mut answer = String::new();
    form.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
    let (status, said) = server.end();
    drop(idle);
    assert_eq!(status.code(), Some(0), "{said:?}");
    let closed = said.last().unwrap();
    assert!(closed.contains("closed") && closed.contains("cut=0"), "{closed}");
    for beside in ["shop.db-wal", "shop.db-shm"] {
        assert!(!folder.path().join(beside).exists(), "the one file is the whole shop, without {beside}");
    }
}

#[test]
fn a_database_that_is_deleted_under_it_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    assert!(server.get("/readyz").ends_with("ready"));
    std::fs::remove_file(folder.path().join("shop.db")).unwrap();
    // It looks once a second.
    let until = Instant::now() + Duration::from_secs(60);
    let said = loop {
        let said = server.get("/readyz");
        if said.starts_with("HTTP/1.1 503") {
            break said;
        }
        assert!(Instant::now() < until, "it never noticed: {said}");
    };
    assert!(said.contains("no longer where it was opened"), "{said}");
}

#[test]
fn nothing_is_begun_beside_what_is_left_of_another_shop() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/bottega.key"), [7; 32]).unwrap();
    let refused = std::process::Command::new(env!("CARGO_BIN_EXE_bottega"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env("BOTTEGA_DATABASE_URL", format!("sqlite:{}", folder.path().join("shop.db").display()))
        .env("BOTTEGA_DATA_DIR", folder.path().join("data"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("the key of a shop") && said.contains("bottega restore FILE --to DIR"), "{said}");
    assert!(!folder.path().join("shop.db").exists());
}

#[test]
fn a_second_order_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[("BOTTEGA_DRAIN_SECONDS", "3600")]);
    let mut form = server.connect();
    write!(form, "POST /language HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nlang").unwrap();
    server.until_it_answers(1);
    server.tell(Signal::INT);
    server.until("told to stop: finishing what runs");
    server.tell(Signal::INT);
    let (status, said) = server.end();
    assert_eq!(status.code(), Some(130), "{said:?}");
}

#[test]
fn what_does_not_end_is_cut_at_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &[("BOTTEGA_DRAIN_SECONDS", "1")]);
    let mut form = server.connect();
    write!(form, "POST /language HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nlang").unwrap();
    server.until_it_answers(1);
    server.tell(Signal::TERM);
    server.until("cut=1");
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn the_service_manager_hears_when_it_is_ready_that_it_lives_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let hear = || {
        let mut buffer = [0; 1024];
        let length = manager.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let variables = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "400000")];
    let server = Server::start(folder.path(), &variables);
    let mut heard = vec![hear(), hear(), hear()];
    heard.sort();
    assert!(heard[0].starts_with("READY=1"), "{heard:?}");
    assert!(heard[1].starts_with("WATCHDOG=1") && heard[2].starts_with("WATCHDOG=1"), "{heard:?}");
    server.tell(Signal::TERM);
    while !hear().starts_with("STOPPING=1") {}
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn a_log_for_programs_is_one_document_a_line_and_holds_nothing_that_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::start(folder.path(), &[("BOTTEGA_LOG_FORMAT", "json"), ("BOTTEGA_LOG_LEVEL", "debug")]);
    server.get("/search?q=annarossi");
    server.get("/annarossi");
    server.tell(Signal::TERM);
    let (_, said) = server.end();
    let mut routes = Vec::new();
    for line in &said {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if line["message"] == "answered" {
            routes.push(line["span"]["route"].as_str().unwrap().to_owned());
            assert!(line["span"]["id"].is_string() && line["status"].is_u64(), "{line}");
        }
    }
    assert_eq!(routes, ["/search", "(none)"]);
    assert!(!said.join("\n").contains("annarossi"));
}

#[test]
fn a_log_level_that_cannot_be_read_is_said_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_bottega"))
        .arg("serve")
        .current_dir(folder.path())
        .env_remove("RUST_LOG")
        .env("BOTTEGA_LOG_LEVEL", "info=much=more")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("log_level"));
}
