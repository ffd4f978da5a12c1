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
        JOBS = "SELECT id FROM job WHERE attempts < 0 OR outages < 0 OR outages > attempts OR NOT (
                  (state = 'waiting' AND leased_until IS NULL AND ended_at IS NULL)
                  OR (state = 'running' AND leased_until IS NOT NULL AND ended_at IS NULL AND attempts > 0)
                  OR (state = 'dead' AND leased_until IS NULL AND ended_at IS NOT NULL AND unique_key IS NULL))";
        /// Notes of files without a row that have one, or that say neither that they lie there nor that they are
        /// being removed; told by when they were made.
        ORPHANS = "SELECT o.seen_at FROM shelf_orphan o WHERE o.removing NOT IN (0, 1)
                     OR EXISTS (SELECT 1 FROM blob b WHERE b.digest = o.digest AND b.bytes IS NULL) LIMIT 1000";
        /// Node numbers beyond what an id holds.
        NODES = "SELECT node FROM node_lease WHERE node < 0 OR node > 1023";
        /// Kept answers that no change gives: programs get what was made, browsers are sent on to the next page.
        ANSWERS = "SELECT created_at FROM idempotency WHERE (status NOT BETWEEN 200 AND 299 AND status <> 303) OR body = ''
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
        name: "shelf.orphan",
        sentence: "No large file that has a row is noted for the sweep.",
        id: |raw| kernel::Instant::from_micros(raw).to_string(),
        rule: Rule::Few(&few::ORPHANS),
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
