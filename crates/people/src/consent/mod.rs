//! What a person agreed to: for which purpose, on which basis, since when, and until when.

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, Clash, Clock, ConsentId, Fault, Instant, Permission, PersonId};
use primitives::event::{self, EventKind, NewEvent};
use primitives::person::Person;

use crate::person;

engine::statements! {
    /// The consents of a person and of those merged into them, newest first.
    OF_PERSON = "SELECT c.id, c.purpose, c.basis, c.given_at, c.withdrawn_at FROM consent c
                 WHERE c.person_id IN (SELECT id FROM person WHERE root_id = $1)
                 ORDER BY c.given_at DESC, c.id DESC LIMIT 200";
    /// Whether a purpose is covered now.
    COVERED = "SELECT c.id FROM consent c WHERE c.person_id IN (SELECT id FROM person WHERE root_id = $1)
               AND c.purpose = $2 AND c.withdrawn_at IS NULL LIMIT 1";
    /// Notes a consent.
    GIVE = "INSERT INTO consent (id, person_id, purpose, basis, given_at) VALUES ($1, $2, $3, $4, $5)";
    /// Ends a consent.
    WITHDRAW = "UPDATE consent SET withdrawn_at = $3 WHERE id = $1 AND withdrawn_at IS NULL
                AND person_id IN (SELECT id FROM person WHERE root_id = $2)";
}

/// What a person agreed that we do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Answer what they said.
    Reply,
    /// Ask them questions.
    Survey,
    /// Send them news.
    News,
}

impl Purpose {
    /// Every purpose, in the order of the chooser.
    pub const ALL: [Purpose; 3] = [Purpose::Reply, Purpose::Survey, Purpose::News];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Reply => "reply",
            Purpose::Survey => "survey",
            Purpose::News => "news",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// Why we may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// They said yes.
    Consent,
    /// A contract with them needs it.
    Contract,
    /// We have an interest that they would expect and that does not outweigh theirs.
    LegitimateInterest,
}

impl Basis {
    /// Every basis, in the order of the chooser.
    pub const ALL: [Basis; 3] = [Basis::Consent, Basis::Contract, Basis::LegitimateInterest];

    /// As stored.
    pub fn code(self) -> &'static str {
        match self {
            Basis::Consent => "consent",
            Basis::Contract => "contract",
            Basis::LegitimateInterest => "legitimate_interest",
        }
    }

    /// From its stored form.
    pub fn from_code(code: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

/// A consent as noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// What for.
    pub purpose: Purpose,
    /// Why we may.
    pub basis: Basis,
    /// Since when.
    pub given_at: Instant,
    /// Until when; `None` while it holds.
    pub withdrawn_at: Option<Instant>,
}

fn read(row: &mut Row<'_>) -> Result<Consent, DbError> {
    Ok(Consent {
        id: row.take()?,
        // A purpose that this version does not know is shown as the least that one may do.
        purpose: Purpose::from_code(&row.take::<String>()?).unwrap_or(Purpose::Reply),
        basis: Basis::from_code(&row.take::<String>()?).unwrap_or(Basis::Consent),
        given_at: row.take()?,
        withdrawn_at: row.take()?,
    })
}

/// What a person that was read already agreed to, newest first.
pub fn of_person(tx: &mut Tx<'_>, actor: &Actor, person: &Person) -> Result<Vec<Consent>, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    Ok(tx.query(&OF_PERSON, params![person.id], read)?)
}

/// Notes that a person agreed. A purpose that is covered already is left as it is.
pub fn give(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: PersonId,
    purpose: Purpose,
    basis: Basis,
) -> Result<ConsentId, Fault> {
    let person = person::editable(tx, actor, id)?;
    if tx.find(&COVERED, params![person.id, purpose.code()], |row| row.take::<ConsentId>())?.is_some() {
        return Err(Fault::Conflict(Clash::State));
    }
    let id: ConsentId = tx.mint(clock);
    tx.execute(&GIVE, params![id, person.id, purpose.code(), basis.code(), clock.now()])?;
    log(tx, clock, actor, EventKind::ConsentGiven, person.id, id)?;
    Ok(id)
}

/// Notes that a person takes their consent back, from now on.
pub fn withdraw(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: PersonId,
    consent: ConsentId,
) -> Result<(), Fault> {
    let person = person::editable(tx, actor, id)?;
    if tx.execute(&WITHDRAW, params![consent, person.id, clock.now()])? == 0 {
        return Err(Fault::NotFound);
    }
    log(tx, clock, actor, EventKind::ConsentWithdrawn, person.id, consent)
}

/// The fact stands under the person, so that their timeline shows it.
fn log(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    kind: EventKind,
    person: PersonId,
    consent: ConsentId,
) -> Result<(), Fault> {
    let event = NewEvent { person: Some(person), ..NewEvent::new(kind, "person", person.raw()) };
    event::append(tx, clock, actor, event.detail(serde_json::json!({ "consent": consent })))?;
    person::signal(tx, actor, person)
}
