//! The engine: opened once, shared by everything that runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard};

use kernel::{Clock, Fault, IdMinter, Instant};
use tokio::sync::{Notify, broadcast, oneshot};
use tokio::task::JoinHandle;

use crate::key::Key;
use crate::node::{Held, Lease};
use crate::postgresql::PostgresStore;
use crate::shelf::{Blobs, Shelf, Unstaged};
use crate::sqlite::SqliteStore;
use crate::{DbError, Dialect, Meters, Signal, Tx, migrate, node};

/// How many signals a slow listener may fall behind before it hears that it missed some.
const SIGNAL_BUFFER: usize = 4_096;

/// How often a write is run again after its large blobs were put into the bucket. What makes other bytes at each
/// run, such as a letter with its own id in it, then puts them itself.
const STAGES: u32 = 1;

/// Where the data is.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`.
    pub url: String,
    /// The folder of large blobs and keys.
    pub data_dir: PathBuf,
}

/// The database, open and migrated. Cloning shares it.
#[derive(Clone)]
pub struct Engine {
    store: Arc<Store>,
    shared: Arc<Shared>,
}

enum Store {
    Sqlite(SqliteStore),
    Postgres(Box<PostgresStore>),
}

/// What every transaction can reach beside its connection.
pub struct Shared {
    pub(crate) ids: IdMinter,
    pub(crate) data_dir: PathBuf,
    pub(crate) database_file: Option<PathBuf>,
    pub(crate) key: Key,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) meters: Meters,
    signals: broadcast::Sender<Signal>,
    jobs_wake: Notify,
    seed: AtomicU64,
    node: Held,
}

