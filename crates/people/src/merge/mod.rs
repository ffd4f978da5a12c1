//! Merging: saying that two people are one, and taking that back exactly.
//!
//! Nothing moves in a merge. Every voice, identity, fact and consent keeps the person it was written for;
//! only the root changes under which a person is shown, by the rule in [`mod@roots`]. So any merge that stands
//! can be undone, not only the last, and undoing all of them leaves everything as it was.

pub mod api;
pub(crate) mod invariant;
pub(crate) mod page;
pub mod roots;
pub mod suggest;
pub(crate) mod suggestions_page;

use engine::{Tx, params};
use kernel::{Actor, Clash, Clock, Fault, Instant, MergeId, Permission, PersonId, Reason};
use primitives::event::{self, EventKind, NewEvent};
use primitives::person::Person;

use crate::person;
use roots::{Standing, roots};

/// Merges that were taken back are told of only where both people may be known.
macro_rules! history {
    () => {
        concat!(
            "SELECT g.id, w.name, l.name, g.merged_at, a.name, g.undone_at FROM merge g
             JOIN person w ON w.id = g.winner_id JOIN person l ON l.id = g.loser_id
             LEFT JOIN account a ON a.id = g.merged_by
             WHERE (g.winner_id IN (SELECT id FROM person WHERE root_id = $1)
                    OR g.loser_id IN (SELECT id FROM person WHERE root_id = $1))
               AND (g.undone_at IS NULL OR (",
            known!("w.root_id", "$2"),
            " AND ",
            known!("l.root_id", "$2"),
            ")) ORDER BY g.merged_at DESC, g.id DESC LIMIT 100"
        )
    };
}

engine::statements! {
    /// Says that two people are one.
    CREATE = "INSERT INTO merge (id, winner_id, loser_id, merged_at, merged_by) VALUES ($1, $2, $3, $4, $5)";
    /// Takes that back.
    UNDO = "UPDATE merge SET undone_at = $2, undone_by = $3 WHERE id = $1 AND undone_at IS NULL";
    /// A merge.
    BY_ID = "SELECT winner_id, loser_id, undone_at FROM merge WHERE id = $1";
    /// Everybody who is shown as one of some people, and as whom.
    MEMBERS = "SELECT p.id, p.root_id FROM person p WHERE p.root_id IN LIST($1)";
    /// The merges that stand among some people, in the order of time.
    STANDING = "SELECT g.winner_id, g.loser_id FROM merge g
                WHERE g.winner_id IN LIST($1) AND g.undone_at IS NULL ORDER BY g.merged_at, g.id";
    /// The merges that a person is made of, and those taken back, newest first.
    HISTORY = history();
    /// Says that two people are two.
    DIFFER = "INSERT INTO not_the_same (first_id, second_id, said_at, said_by) VALUES ($1, $2, $3, $4)
              ON CONFLICT DO NOTHING";
}

/// A merge as its history shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its id.
    pub id: MergeId,
    /// The name of the person who stayed.
    pub winner_name: String,
    /// The name of the person who was merged into them.
    pub loser_name: String,
    /// When.
    pub merged_at: Instant,
    /// By whom.
    pub merged_by: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<Instant>,
}

/// Says that `loser` is the same person as `winner`, as whom both are shown from then on.
pub fn merge(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    winner: PersonId,
    loser: PersonId,
) -> Result<MergeId, Fault> {
    let (first, second) = both(tx, actor, winner, loser)?;
    let id: MergeId = tx.mint(clock);
    // The row keeps who was meant, not as whom they are shown now: if another merge is taken back, these
    // two stay together.
    tx.execute(&CREATE, params![id, winner, loser, clock.now(), actor.account])?;
    resettle(tx, &[first.id, second.id])?;
    let detail = serde_json::json!({ "merge": id, "with": loser });
    log(tx, clock, actor, EventKind::PersonMerged, winner, detail)?;
    person::signal(tx, actor, first.id)?;
    Ok(id)
}

/// Takes a merge back; gives the person that it was merged into. Any merge that stands can be taken back.
pub fn unmerge(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: MergeId) -> Result<PersonId, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    let merge = tx.find(&BY_ID, params![id], |row| {
        Ok((row.take::<PersonId>()?, row.take::<PersonId>()?, row.take::<Option<Instant>>()?))
    })?;
    let (winner, loser, undone_at) = merge.ok_or(Fault::NotFound)?;
    let root = person::required(tx, actor, winner)?;
    if undone_at.is_some() {
        // Whether two people were once one is told only to who may know both.
        person::required(tx, actor, loser)?;
        actor.authorise(Permission::MergePeople)?;
        return Err(Fault::Conflict(Clash::State));
    }
    actor.authorise(Permission::MergePeople)?;
    if tx.execute(&UNDO, params![id, clock.now(), actor.account])? == 0 {
        return Err(Fault::Conflict(Clash::State));
    }
    // Told before the two part: afterwards one of them may be beyond what the actor sees.
    person::signal(tx, actor, root.id)?;
    resettle(tx, &[root.id])?;
    let detail = serde_json::json!({ "merge": id, "with": loser });
    log(tx, clock, actor, EventKind::PersonUnmerged, winner, detail)?;
    Ok(winner)
}

