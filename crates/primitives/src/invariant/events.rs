//! The event log: nothing is told of what is not there.

use std::collections::HashSet;

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Tx, params};
use kernel::EventId;

use super::walks;
use crate::event::EventKind;

pub(super) mod rules {
    engine::statements! {
        /// The kinds of a range of events.
        KINDS = "SELECT kind, MIN(id) FROM event WHERE id > $1 AND id <= $2 GROUP BY kind ORDER BY kind";
    }
}

engine::invariants! {
    ACTOR: "event.actor", walks::EVENTS, EventId,
        "Every event was caused by a human, a robot or the customer, and only a human has an account.",
        "SELECT e.id FROM event e WHERE e.id > $1 AND e.id <= $2
           AND (e.actor_kind NOT IN ('human', 'robot', 'customer')
                OR (e.actor_kind <> 'human' AND e.actor_id IS NOT NULL))";
    SUBJECT: "event.subject", walks::EVENTS, EventId,
        "Every event of a voice, a message, a conversation or an outgoing item is of one that is there.",
        "SELECT e.id FROM event e WHERE e.id > $1 AND e.id <= $2 AND (
           (e.subject_kind = 'voice' AND NOT EXISTS (SELECT 1 FROM voice v WHERE v.id = e.subject_id))
           OR (e.subject_kind = 'message' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = e.subject_id))
           OR (e.subject_kind = 'conversation'
               AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = e.subject_id))
           OR (e.subject_kind = 'outbox' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = e.subject_id)))";
}

pub(super) static CODE: &[Invariant] = &[Invariant {
    name: "event.kind",
    sentence: "Every event is of a kind that this version knows.",
    id: |raw| EventId(raw).to_string(),
    rule: Rule::Code(kinds),
}];

fn kinds(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    let known: HashSet<&str> = EventKind::ALL.iter().map(|kind| kind.code()).collect();
    ranges(tx, &walks::EVENTS, |tx, from, to| {
        let found = tx.query(&rules::KINDS, params![from, to], |row| {
            Ok((row.take::<String>()?, row.take::<EventId>()?))
        })?;
        for (kind, first) in found {
            if !known.contains(kind.as_str()) {
                findings.broken(format!("{first} is {kind:?}"));
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
