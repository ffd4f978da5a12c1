//! A person: who may know them, what is told of them on every page, and the change of their details.

pub mod api;
pub(crate) mod page;

use engine::{Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, IdentityId, Instant, Permission, PersonId, Reason, fault};
use primitives::identity::{self, IdentityKind};
use primitives::person::{self, Details, NewPerson, Person};
use primitives::{account, organisation};

/// Longest name of a person or an organisation, in characters.
pub const NAME_MOST: usize = 200;
/// Longest id in another system, in characters.
const EXTERNAL_MOST: usize = 200;
/// Most identities that a new person may be given at once.
const IDENTITIES_MOST: usize = 50;

engine::statements! {
    /// How often a person spoke in the visible mailboxes, and when last.
    SPOKE = "SELECT CAST(COUNT(*) AS BIGINT), MAX(v.occurred_at) FROM voice v
             WHERE v.person_id IN (SELECT id FROM person WHERE root_id = $1) AND v.mailbox_id IN LIST($2)";
    /// The visible mailboxes in which a person is known.
    HEARD_IN = "SELECT b.id FROM mailbox b WHERE b.id IN LIST($2) AND (
                  EXISTS (SELECT 1 FROM voice v WHERE v.mailbox_id = b.id
                          AND v.person_id IN (SELECT id FROM person WHERE root_id = $1))
                  OR EXISTS (SELECT 1 FROM conversation c WHERE c.mailbox_id = b.id
                             AND c.person_id IN (SELECT id FROM person WHERE root_id = $1)))";
}

/// The person as whom an id is shown, if the actor may read people and may know this one.
pub fn required(tx: &mut Tx<'_>, actor: &Actor, id: PersonId) -> Result<Person, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    person::visible(tx, actor, id)?.ok_or(Fault::NotFound)
}

/// The same, for a change of them: who may know them and may not change them is told so.
pub fn editable(tx: &mut Tx<'_>, actor: &Actor, id: PersonId) -> Result<Person, Fault> {
    let person = required(tx, actor, id)?;
    actor.authorise(Permission::EditPeople)?;
    Ok(person)
}

/// How often somebody spoke in the mailboxes that the actor sees, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spoke {
    /// Voices.
    pub times: i64,
    /// The last one.
    pub last: Option<Instant>,
}

/// How often a visible person spoke.
pub fn spoke(tx: &mut Tx<'_>, actor: &Actor, root: PersonId) -> Result<Spoke, Fault> {
    Ok(tx.one(&SPOKE, params![root, actor.mailbox_keys()], |row| {
        Ok(Spoke { times: row.take()?, last: row.take()? })
    })?)
}

/// Tells the pages of a person that something about them changed: only where they are known.
pub(crate) fn signal(tx: &mut Tx<'_>, actor: &Actor, root: PersonId) -> Result<(), Fault> {
    let mailboxes = tx.query(&HEARD_IN, params![root, actor.mailbox_keys()], |row| row.take())?;
    for mailbox in mailboxes {
        tx.signal(person::signal(root, mailbox));
    }
    Ok(())
}

/// What somebody asks to change about a person; `None` leaves it, an inner `None` empties it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The name.
    pub name: Option<String>,
    /// The organisation, by name; it is created when it is new.
    pub organisation: Option<Option<String>>,
    /// The language they want to be written to in.
    pub language: Option<Option<String>>,
    /// Who answers for the relationship.
    pub keeper: Option<Option<AccountId>>,
    /// Who answers when the keeper is away.
    pub stand_in: Option<Option<AccountId>>,
}

/// Changes a person's details.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: PersonId,
    change: &Change,
) -> Result<PersonId, Fault> {
    let person = editable(tx, actor, id)?;
    let name = match &change.name {
        Some(name) => fault::required("name", name, NAME_MOST)?,
        None => person.name,
    };
    let language = match &change.language {
        Some(language) => checked_language(language.as_deref())?,
        None => person.language,
    };
    let keeper = colleague(tx, "keeper", change.keeper, person.keeper)?;
    let stand_in = colleague(tx, "stand_in", change.stand_in, person.stand_in)?;
    let organisation = match &change.organisation {
        Some(given) => match fault::optional("organisation", given.as_deref().unwrap_or(""), NAME_MOST)? {
            Some(name) => Some(organisation::find_or_create(tx, clock, actor, &name)?),
            None => None,
        },
        None => person.organisation,
    };
    let details = Details { name, organisation, language, keeper, stand_in };
    person::change(tx, clock, actor, person.id, &details)?;
    signal(tx, actor, person.id)?;
    Ok(person.id)
}

