//! The ear at the wire: connections are taken, bounded and drained here, so that neither many, nor slow, nor
//! endless clients can keep others out. What a request may hold is bounded in [`crate::serve`].
//!
//! One HTTP/1.1 connection is one task. A connection costs its buffers and nothing else while it waits; it ends
//! when its head does not come, when its body or its reader is slower than [`Bounds`] allow, or when the process
//! is told to stop and it has nothing more to say.

mod pace;
mod seats;
mod stream;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_service::Service;

use crate::proxy::Proxies;

pub use pace::Pace;
use pace::PacedBody;
use seats::{Full, Seat, Seats};
use stream::Patient;

/// How long accepting rests when the process has no more file descriptors.
const REST: Duration = Duration::from_secs(1);
/// How long who is turned away has to hear why.
const TURNING_AWAY: Duration = Duration::from_secs(2);

/// What the wire bears.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections in all. Whoever comes beyond hears 503 and may come again.
    pub connections: usize,
    /// Connections of one address. Whoever comes beyond hears 429. An office behind one address has one to three
    /// for each browser.
    pub connections_per_address: usize,
    /// The trusted proxies, through which everybody comes: the bound for one address does not count them, nor the
    /// machine's own addresses.
    pub uncounted: Proxies,
    /// How long a connection may take to send the head of its next request, waiting included.
    pub head: Duration,
    /// Most bytes of a request's line and headers.
    pub head_bytes: usize,
    /// Most headers of a request.
    pub headers: usize,
    /// How slowly a request's body may come.
    pub body: Pace,
    /// How slowly it may come as a whole: who keeps just ahead of [`Bounds::body`] for hours holds turns that others
    /// wait for.
    pub long_body: Pace,
    /// How slowly an answer may be taken.
    pub answer: Pace,
    /// How long what runs may go on after the order to stop.
    pub drain: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connections: 2_000,
            connections_per_address: 200,
            uncounted: Proxies::default(),
            head: Duration::from_secs(20),
            head_bytes: 32 * 1024,
            headers: 100,
            body: Pace { grace: Duration::from_secs(20), bytes_per_second: 4 * 1024 },
            long_body: Pace { grace: Duration::from_secs(120), bytes_per_second: 64 * 1024 },
            answer: Pace { grace: Duration::from_secs(30), bytes_per_second: 4 * 1024 },
            drain: Duration::from_secs(10),
        }
    }
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that ended by themselves after the order to stop.
    pub ended: usize,
    /// Connections that were cut because the bound had passed.
    pub cut: usize,
}

/// Serves until `stop` resolves, then lets what runs end within [`Bounds::drain`]. New connections are refused by
/// the system from the order on, idle ones are closed at once.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) -> Drained {
    let seats = Seats::new(&bounds);
    let (stopping, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            // What has ended is forgotten as it ends, so that the set holds the living only.
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        match seats.take(address.ip()) {
            Ok(seat) => {
                let connection = Connection { router: router.clone(), bounds: bounds.clone(), address };
                connections.spawn(connection.run(stream, seat, stopped.clone()));
            }
            Err(full) => {
                connections.spawn(turn_away(stream, full));
            }
        }
    }
    drop(listener);
    let _ = stopping.send(true);
    drain(connections, bounds.drain).await
}

/// Waits for the connections to end, and cuts those that do not.
async fn drain(mut connections: JoinSet<()>, within: Duration) -> Drained {
    let mut drained = Drained { ended: 0, cut: 0 };
    let waited = tokio::time::timeout(within, async {
        while connections.join_next().await.is_some() {
            drained.ended += 1;
        }
    });
    if waited.await.is_err() {
        drained.cut = connections.len();
        tracing::info!(connections = drained.cut, "connections were cut at the end of the drain");
        connections.shutdown().await;
    }
    drained
}

/// An error of one connection is that connection's; where the process has no descriptors left, accepting at once
/// again would only burn time.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted for a moment");
        tokio::time::sleep(REST).await;
    }
}

/// Says why there is no seat. Nothing is read: it costs the same whatever is sent.
async fn turn_away(mut stream: TcpStream, full: Full) {
    let status = match full {
        Full::House => StatusCode::SERVICE_UNAVAILABLE,
        Full::Address => StatusCode::TOO_MANY_REQUESTS,
    };
    let said =
        format!("HTTP/1.1 {status}\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let _ = tokio::time::timeout(TURNING_AWAY, async {
        stream.write_all(said.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}

/// One connection and what is around it.
struct Connection {
    router: Router,
    bounds: Bounds,
    address: SocketAddr,
}

impl Connection {
    async fn run(self, stream: TcpStream, seat: Seat, mut stopped: watch::Receiver<bool>) {
        // Small answers leave at once; where the option cannot be set they leave a little later.
        let _ = stream.set_nodelay(true);
        let Connection { router, bounds, address } = self;
        let (paces, answers) = ([bounds.body, bounds.long_body], bounds.answer);
        let service = service_fn(move |request: Request<Incoming>| {
            let mut router = router.clone();
            let mut request = request.map(|body| Body::new(PacedBody::new(body, paces)));
            request.extensions_mut().insert(ConnectInfo(address));
            async move { Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|never| match never {})) }
        });
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.head)
            .max_headers(bounds.headers)
            .max_header_size(bounds.head_bytes);
        let connection = builder.serve_connection(TokioIo::new(Patient::new(stream, answers)), service);
        tokio::pin!(connection);
        let told = async {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = told => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // Clients that leave, that are too slow, or that speak another language: daily bread.
            tracing::debug!(%error, "a connection ended early");
        }
        drop(seat);
    }
}
