//! The server: the rooms composed, the job runner beside them, a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use engine::runner::JobContext;
use engine::shelf::sweep;
use engine::{Engine, Signal, Tx};
use kernel::{Clock, Fault, SystemClock};
use tokio::signal::unix::{Signal as Told, SignalKind, signal};
use tokio::time::Instant;
use web::health::{Level, Vital};
use web::listener::Bounds;
use web::{App, Composed, Limits};

use crate::log::LogFormat;
use crate::{log, output, rooms, supervisor};

/// How often the rooms are asked how they are, for open pages and the log.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The first sweep of the large files comes so long after the start. Seconds.
const SWEEP_AFTER_SECONDS: i64 = 3_600;
/// How often callers that were quiet are forgotten: what is counted of one is worth some seconds, and made-up callers
/// may be many.
const FORGET_CALLERS_EVERY: Duration = Duration::from_secs(10);
/// How long the last word to the database may take.
const LAST_WORD: Duration = Duration::from_secs(2);
/// The status of a process that a second signal ended, as shells know it.
const CUT_SHORT: i32 = 130;

/// How the product is served.
#[derive(Debug, Clone)]
pub struct Serving {
    /// The address and port.
    pub listen: String,
    /// The address under which browsers reach it, when that is another.
    pub public_url: Option<String>,
    /// What one caller may ask.
    pub limits: Limits,
    /// How long what runs may go on after the order to stop.
    pub drain: Duration,
}

/// The whole product on a database.
pub fn compose(
    engine: Engine,
    clock: Arc<dyn Clock>,
    public_url: Option<String>,
    limits: Limits,
) -> Composed {
    let app = App::new(engine, clock, public_url, limits);
    let mut composed = web::compose(app, rooms::modules(), Router::new());
    sweep::register(&mut composed.handlers);
    composed
}

/// Serves until the process is told to stop: SIGTERM or SIGINT let what runs end within [`Serving::drain`], a second
/// one ends it at once. `greet` hears the address once it listens.
pub async fn run(engine: Engine, serving: Serving, greet: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Serving { listen, public_url, limits, drain } = serving;
    // From here on a signal is heard, also while the rest is still being made ready.
    let told = Orders::listen()?;
    let listener = tokio::net::TcpListener::bind(&listen)
        .await
        .with_context(|| format!("cannot listen at {listen}: choose another address with --listen"))?;
    let address = listener.local_addr()?;
    let uncounted = limits.proxies.clone();
    let Composed { router, handlers, app, .. } =
        compose(engine.clone(), Arc::clone(&clock), public_url, limits);
    log::hear_panics(app.meters().clone());
    finish_what_was_left(&engine, &clock).await?;

    let context = Arc::new(JobContext { engine: engine.clone(), clock: Arc::clone(&clock) });
    let jobs = tokio::spawn(handlers.serve(context, app.stopping()));
    let beside = [
        tokio::spawn(told.obey(app.clone())),
        tokio::spawn(forget(app.clone())),
        tokio::spawn(forget_quiet_callers(app.clone())),
        tokio::spawn(look_after(app.clone())),
        tokio::spawn(supervisor::keep_alive()),
    ];
    supervisor::ready();
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "open");
    greet(address);

    let mut stopping = app.stopping();
    let bounds = Bounds { drain, uncounted, ..Bounds::default() };
    let drained = web::listener::serve(listener, router, bounds, async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    });
    let began = app.stopping();
    let (drained, until) = tokio::join!(drained, async move {
        let mut began = began;
        let _ = began.wait_for(|stopping| *stopping).await;
        Instant::now() + drain
    });
    let finished = tokio::time::timeout_at(until, jobs).await.is_ok();
    if !finished {
        // Its lease ends by itself, and whoever takes it then does it again.
        tracing::warn!("a job was still running at the end of the drain; it will be done again");
    }
    beside.iter().for_each(tokio::task::JoinHandle::abort);
    give_node_back(engine, clock).await;
    tracing::info!(ended = drained.ended, cut = drained.cut, jobs_finished = finished, "closed");
    Ok(())
}

/// What a crash left between the two steps of an arrival is finished now.
async fn finish_what_was_left(engine: &Engine, clock: &Arc<dyn Clock>) -> anyhow::Result<()> {
    let (clock, key) = (Arc::clone(clock), listen::PENDING_JOB);
    let enqueued = engine.write(move |tx| {
        engine::job::enqueue(tx, &*clock, key, &(), Some(key), None)?;
        listen::watch::begin(tx, &*clock)?;
        ask_again(tx, &*clock)?;
        Ok(sweep::enqueue(tx, &*clock, SWEEP_AFTER_SECONDS)?)
    });
    enqueued.await.context("the job queue cannot be written")
}

