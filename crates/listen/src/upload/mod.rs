//! Imports that somebody starts in the browser: upload, look, correct the columns, run.
//!
//! The file is kept as a blob until its items are in the ledger. Looking counts without writing; running
//! takes the items in by slices, each a job, and writes down how far it came in the transaction that
//! keeps them, so that a crash repeats nothing.

pub mod job;
pub mod page;
mod problem;

use engine::blob::{self, BlobDigest};
use engine::{DbError, Row, Signal, Tx, params};
use kernel::{Actor, Clash, Clock, Fault, Instant, MailboxId, Permission, Reason};
use primitives::mailbox;

use crate::arrival::{self, End, Kept};
use crate::import::Kind;
use crate::table::Choice;

kernel::id_type!(/** An import that was started in the browser. */ RunId, "imp", "import");

/// How many of the latest imports are listed.
const LATEST: u32 = 10;

/// An import of an uploaded file.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Where its voices go.
    pub mailbox: MailboxId,
    /// The source to which they belong.
    pub source: String,
    /// What the file holds.
    pub kind: Kind,
    /// The file's name.
    pub file: String,
    /// The file's size in bytes.
    pub size: i64,
    /// Columns that somebody chose.
    pub choice: Choice,
    /// `counting`, `looked`, `running`, `ended` or `failed`.
    pub state: String,
    /// How many items are in the ledger.
    pub position: i64,
    /// How many items the file has, once it was looked at.
    pub expected: Option<i64>,
    /// New ones: expected after looking, real once it runs.
    pub stored: i64,
    /// Those that had come before.
    pub duplicate: i64,
    /// Those that nobody can read.
    pub quarantined: i64,
    /// Duplicates of what stood in quarantine until now and could be read this time.
    pub recovered: i64,
    /// Why it failed: a problem as stored.
    pub problem: Option<String>,
    /// When it was uploaded.
    pub created_at: Instant,
    /// The columns as they are stored; empty while nobody chose any.
    mapping: String,
    digest: BlobDigest,
}

/// The columns of [`Run`], in order.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, mailbox_id, source_name, kind, file_name, size, mapping, state, position, expected, stored, ",
            "duplicate, quarantined, recovered, problem, created_at, digest FROM import_run ",
            $rest
        )
    };
}

engine::statements! {
    /// An import.
    FIND = select("WHERE id = $1");
    /// The latest imports that the actor sees.
    LIST = select("WHERE mailbox_id IN LIST($1) ORDER BY id DESC LIMIT $2");
    /// Begins one.
    CREATE = "INSERT INTO import_run (id, mailbox_id, source_name, kind, file_name, size, digest, state, account_id, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, 'counting', $8, $9)";
    /// Chooses columns, to look again.
    CHOOSE = "UPDATE import_run SET mapping = $2, state = 'counting', problem = NULL, ended_at = NULL
              WHERE id = $1 AND state IN ('looked', 'counting', 'failed') AND position = 0";
    /// What looking found with the columns that are still the chosen ones.
    LOOKED = "UPDATE import_run SET state = $2, expected = $3, stored = $4, duplicate = $5, quarantined = $6, problem = $7
              WHERE id = $1 AND state = 'counting' AND COALESCE(mapping, '') = $8";
    /// Sets it going.
    START = "UPDATE import_run SET state = 'running', stored = 0, duplicate = 0, quarantined = 0, counted = 1
             WHERE id = $1 AND state = 'looked'";
    /// More items are in the ledger, by whoever knows how many there were before; some had come before.
    ADVANCE = "UPDATE import_run SET position = position + $2, duplicate = duplicate + $3
               WHERE id = $1 AND state = 'running' AND position = $4";
    /// What became of the others.
    COUNT = "UPDATE import_run SET stored = stored + $2, duplicate = duplicate + $3, quarantined = quarantined + $4,
               recovered = recovered + $5 WHERE id = $1";
    /// Its end.
    END = "UPDATE import_run SET state = $2, problem = $3, ended_at = $4 WHERE id = $1 AND state = 'running'";
}

fn read(row: &mut Row<'_>) -> Result<Run, DbError> {
    let damaged = || DbError::Blob { digest: "import_run".into(), problem: "without address" };
    let (id, mailbox, source) = (RunId(row.take()?), row.take()?, row.take()?);
    let kind = Kind::from_code(&row.take::<String>()?).unwrap_or(Kind::Csv);
    let (file, size) = (row.take()?, row.take()?);
    let mapping = row.take::<Option<String>>()?.unwrap_or_default();
    Ok(Run {
        id,
        mailbox,
        source,
        kind,
        file,
        size,
        choice: serde_json::from_str(&mapping).unwrap_or_default(),
        mapping,
        state: row.take()?,
        position: row.take()?,
        expected: row.take()?,
        stored: row.take()?,
        duplicate: row.take()?,
        quarantined: row.take()?,
        recovered: row.take()?,
        problem: row.take()?,
        created_at: row.take()?,
        digest: BlobDigest::from_column(&row.take::<Vec<u8>>()?).ok_or_else(damaged)?,
    })
}

/// An import that the actor may see.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: RunId) -> Result<Run, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    find(tx, id)?.filter(|run| actor.sees(run.mailbox)).ok_or(Fault::NotFound)
}

