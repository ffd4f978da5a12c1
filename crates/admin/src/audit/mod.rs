//! The record of what happened: the event log, read by who may, each fact as a sentence.

pub(crate) mod api;
pub(crate) mod page;
mod sentence;

use engine::Tx;
use kernel::{
    AccountId, Actor, ConversationId, Cursor, FactId, Fault, IdentityId, JobId, MailboxId, MergeId,
    MessageId, OrganisationId, OutboxId, Page, Permission, PersonId, SourceId, TeamId, TokenId, VoiceId,
};
use primitives::event::{self, Event, EventKind};

/// The audit, newest first: everything, or one kind of fact.
pub(crate) fn read(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: Option<EventKind>,
    from: Option<Cursor>,
    limit: u32,
) -> Result<Page<Event>, Fault> {
    actor.authorise(Permission::ReadAudit)?;
    Ok(match kind {
        Some(kind) => event::audit_of_kind(tx, actor, kind, from, limit)?,
        None => event::audit(tx, actor, from, limit)?,
    })
}

/// The id of what a fact happened to, as it is written outside.
fn subject_id(kind: &str, raw: i64) -> String {
    match kind {
        "account" => AccountId(raw).to_string(),
        "conversation" => ConversationId(raw).to_string(),
        "fact" => FactId(raw).to_string(),
        "identity" => IdentityId(raw).to_string(),
        "job" => JobId(raw).to_string(),
        "mailbox" => MailboxId(raw).to_string(),
        "merge" => MergeId(raw).to_string(),
        "message" => MessageId(raw).to_string(),
        "organisation" => OrganisationId(raw).to_string(),
        "outbox" => OutboxId(raw).to_string(),
        "person" => PersonId(raw).to_string(),
        "provider" => kernel::ProviderId(raw).to_string(),
        "source" => SourceId(raw).to_string(),
        "team" => TeamId(raw).to_string(),
        "token" => TokenId(raw).to_string(),
        "voice" => VoiceId(raw).to_string(),
        _ => kernel::id::encode(raw),
    }
}

/// The page of what a fact happened to, where it has one that every reader of the audit may open.
fn subject_page(kind: &str, raw: i64) -> Option<String> {
    let folder = match kind {
        "conversation" => "/conversations",
        "voice" => "/voices",
        "person" => "/people",
        "organisation" => "/organisations",
        "source" => "/listen/sources",
        _ => return None,
    };
    Some(format!("{folder}/{}", subject_id(kind, raw)))
}
