//! Teams of employees.

use engine::{DbError, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Reason, TeamId};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

engine::statements! {
    /// Every team by name.
    LIST = "SELECT id, name FROM team ORDER BY name, id";
    /// Creates a team.
    CREATE = "INSERT INTO team (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    /// Puts an account into a team.
    JOIN = "INSERT INTO team_member (team_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /// Takes an account out of a team.
    LEAVE = "DELETE FROM team_member WHERE team_id = $1 AND account_id = $2";
    /// Who belongs to which team.
    MEMBERS = "SELECT team_id, account_id FROM team_member ORDER BY team_id, account_id";
}

/// Every team by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Team>, DbError> {
    tx.query(&LIST, &[], |row| Ok(Team { id: row.take()?, name: row.take()? }))
}

/// Creates a team. The caller authorises.
pub fn create(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, name: &str) -> Result<TeamId, Fault> {
    let id: TeamId = tx.mint(clock);
    if tx.execute(&CREATE, params![id, name])? == 0 {
        return Err(Fault::invalid("name", Reason::Taken));
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::TeamCreated, "team", id.raw()))?;
    Ok(id)
}

/// Puts an account into a team. The caller authorises.
pub fn join(tx: &mut Tx<'_>, team: TeamId, account: AccountId) -> Result<(), DbError> {
    tx.execute(&JOIN, params![team, account])?;
    Ok(())
}

/// Takes an account out of a team. The caller authorises.
pub fn leave(tx: &mut Tx<'_>, team: TeamId, account: AccountId) -> Result<(), DbError> {
    tx.execute(&LEAVE, params![team, account])?;
    Ok(())
}

/// Who belongs to which team.
pub fn members(tx: &mut Tx<'_>) -> Result<Vec<(TeamId, AccountId)>, DbError> {
    tx.query(&MEMBERS, &[], |row| Ok((row.take()?, row.take()?)))
}