/// Asks again for what stands as waited for in the rooms and has no job: jobs are no part of an export, and the shop
/// made of it wakes, imports and tries again all the same.
///
/// # Errors
/// When the database cannot be read or written.
pub fn ask_again(tx: &mut Tx<'_>, clock: &dyn Clock) -> Result<(), Fault> {
    counter::conversation::ask_again(tx, clock)?;
    let asked = listen::resume::ask_again(tx, clock)?;
    if asked > 0 {
        tracing::info!(asked, "imports and retries that were under way go on");
    }
    Ok(())
}

async fn give_node_back(engine: Engine, clock: Arc<dyn Clock>) {
    let given = tokio::task::spawn_blocking(move || engine.release_node(&*clock));
    match tokio::time::timeout(LAST_WORD, given).await {
        Ok(Ok(Ok(()))) => {}
        // The lease ends by itself.
        Ok(Ok(Err(error))) => tracing::info!(%error, "the node number was not given back"),
        Ok(Err(_)) | Err(_) => tracing::info!("the node number was not given back in time"),
    }
}

/// Forgets, now and then, what nobody needs any more.
async fn forget(app: App) {
    let mut stop = app.stopping();
    while !*stop.borrow() {
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

/// Forgets callers that were quiet, so that strangers who make callers up do not fill the memory.
async fn forget_quiet_callers(app: App) {
    loop {
        tokio::time::sleep(FORGET_CALLERS_EVERY).await;
        app.forget_quiet_callers();
    }
}

/// Asks the rooms how they are, so that nobody's browser has to: open pages hear when something changed, the log
/// when a level did.
async fn look_after(app: App) {
    let mut before: Vec<(&'static str, Level, String)> = Vec::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = match app.vitals().await {
            Ok(vitals) => vitals,
            Err(error) => {
                tracing::warn!(%error, "the rooms could not say how they are");
                continue;
            }
        };
        let level_before =
            |name| before.iter().find(|(it, ..)| *it == name).map_or(Level::Ok, |(_, level, _)| *level);
        now.iter().filter(|vital| vital.level != level_before(vital.name)).for_each(tell_level);
        let now: Vec<_> = now.into_iter().map(|vital| (vital.name, vital.level, vital.sentence)).collect();
        if now != before {
            app.engine().tell_here(Signal {
                kind: "health".into(),
                id: "shop".into(),
                revision: 0,
                mailbox: None,
            });
        }
        before = now;
    }
}

fn tell_level(vital: &Vital) {
    let (name, level) = (vital.name, vital.level.code());
    match vital.level {
        Level::Ok => tracing::info!(name, level, "well again"),
        Level::Attention => tracing::warn!(name, level, "wants attention: see Settings, How the shop is"),
        Level::Bad => tracing::error!(name, level, "is bad: see Settings, How the shop is"),
    }
}

/// The orders that a process gets.
struct Orders {
    interrupt: Told,
    terminate: Told,
}

impl Orders {
    fn listen() -> anyhow::Result<Orders> {
        let listen = |kind| signal(kind).context("signals cannot be heard");
        Ok(Orders {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// The first order lets what runs end; the second ends the process at once, as a crash would: nothing that was
    /// answered is lost by it.
    async fn obey(mut self, app: App) {
        self.next().await;
        tracing::info!("told to stop: finishing what runs");
        supervisor::stopping();
        app.stop();
        self.next().await;
        tracing::warn!("told to stop again: ending at once");
        std::process::exit(CUT_SHORT);
    }
}

/// Runs a server to its end on a runtime of its own. A job that runs beyond the drain is left behind.
///
/// # Errors
/// When the address cannot be had, or the database not be written.
pub fn run_to_the_end(
    engine: Engine,
    serving: Serving,
    greet: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let ran = runtime.block_on(run(engine.clone(), serving, greet));
    runtime.shutdown_timeout(Duration::from_millis(500));
    // Whatever still holds the database: from here on its file alone is the whole shop.
    engine.close();
    ran
}

/// Says where the browser finds it; as a line of the log where programs read that.
pub fn greet(address: SocketAddr, public_url: Option<&str>, format: LogFormat, what: &str) {
    let url = public_url.map_or_else(|| format!("http://{address}"), str::to_owned);
    match format {
        LogFormat::Text => output::say(&format!("{what}\n\n  {url}\n\nStop with Ctrl-C.")),
        LogFormat::Json => tracing::info!(url, "{what}"),
    }
}
