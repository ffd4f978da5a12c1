//! People. Each is known by any number of identities; merges are reversible.
//!
//! A merge moves nothing: every row keeps the person it was written for, and each person names the
//! `root` that they are shown as. Reading a root reads the rows of everybody whose root it is.

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant, OrganisationId, PersonId, Reason};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::event::{self, EventKind, NewEvent};
use crate::identity::{self, IdentityKind};

/// A person, as shown: a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name as we know it; may be an address when they never said one.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// The organisation's name.
    pub organisation_name: Option<String>,
    /// The language they want to be written to in (BCP 47).
    pub language: Option<String>,
    /// The employee who answers for the relationship.
    pub keeper: Option<AccountId>,
    /// The keeper's name.
    pub keeper_name: Option<String>,
    /// Who answers when the keeper is away.
    pub stand_in: Option<AccountId>,
    /// The stand-in's name.
    pub stand_in_name: Option<String>,
    /// Their id in another system.
    pub external_id: Option<String>,
    /// Since when they are known.
    pub known_since: Instant,
    /// Grows with every change.
    pub revision: i64,
}

/// A person to create.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// The language they want to be written to in.
    pub language: Option<String>,
    /// The employee who answers for the relationship.
    pub keeper: Option<AccountId>,
    /// Who answers when the keeper is away.
    pub stand_in: Option<AccountId>,
    /// Their id in another system.
    pub external_id: Option<String>,
    /// Since when they are known; now when `None`.
    pub known_since: Option<Instant>,
}

/// What may be changed about a person.
#[derive(Debug, Clone)]
pub struct Details {
    /// Their name.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// The language they want to be written to in.
    pub language: Option<String>,
    /// The employee who answers for the relationship.
    pub keeper: Option<AccountId>,
    /// Who answers when the keeper is away.
    pub stand_in: Option<AccountId>,
}

/// A page of visible roots by name, with a further condition.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.name, p.organisation_id, o.name, p.language, p.keeper_id, k.name, p.stand_in_id, s.name, ",
            "p.external_id, p.known_since, p.revision FROM person p ",
            "LEFT JOIN organisation o ON o.id = p.organisation_id ",
            "LEFT JOIN account k ON k.id = p.keeper_id LEFT JOIN account s ON s.id = p.stand_in_id ",
            "WHERE p.root_id = p.id AND (p.name_key, p.id) > ($1, $2) ",
            $condition,
            " AND (EXISTS (SELECT 1 FROM voice v JOIN person m ON m.id = v.person_id ",
            "WHERE m.root_id = p.id AND v.mailbox_id IN LIST($3)) ",
            "OR EXISTS (SELECT 1 FROM conversation c JOIN person m ON m.id = c.person_id ",
            "WHERE m.root_id = p.id AND c.mailbox_id IN LIST($3)) ",
            "OR (NOT EXISTS (SELECT 1 FROM voice v JOIN person m ON m.id = v.person_id WHERE m.root_id = p.id) ",
            "AND NOT EXISTS (SELECT 1 FROM conversation c JOIN person m ON m.id = c.person_id ",
            "WHERE m.root_id = p.id))) ORDER BY p.name_key, p.id LIMIT $4"
        )
    };
}

