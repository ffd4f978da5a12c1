//! The database goes away in the middle, and comes back.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::cluster::Cluster;
use crate::deeds::Doer;
use crate::house::{House, Keys};
use crate::http::{Answer, Ask, Credential, ask};
use crate::kills::Ordeal;
use crate::luck::{Luck, seed};
use crate::proxy::Proxy;

/// Nothing here may take longer; most takes a second.
const BOUND: Duration = Duration::from_secs(90);

/// A voice by the API.
pub fn voice(address: SocketAddr, keys: &Keys, key: &str) -> Answer {
    voice_saying(address, keys, key, key)
}

/// A voice that says this.
pub fn voice_saying(address: SocketAddr, keys: &Keys, key: &str, text: &str) -> Answer {
    let body =
        serde_json::json!({ "external_id": key, "channel": "form", "mailbox": keys.mailbox, "text": text });
    let body = body.to_string();
    let post = Ask {
        credential: Credential::Token(&keys.token),
        method: "POST",
        path: "/api/v1/voices",
        key: Some(key),
        media_type: "application/json",
        body: body.as_bytes(),
    };
    ask(address, &post, BOUND).unwrap()
}

/// A page of the browser.
pub fn page(address: SocketAddr, keys: &Keys, path: &str) -> Answer {
    let get = Ask {
        credential: Credential::Session(&keys.session),
        method: "GET",
        path,
        key: None,
        media_type: "text/plain",
        body: b"",
    };
    ask(address, &get, BOUND).unwrap()
}

/// Asks until it is done.
pub fn until_done(mut ask: impl FnMut() -> Answer) -> Answer {
    let began = Instant::now();
    loop {
        let answer = ask();
        if answer.is_done() {
            return answer;
        }
        assert!(matches!(answer.status, 503), "{answer:?}");
        assert!(began.elapsed() < BOUND, "it does not heal: {answer:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The events of the live stream, as they come.
pub fn stream(address: SocketAddr, keys: &Keys) -> Receiver<String> {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n",
        keys.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if line.starts_with("event:") || line.starts_with("data:") {
                let _ = send.send(line);
            }
        }
    });
    receive
}

/// Waits for an event that says this.
pub fn hear(events: &Receiver<String>, what: &str) -> String {
    let began = Instant::now();
    loop {
        let left = BOUND.saturating_sub(began.elapsed());
        let line = events.recv_timeout(left).unwrap_or_else(|_| panic!("{what} was not heard"));
        if line.contains(what) {
            return line;
        }
    }
}

/// Waits for the end of a stream.
pub fn ended(events: &Receiver<String>) {
    let began = Instant::now();
    loop {
        match events.recv_timeout(BOUND.saturating_sub(began.elapsed())) {
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => panic!("the stream goes on"),
        }
    }
}

/// A shop whose database is reached through a proxy.
fn behind_a_proxy(name: &str) -> Option<(House, Keys, Proxy)> {
    let mut house = House::postgres(name)?;
    let keys = house.furnish();
    let place = house.url.rsplit_once('@').unwrap().1.split('/').next().unwrap().to_owned();
    let proxy = Proxy::before(place.parse().unwrap());
    house.url = format!("{}?connect_timeout=1", house.url.replace(&place, &proxy.address.to_string()));
    Some((house, keys, proxy))
}

#[test]
fn a_database_that_is_cut_off_is_told_as_such_and_heals_by_itself() {
    let Some((house, keys, proxy)) = behind_a_proxy("cut") else { return };
    let life = house.open();
    let events = stream(life.address, &keys);
    hear(&events, "hello");
    assert_eq!(voice(life.address, &keys, "before").status, 201);

    proxy.cut();
    let refused = voice(life.address, &keys, "meanwhile");
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.header("retry-after").is_some() && refused.body.contains("unavailable"), "{refused:?}");
    let page_refused = page(life.address, &keys, "/today");
    assert_eq!(page_refused.status, 503);
    assert!(page_refused.body.contains("riprova tra qualche secondo"), "{page_refused:?}");
    assert!(page_refused.header("retry-after").is_some(), "{page_refused:?}");
    assert_eq!(page(life.address, &keys, "/healthz").status, 200, "the process lives");
    assert_eq!(page(life.address, &keys, "/readyz").status, 503, "and is not ready");

    proxy.pass();
    until_done(|| voice(life.address, &keys, "meanwhile"));
    until_done(|| page(life.address, &keys, "/today"));
    until_done(|| page(life.address, &keys, "/readyz"));
    // What the stream missed may have been the end of its rights: it ends, and another one is opened.
    ended(&events);
    let events = stream(life.address, &keys);
    hear(&events, "hello");
    assert_eq!(voice(life.address, &keys, "after").status, 201);
    hear(&events, "voice");
    drop(life);
    assert_eq!(house.broken(true), []);
}

