//! Voices that programs send: one transaction from the call to the voice.

pub mod api;

use engine::blob::{self, BlobDigest};
use engine::{Tx, params};
use kernel::{
    Actor, ArrivalId, Clock, ConversationId, Fault, MailboxId, Permission, Reason, SourceId, VoiceId,
};
use primitives::mailbox::{self, Mailbox};
use primitives::source;

use crate::arrival::{self, Before, Format};
use crate::intake::record::Record;
use crate::intake::record_item::{self, Where};

/// What the source of a mailbox's API calls is.
const KIND: &str = "api";

engine::statements! {
    /// The source of a mailbox's API calls.
    SOURCE_OF = "SELECT id FROM source WHERE mailbox_id = $1 AND kind = 'api' ORDER BY id LIMIT 1";
    /// The bytes of an arrival.
    RAW_OF = "SELECT raw_digest FROM arrival WHERE id = $1";
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The voice.
    pub voice: VoiceId,
    /// The conversation that it opened.
    pub conversation: Option<ConversationId>,
    /// Whether the source had said the same under the same id before; then nothing was stored.
    pub duplicate: bool,
}

/// Stores what a program sent, once per id and content. `raw` is the body as it came. The token says whose the voice
/// is: that of somebody known only in mailboxes that its account does not see is kept as nobody's.
pub fn say(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    mailbox: Option<&str>,
    record: Record,
    raw: &[u8],
) -> Result<Said, Fault> {
    actor.authorise(Permission::CaptureVoices)?;
    let record = record.checked()?;
    let mailbox = place(tx, actor, mailbox)?;
    let source = source_of(tx, clock, actor, &mailbox)?;
    let mark = record_item::mark(&record);
    let digest = BlobDigest::of(raw);
    let arrived = |before: Option<ArrivalId>, voice: Option<VoiceId>, different: bool| arrival::Arrived {
        source,
        name: record.external_id.clone().unwrap_or_default(),
        format: Format::Api,
        digest,
        mark: mark.clone(),
        voice,
        duplicate_of: before,
        flag: different.then_some("same-id"),
    };
    let different = match arrival::before(tx, source, &mark)? {
        Before::Same { arrival, voice: Some(voice) } => {
            // Said again in other bytes: these are kept too.
            let before = tx.one(&RAW_OF, params![arrival], |row| row.take::<Vec<u8>>())?;
            if BlobDigest::from_column(&before) != Some(digest) {
                blob::put(tx, raw)?;
            }
            arrival::arrive(tx, clock, &arrived(Some(arrival), None, false))?;
            return Ok(Said { voice, conversation: None, duplicate: true });
        }
        before => before == Before::Different,
    };
    blob::put(tx, raw)?;
    let place =
        Where { source, mailbox: mailbox.id, raw: digest, historical: false, fetched_at: clock.now() };
    let machine = Actor::machine(vec![mailbox.id]);
    let (voice, conversation) = record_item::hear(tx, clock, &machine, actor, &place, &record, None)?;
    arrival::arrive(tx, clock, &arrived(None, Some(voice), different))?;
    Ok(Said { voice, conversation, duplicate: false })
}

/// The mailbox that a call names by id or name, else the caller's first.
fn place(tx: &mut Tx<'_>, actor: &Actor, named: Option<&str>) -> Result<Mailbox, Fault> {
    let visible = mailbox::visible(tx, actor)?;
    match named.map(str::trim).filter(|named| !named.is_empty()) {
        Some(named) => {
            let id: Option<MailboxId> = named.parse().ok();
            let found = visible.into_iter().find(|mailbox| Some(mailbox.id) == id || mailbox.name == named);
            found.ok_or(Fault::invalid("mailbox", Reason::Unknown))
        }
        None => visible.into_iter().next().ok_or(Fault::invalid("mailbox", Reason::Missing)),
    }
}

/// The source under which API calls of a mailbox stand in the ledger.
fn source_of(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    mailbox: &Mailbox,
) -> Result<SourceId, Fault> {
    if let Some(id) = tx.find(&SOURCE_OF, params![mailbox.id], |row| row.take())? {
        return Ok(id);
    }
    let name = format!("API · {}", mailbox.name);
    let name = if source::by_name(tx, &name)?.is_some() { format!("{name} · {}", mailbox.id) } else { name };
    Ok(source::create(tx, clock, actor, &name, KIND, mailbox.id)?.id)
}
