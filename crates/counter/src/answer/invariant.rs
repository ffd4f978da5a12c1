//! What must always hold of answers. See [`engine::invariant`].

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Tx, params};
use kernel::MessageId;
use primitives::invariant::walks::MESSAGES;

engine::statements! {
    /// Outgoing messages that are not in the outbox.
    NOT_QUEUED = "SELECT m.id, m.message_key FROM message m
                  WHERE m.id > $1 AND m.id <= $2 AND m.kind = 'outgoing' AND m.message_key IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id)";
}

/// What must hold of answers.
pub(crate) static INVARIANTS: &[Invariant] = &[Invariant {
    name: "answer.outbox",
    sentence: "Every answer that was written here is in the outbox.",
    id: |raw| MessageId(raw).to_string(),
    rule: Rule::Code(answers_are_queued),
}];

/// A letter of ours is known under an id that is made of the message's own; those that an import brought
/// have left long ago, under ids of their own.
fn answers_are_queued(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    ranges(tx, &MESSAGES, |tx, from, to| {
        let found = tx.query(&NOT_QUEUED, params![from, to], |row| {
            Ok((row.take::<MessageId>()?, row.take::<String>()?))
        })?;
        for (id, key) in found {
            if key.starts_with(&id.to_string()) {
                findings.broken(id);
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
