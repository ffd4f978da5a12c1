//! The rows that stories become, table by table, as the use cases would write them.

use engine::Value;
use engine::blob::{BlobDigest, Packer};
use engine::bulk::{Bulk, Rows};
use engine::search::Entry;
use kernel::{Actor, ActorKind, Clock, Fault, ManualClock};
use primitives::event::NewEvent;
use std::collections::HashMap;

/// Rows that are on their way to the database.
pub(super) struct Tables {
    pub conversation: Rows,
    pub voice: Rows,
    pub message: Rows,
    pub arrival: Rows,
    pub attachment: Rows,
    pub tag: Rows,
    pub conversation_tag: Rows,
    pub source: Rows,
    event: Rows,
    blob: Rows,
    entries: Vec<Entry>,
    /// How many texts were indexed: spreads entries of one millisecond.
    texts: u64,
    packer: Packer,
    /// Attached files occur again and again, so their rows wait until all of them are counted.
    files: HashMap<BlobDigest, File>,
}

struct File {
    size: usize,
    packed: Vec<u8>,
    refs: i64,
}

const CONVERSATION: &[&str] = &[
    "id",
    "mailbox_id",
    "person_id",
    "subject",
    "state",
    "channel",
    "language",
    "owner_id",
    "team_id",
    "product_id",
    "reply_token",
    "preview",
    "historical",
    "external_id",
    "opened_at",
    "last_at",
    "waiting_since",
    "snoozed_until",
    "closed_at",
    "revision",
];
const VOICE: &[&str] = &[
    "id",
    "source_id",
    "mailbox_id",
    "person_id",
    "conversation_id",
    "product_id",
    "channel",
    "subject",
    "body",
    "folded",
    "language",
    "score",
    "score_most",
    "message_key",
    "external_id",
    "raw_digest",
    "captured_by",
    "historical",
    "occurred_at",
    "recorded_at",
];
const MESSAGE: &[&str] = &[
    "id",
    "conversation_id",
    "person_id",
    "kind",
    "voice_id",
    "author_id",
    "body",
    "language",
    "message_key",
    "occurred_at",
    "recorded_at",
];
const ARRIVAL: &[&str] = &[
    "id",
    "source_id",
    "day",
    "fetched_at",
    "item",
    "format",
    "raw_digest",
    "external_id",
    "state",
    "historical",
    "voice_id",
];
const ATTACHMENT: &[&str] =
    &["id", "mailbox_id", "voice_id", "name", "media_type", "size", "digest", "inline"];
const EVENT: &[&str] = &[
    "id",
    "kind",
    "occurred_at",
    "recorded_at",
    "enabled_at",
    "started_at",
    "ended_at",
    "actor_kind",
    "actor_id",
    "subject_kind",
    "subject_id",
    "case_id",
    "mailbox_id",
    "person_id",
    "product_id",
    "source_id",
    "detail",
];
const BLOB: &[&str] = &["digest", "size", "bytes", "refs"];

impl Tables {
    pub fn new() -> Result<Tables, Fault> {
        Ok(Tables {
            conversation: Rows::of("conversation", CONVERSATION),
            voice: Rows::of("voice", VOICE),
            message: Rows::of("message", MESSAGE),
            arrival: Rows::of("arrival", ARRIVAL),
            attachment: Rows::of("attachment", ATTACHMENT),
            tag: Rows::of("tag", &["id", "name"]),
            conversation_tag: Rows::of("conversation_tag", &["conversation_id", "tag_id"]),
            source: Rows::of("source", &["id", "name", "kind", "mailbox_id", "created_at"]),
            event: Rows::of("event", EVENT),
            blob: Rows::of("blob", BLOB),
            entries: Vec::new(),
            texts: 0,
            packer: Packer::new().map_err(Fault::from)?,
            files: HashMap::new(),
        })
    }

    /// An event, as [`primitives::event::append`] writes it.
    pub fn event(&mut self, bulk: &Bulk, clock: &ManualClock, actor: &Actor, event: NewEvent) {
        let now = clock.now();
        let by = event.by.unwrap_or(actor.kind);
        let account = if by == ActorKind::Human { actor.account } else { None };
        self.event.push([
            bulk.mint(clock).into(),
            event.kind.code().into(),
            event.occurred_at.unwrap_or(now).into(),
            now.into(),
            event.enabled_at.into(),
            event.started_at.into(),
            event.ended_at.into(),
            by.code().into(),
            account.into(),
            event.subject.0.into(),
            event.subject.1.into(),
            event.case.into(),
            event.mailbox.into(),
            event.person.into(),
            event.product.into(),
            event.source.into(),
            event.detail.map(|detail| detail.to_string()).into(),
        ]);
    }

    /// The raw bytes of a voice: never the same twice, because each names its story and turn.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<BlobDigest, Fault> {
        let (digest, packed) = self.packer.pack(bytes)?;
        self.blob.push([digest.into(), bytes.len().into(), Value::Bytes(packed), Value::Int(1)]);
        Ok(digest)
    }

    /// An attached file.
    pub fn file(&mut self, bytes: &[u8]) -> Result<BlobDigest, Fault> {
        let digest = BlobDigest::of(bytes);
        if let Some(known) = self.files.get_mut(&digest) {
            known.refs += 1;
            return Ok(digest);
        }
        let (_, packed) = self.packer.pack(bytes)?;
        self.files.insert(digest, File { size: bytes.len(), packed, refs: 1 });
        Ok(digest)
    }

    /// A text that search finds.
    pub fn indexed(
        &mut self,
        kind: &'static str,
        subject: i64,
        mailbox: kernel::MailboxId,
        at: kernel::Instant,
        text: &str,
        language: &str,
    ) {
        self.texts += 1;
        self.entries.extend(Entry::of(kind, subject, self.texts, mailbox, at, text, Some(language)));
    }

    /// Hands everything over.
    pub fn hand_over(&mut self, bulk: &mut Bulk) -> Result<(), Fault> {
        let tables = [
            &mut self.source,
            &mut self.tag,
            &mut self.conversation,
            &mut self.voice,
            &mut self.message,
            &mut self.arrival,
            &mut self.attachment,
            &mut self.conversation_tag,
            &mut self.event,
            &mut self.blob,
        ];
        bulk.add(tables.into_iter().map(Rows::take).collect())?;
        bulk.add_entries(std::mem::take(&mut self.entries))?;
        Ok(())
    }

    /// Hands over what had to wait for the end.
    pub fn end(&mut self, bulk: &mut Bulk) -> Result<(), Fault> {
        for (digest, file) in self.files.drain() {
            self.blob.push([
                digest.into(),
                file.size.into(),
                Value::Bytes(file.packed),
                Value::Int(file.refs),
            ]);
        }
        self.hand_over(bulk)
    }
}
