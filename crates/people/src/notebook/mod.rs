//! The notebook of a person: small facts, each with who told it and when. The customer sees and corrects
//! everything in it, so nothing is written here that one would not say to their face.

pub mod api;
pub(crate) mod page;

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, Clock, FactId, Fault, Instant, PersonId, Reason, fault};
use primitives::event::{self, EventKind, NewEvent};
use primitives::person::Person;

use crate::person;

/// Longest fact, in characters.
pub const MOST: usize = 280;

engine::statements! {
    /// The facts about a person and those merged into them, newest first.
    OF_PERSON = "SELECT f.id, f.body, f.told_by, f.told_at, f.recorded_by, a.name
                 FROM fact f LEFT JOIN account a ON a.id = f.recorded_by
                 WHERE f.person_id IN (SELECT id FROM person WHERE root_id = $1) AND f.removed_at IS NULL
                 ORDER BY f.told_at DESC, f.id DESC LIMIT 500";
    /// Writes a fact.
    ADD = "INSERT INTO fact (id, person_id, body, told_by, told_at, recorded_by, recorded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Takes a fact out: what it said is gone, that there was one stays in the log.
    REMOVE = "UPDATE fact SET removed_at = $3, body = '' WHERE id = $1 AND removed_at IS NULL
              AND person_id IN (SELECT id FROM person WHERE root_id = $2)";
}

/// Who told a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// The person themselves, to whoever wrote it down.
    Person,
    /// Somebody of their organisation or family.
    Somebody,
    /// A purchase or a repair shows it.
    Purchase,
    /// The person themselves, on their own pages.
    Portal,
}

impl ToldBy {
    /// Every one that an employee may choose, in the order of the chooser.
    pub const CHOICES: [ToldBy; 3] = [ToldBy::Person, ToldBy::Somebody, ToldBy::Purchase];

    /// As stored and as named in the API.
    pub fn code(self) -> &'static str {
        match self {
            ToldBy::Person => "customer",
            ToldBy::Somebody => "somebody",
            ToldBy::Purchase => "purchase",
            ToldBy::Portal => "portal",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<ToldBy> {
        [ToldBy::Person, ToldBy::Somebody, ToldBy::Purchase, ToldBy::Portal]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// A small fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: FactId,
    /// What it says.
    pub body: String,
    /// Who told it.
    pub told_by: ToldBy,
    /// When it was told.
    pub told_at: Instant,
    /// The employee who wrote it down.
    pub recorded_by: Option<AccountId>,
    /// Their name.
    pub recorded_by_name: Option<String>,
}

fn read(row: &mut Row<'_>) -> Result<Fact, DbError> {
    Ok(Fact {
        id: row.take()?,
        body: row.take()?,
        told_by: ToldBy::from_code(&row.take::<String>()?).unwrap_or(ToldBy::Somebody),
        told_at: row.take()?,
        recorded_by: row.take()?,
        recorded_by_name: row.take()?,
    })
}

/// What the notebook of a person whom the actor may know holds, newest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, person: PersonId) -> Result<Vec<Fact>, Fault> {
    let person = person::required(tx, actor, person)?;
    of_person(tx, actor, &person)
}

/// The same for a person that was read already.
pub fn of_person(tx: &mut Tx<'_>, actor: &Actor, person: &Person) -> Result<Vec<Fact>, Fault> {
    actor.authorise(kernel::Permission::ReadPeople)?;
    Ok(tx.query(&OF_PERSON, params![person.id], read)?)
}

/// A fact to write down.
#[derive(Debug, Clone)]
pub struct NewFact<'a> {
    /// What it says.
    pub body: &'a str,
    /// Who told it.
    pub told_by: ToldBy,
    /// When it was told; now when `None`.
    pub told_at: Option<Instant>,
}

/// Writes a fact into the notebook of a person whom the actor may know.
pub fn add(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    person: PersonId,
    new: &NewFact<'_>,
) -> Result<FactId, Fault> {
    let person = person::editable(tx, actor, person)?;
    let body = fault::required("fact", new.body, MOST)?;
    let now = clock.now();
    let told_at = new.told_at.unwrap_or(now);
    if told_at > now {
        return Err(Fault::invalid("told_at", Reason::Because("lies in the future".into())));
    }
    let id: FactId = tx.mint(clock);
    tx.execute(&ADD, params![id, person.id, body, new.told_by.code(), told_at, actor.account, now])?;
    let event = NewEvent { person: Some(person.id), ..NewEvent::new(EventKind::FactAdded, "fact", id.raw()) };
    event::append(tx, clock, actor, event)?;
    person::signal(tx, actor, person.id)?;
    Ok(id)
}

/// Takes a fact out of the notebook; its text is gone.
pub fn remove(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    person: PersonId,
    fact: FactId,
) -> Result<(), Fault> {
    let person = person::editable(tx, actor, person)?;
    if tx.execute(&REMOVE, params![fact, person.id, clock.now()])? == 0 {
        return Err(Fault::NotFound);
    }
    let event =
        NewEvent { person: Some(person.id), ..NewEvent::new(EventKind::FactRemoved, "fact", fact.raw()) };
    event::append(tx, clock, actor, event)?;
    person::signal(tx, actor, person.id)?;
    Ok(())
}
