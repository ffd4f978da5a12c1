//! Large files in a bucket that speaks S3: there, away, slow, failing, breaking off.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::disks::long;
use crate::house::{House, Keys};
use crate::http::Answer;
use crate::outages::{page, until_done, voice, voice_saying};
use crate::proxy::Proxy;

/// A server that speaks S3, ended when dropped.
struct Server {
    child: Child,
    address: std::net::SocketAddr,
}

/// The folder of Python's programs. `cargo xtask test` names it.
fn program() -> Option<PathBuf> {
    let found = std::env::var_os("BOTTEGA_TEST_PYTHON").map(|bin| PathBuf::from(bin).join("moto_server"));
    if found.is_none() {
        assert!(std::env::var_os(testkit::ALL).is_none(), "BOTTEGA_TEST_PYTHON must be set here");
        eprintln!("skipped: BOTTEGA_TEST_PYTHON is not set (cargo xtask test sets it)");
    }
    found
}

impl Server {
    fn start() -> Option<Server> {
        let program = program()?;
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let port = address.port().to_string();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { child, address };
        let began = Instant::now();
        while !server.make_bucket() {
            assert!(began.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(server)
    }

    fn make_bucket(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address) else { return false };
        let head = "PUT /shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\
                    Authorization: AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request\r\n\r\n";
        let mut answer = String::new();
        let asked = stream.write_all(head.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
        asked.is_ok() && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shop whose large files are in a bucket behind a proxy.
fn shop(mut house: House, server: &Server) -> (House, Keys, Proxy) {
    let keys = house.furnish();
    let proxy = Proxy::before(server.address);
    house.environment = vec![
        ("BOTTEGA_BLOBS", "s3://shop/files".to_owned()),
        ("BOTTEGA_BLOBS_ENDPOINT", format!("http://{}", proxy.address)),
        ("BOTTEGA_BLOBS_KEY_ID", "key".to_owned()),
        ("BOTTEGA_BLOBS_SECRET", "secret".to_owned()),
    ];
    (house, keys, proxy)
}

/// The bytes that a voice was read from.
fn raw(address: std::net::SocketAddr, keys: &Keys, stored: &Answer) -> Answer {
    let stored: serde_json::Value = serde_json::from_str(&stored.body).unwrap();
    page(address, keys, &format!("/voices/{}/raw", stored["id"].as_str().unwrap()))
}

fn survive(house: House, server: &Server) {
    let (house, keys, proxy) = shop(house, server);
    let life = house.open();
    let address = life.address;
    let text = long();
    let stored = voice_saying(address, &keys, "large", &text);
    assert_eq!(stored.status, 201, "{stored:?}");
    assert!(raw(address, &keys, &stored).body.contains(&text));
    assert!(!house.data().join("blobs").exists(), "nothing large lies here");

    for (number, trouble) in [Proxy::cut, Proxy::fail].into_iter().enumerate() {
        trouble(&proxy);
        let key = format!("troubled-{number}");
        let refused = voice_saying(address, &keys, &key, &format!("{text}{number}"));
        assert_eq!(refused.status, 503, "{refused:?}");
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
        assert_eq!(raw(address, &keys, &stored).status, 503, "what lies there cannot be read meanwhile");
        assert_eq!(
            voice(address, &keys, &format!("small-{number}")).status,
            201,
            "small ones need no bucket"
        );
        proxy.pass();
        until_done(|| voice_saying(address, &keys, &key, &format!("{text}{number}")));
    }

    // One that breaks off in the middle of an answer never gives half of it.
    proxy.break_off();
    let broken = raw(address, &keys, &stored);
    assert_eq!(broken.status, 503, "{}", broken.head);
    proxy.pass();
    until_done(|| raw(address, &keys, &stored));

    // One that swallows everything holds up the one request and nobody else.
    proxy.swallow();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| voice_saying(address, &keys, "swallowed", &format!("{text}x")));
        let began = Instant::now();
        for number in 0..5 {
            assert_eq!(voice(address, &keys, &format!("beside-{number}")).status, 201);
        }
        assert!(
            !waiting.is_finished(),
            "the small ones did not wait for the large one: {:?}",
            began.elapsed()
        );
        assert_eq!(waiting.join().unwrap().status, 503);
    });
    proxy.cut();
    proxy.pass();
    until_done(|| voice_saying(address, &keys, "swallowed", &format!("{text}x")));
    drop(life);
    house.ask_the_doctor();
}

#[test]
fn a_bucket_that_fails_loses_nothing_and_holds_up_nobody_else() {
    let Some(server) = Server::start() else { return };
    survive(House::sqlite(), &server);
    if let Some(house) = House::postgres("bucket") {
        survive(house, &server);
    }
}

#[test]
fn a_bucket_without_keys_is_refused_with_a_sentence() {
    let mut house = House::sqlite();
    house.environment = vec![("BOTTEGA_BLOBS", "s3://shop".to_owned())];
    let output = house.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("blobs_secret_file"), "{said}");
}
