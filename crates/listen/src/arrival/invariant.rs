//! What must always hold of the ledger and of imports. See [`engine::invariant`].

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Statement, Tx, params};
use kernel::{ArrivalId, SourceId, VoiceId};
use primitives::invariant::walks::VOICES;

use crate::upload::RunId;

mod rules {
    use engine::walk;

    engine::statements! {
        /// Arrivals.
        ARRIVALS = walk("arrival");
        /// Imports from the browser.
        RUNS = walk("import_run");
        /// What arrivals refer to. One that repeats the bytes of another has none of its own.
        RAW = "SELECT a.raw_digest FROM arrival a LEFT JOIN arrival o ON o.id = a.duplicate_of
               WHERE a.id > $1 AND a.id <= $2 AND (a.state <> 'duplicate' OR o.raw_digest <> a.raw_digest
                 OR (o.format = 'api' AND a.format <> 'api'))";
        /// The files of imports that have not ended.
        FILES = "SELECT digest FROM import_run WHERE id > $1 AND id <= $2 AND state <> 'ended'";
        /// The voices that arrivals became.
        BECAME = "SELECT voice_id FROM arrival WHERE id > $1 AND id <= $2 AND voice_id IS NOT NULL";
        /// The sources of which days are closed or have a sum.
        CLOSED = "SELECT source_id FROM ledger_closed UNION SELECT source_id FROM ledger_day ORDER BY 1";
        /// The voices that sources brought.
        BROUGHT = "SELECT id FROM voice WHERE id > $1 AND id <= $2 AND source_id IS NOT NULL";
    }
}

engine::invariants! {
    STATE: "arrival.state", rules::ARRIVALS, ArrivalId,
        "Every arrival is pending, stored, a duplicate of an earlier one of its source, or quarantined with a cause: \
         so fetched = stored + duplicate + quarantined once nothing is pending.",
        "SELECT a.id FROM arrival a WHERE a.id > $1 AND a.id <= $2 AND NOT (
           (a.state = 'pending' AND a.voice_id IS NULL AND a.duplicate_of IS NULL AND a.cause IS NULL)
           OR (a.state = 'stored' AND a.duplicate_of IS NULL AND a.cause IS NULL
               AND (a.voice_id IS NOT NULL OR a.format = 'mail'))
           OR (a.state = 'quarantined' AND a.voice_id IS NULL AND a.duplicate_of IS NULL AND a.cause IS NOT NULL)
           OR (a.state = 'duplicate' AND a.voice_id IS NULL AND a.cause IS NULL AND EXISTS
                 (SELECT 1 FROM arrival o WHERE o.id = a.duplicate_of AND o.id <> a.id
                    AND o.source_id = a.source_id)))";
    DAY: "arrival.day", rules::ARRIVALS, ArrivalId,
        "Every arrival stands in the ledger of the day on which it came.",
        "SELECT a.id FROM arrival a WHERE a.id > $1 AND a.id <= $2 AND a.day <> a.fetched_at / 86400000000";
    VOICE: "arrival.voice", rules::ARRIVALS, ArrivalId,
        "A stored arrival and its voice are of the same source and the same bytes.",
        "SELECT a.id FROM arrival a WHERE a.id > $1 AND a.id <= $2 AND a.voice_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM voice v WHERE v.id = a.voice_id AND v.source_id = a.source_id
                             AND v.raw_digest = a.raw_digest)";
    OURS: "arrival.ours", rules::ARRIVALS, ArrivalId,
        "A stored mail that became no voice is a message of ours, in the mailbox of its source.",
        "SELECT a.id FROM arrival a WHERE a.id > $1 AND a.id <= $2 AND a.state = 'stored' AND a.voice_id IS NULL
           AND a.external_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM message m JOIN conversation c ON c.id = m.conversation_id
                           JOIN source s ON s.mailbox_id = c.mailbox_id
                           WHERE m.message_key = a.external_id AND m.kind = 'outgoing' AND s.id = a.source_id)";
    CAME: "awaited.came", VOICES, VoiceId,
        "A mail that has come is awaited no more.",
        "SELECT v.id FROM voice v WHERE v.id > $1 AND v.id <= $2 AND v.message_key IS NOT NULL
           AND EXISTS (SELECT 1 FROM awaited_mail w WHERE w.message_key = v.message_key AND w.mailbox_id = v.mailbox_id)";
    ASIDE: "arrival.set_aside", rules::ARRIVALS, ArrivalId,
        "Only what stands in quarantine is set aside, and with a reason.",
        "SELECT a.id FROM arrival a WHERE a.id > $1 AND a.id <= $2 AND a.set_aside_at IS NOT NULL
           AND (a.state <> 'quarantined' OR a.set_aside_reason IS NULL)";
    RUN: "import.state", rules::RUNS, RunId,
        "Every import is in a state that exists, and one that ended has counted what it brought.",
        "SELECT r.id FROM import_run r WHERE r.id > $1 AND r.id <= $2 AND NOT (
           (r.state IN ('counting', 'looked') AND r.position = 0 AND r.ended_at IS NULL)
           OR (r.state = 'running' AND r.ended_at IS NULL)
           OR (r.state = 'failed')
           OR (r.state = 'ended' AND r.ended_at IS NOT NULL
               AND r.position = r.stored + r.duplicate + r.quarantined))";
    BROUGHT: "import.arrivals", rules::RUNS, RunId,
        "Every import has as many arrivals as it says; those that began before this was written down, at most.",
        "SELECT r.id FROM import_run r WHERE r.id > $1 AND r.id <= $2
           AND ((SELECT COUNT(*) FROM arrival a WHERE a.import_id = r.id) > r.position
             OR (r.counted = 1 AND (SELECT COUNT(*) FROM arrival a WHERE a.import_id = r.id) < r.position))";
}

