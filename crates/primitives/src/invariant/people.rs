//! Who works here, and who the customers are.

use engine::invariant::{Findings, Invariant, Rule, ranges};
use engine::{DbError, Tx, params};
use kernel::{AccountId, IdentityId, PersonId};

use super::walks;

pub(super) mod rules {
    engine::statements! {
        /// Accounts with a role that does not exist, or an address that nobody could sign in with.
        ACCOUNTS = "SELECT id FROM account WHERE role NOT IN ('keeper', 'function', 'conductor', 'administrator')
                      OR email <> LOWER(email) OR revision < 1 OR (ended_at IS NOT NULL AND ended_at < created_at)";
        /// Shops without anybody who could open the settings.
        SHOPS = "SELECT id FROM shop WHERE id <> 1 OR (setup_step = 'done' AND EXISTS (SELECT 1 FROM account)
                   AND NOT EXISTS (SELECT 1 FROM account WHERE role = 'administrator' AND ended_at IS NULL))";
        /// The names of a range of people.
        NAMES = "SELECT id, name FROM person WHERE id > $1 AND id <= $2 ORDER BY id";
        /// The words under which a range of people is found.
        WORDS = "SELECT person_id, word FROM person_word WHERE person_id > $1 AND person_id <= $2
                 ORDER BY person_id, word";
    }
}

engine::invariants! {
    ROOTS: "person.root", walks::PERSONS, PersonId,
        "Everybody is shown as somebody who is there and is shown as themselves.",
        "SELECT p.id FROM person p WHERE p.id > $1 AND p.id <= $2
           AND NOT EXISTS (SELECT 1 FROM person r WHERE r.id = p.root_id AND r.root_id = r.id)";
    CREATED: "person.event", walks::PERSONS, PersonId,
        "Everybody has exactly one event that says they became known.",
        "SELECT p.id FROM person p WHERE p.id > $1 AND p.id <= $2
           AND 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'person' AND e.subject_id = p.id
                       AND e.kind = 'person.created')";
    USED: "identity.value", walks::IDENTITIES, IdentityId,
        "Every address is of a kind that exists, and is not empty.",
        "SELECT i.id FROM identity i WHERE i.id > $1 AND i.id <= $2
           AND (i.kind NOT IN ('email', 'phone', 'handle', 'external') OR i.value = '')";
    ADDED: "identity.event", walks::IDENTITIES, IdentityId,
        "Every address has exactly one event that says it was added.",
        "SELECT i.id FROM identity i WHERE i.id > $1 AND i.id <= $2
           AND 1 <> (SELECT COUNT(*) FROM event e WHERE e.subject_kind = 'identity' AND e.subject_id = i.id
                       AND e.kind = 'identity.added')";
}

pub(super) static FEW: &[Invariant] = &[
    Invariant {
        name: "account.role",
        sentence: "Every account has a role that exists and an address in lower case.",
        id: |raw| AccountId(raw).to_string(),
        rule: Rule::Few(&rules::ACCOUNTS),
    },
    Invariant {
        name: "shop.administrator",
        sentence: "There is one shop, and once it is set up somebody may open its settings.",
        id: |raw| format!("shop {raw}"),
        rule: Rule::Few(&rules::SHOPS),
    },
];

pub(super) static CODE: &[Invariant] = &[Invariant {
    name: "person.words",
    sentence: "Everybody is found by exactly the words of their name.",
    id: |raw| PersonId(raw).to_string(),
    rule: Rule::Code(words),
}];

fn words(tx: &mut Tx<'_>, findings: &mut Findings<'_>) -> Result<(), DbError> {
    ranges(tx, &walks::PERSONS, |tx, from, to| {
        let names = tx.query(&rules::NAMES, params![from, to], |row| {
            Ok((row.take::<PersonId>()?, row.take::<String>()?))
        })?;
        let kept = tx.query(&rules::WORDS, params![from, to], |row| {
            Ok((row.take::<PersonId>()?, row.take::<String>()?))
        })?;
        let mut kept = kept.into_iter().peekable();
        for (person, name) in &names {
            let mut found = Vec::new();
            while let Some((_, word)) = kept.next_if(|(of, _)| of == person) {
                found.push(word);
            }
            found.sort();
            if found != crate::person::words(name) {
                findings.broken(person);
            }
        }
        findings.looked_at(names.len() as u64);
        Ok(())
    })
}
