//! The outbox: legal states, and the message, the job and the event that belong to each.

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Tx, params};
use kernel::OutboxId;

use super::walks;

pub(super) mod rules {
    engine::statements! {
        /// What outgoing items refer to.
        LETTERS = "SELECT digest FROM outbox WHERE id > $1 AND id <= $2";
        /// Items that have not left and want to.
        UNDER_WAY = "SELECT id FROM outbox WHERE id > $1 AND id <= $2 AND state IN ('queued', 'attempting')";
        /// The jobs that send items; a dead one has given its key away.
        JOBS = "SELECT payload FROM job WHERE kind = 'outbox.send'";
    }
}

engine::invariants! {
    STATE: "outbox.state", walks::OUTBOX, OutboxId,
        "Every outgoing item is in a state that exists, and has what belongs to it.",
        "SELECT o.id FROM outbox o WHERE o.id > $1 AND o.id <= $2 AND (o.attempts < 0 OR NOT (
           (o.state = 'queued' AND o.ended_at IS NULL)
           OR (o.state = 'attempting' AND o.ended_at IS NULL AND o.attempts > 0 AND o.attempted_at IS NOT NULL)
           OR (o.state = 'sent' AND o.ended_at IS NOT NULL AND o.attempts > 0)
           OR (o.state = 'failed' AND o.ended_at IS NOT NULL AND o.reason IS NOT NULL)
           OR (o.state = 'held' AND o.reason IS NOT NULL)))";
    MESSAGE: "outbox.message", walks::OUTBOX, OutboxId,
        "Every outgoing item carries an outgoing message of its own mailbox, under the same Message-ID.",
        "SELECT o.id FROM outbox o WHERE o.id > $1 AND o.id <= $2 AND o.message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM message m JOIN conversation c ON c.id = m.conversation_id
                           WHERE m.id = o.message_id AND m.kind = 'outgoing' AND m.message_key = o.message_key
                             AND c.mailbox_id = o.mailbox_id)";
    ONCE: "outbox.once", walks::OUTBOX, OutboxId,
        "No message leaves twice.",
        "SELECT o.id FROM outbox o WHERE o.id > $1 AND o.id <= $2 AND o.message_id IS NOT NULL
           AND EXISTS (SELECT 1 FROM outbox x WHERE x.message_id = o.message_id AND x.id <> o.id)";
    ENDED: "outbox.event", walks::OUTBOX, OutboxId,
        "Every outgoing item that left has exactly one event that says so, and one that did not leave has none.",
        "SELECT o.id FROM outbox o WHERE o.id > $1 AND o.id <= $2
           AND CASE WHEN o.state = 'sent' THEN 1 ELSE 0 END
             <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'outbox' AND e.subject_id = o.id
                   AND e.kind = 'outbox.sent')";
}

pub(super) static CODE: &[Invariant] = &[
    Invariant {
        name: "outbox.job",
        sentence: "Every outgoing item that has not left has a job that sends it.",
        id: |raw| OutboxId(raw).to_string(),
        rule: Rule::Code(jobs),
    },
    Invariant {
        name: "outbox.bytes",
        sentence: "Every outgoing item refers to its bytes.",
        id: |raw| OutboxId(raw).to_string(),
        rule: Rule::Refers { walk: &walks::OUTBOX, digests: &rules::LETTERS },
    },
];

fn jobs(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    let payloads = tx.query(&rules::JOBS, &[], |row| row.take::<String>())?;
    let sent_by_jobs: std::collections::HashSet<OutboxId> = payloads
        .iter()
        .filter_map(|payload| serde_json::from_str::<crate::outbox::SendJob>(payload).ok())
        .map(|job| job.item)
        .collect();
    ranges(tx, &walks::OUTBOX, |tx, from, to| {
        for id in tx.query(&rules::UNDER_WAY, params![from, to], |row| row.take::<OutboxId>())? {
            if !sent_by_jobs.contains(&id) {
                findings.broken(id);
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
