//! Teams: who works together. Conversations can be handed to a team.

pub(crate) mod page;

use engine::Tx;
use kernel::{AccountId, Actor, Clock, Fault, Permission, TeamId, fault};
use primitives::event::{self, EventKind, NewEvent};
use primitives::{account, team};

/// Most characters of a name.
pub(crate) const MOST_NAME: usize = 80;

/// Creates a team.
pub fn create(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, name: &str) -> Result<TeamId, Fault> {
    actor.authorise(Permission::ManageMailboxes)?;
    let name = fault::required("name", name, MOST_NAME)?;
    team::create(tx, clock, actor, &name)
}

/// Makes exactly these living accounts the members of a team.
pub fn set_members(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: TeamId,
    members: &[AccountId],
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageMailboxes)?;
    if !team::list(tx)?.iter().any(|team| team.id == id) {
        return Err(Fault::NotFound);
    }
    let living: Vec<AccountId> = account::list(tx)?
        .into_iter()
        .filter(|account| account.ended_at.is_none())
        .map(|account| account.id)
        .collect();
    if !members.iter().all(|member| living.contains(member)) {
        return Err(Fault::NotFound);
    }
    let before: Vec<AccountId> =
        team::members(tx)?.into_iter().filter(|(team, _)| *team == id).map(|(_, account)| account).collect();
    for account in before.iter().filter(|account| !members.contains(account)) {
        team::leave(tx, id, *account)?;
    }
    for account in members.iter().filter(|account| !before.contains(account)) {
        team::join(tx, id, *account)?;
    }
    let detail = serde_json::json!({ "members": members });
    event::append(tx, clock, actor, NewEvent::new(EventKind::TeamChanged, "team", id.raw()).detail(detail))?;
    Ok(())
}