/// Whether an address is PostgreSQL's.
pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Shared {
    pub(crate) fn new(
        options: &Options,
        shelf: &Arc<Shelf>,
        key: Key,
        lease: Option<Lease>,
        now: Instant,
    ) -> Arc<Shared> {
        let node = lease.map_or(0, |lease| lease.node);
        Arc::new(Shared {
            ids: IdMinter::new(node),
            data_dir: options.data_dir.clone(),
            database_file: options.url.strip_prefix("sqlite:").map(PathBuf::from),
            key,
            shelf: Arc::clone(shelf),
            meters: Meters::default(),
            signals: broadcast::channel(SIGNAL_BUFFER).0,
            jobs_wake: Notify::new(),
            node: lease.map_or_else(Held::nothing, Held::new),
            seed: AtomicU64::new(now.micros() as u64 ^ (u64::from(node) << 48)),
        })
    }

    /// Sends signals to the live pages and wakes the job runner.
    pub(crate) fn publish(&self, signals: Vec<Signal>, wakes_jobs: bool) {
        for signal in signals {
            // Nobody listening is fine.
            let _ = self.signals.send(signal);
        }
        if wakes_jobs {
            self.jobs_wake.notify_waiters();
        }
    }

    /// A number below `bound` that differs from call to call and from node to node.
    pub(crate) fn jitter(&self, bound: u64) -> u64 {
        // SplitMix64: enough to keep rivals apart, and no dependency on the global generator.
        let mut z = self.seed.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

/// Turns a panic into a fault, so that one bad row cannot end the process.
pub(crate) fn caught<T>(job: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or(Err(DbError::Panicked.into()))
}

impl Engine {
    /// Opens the database, creating and migrating it as needed, and leases a node number.
    pub fn open(options: &Options, clock: &dyn Clock) -> Result<Engine, DbError> {
        Engine::open_with(options, &Blobs::Folder, clock)
    }

    /// [`Engine::open`], with the large blobs in a place of their own.
    pub fn open_with(options: &Options, blobs: &Blobs, clock: &dyn Clock) -> Result<Engine, DbError> {
        create_dir(&options.data_dir)?;
        let key = Key::load_or_create(&options.data_dir)?;
        let shelf = Arc::new(Shelf::open(blobs, &options.data_dir)?);
        let shared = |lease: Option<Lease>| Shared::new(options, &shelf, key.clone(), lease, clock.now());
        if let Some(path) = options.url.strip_prefix("sqlite:") {
            let path = Path::new(path);
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                create_dir(folder)?;
            }
            if crate::bulk::is_half_loaded_sqlite(path) {
                return Err(DbError::HalfLoaded);
            }
            let connection = crate::sqlite::connect(path, false)?;
            let starting = shared(None);
            let mut tx = Tx::new(crate::tx::Connection::Sqlite(&connection), &starting);
            migrate::run(&mut tx)?;
            let lease = node::lease(&mut tx, clock)?;
            drop(connection);
            let shared = shared(Some(lease));
            let readers = std::thread::available_parallelism().map_or(2, |n| n.get()).max(2);
            let store = SqliteStore::open(path, readers, &shared)?;
            Ok(Engine { store: Arc::new(Store::Sqlite(store)), shared })
        } else if is_postgres(&options.url) {
            let store = PostgresStore::open(&options.url)?;
            let starting = shared(None);
            store.exclusively(&starting, migrate::run)?;
            if store.exclusively(&starting, crate::bulk::is_half_loaded_postgres)? {
                return Err(DbError::HalfLoaded);
            }
            let lease = store.exclusively(&starting, |tx| node::lease(tx, clock))?;
            let shared = shared(Some(lease));
            crate::hearing::begin(crate::dial::Dial::of(&options.url)?, &shared)
                .map_err(|cause| DbError::File { path: crate::shown_address(&options.url), cause })?;
            Ok(Engine { store: Arc::new(Store::Postgres(Box::new(store))), shared })
        } else {
            Err(DbError::Address(options.url.clone()))
        }
    }

    /// Opens a database that is there for a look at it as it is: nothing is created, migrated or leased,
    /// and nobody must write through it. Gives the number of its schema too; `None` when it has none yet.
    pub fn look(
        options: &Options,
        blobs: &Blobs,
        clock: &dyn Clock,
    ) -> Result<(Engine, Option<i64>), DbError> {
        let shelf = Arc::new(Shelf::open(blobs, &options.data_dir)?);
        let shared = Shared::new(options, &shelf, Key::none(), None, clock.now());
        let store = if let Some(path) = options.url.strip_prefix("sqlite:") {
            let path = Path::new(path);
            std::fs::metadata(path)
                .map_err(|cause| DbError::File { path: path.display().to_string(), cause })?;
            Store::Sqlite(SqliteStore::open(path, 1, &shared)?)
        } else if is_postgres(&options.url) {
            Store::Postgres(Box::new(PostgresStore::open(&options.url)?))
        } else {
            return Err(DbError::Address(options.url.clone()));
        };
        let engine = Engine { store: Arc::new(store), shared };
        let schema = engine.read_blocking(|tx| Ok(migrate::found(tx)?)).map_err(DbError::from_fault)?;
        Ok((engine, schema))
    }

    /// Which engine this is.
    pub fn dialect(&self) -> Dialect {
        match *self.store {
            Store::Sqlite(_) => Dialect::Sqlite,
            Store::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The folder of large blobs and keys.
    pub fn data_dir(&self) -> &Path {
        &self.shared.data_dir
    }

    /// Where the large blobs lie.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shared.shelf
    }

    /// The database's file, on SQLite.
    pub fn database_file(&self) -> Option<&Path> {
        self.shared.database_file.as_deref()
    }

    /// The disks of the large files and, on SQLite, of the database: how much room they have.
    pub fn disks(&self) -> Vec<crate::Disk> {
        crate::disk::of(self.shared.database_file.as_deref(), &self.shared.data_dir)
    }

    /// What the store counts about itself.
    pub fn meters(&self) -> &Meters {
        &self.shared.meters
    }

    /// Reads in one consistent snapshot, off the asynchronous threads. A PostgreSQL that does not answer in
    /// time is told as such.
    pub async fn read<T, F>(&self, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let engine = self.clone();
        self.in_time(tokio::task::spawn_blocking(move || engine.read_blocking(job)), false).await
    }

    /// Changes something; answered only after the commit. The job may run several times (PostgreSQL asks
    /// for it when two transactions collide), so it must not have effects outside the transaction.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        if self.shared.node.has_ended() {
            let engine = self.clone();
            let renewed = tokio::task::spawn_blocking(move || engine.renew_ended_node());
            self.in_time(renewed, false).await?;
        }
        match &*self.store {
            Store::Sqlite(store) => {
                let (mut job, mut stages) = (job, 0);
                loop {
                    let (reply, answer) = oneshot::channel();
                    store.write(&self.shared, stages >= STAGES, job, move |result, job| {
                        let _ = reply.send((result, job));
                    });
                    let Ok((result, again)) = answer.await else { return Err(DbError::Closed.into()) };
                    let unstaged = match DbError::unstaged(result) {
                        Ok(result) => return result,
                        Err(unstaged) => unstaged,
                    };
                    let engine = self.clone();
                    let staged = tokio::task::spawn_blocking(move || engine.stage(&unstaged));
                    staged.await.unwrap_or(Err(DbError::Panicked.into()))?;
                    (job, stages) = (again, stages + 1);
                }
            }
            Store::Postgres(_) => {
                let engine = self.clone();
                self.in_time(tokio::task::spawn_blocking(move || engine.write_blocking(job)), true).await
            }
        }
    }

    /// The end of a task, or that it did not end in time: on PostgreSQL something between here and the server
    /// may swallow every answer, and whoever asked must not wait for ever.
    async fn in_time<T>(&self, task: JoinHandle<Result<T, Fault>>, changing: bool) -> Result<T, Fault> {
        let ended = match &*self.store {
            Store::Sqlite(_) => task.await,
            Store::Postgres(store) => match tokio::time::timeout(store.answer_within(), task).await {
                Ok(ended) => ended,
                Err(_) => return Err(DbError::Late { changing }.into()),
            },
        };
        ended.unwrap_or(Err(DbError::Panicked.into()))
    }

    /// [`Engine::read`] for threads that may block: jobs and the command line.
    pub fn read_blocking<T>(&self, job: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match &*self.store {
            Store::Sqlite(store) => caught(|| store.read(&self.shared, job)),
            Store::Postgres(store) => store.read(&self.shared, job),
        }
    }

    /// [`Engine::write`] for threads that may block: jobs and the command line.
    pub fn write_blocking<T, F>(&self, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        self.renew_ended_node()?;
        self.write_as_it_is(job)
    }

    /// A write under the node number that this process has, or had.
    fn write_as_it_is<T, F>(&self, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    {
        match &*self.store {
            Store::Sqlite(store) => {
                let (mut job, mut stages) = (job, 0);
                loop {
                    let (reply, answer) = std::sync::mpsc::sync_channel(1);
                    store.write(&self.shared, stages >= STAGES, job, move |result, job| {
                        let _ = reply.send((result, job));
                    });
                    let Ok((result, again)) = answer.recv() else { return Err(DbError::Closed.into()) };
                    match DbError::unstaged(result) {
                        Ok(result) => return result,
                        Err(unstaged) => self.stage(&unstaged)?,
                    }
                    (job, stages) = (again, stages + 1);
                }
            }
            Store::Postgres(store) => {
                let mut stages = 0;
                loop {
                    match DbError::unstaged(store.write(&self.shared, stages >= STAGES, &job)) {
                        Ok(result) => return result,
                        Err(unstaged) => self.stage(&unstaged)?,
                    }
                    stages += 1;
                }
            }
        }
    }

    /// Puts what a write wants into the bucket before it is run again. That it is wanted is committed first, so that
    /// no sweep takes it between here and there.
    fn stage(&self, unstaged: &Unstaged) -> Result<(), Fault> {
        let wanted = unstaged.digests();
        self.write_as_it_is(move |tx| {
            Ok(wanted.iter().try_for_each(|digest| crate::shelf::sweep::spare(tx, digest))?)
        })?;
        Ok(self.shared.shelf.stage(unstaged)?)
    }

    /// Closes a database that nobody needs any more: what is queued is written, everything else is refused from now on,
    /// and on SQLite all that was written stands in the one file, unless another process has it open too.
    pub fn close(&self) {
        if let Store::Sqlite(store) = &*self.store {
            store.close();
        }
    }

    /// Whether the database's file was deleted or replaced since it was opened; looks at most once a second.
    pub fn is_gone(&self) -> bool {
        match &*self.store {
            Store::Sqlite(store) => store.is_gone(),
            Store::Postgres(_) => false,
        }
    }

    /// Hears every signal from now on.
    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.shared.signals.subscribe()
    }

    /// Tells the live pages that this process serves something that no transaction changed.
    pub fn tell_here(&self, signal: Signal) {
        self.shared.publish(vec![signal], false);
    }

    /// Resolves when a job was enqueued by this process.
    pub async fn jobs_enqueued(&self) {
        self.shared.jobs_wake.notified().await;
    }

    /// A number that differs from call to call and from process to process; no secret.
    pub fn random_number(&self) -> u32 {
        u32::try_from(self.shared.jitter(1 << 32)).unwrap_or_default()
    }

    /// A secret text that only this installation can make for a purpose and a text, such as the mark
    /// that a form carries before anybody has signed in.
    pub fn derive(&self, purpose: &str, text: &str) -> String {
        self.shared.key.derive(purpose, text.as_bytes())
    }

    /// The node number that this process leases.
    pub(crate) fn node(&self) -> u16 {
        self.shared.ids.node()
    }

    /// The installation's key.
    pub(crate) fn key(&self) -> Key {
        self.shared.key.clone()
    }

    /// Gives this process's node number back, a moment from now, so that the next process need not wait for
    /// the lease to end. Nothing may be minted afterwards.
    pub fn release_node(&self, clock: &dyn Clock) -> Result<(), Fault> {
        let (lease, now) = (*self.shared.node.lock(), clock.now());
        self.write_as_it_is(move |tx| Ok(node::release(tx, lease, now)?))
    }

    /// Keeps this process's node number, or takes another one when it was lost. Whatever runs for long calls it
    /// often: it asks the database only once in a while, well before the lease ends.
    pub fn keep_node(&self, clock: &dyn Clock) -> Result<(), Fault> {
        match self.shared.node.try_lock() {
            Some(lease) if lease.is_due(clock.now()) => self.renew_node(lease, clock.now()),
            // Another thread is at it, or it was renewed lately.
            _ => Ok(()),
        }
    }

    /// Before anything is minted by a process that slept through its lease: its number may be another's by now.
    fn renew_ended_node(&self) -> Result<(), Fault> {
        if !self.shared.node.has_ended() {
            return Ok(());
        }
        let lease = self.shared.node.lock();
        if !self.shared.node.has_ended() {
            return Ok(());
        }
        // Never earlier than the clock that the lease was written by.
        let now = kernel::SystemClock.now().max(lease.kept_at());
        self.renew_node(lease, now)
    }

    fn renew_node(&self, mut lease: MutexGuard<'_, Lease>, now: Instant) -> Result<(), Fault> {
        let before = *lease;
        *lease = self.write_as_it_is(move |tx| Ok(node::renew(tx, before, now)?))?;
        if lease.node != before.node {
            tracing::warn!(
                before = before.node,
                now = lease.node,
                "another process has this one's node number"
            );
            self.shared.ids.move_to(lease.node);
        }
        self.shared.node.renewed();
        Ok(())
    }
}

fn create_dir(path: &Path) -> Result<(), DbError> {
    std::fs::create_dir_all(path).map_err(|cause| DbError::File { path: path.display().to_string(), cause })
}
