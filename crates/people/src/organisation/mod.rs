//! Organisations, and the people of them whom one may know.

pub mod api;
pub(crate) mod page;

use engine::{Tx, params};
use kernel::{Actor, Fault, OrganisationId, Permission, PersonId};
use primitives::organisation::{self, Organisation};

macro_rules! people {
    () => {
        concat!(
            "SELECT p.id, p.name, k.name FROM person p LEFT JOIN account k ON k.id = p.keeper_id
             WHERE p.organisation_id = $1 AND p.root_id = p.id AND ",
            known!("p.id", "$2"),
            " ORDER BY p.name_key, p.id LIMIT 500"
        )
    };
}

engine::statements! {
    /// The people of an organisation whom the actor may know.
    PEOPLE = people();
}

/// Somebody of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Who follows them.
    pub keeper_name: Option<String>,
}

/// An organisation and its people whom the actor may know; there is none where there is nobody to know.
pub fn show(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: OrganisationId,
) -> Result<(Organisation, Vec<Member>), Fault> {
    actor.authorise(Permission::ReadPeople)?;
    let people = tx.query(&PEOPLE, params![id, actor.mailbox_keys()], |row| {
        Ok(Member { id: row.take()?, name: row.take()?, keeper_name: row.take()? })
    })?;
    if people.is_empty() {
        return Err(Fault::NotFound);
    }
    let organisation = organisation::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    Ok((organisation, people))
}