fn find(tx: &mut Tx<'_>, id: RunId) -> Result<Option<Run>, DbError> {
    tx.find(&FIND, params![id.raw()], read)
}

/// The latest imports that the actor sees.
pub fn latest(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Run>, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    Ok(tx.query(&LIST, params![actor.mailbox_keys(), LATEST], read)?)
}

/// A file to import.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The source's name.
    pub source: String,
    /// Where its voices go; the source's own mailbox, or the first one, when `None`.
    pub mailbox: Option<MailboxId>,
    /// What the file holds.
    pub kind: Kind,
    /// The file's name.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Keeps a file and has it looked at.
pub fn begin(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, new: &NewRun) -> Result<RunId, Fault> {
    actor.authorise(Permission::ImportVoices)?;
    if new.bytes.is_empty() {
        return Err(Fault::invalid("file", Reason::Missing));
    }
    let source = kernel::fault::required("source", &new.source, 200)?;
    let known = primitives::source::by_name(tx, &source)?;
    let mailbox = match (&known, new.mailbox) {
        (Some(known), _) if !actor.sees(known.mailbox) => {
            return Err(Fault::invalid("source", Reason::Taken));
        }
        (Some(known), _) => known.mailbox,
        (None, Some(chosen)) if actor.sees(chosen) => chosen,
        (None, Some(_)) => return Err(Fault::invalid("mailbox", Reason::Unknown)),
        (None, None) => mailbox::visible(tx, actor)?
            .first()
            .map(|mailbox| mailbox.id)
            .ok_or(Fault::invalid("mailbox", Reason::Missing))?,
    };
    let id: RunId = tx.mint(clock);
    let digest = blob::put(tx, &new.bytes)?;
    let file: String = new.file.chars().filter(|c| !c.is_control()).take(200).collect();
    tx.execute(
        &CREATE,
        params![
            id.raw(),
            mailbox,
            source,
            new.kind.code(),
            file,
            new.bytes.len(),
            digest,
            actor.account,
            clock.now()
        ],
    )?;
    job::enqueue_look(tx, clock, id)?;
    Ok(id)
}

/// Chooses columns and has the file looked at again.
pub fn choose(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: RunId,
    choice: &Choice,
) -> Result<(), Fault> {
    visible(tx, actor, id)?;
    let mapping = serde_json::to_string(choice).map_err(Fault::store)?;
    if tx.execute(&CHOOSE, params![id.raw(), mapping])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    job::enqueue_look(tx, clock, id)?;
    Ok(())
}

/// Sets an import going. Doing it twice is the same as once.
pub fn start(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: RunId) -> Result<(), Fault> {
    let run = visible(tx, actor, id)?;
    if tx.execute(&START, params![id.raw()])? == 0 {
        return if run.state == "running" || run.state == "ended" {
            Ok(())
        } else {
            Err(Fault::Conflict(Clash::State))
        };
    }
    job::enqueue_run(tx, clock, id, 0)?;
    Ok(())
}

/// What a batch of an import brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    stored: i64,
    duplicate: i64,
    quarantined: i64,
    recovered: i64,
}

impl Brought {
    /// One more item; `again` is one that stood in quarantine and that the import repeats, which makes the
    /// import's own item a duplicate.
    pub(crate) fn became(&mut self, again: bool, end: &End) {
        match end {
            End::Quarantined(_) if again => {}
            _ if again => self.recovered += 1,
            End::Stored { .. } => self.stored += 1,
            End::Duplicate { .. } => self.duplicate += 1,
            End::Quarantined(_) => self.quarantined += 1,
        }
    }
}

/// Writes down how far an import came, in the transaction that keeps its items. `before` is where they begin; an
/// import that is elsewhere, because another process took it over, is a conflict, and nothing of them is kept.
pub(crate) fn kept(tx: &mut Tx<'_>, run: RunId, before: u64, kept: &[Kept]) -> Result<(), Fault> {
    let duplicate = kept.iter().filter(|kept| kept.duplicate).count();
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    if tx.execute(&ADVANCE, params![run.raw(), kept.len(), duplicate, before])? == 0 {
        return Err(Fault::Conflict(Clash::Changed));
    }
    if duplicate > 0 {
        tell(tx, run)?;
    }
    Ok(())
}

/// Writes down what became of an import's items, in the transaction in which it became of them.
pub(crate) fn count(tx: &mut Tx<'_>, run: RunId, brought: Brought) -> Result<(), DbError> {
    let Brought { stored, duplicate, quarantined, recovered } = brought;
    tx.execute(&COUNT, params![run.raw(), stored, duplicate, quarantined, recovered])?;
    tell(tx, run)
}

/// The bytes of the file; `None` where they are lost.
fn bytes(tx: &mut Tx<'_>, run: &Run) -> Result<Option<Vec<u8>>, DbError> {
    arrival::bytes(tx, &run.digest)
}

fn tell(tx: &mut Tx<'_>, run: RunId) -> Result<(), DbError> {
    if let Some(run) = find(tx, run)? {
        signal(tx, &run);
    }
    Ok(())
}

/// Tells the pages that show it.
fn signal(tx: &mut Tx<'_>, run: &Run) {
    tx.signal(Signal {
        kind: "import".into(),
        id: run.id.to_string(),
        revision: 0,
        mailbox: Some(run.mailbox.raw()),
    });
}
