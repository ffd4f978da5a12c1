//! The addresses and handles of a person: added and taken away by hand. One that another person uses is
//! never moved behind their backs; merging the two is offered instead.

pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Clock, Fault, IdentityId, PersonId};
use primitives::identity::{self, IdentityKind};
use primitives::person::Person;

use crate::person;
use crate::texts::Texts;

/// Adds an address or handle to a person whom the actor may know.
pub fn add(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: PersonId,
    kind: IdentityKind,
    value: &str,
) -> Result<IdentityId, Fault> {
    let person = person::editable(tx, actor, id)?;
    kernel::fault::required("identity", value, 320)?;
    let added = identity::add(tx, clock, actor, person.id, kind, value)?;
    person::signal(tx, actor, person.id)?;
    Ok(added)
}

/// Takes an address or handle away.
pub fn remove(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: PersonId,
    identity: IdentityId,
) -> Result<(), Fault> {
    let person = person::editable(tx, actor, id)?;
    identity::remove(tx, clock, actor, person.id, identity)?;
    person::signal(tx, actor, person.id)
}

/// Who uses an address, if the actor may know them: with whom to merge instead of taking it from them.
pub fn user(
    tx: &mut Tx<'_>,
    actor: &Actor,
    kind: IdentityKind,
    value: &str,
) -> Result<Option<Person>, Fault> {
    match identity::find(tx, kind, value)? {
        Some(user) => Ok(primitives::person::visible(tx, actor, user)?),
        None => Ok(None),
    }
}

/// What a kind of address is called.
pub(crate) fn kind_name(t: &Texts, kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Email => t.identities_email(),
        IdentityKind::Phone => t.identities_phone(),
        IdentityKind::Handle => t.identities_handle(),
        IdentityKind::External => t.identities_external(),
    }
}