engine::statements! {
    /// A root that the actor may know: heard in a visible mailbox, or not heard anywhere yet.
    VISIBLE = "SELECT p.id, p.name, p.organisation_id, o.name, p.language, p.keeper_id, k.name, p.stand_in_id, s.name,
                 p.external_id, p.known_since, p.revision
               FROM person p
               LEFT JOIN organisation o ON o.id = p.organisation_id
               LEFT JOIN account k ON k.id = p.keeper_id
               LEFT JOIN account s ON s.id = p.stand_in_id
               WHERE p.id = (SELECT root_id FROM person WHERE id = $1) AND (
                 EXISTS (SELECT 1 FROM voice v JOIN person m ON m.id = v.person_id
                         WHERE m.root_id = p.id AND v.mailbox_id IN LIST($2))
                 OR EXISTS (SELECT 1 FROM conversation c JOIN person m ON m.id = c.person_id
                            WHERE m.root_id = p.id AND c.mailbox_id IN LIST($2))
                 OR (NOT EXISTS (SELECT 1 FROM voice v JOIN person m ON m.id = v.person_id WHERE m.root_id = p.id)
                     AND NOT EXISTS (SELECT 1 FROM conversation c JOIN person m ON m.id = c.person_id
                                     WHERE m.root_id = p.id)))";
    /// A page of visible roots by name.
    LIST = page("");
    /// The same, of those whose names have words that begin with each of three ranges. A name that was
    /// merged into another still finds it.
    FIND = page("AND p.id IN (SELECT m.root_id FROM person_word w JOIN person m ON m.id = w.person_id
                              WHERE w.word >= $5 AND w.word < $6)
                 AND p.id IN (SELECT m.root_id FROM person_word w JOIN person m ON m.id = w.person_id
                              WHERE w.word >= $7 AND w.word < $8)
                 AND p.id IN (SELECT m.root_id FROM person_word w JOIN person m ON m.id = w.person_id
                              WHERE w.word >= $9 AND w.word < $10)");
    /// Writes a word of a name down.
    ADD_WORD = "INSERT INTO person_word (person_id, word) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Forgets the words of a name.
    FORGET_WORDS = "DELETE FROM person_word WHERE person_id = $1";
    /// Creates a person.
    CREATE = "INSERT INTO person (id, root_id, name, name_key, organisation_id, language, keeper_id, stand_in_id,
                external_id, known_since, created_at)
              VALUES ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Changes a person's details.
    CHANGE = "UPDATE person SET name = $2, name_key = $3, organisation_id = $4, language = $5, keeper_id = $6,
                stand_in_id = $7, revision = revision + 1 WHERE id = $1";
    /// What a change may change, as it stands.
    BEFORE = "SELECT name, organisation_id, language, keeper_id, stand_in_id FROM person WHERE id = $1";
    /// Names the root that a person is shown as.
    SET_ROOT = "UPDATE person SET root_id = $2 WHERE id = $1";
    /// Gives a person whose name nobody knew a name, and a language.
    LEARN = "UPDATE person SET name = COALESCE($2, name), name_key = COALESCE($3, name_key),
               language = COALESCE(language, $4), revision = revision + 1 WHERE id = $1";
    /// The root, the name and the language of a person.
    BRIEF = "SELECT root_id, name, language, keeper_id FROM person WHERE id = $1";
    /// A person by the id they have in another system.
    BY_EXTERNAL = "SELECT id FROM person WHERE external_id = $1";
}

