//! The wire under clients that are slow, many, or large: real sockets, short bounds.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use web::listener::{Bounds, Drained, Pace, serve};

const PATIENCE: Duration = Duration::from_secs(20);

struct House {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Drained>,
}

impl House {
    async fn open(bounds: Bounds) -> House {
        let router = Router::new()
            .route("/", get(|| async { "ciao" }))
            .route("/large", get(|| async { vec![b'x'; 64 * 1024 * 1024] }))
            .route("/count", post(|body: Bytes| async move { body.len().to_string() }))
            .route("/endless", post(|_: Bytes| async { std::future::pending::<()>().await }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(listener, router, bounds, async move {
            let _ = stopped.await;
        }));
        House { address, stop, served }
    }

    async fn client(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Short bounds, so that what is cut is cut soon.
fn short() -> Bounds {
    let pace = Pace { grace: Duration::from_millis(300), bytes_per_second: 1024 };
    Bounds {
        head: Duration::from_millis(300),
        body: pace,
        answer: pace,
        drain: Duration::from_millis(300),
        ..Bounds::default()
    }
}

/// Everything until the server closes. A reset is an end as well.
async fn rest(client: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = async {
        let mut some = [0; 4096];
        while let Ok(length @ 1..) = client.read(&mut some).await {
            all.extend_from_slice(&some[..length]);
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("the server closes");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_however_it_drips() {
    let house = House::open(short()).await;
    let mut client = house.client().await;
    let dripping = async {
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await?;
        loop {
            client.write_all(b"x: y\r\n").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let cut: std::io::Result<()> = tokio::time::timeout(PATIENCE, dripping).await.expect("it is cut");
    assert!(cut.is_err());
}

#[tokio::test]
async fn a_connection_that_says_nothing_more_is_closed() {
    let house = House::open(short()).await;
    let mut client = house.client().await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert!(rest(&mut client).await.ends_with("ciao"));
}

#[tokio::test]
async fn a_body_that_drips_is_cut() {
    let house = House::open(short()).await;
    let mut client = house.client().await;
    client.write_all(b"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
    let dripping = async {
        while client.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dripping).await.expect("it is cut");
}

#[tokio::test]
async fn a_long_body_that_keeps_just_ahead_is_cut_as_well() {
    let pace = Pace { grace: Duration::from_millis(300), bytes_per_second: 64 * 1024 };
    let house = House::open(Bounds { long_body: pace, ..Bounds::default() }).await;
    let mut client = house.client().await;
    client.write_all(b"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n").await.unwrap();
    let dripping = async {
        while client.write_all(&[b'x'; 100]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dripping).await.expect("it is cut");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_dropped() {
    let house = House::open(Bounds { drain: PATIENCE, ..short() }).await;
    let mut client = house.client().await;
    client.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    client.read_u8().await.unwrap();
    let House { stop, served, .. } = house;
    stop.send(()).unwrap();
    let drained = tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap();
    assert_eq!(drained, Drained { ended: 1, cut: 0 }, "the pace ended it, long before the drain would");
    drop(client);
}

#[tokio::test]
async fn a_head_of_many_cookies_or_headers_is_refused() {
    let house = House::open(Bounds::default()).await;
    let large = format!("cookie: {}\r\n", "a=b; ".repeat(10_000));
    let many = "x: y\r\n".repeat(200);
    let long = "/".repeat(60_000);
    for (line, headers) in [("/", &large), ("/", &many), (long.as_str(), &String::new())] {
        let mut client = house.client().await;
        let head = format!("GET {line} HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
        // The server may answer and close before all of it is written.
        let _ = client.write_all(head.as_bytes()).await;
        let answer = rest(&mut client).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["431", "414"].contains(&status), "{answer:?}");
    }
}

#[tokio::test]
async fn a_full_house_says_so_and_has_room_again() {
    let house = House::open(Bounds { connections: 2, ..Bounds::default() }).await;
    let mut first = house.client().await;
    let mut second = house.client().await;
    for client in [&mut first, &mut second] {
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        client.read_u8().await.unwrap();
    }
    let mut third = house.client().await;
    let answer = rest(&mut third).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after"), "{answer}");
    drop(first);
    let served = async {
        loop {
            let mut client = house.client().await;
            let _ = client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
            if rest(&mut client).await.ends_with("ciao") {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, served).await.expect("there is room again");
}

#[tokio::test]
async fn an_order_to_stop_lets_requests_end_and_cuts_what_does_not() {
    let house = House::open(Bounds { drain: Duration::from_millis(300), ..Bounds::default() }).await;
    let mut idle = house.client().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    idle.read_u8().await.unwrap();
    let mut half = house.client().await;
    let head = b"POST /count HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    half.write_all(head).await.unwrap();
    // "100 Continue" says that somebody reads the body: the request is under way.
    half.read_u8().await.unwrap();
    let mut endless = house.client().await;
    let head = b"POST /endless HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    endless.write_all(head).await.unwrap();
    endless.read_u8().await.unwrap();
    let House { stop, served, .. } = house;
    stop.send(()).unwrap();
    assert!(rest(&mut idle).await.ends_with("ciao"), "it is closed at once");
    half.write_all(b"abcde").await.unwrap();
    assert!(rest(&mut half).await.ends_with("\r\n\r\n5"), "what was begun is finished");
    let drained = tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap();
    assert_eq!(drained.cut, 1, "{drained:?}");
}

#[tokio::test]
async fn what_is_not_http_is_refused_and_harms_nobody() {
    let house = House::open(short()).await;
    let nonsense: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        b"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /count HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n",
    ];
    for bytes in nonsense {
        let mut client = house.client().await;
        let _ = client.write_all(bytes).await;
        let answer = rest(&mut client).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{bytes:?}: {answer}");
    }
    let mut client = house.client().await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut client).await.ends_with("ciao"));
}
