//! Conversations: their columns say what their messages and events say.

use std::collections::HashSet;

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Tx, params};
use kernel::ConversationId;

use super::walks;

pub(super) mod rules {
    engine::statements! {
        /// Conversations that took the messages of others.
        JOINED_INTO = "SELECT joined_into_id FROM conversation
                       WHERE id > $1 AND id <= $2 AND joined_into_id IS NOT NULL";
        /// Conversations that changed less often than something was said in them.
        BEHIND = "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND c.joined_into_id IS NULL
                    AND c.revision < 1 + (SELECT COUNT(*) FROM message m WHERE m.conversation_id = c.id)";
    }
}

engine::invariants! {
    STATE: "conversation.state", walks::CONVERSATIONS, ConversationId,
        "Every conversation is in a state that exists, and has the instants of that state and no others.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND (
           c.state NOT IN ('open', 'waiting_for_us', 'waiting_for_customer', 'snoozed', 'closed')
           OR (c.state = 'waiting_for_us') <> (c.waiting_since IS NOT NULL)
           OR (c.state = 'snoozed') <> (c.snoozed_until IS NOT NULL)
           OR (c.state = 'closed') <> (c.closed_at IS NOT NULL)
           OR (c.joined_into_id IS NOT NULL AND (c.state <> 'closed' OR c.continues_id IS NOT NULL))
           OR c.revision < 1 OR LENGTH(c.reply_token) <> 26)";
    FIRST: "conversation.message", walks::CONVERSATIONS, ConversationId,
        "Every conversation has a message, unless it was joined to another; then it has none.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2
           AND (c.joined_into_id IS NULL) <> EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id)";
    EMPTY: "conversation.voice", walks::CONVERSATIONS, ConversationId,
        "A conversation that was joined to another has no voice any more.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND c.joined_into_id IS NOT NULL
           AND EXISTS (SELECT 1 FROM voice v WHERE v.conversation_id = c.id)";
    LAST: "conversation.last", walks::CONVERSATIONS, ConversationId,
        "Every conversation is as new as its newest message.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND c.joined_into_id IS NULL
           AND c.last_at <> (SELECT CASE WHEN MAX(m.occurred_at) > c.opened_at THEN MAX(m.occurred_at)
                               ELSE c.opened_at END FROM message m WHERE m.conversation_id = c.id)";
    WAITING: "conversation.waiting", walks::CONVERSATIONS, ConversationId,
        "Whoever waits for us waits since one of their messages, or since the state was changed.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND c.waiting_since IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id
                             AND m.occurred_at = c.waiting_since AND m.kind = 'incoming')
           AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject_kind = 'conversation' AND e.subject_id = c.id
                             AND e.kind = 'conversation.state'
                             AND e.occurred_at BETWEEN c.waiting_since AND c.waiting_since + 2000000)";
    OPENED: "conversation.event", walks::CONVERSATIONS, ConversationId,
        "Every conversation has exactly one event that says it was opened.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2
           AND 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'conversation' AND e.subject_id = c.id
                       AND e.kind = 'conversation.opened')";
    TOLD: "conversation.change", walks::CONVERSATIONS, ConversationId,
        "Every state in which a conversation was not born has an event that says how it came into it.",
        "SELECT c.id FROM conversation c WHERE c.id > $1 AND c.id <= $2 AND c.joined_into_id IS NULL
           AND c.state <> CASE WHEN c.historical THEN 'closed' ELSE 'open' END
           AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject_kind = 'conversation' AND e.subject_id = c.id
                             AND e.kind = 'conversation.state' AND e.detail LIKE '%\"to\":\"' || c.state || '\"%')";
}

pub(super) static CODE: &[Invariant] = &[Invariant {
    name: "conversation.revision",
    sentence: "Every conversation changed at least as often as something was said in it.",
    id: |raw| ConversationId(raw).to_string(),
    rule: Rule::Code(revisions),
}];

/// A conversation that took the messages of another changed once for all of them, so it is left out.
fn revisions(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    let mut targets = HashSet::new();
    ranges(tx, &walks::CONVERSATIONS, |tx, from, to| {
        targets.extend(tx.query(&rules::JOINED_INTO, params![from, to], |row| row.take::<i64>())?);
        Ok(())
    })?;
    ranges(tx, &walks::CONVERSATIONS, |tx, from, to| {
        for id in tx.query(&rules::BEHIND, params![from, to], |row| row.take::<i64>())? {
            if !targets.contains(&id) {
                findings.broken(ConversationId(id));
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