/// The form of a name that sorts and compares: lower case, without accents, single spaces.
pub fn name_key(name: &str) -> String {
    let folded: String = name.nfkd().filter(|c| !is_combining_mark(*c) && !c.is_control()).collect();
    folded.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read(row: &mut Row<'_>) -> Result<Person, DbError> {
    Ok(Person {
        id: row.take()?,
        name: row.take()?,
        organisation: row.take()?,
        organisation_name: row.take()?,
        language: row.take()?,
        keeper: row.take()?,
        keeper_name: row.take()?,
        stand_in: row.take()?,
        stand_in_name: row.take()?,
        external_id: row.take()?,
        known_since: row.take()?,
        revision: row.take()?,
    })
}

/// The person as whom an id is shown, if the actor may know them: somebody heard in a mailbox that the
/// actor sees, or not heard anywhere yet.
pub fn visible(tx: &mut Tx<'_>, actor: &Actor, id: PersonId) -> Result<Option<Person>, DbError> {
    tx.find(&VISIBLE, params![id, actor.mailbox_keys()], read)
}

/// How many words of a query are looked for: the longest ones say most.
const QUERY_WORDS: usize = 3;
/// Sorts after every word.
const AFTER_ALL: char = '\u{10FFFF}';

/// The words of a name, folded, each once.
pub(crate) fn words(name: &str) -> Vec<String> {
    let key = name_key(name);
    let mut words: Vec<String> = key
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

fn keep_words(tx: &mut Tx<'_>, person: PersonId, name: &str) -> Result<(), DbError> {
    tx.execute(&FORGET_WORDS, params![person])?;
    for word in words(name) {
        tx.execute(&ADD_WORD, params![person, word])?;
    }
    Ok(())
}

/// A page of the people the actor may know, by name. `after` is the name and id of the last one seen;
/// `query` keeps those whose name has, for each word of it, a word that begins so.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    query: &str,
    after: Option<(&str, PersonId)>,
    limit: u32,
) -> Result<Vec<Person>, DbError> {
    let (name, id) = after.map_or((String::new(), 0), |(name, id)| (name_key(name), id.raw()));
    let mut wanted = words(query);
    if wanted.is_empty() {
        return tx.query(&LIST, params![name, id, actor.mailbox_keys(), limit], read);
    }
    wanted.sort_by_key(|word| std::cmp::Reverse(word.len()));
    wanted.truncate(QUERY_WORDS);
    let mut given = params![name, id, actor.mailbox_keys(), limit].to_vec();
    for number in 0..QUERY_WORDS {
        // A range that is not needed repeats the first, which costs nothing more.
        let word = wanted.get(number).unwrap_or(&wanted[0]);
        given.push(word.as_str().into());
        given.push(format!("{word}{AFTER_ALL}").into());
    }
    tx.query(&FIND, &given, read)
}

/// Creates a person. The caller authorises.
pub fn create(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, new: &NewPerson) -> Result<PersonId, Fault> {
    let id: PersonId = tx.mint(clock);
    let now = clock.now();
    tx.execute(
        &CREATE,
        params![
            id,
            &new.name,
            name_key(&new.name),
            new.organisation,
            new.language.as_deref(),
            new.keeper,
            new.stand_in,
            new.external_id.as_deref(),
            new.known_since.unwrap_or(now),
            now
        ],
    )?;
    keep_words(tx, id, &new.name)?;
    let event = NewEvent { person: Some(id), ..NewEvent::new(EventKind::PersonCreated, "person", id.raw()) };
    event::append(tx, clock, actor, event)?;
    Ok(id)
}

/// Who an author is: the person who uses one of the identities, or a new one. An author without any
/// identity stays unknown (`None`): a name alone never makes two voices one person's.
///
/// The machine, which takes in what customers send, knows everybody. For an employee, and for a token of theirs,
/// somebody known only in mailboxes that they do not see is taken (`Invalid`): to be heard in a mailbox opens a
/// person to everybody who sees it, and naming an address must not. Who keeps the voice all the same asks
/// [`is_elsewhere`] before.
pub fn recognise(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: Option<&str>,
    identities: &[(IdentityKind, &str)],
    language: Option<&str>,
    since: Instant,
) -> Result<Option<PersonId>, Fault> {
    let usable: Vec<(IdentityKind, &str)> =
        identities.iter().copied().filter(|(kind, value)| kind.normalise(value).is_some()).collect();
    let Some((_, first_shown)) = usable.first() else { return Ok(None) };
    if let Some(person) = known_by(tx, &usable)? {
        if !may_name(tx, actor, person)? {
            return Err(Fault::invalid("identity", Reason::Taken));
        }
        learn(tx, person, name, language)?;
        return Ok(Some(person));
    }
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(first_shown);
    let new = NewPerson {
        name: name.to_owned(),
        language: language.map(str::to_owned),
        known_since: Some(since),
        ..NewPerson::default()
    };
    let person = create(tx, clock, actor, &new)?;
    for (kind, value) in usable {
        identity::add(tx, clock, actor, person, kind, value)?;
    }
    Ok(Some(person))
}

/// Whether the author with these identities is somebody whom the actor may not know: known in mailboxes only that
/// they do not see.
pub fn is_elsewhere(
    tx: &mut Tx<'_>,
    actor: &Actor,
    identities: &[(IdentityKind, &str)],
) -> Result<bool, DbError> {
    // The machine knows everybody: nothing is to be looked up.
    if actor.role.is_none() {
        return Ok(false);
    }
    match known_by(tx, identities)? {
        Some(person) => Ok(!may_name(tx, actor, person)?),
        None => Ok(false),
    }
}

/// The person who uses the first of the identities that anybody uses, visible or not.
fn known_by(tx: &mut Tx<'_>, identities: &[(IdentityKind, &str)]) -> Result<Option<PersonId>, DbError> {
    for (kind, value) in identities {
        if let Some(person) = identity::find(tx, *kind, value)? {
            return Ok(Some(person));
        }
    }
    Ok(None)
}

/// Whether an actor may say that a voice is this person's.
fn may_name(tx: &mut Tx<'_>, actor: &Actor, person: PersonId) -> Result<bool, DbError> {
    Ok(actor.role.is_none() || visible(tx, actor, person)?.is_some())
}

/// A person known only by an address learns their name when they say it; a language likewise.
fn learn(
    tx: &mut Tx<'_>,
    person: PersonId,
    name: Option<&str>,
    language: Option<&str>,
) -> Result<(), DbError> {
    let Some(known) = brief(tx, person)? else { return Ok(()) };
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let nameless = known.name.contains('@') || known.name.starts_with('+');
    let name = if nameless { name } else { None };
    let language = if known.language.is_none() { language } else { None };
    if name.is_some() || language.is_some() {
        tx.execute(&LEARN, params![person, name, name.map(name_key), language])?;
        if let Some(name) = name {
            keep_words(tx, person, name)?;
        }
    }
    Ok(())
}

/// The little that intake needs to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The person as whom they are shown.
    pub root: PersonId,
    /// Their name.
    pub name: String,
    /// Their language.
    pub language: Option<String>,
    /// Who answers for the relationship.
    pub keeper: Option<AccountId>,
}

