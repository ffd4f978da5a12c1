//! What an application knows of its own life: what it counts, whether it is about to stop, how its rooms are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

use engine::Tx;
use kernel::{Fault, Locale};
use tokio::sync::{Mutex, watch};
use wording::Formats;

use crate::app::App;
use crate::health::{Asking, Level, Vital};
use crate::meters::Meters;

/// What the database answered to a probe, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    /// When it answered.
    pub at: kernel::Instant,
    /// The schema it has; `None` where it failed.
    pub schema: Option<i64>,
}

/// The state behind it.
pub(crate) struct Pulse {
    meters: Meters,
    started: Instant,
    stopping: watch::Sender<bool>,
    looking: Arc<Mutex<()>>,
    probing: Arc<Mutex<Option<Probe>>>,
    known_level: AtomicU8,
    request_prefix: u32,
    requests: AtomicU64,
}

impl Pulse {
    /// Of an application that begins now. Two starts may not give the same names to their requests: each has a
    /// `request_prefix` of its own.
    pub(crate) fn new(request_prefix: u32) -> Pulse {
        Pulse {
            meters: Meters::default(),
            started: Instant::now(),
            stopping: watch::Sender::new(false),
            looking: Arc::default(),
            probing: Arc::default(),
            known_level: AtomicU8::new(0),
            request_prefix,
            requests: AtomicU64::new(0),
        }
    }
}

impl App {
    /// What the process counts.
    pub fn meters(&self) -> &Meters {
        &self.pulse().meters
    }

    /// Since when the process serves.
    pub(crate) fn started(&self) -> std::time::Instant {
        self.pulse().started
    }

    /// A name for a request, by which its lines are found in the log.
    pub(crate) fn name_request(&self) -> String {
        let count = self.pulse().requests.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-{count:x}", self.pulse().request_prefix)
    }

    /// Tells everything that serves that the process is about to stop: `/readyz` says so at once, streams end.
    pub fn stop(&self) {
        self.pulse().stopping.send_replace(true);
    }

    /// Whether the process is about to stop.
    pub fn is_stopping(&self) -> bool {
        *self.pulse().stopping.borrow()
    }

    /// Hears when the process is about to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.pulse().stopping.subscribe()
    }

    /// The turn of probes, with what the last one heard.
    pub(crate) fn probing(&self) -> Arc<Mutex<Option<Probe>>> {
        Arc::clone(&self.pulse().probing)
    }

    /// How every room is, in English and as figures. One asks at a time; probes do not wait for it.
    pub async fn vitals(&self) -> Result<Vec<Vital>, Fault> {
        let (app, turn) = (self.clone(), Arc::clone(&self.pulse().looking).lock_owned().await);
        let looked = self.engine().read(move |tx| {
            let _turn = turn;
            let formats = Formats::new(Locale::En, jiff::tz::TimeZone::UTC);
            app.look(tx, &formats)
        });
        looked.await
    }

    /// How every room is, for a reader: at most one query for each vital.
    pub fn look(&self, tx: &mut Tx<'_>, formats: &Formats) -> Result<Vec<Vital>, Fault> {
        let asking = Asking { engine: self.engine(), clock: self.clock(), formats };
        let vitals = crate::health::look(self.healths(), tx, &asking)?;
        self.pulse().known_level.store(Level::worst(&vitals) as u8, Ordering::Relaxed);
        Ok(vitals)
    }

    /// How the shop was when somebody looked last; well before anybody did.
    pub fn known_level(&self) -> Level {
        match self.pulse().known_level.load(Ordering::Relaxed) {
            0 => Level::Ok,
            1 => Level::Attention,
            _ => Level::Bad,
        }
    }
}