/// An employee who can answer for somebody: a living account. One who is named already may stay.
fn colleague(
    tx: &mut Tx<'_>,
    field: &'static str,
    asked: Option<Option<AccountId>>,
    now: Option<AccountId>,
) -> Result<Option<AccountId>, Fault> {
    match asked {
        None => Ok(now),
        Some(None) => Ok(None),
        Some(Some(id)) if Some(id) == now => Ok(now),
        Some(Some(id)) => match account::by_id(tx, id)? {
            Some(account) if account.ended_at.is_none() => Ok(Some(id)),
            _ => Err(Fault::invalid(field, Reason::Unknown)),
        },
    }
}

/// A language tag such as `it` or `de-AT`, in its usual spelling.
fn checked_language(given: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(given) = fault::optional("language", given.unwrap_or(""), 12)? else { return Ok(None) };
    let mut parts = given.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let rest: Vec<&str> = parts.collect();
    let letters = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric()) && !part.is_empty();
    if !(2..=3).contains(&primary.len())
        || !primary.chars().all(|c| c.is_ascii_alphabetic())
        || !rest.iter().all(|part| letters(part))
    {
        return Err(Fault::invalid("language", Reason::NotA("a language code such as it or de-AT")));
    }
    Ok(Some([vec![primary.as_str()], rest].concat().join("-")))
}

/// A person that somebody writes down or imports.
#[derive(Debug, Clone, Default)]
pub struct Newcomer {
    /// The name.
    pub name: String,
    /// Addresses and handles.
    pub identities: Vec<(IdentityKind, String)>,
    /// The language they want to be written to in.
    pub language: Option<String>,
    /// The organisation, by name; it is created when it is new.
    pub organisation: Option<String>,
    /// Their id in another system: the same one again gives the person who is there.
    pub external_id: Option<String>,
}

/// Writes down a person. Gives the person and whether they are new.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    new: &Newcomer,
) -> Result<(Person, bool), Fault> {
    actor.authorise(Permission::EditPeople)?;
    let name = fault::required("name", &new.name, NAME_MOST)?;
    let language = checked_language(new.language.as_deref())?;
    let given =
        |field, text: &Option<String>, most| fault::optional(field, text.as_deref().unwrap_or(""), most);
    let external_id = given("external_id", &new.external_id, EXTERNAL_MOST)?;
    let organisation = given("organisation", &new.organisation, NAME_MOST)?;
    if new.identities.len() > IDENTITIES_MOST {
        return Err(Fault::invalid(
            "identities",
            Reason::Because(format!("are more than {IDENTITIES_MOST}")),
        ));
    }
    if let Some(external) = &external_id
        && let Some(known) = person::by_external_id(tx, external)?
    {
        // Whom one may not see exists elsewhere only: the id is taken, and that is all one learns.
        let person = person::visible(tx, actor, known)?;
        let person = person.ok_or(Fault::invalid("external_id", Reason::Taken))?;
        return Ok((person, false));
    }
    let organisation = match organisation {
        Some(name) => Some(organisation::find_or_create(tx, clock, actor, &name)?),
        None => None,
    };
    let new_person = NewPerson { name, organisation, language, external_id, ..NewPerson::default() };
    let id = person::create(tx, clock, actor, &new_person)?;
    for (kind, value) in &new.identities {
        let _: IdentityId = identity::add(tx, clock, actor, id, *kind, value)?;
    }
    Ok((person::visible(tx, actor, id)?.ok_or(Fault::NotFound)?, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_code_in_its_usual_spelling() {
        assert_eq!(checked_language(Some("IT")).unwrap().as_deref(), Some("it"));
        assert_eq!(checked_language(Some(" de-AT ")).unwrap().as_deref(), Some("de-AT"));
        assert_eq!(checked_language(Some("")).unwrap(), None);
        assert_eq!(checked_language(None).unwrap(), None);
        for wrong in ["italiano", "i", "it-", "1t", "it--x", "it_IT"] {
            assert!(checked_language(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