/// The little that intake needs to know of a person, visible or not.
pub fn brief(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Brief>, DbError> {
    tx.find(&BRIEF, params![id], |row| {
        Ok(Brief { root: row.take()?, name: row.take()?, language: row.take()?, keeper: row.take()? })
    })
}

/// A person by the id they have in another system, visible or not.
pub fn by_external_id(tx: &mut Tx<'_>, external_id: &str) -> Result<Option<PersonId>, DbError> {
    tx.find(&BY_EXTERNAL, params![external_id], |row| row.take())
}

/// Changes a person's details; nothing is written when they are as they were. The caller authorises and
/// has checked that the person is visible.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    root: PersonId,
    details: &Details,
) -> Result<(), Fault> {
    let before = tx.find(&BEFORE, params![root], |row| {
        Ok(Details {
            name: row.take()?,
            organisation: row.take()?,
            language: row.take()?,
            keeper: row.take()?,
            stand_in: row.take()?,
        })
    })?;
    let before = before.ok_or(Fault::NotFound)?;
    let changed: Vec<&str> = [
        ("name", before.name != details.name),
        ("organisation", before.organisation != details.organisation),
        ("language", before.language != details.language),
        ("keeper", before.keeper != details.keeper),
        ("stand_in", before.stand_in != details.stand_in),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let Details { name, organisation, language, keeper, stand_in } = details;
    tx.execute(
        &CHANGE,
        params![root, name, name_key(name), *organisation, language.as_deref(), *keeper, *stand_in],
    )?;
    if before.name != *name {
        keep_words(tx, root, name)?;
    }
    let detail = serde_json::json!({ "changed": changed, "keeper": keeper, "stand_in": stand_in });
    let event = NewEvent {
        person: Some(root),
        ..NewEvent::new(EventKind::PersonChanged, "person", root.raw()).detail(detail)
    };
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Shows a person as another one, or as themselves. The caller authorises and keeps the rule that every
/// root is its own root: merges are the only reason to call this.
pub fn set_root(tx: &mut Tx<'_>, person: PersonId, root: PersonId) -> Result<(), DbError> {
    tx.execute(&SET_ROOT, params![person, root])?;
    Ok(())
}

/// The signal that a person's page should be read again, for those who see the mailbox in which
/// something about them happened.
pub fn signal(root: PersonId, mailbox: kernel::MailboxId) -> engine::Signal {
    engine::Signal { kind: "person".into(), id: root.to_string(), revision: 0, mailbox: Some(mailbox.raw()) }
}
