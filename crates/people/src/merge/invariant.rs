//! What must always hold of merges, the notebook and consents. See [`engine::invariant`].

use std::collections::BTreeSet;

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Statement, Tx, params};
use kernel::{ConsentId, FactId, MergeId, PersonId};
use primitives::invariant::walks::PERSONS;

use super::roots::{Standing, roots};

mod rules {
    use engine::walk;

    engine::statements! {
        /// Merges.
        MERGES = walk("merge");
        /// Facts.
        FACTS = walk("fact");
        /// Consents.
        CONSENTS = walk("consent");
        /// The merges of a range that stand.
        STANDING = "SELECT winner_id, loser_id, merged_at, id FROM merge
                    WHERE id > $1 AND id <= $2 AND undone_at IS NULL";
        /// Everybody of a range who is shown as somebody else.
        MERGED = "SELECT id, root_id FROM person WHERE id > $1 AND id <= $2 AND root_id <> id";
    }
}

engine::invariants! {
    MERGE: "merge.pair", rules::MERGES, MergeId,
        "Every merge joins two different people, and is taken back no earlier than it was made.",
        "SELECT g.id FROM merge g WHERE g.id > $1 AND g.id <= $2
           AND (g.winner_id = g.loser_id OR (g.undone_at IS NULL AND g.undone_by IS NOT NULL))";
    MERGE_TOLD: "merge.event", rules::MERGES, MergeId,
        "Every merge has an event that says it was made, and one that says it was taken back when it was.",
        "SELECT g.id FROM merge g WHERE g.id > $1 AND g.id <= $2 AND (
           NOT EXISTS (SELECT 1 FROM event e WHERE e.subject_kind = 'person' AND e.subject_id = g.winner_id
                         AND e.kind = 'person.merged')
           OR (g.undone_at IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM event e WHERE e.subject_kind = 'person' AND e.subject_id = g.winner_id
                    AND e.kind = 'person.unmerged')))";
    FACT: "fact.event", rules::FACTS, FactId,
        "Every fact of a notebook has exactly one event that says it was added; one that was taken out says nothing any more.",
        "SELECT f.id FROM fact f WHERE f.id > $1 AND f.id <= $2 AND ((f.removed_at IS NOT NULL AND f.body <> '')
           OR 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'fact' AND e.subject_id = f.id
                      AND e.kind = 'fact.added'))";
    CONSENT: "consent.purpose", rules::CONSENTS, ConsentId,
        "Every consent is for a purpose, on a basis.",
        "SELECT c.id FROM consent c WHERE c.id > $1 AND c.id <= $2 AND (c.purpose = '' OR c.basis = '')";
}

static CODE: &[Invariant] = &[Invariant {
    name: "merge.roots",
    sentence: "Everybody is shown as the merges that stand say, replayed in the order of time.",
    id: |raw| PersonId(raw).to_string(),
    rule: Rule::Code(replayed),
}];

/// What must hold of merges, the notebook and consents.
pub(crate) fn all() -> Vec<&'static Invariant> {
    ROWS.iter().chain(CODE).collect()
}

/// The statements of these checks.
pub(crate) fn statements() -> Vec<&'static Statement> {
    [rules::ALL, ALL].concat()
}

fn replayed(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    let mut merges = Vec::new();
    ranges(tx, &rules::MERGES, |tx, from, to| {
        merges.extend(tx.query(&rules::STANDING, params![from, to], |row| {
            let standing = Standing { winner: row.take()?, loser: row.take()? };
            Ok((row.take::<i64>()?, row.take::<i64>()?, standing))
        })?);
        Ok(())
    })?;
    merges.sort_by_key(|(at, id, _)| (*at, *id));
    let merges: Vec<Standing> = merges.into_iter().map(|(_, _, standing)| standing).collect();
    let people: BTreeSet<PersonId> = merges.iter().flat_map(|merge| [merge.winner, merge.loser]).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let mut expected = roots(&people, &merges);
    expected.retain(|person, root| person != root);
    ranges(tx, &PERSONS, |tx, from, to| {
        let shown = tx.query(&rules::MERGED, params![from, to], |row| {
            Ok((row.take::<PersonId>()?, row.take::<PersonId>()?))
        })?;
        for (person, root) in shown {
            if expected.remove(&person) != Some(root) {
                findings.broken(person);
            }
        }
        findings.looked_at(u64::from(engine::invariant::RANGE));
        Ok(())
    })?;
    for person in expected.keys() {
        findings.broken(person);
    }
    Ok(())
}
