//! What must hold of the engine's own tables.

use kernel::JobId;

use super::{Invariant, Rule};

mod walks {
    use crate::walk;
    crate::statements! {
        /// Search entries.
        ENTRIES = walk("search_entry");
        /// Indexed terms, which on PostgreSQL stand in the entries.
        TERMS = {
            sqlite: "SELECT MAX(id) FROM (SELECT id FROM search_terms_docsize WHERE id > $1 ORDER BY id LIMIT $2) AS step",
            postgres: "SELECT MAX(id) FROM (SELECT id FROM search_entry WHERE id > $1 ORDER BY id LIMIT $2) AS step"
        };
    }
}

mod few {
    crate::statements! {
        /// Jobs in a state that does not exist, or whose columns do not fit their state.
        JOBS = "SELECT id FROM job WHERE attempts < 0 OR NOT (
                  (state = 'waiting' AND leased_until IS NULL AND ended_at IS NULL)
                  OR (state = 'running' AND leased_until IS NOT NULL AND ended_at IS NULL AND attempts > 0)
                  OR (state = 'dead' AND leased_until IS NULL AND ended_at IS NOT NULL AND unique_key IS NULL))";
        /// Node numbers beyond what an id holds.
        NODES = "SELECT node FROM node_lease WHERE node < 0 OR node > 1023";
        /// Kept answers that no change gives.
        ANSWERS = "SELECT created_at FROM idempotency WHERE status < 200 OR status > 299 OR body = ''
                     OR length(request_digest) <> 32 ORDER BY created_at LIMIT 1000";
    }
}

crate::invariants! {
    HAS_TERMS: "search.terms", walks::ENTRIES, Entry,
        "Every search entry has its terms.",
        {
            sqlite: "SELECT e.id FROM search_entry e WHERE e.id > $1 AND e.id <= $2
                       AND NOT EXISTS (SELECT 1 FROM search_terms_docsize d WHERE d.id = e.id)",
            postgres: "SELECT e.id FROM search_entry e WHERE e.id > $1 AND e.id <= $2 AND e.terms = ''::tsvector"
        };
    HAS_ENTRY: "search.entry", walks::TERMS, Entry,
        "Every indexed text has its search entry.",
        {
            sqlite: "SELECT d.id FROM search_terms_docsize d WHERE d.id > $1 AND d.id <= $2
                       AND NOT EXISTS (SELECT 1 FROM search_entry e WHERE e.id = d.id)",
            postgres: "SELECT e.id FROM search_entry e WHERE e.id > $1 AND e.id <= $2 AND e.chunk < 0"
        };
}

/// An entry of the index has no id outside.
struct Entry(i64);

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "entry {}", self.0)
    }
}

static FEW: &[Invariant] = &[
    Invariant {
        name: "job.state",
        sentence: "Every job waits, runs under a lease, or is dead, and its columns say the same.",
        id: |raw| JobId(raw).to_string(),
        rule: Rule::Few(&few::JOBS),
    },
    Invariant {
        name: "node.number",
        sentence: "Every leased node number fits into an id.",
        id: |raw| raw.to_string(),
        rule: Rule::Few(&few::NODES),
    },
    Invariant {
        name: "idempotency.answer",
        sentence: "Every kept answer to a repeated call is one that a change gave.",
        id: |raw| kernel::Instant::from_micros(raw).to_string(),
        rule: Rule::Few(&few::ANSWERS),
    },
];

/// What must hold of the engine's own tables.
pub(crate) fn all() -> Vec<&'static Invariant> {
    FEW.iter().chain(ROWS).collect()
}

/// The statements of this module.
pub(crate) fn statements() -> Vec<&'static crate::Statement> {
    [walks::ALL, few::ALL, ALL, super::blobs::ALL].concat()
}