static CODE: &[Invariant] = &[
    Invariant {
        name: "voice.arrival",
        sentence: "Every voice that a source brought stands in the ledger exactly once.",
        id: |raw| VoiceId(raw).to_string(),
        rule: Rule::Code(voices_stand_in_the_ledger),
    },
    Invariant {
        name: "ledger.day",
        sentence: "The sum of every closed day of the ledger is that of its arrivals.",
        id: |raw| SourceId(raw).to_string(),
        rule: Rule::Code(closed_days_are_the_sums_of_their_arrivals),
    },
    Invariant {
        name: "arrival.bytes",
        sentence: "Every arrival refers to its bytes.",
        id: |raw| ArrivalId(raw).to_string(),
        rule: Rule::Refers { walk: &rules::ARRIVALS, digests: &rules::RAW },
    },
    Invariant {
        name: "import.bytes",
        sentence: "Every import that has not ended refers to its file.",
        id: |raw| RunId(raw).to_string(),
        rule: Rule::Refers { walk: &rules::RUNS, digests: &rules::FILES },
    },
];

/// What must hold of the ledger and of imports.
pub(crate) fn all() -> Vec<&'static Invariant> {
    ROWS.iter().chain(CODE).collect()
}

/// The statements of these checks.
pub(crate) fn statements() -> Vec<&'static Statement> {
    [rules::ALL, ALL].concat()
}

/// Every day that a source has closed, and every day that has a sum, compared with what came on it.
fn closed_days_are_the_sums_of_their_arrivals(
    tx: &mut Tx<'_>,
    findings: &mut Findings<'_>,
) -> Result<(), DbError> {
    for source in tx.query(&rules::CLOSED, &[], |row| row.take::<SourceId>())? {
        for day in super::differing(tx, source, None)? {
            findings.broken(format!("{source} on {}", crate::sources::day_text(day)));
        }
        findings.looked_at(1);
    }
    Ok(())
}

/// No index leads from a voice to its arrival: both sides are read in order and compared, eight bytes a row.
fn voices_stand_in_the_ledger(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    let mut became: Vec<i64> = Vec::new();
    ranges(tx, &rules::ARRIVALS, |tx, from, to| {
        became.extend(tx.query(&rules::BECAME, params![from, to], |row| row.take::<i64>())?);
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })?;
    became.sort_unstable();
    for twice in became.windows(2).filter(|pair| pair[0] == pair[1]) {
        findings.broken(format!("{} twice", VoiceId(twice[0])));
    }
    ranges(tx, &VOICES, |tx, from, to| {
        for voice in tx.query(&rules::BROUGHT, params![from, to], |row| row.take::<i64>())? {
            if became.binary_search(&voice).is_err() {
                findings.broken(VoiceId(voice));
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })
}
