//! The server: the rooms composed, the job runner beside them, a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use engine::Engine;
use engine::runner::JobContext;
use kernel::{Clock, SystemClock};
use tokio::sync::watch;
use web::listener::Bounds;
use web::{App, Composed, Limits};

use crate::output;
use crate::rooms;

/// How long what runs may go on after the order to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The whole product on a database.
pub fn compose(
    engine: Engine,
    clock: Arc<dyn Clock>,
    public_url: Option<String>,
    limits: Limits,
) -> Composed {
    let app = App::new(engine, clock, public_url, limits);
    let also = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready));
    web::compose(app, rooms::modules(), also)
}

/// `GET /healthz`: the process runs.
async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database answers.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    let answers = app.engine().read(|tx| Ok(primitives::shop::find(tx)?)).await;
    match answers {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer"),
    }
}

/// Serves until the process is told to stop. `greet` hears the address once it listens.
pub async fn run(
    engine: Engine,
    listen: &str,
    public_url: Option<String>,
    limits: Limits,
    greet: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen at {listen}: choose another address with --listen"))?;
    let address = listener.local_addr()?;
    let composed = compose(engine.clone(), Arc::clone(&clock), public_url, limits);
    {
        // What a crash left between its two steps is finished now.
        let clock = Arc::clone(&clock);
        let key = listen::PENDING_JOB;
        let enqueued =
            engine.write(move |tx| Ok(engine::job::enqueue(tx, &*clock, key, &(), Some(key), None)?));
        enqueued.await.context("the job queue cannot be written")?;
    }
    let (stop, stopping) = watch::channel(false);
    let jobs = tokio::spawn(
        composed.handlers.serve(Arc::new(JobContext { engine: engine.clone(), clock }), stopping.clone()),
    );
    let sweeper = tokio::spawn(sweep(composed.app, stopping.clone()));
    greet(address);

    tokio::spawn(async move {
        asked_to_stop().await;
        let _ = stop.send(true);
    });
    let mut told = stopping;
    let bounds = Bounds { drain: DRAIN, ..Bounds::default() };
    // Live streams never end by themselves; after the bound they are cut.
    web::listener::serve(listener, composed.router, bounds, async move {
        let _ = told.wait_for(|stop| *stop).await;
    })
    .await;
    let _ = tokio::time::timeout(DRAIN, jobs).await;
    sweeper.abort();
    Ok(())
}

/// Forgets, now and then, what nobody needs any more.
async fn sweep(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        app.forget_quiet_callers();
        let clock = app.shared_clock();
        let swept = app
            .engine()
            .write(move |tx| {
                primitives::session::forget_expired(tx, &*clock)?;
                engine::idempotency::forget_old(tx, &*clock)
            })
            .await;
        if let Err(error) = swept {
            tracing::warn!(%error, "expired sessions could not be forgotten");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(600)) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Resolves at Ctrl-C or SIGTERM.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

/// Says where the browser finds it.
pub fn greet(address: SocketAddr, public_url: Option<&str>, what: &str) {
    let url = public_url.map_or_else(|| format!("http://{address}"), str::to_owned);
    output::say(&format!("{what}\n\n  {url}\n\nStop with Ctrl-C."));
}
