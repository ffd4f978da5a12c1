//! Organisations that people belong to.

use engine::{DbError, Row, Tx, params};
use kernel::{Actor, Clock, Fault, OrganisationId};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};
use crate::person::name_key;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Where it is, in words.
    pub place: Option<String>,
    /// Its id in another system.
    pub external_id: Option<String>,
}

engine::statements! {
    /// An organisation.
    BY_ID = "SELECT id, name, place, external_id FROM organisation WHERE id = $1";
    /// An organisation by its folded name.
    BY_NAME = "SELECT id, name, place, external_id FROM organisation WHERE name_key = $1 ORDER BY id LIMIT 1";
    /// Creates an organisation.
    CREATE = "INSERT INTO organisation (id, name, name_key, place, external_id, created_at)
              VALUES ($1, $2, $3, $4, $5, $6)";
    /// A page of organisations in which somebody visible works, by name.
    LIST = "SELECT o.id, o.name, o.place, o.external_id FROM organisation o
            WHERE (o.name_key, o.id) > ($1, $2) AND EXISTS (
              SELECT 1 FROM person p WHERE p.organisation_id = o.id AND (
                EXISTS (SELECT 1 FROM voice v WHERE v.person_id = p.id AND v.mailbox_id IN LIST($3))
                OR EXISTS (SELECT 1 FROM conversation c WHERE c.person_id = p.id AND c.mailbox_id IN LIST($3))))
            ORDER BY o.name_key, o.id LIMIT $4";
}

fn read(row: &mut Row<'_>) -> Result<Organisation, DbError> {
    Ok(Organisation { id: row.take()?, name: row.take()?, place: row.take()?, external_id: row.take()? })
}

/// An organisation by id. The caller checks that somebody in it is visible.
pub fn by_id(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Option<Organisation>, DbError> {
    tx.find(&BY_ID, params![id], read)
}

/// A page of the organisations in which somebody works whom the actor may know, by name. `after` is the
/// name and id of the last one seen.
pub fn list(
    tx: &mut Tx<'_>,
    actor: &Actor,
    after: Option<(&str, OrganisationId)>,
    limit: u32,
) -> Result<Vec<Organisation>, DbError> {
    let (name, id) = after.map_or((String::new(), 0), |(name, id)| (name_key(name), id.raw()));
    tx.query(&LIST, params![name, id, actor.mailbox_keys(), limit], read)
}

/// Creates an organisation. The caller authorises.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    place: Option<&str>,
    external_id: Option<&str>,
) -> Result<OrganisationId, Fault> {
    let id: OrganisationId = tx.mint(clock);
    tx.execute(&CREATE, params![id, name, name_key(name), place, external_id, clock.now()])?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::OrganisationCreated, "organisation", id.raw()))?;
    Ok(id)
}

/// The organisation of this name, created when it is new.
pub fn find_or_create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
) -> Result<OrganisationId, Fault> {
    match tx.find(&BY_NAME, params![name_key(name)], read)? {
        Some(organisation) => Ok(organisation.id),
        None => create(tx, clock, actor, name, None, None),
    }
}