#[test]
fn a_database_that_swallows_every_word_holds_nobody_for_ever() {
    let Some((house, keys, proxy)) = behind_a_proxy("swallow") else { return };
    let life = house.open();
    assert_eq!(voice(life.address, &keys, "before").status, 201);
    proxy.swallow();
    // More than there are connections: every one of them is lost.
    let address = life.address;
    std::thread::scope(|scope| {
        for number in 0..20 {
            let keys = &keys;
            scope.spawn(move || {
                let refused = voice(address, keys, &format!("swallowed-{number}"));
                assert_eq!(refused.status, 503, "{refused:?}");
            });
        }
    });
    proxy.pass();
    for number in 0..20 {
        until_done(|| voice(life.address, &keys, &format!("swallowed-{number}")));
    }
    until_done(|| page(life.address, &keys, "/today"));
    drop(life);
    assert_eq!(house.broken(true), []);
}

#[test]
fn a_database_that_crashes_and_starts_again_in_the_middle_loses_nothing() {
    let cluster = Cluster::start("");
    let mut house = House::sqlite();
    house.url = cluster.database("shop");
    let ordeal = Ordeal::new(house, seed());
    let life = ordeal.house.open();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..3 {
            let doer = Doer {
                address: life.address,
                keys: &ordeal.keys,
                memory: &ordeal.memory,
                stop: &stop,
                luck: Luck::of(ordeal.seed, number),
                name: format!("crash-{number}"),
            };
            scope.spawn(move || doer.act());
        }
        let mut luck = Luck::of(ordeal.seed, 99);
        for _ in 0..4 {
            std::thread::sleep(Duration::from_millis(300 + luck.below(300)));
            cluster.crash();
            cluster.up("");
        }
        // Whoever acts goes on after the last crash.
        let kept = || ordeal.memory.lock().unwrap().kept.len();
        let (before, began) = (kept(), Instant::now());
        while kept() < before + 20 {
            assert!(began.elapsed() < BOUND, "it does not heal");
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::SeqCst);
    });
    drop(life);
    ordeal.end();
}

#[test]
fn two_nodes_share_the_work_and_one_may_die() {
    let Some(house) = House::postgres("nodes") else { return };
    let ordeal = Ordeal::new(house, seed());
    let (first, second) = (ordeal.house.open(), ordeal.house.open());
    let events = stream(second.address, &ordeal.keys);
    hear(&events, "hello");

    // What changes on one is live on the other.
    let mut slowest = Duration::ZERO;
    for number in 0..20 {
        let began = Instant::now();
        assert_eq!(voice(first.address, &ordeal.keys, &format!("live-{number}")).status, 201);
        hear(&events, "\"voice\"");
        slowest = slowest.max(began.elapsed());
    }
    eprintln!("a change on one node was live on the other within {} ms (slowest of 20)", slowest.as_millis());
    assert!(slowest < Duration::from_secs(10));

    let stop = [AtomicBool::new(false), AtomicBool::new(false)];
    std::thread::scope(|scope| {
        for (number, address) in
            [(0, first.address), (1, second.address), (2, first.address), (3, second.address)]
        {
            let doer = Doer {
                address,
                keys: &ordeal.keys,
                memory: &ordeal.memory,
                stop: &stop[number % 2],
                luck: Luck::of(ordeal.seed, number as u64),
                name: format!("node-{number}"),
            };
            scope.spawn(move || doer.act());
        }
        std::thread::sleep(Duration::from_millis(1_500));
        first.kill();
        stop[0].store(true, Ordering::SeqCst);
        let kept = || ordeal.memory.lock().unwrap().kept.len();
        let (before, began) = (kept(), Instant::now());
        while kept() < before + 50 {
            assert!(began.elapsed() < BOUND, "the other does not go on");
            std::thread::sleep(Duration::from_millis(20));
        }
        stop[1].store(true, Ordering::SeqCst);
    });
    drop(second);
    ordeal.end();
}