/// Says that two people are two, so that nobody is asked again.
pub fn differ(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    first: PersonId,
    second: PersonId,
) -> Result<(), Fault> {
    both(tx, actor, first, second)?;
    let (low, high) = (first.min(second), first.max(second));
    if tx.execute(&DIFFER, params![low, high, clock.now(), actor.account])? > 0 {
        let detail = serde_json::json!({ "with": second });
        log(tx, clock, actor, EventKind::PersonsDiffer, first, detail)?;
    }
    Ok(())
}

/// Two different people whom the actor may know and may merge.
fn both(tx: &mut Tx<'_>, actor: &Actor, first: PersonId, with: PersonId) -> Result<(Person, Person), Fault> {
    let first = person::required(tx, actor, first)?;
    actor.authorise(Permission::MergePeople)?;
    let with = primitives::person::visible(tx, actor, with)?;
    let with = with.ok_or(Fault::invalid("with", Reason::Unknown))?;
    if first.id == with.id {
        return Err(Fault::invalid("with", Reason::Because("is the same person already".into())));
    }
    Ok((first, with))
}

/// What a person is made of, newest first; and what was taken back, where both may be known.
pub fn history(tx: &mut Tx<'_>, actor: &Actor, person: &Person) -> Result<Vec<Merged>, Fault> {
    actor.authorise(Permission::ReadPeople)?;
    Ok(tx.query(&HISTORY, params![person.id, actor.mailbox_keys()], |row| {
        Ok(Merged {
            id: row.take()?,
            winner_name: row.take()?,
            loser_name: row.take()?,
            merged_at: row.take()?,
            merged_by: row.take()?,
            undone_at: row.take()?,
        })
    })?)
}

/// Replays the merges that stand among everybody shown as one of these roots, and names the new roots.
fn resettle(tx: &mut Tx<'_>, affected: &[PersonId]) -> Result<(), Fault> {
    let affected: Vec<i64> = affected.iter().map(|person| person.raw()).collect();
    let members =
        tx.query(&MEMBERS, params![affected], |row| Ok((row.take::<PersonId>()?, row.take::<PersonId>()?)))?;
    let people: Vec<PersonId> = members.iter().map(|(person, _)| *person).collect();
    let keys: Vec<i64> = people.iter().map(|person| person.raw()).collect();
    let merges =
        tx.query(&STANDING, params![keys], |row| Ok(Standing { winner: row.take()?, loser: row.take()? }))?;
    let roots = roots(&people, &merges);
    for (person, shown_as) in members {
        match roots.get(&person) {
            Some(root) if *root != shown_as => primitives::person::set_root(tx, person, *root)?,
            _ => {}
        }
    }
    Ok(())
}

fn log(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    kind: EventKind,
    person: PersonId,
    detail: serde_json::Value,
) -> Result<(), Fault> {
    let event = NewEvent { person: Some(person), ..NewEvent::new(kind, "person", person.raw()) };
    event::append(tx, clock, actor, event.detail(detail))?;
    Ok(())
}
