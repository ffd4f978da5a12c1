//! Accounts: the employees who may sign in.

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, ActorKind, Clash, Clock, Fault, Instant, Locale, Reason, Role};
use serde::Serialize;

use crate::event::{self, EventKind, NewEvent};

/// An employee's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The address that one signs in with, lower case.
    pub email: String,
    /// The name that colleagues and customers see.
    pub name: String,
    /// What the employee is in the shop.
    pub role: Role,
    /// The language in which the employee reads.
    pub locale: Locale,
    /// The employee's IANA time zone.
    pub zone: String,
    /// What the employee does, in words, such as "officina".
    pub title: Option<String>,
    /// When the account ended; `None` while it lives.
    pub ended_at: Option<Instant>,
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address that one signs in with.
    pub email: String,
    /// The name.
    pub name: String,
    /// What the employee is.
    pub role: Role,
    /// The argon2id hash of the password; `None` for an account that cannot sign in by password.
    pub password_hash: Option<String>,
    /// The language.
    pub locale: Locale,
    /// The time zone.
    pub zone: String,
    /// What the employee does, in words.
    pub title: Option<String>,
}

engine::statements! {
    /// An account by id.
    BY_ID = "SELECT id, email, name, role, locale, zone, title, ended_at FROM account WHERE id = $1";
    /// Every account by name: a shop has at most some hundreds.
    LIST = "SELECT id, email, name, role, locale, zone, title, ended_at FROM account ORDER BY ended_at IS NOT NULL, name, id";
    /// What a sign-in needs.
    CREDENTIALS = "SELECT id, password_hash FROM account WHERE email = $1 AND ended_at IS NULL";
    /// Creates an account.
    CREATE = "INSERT INTO account (id, email, name, role, password_hash, locale, zone, title, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email) DO NOTHING";
    /// Changes what an administrator may change.
    CHANGE = "UPDATE account SET name = $2, role = $3, title = $4, revision = revision + 1 WHERE id = $1";
    /// Changes what everybody may change about themselves.
    PREFER = "UPDATE account SET locale = $2, zone = $3, revision = revision + 1 WHERE id = $1";
    /// Sets a password.
    SET_PASSWORD = "UPDATE account SET password_hash = $2, revision = revision + 1 WHERE id = $1";
    /// Ends an account.
    END = "UPDATE account SET ended_at = $2, revision = revision + 1 WHERE id = $1 AND ended_at IS NULL";
    /// How many administrators could still sign in without this account.
    OTHER_ADMINISTRATORS = "SELECT CAST(COUNT(*) AS BIGINT) FROM account
                            WHERE role = 'administrator' AND ended_at IS NULL AND id <> $1";
    /// An account as an actor: what it is and what it sees.
    ACTOR = {
        sqlite: "SELECT a.id, a.name, a.role, a.locale, a.zone,
                   (SELECT group_concat(g.mailbox_id, ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                   (SELECT group_concat(m.team_id, ' ') FROM team_member m WHERE m.account_id = a.id)
                 FROM account a WHERE a.id = $1 AND a.ended_at IS NULL",
        postgres: "SELECT a.id, a.name, a.role, a.locale, a.zone,
                     (SELECT string_agg(CAST(g.mailbox_id AS TEXT), ' ') FROM mailbox_grant g WHERE g.account_id = a.id),
                     (SELECT string_agg(CAST(m.team_id AS TEXT), ' ') FROM team_member m WHERE m.account_id = a.id)
                   FROM account a WHERE a.id = $1 AND a.ended_at IS NULL"
    };
}

fn read(row: &mut Row<'_>) -> Result<Account, DbError> {
    Ok(Account {
        id: row.take()?,
        email: row.take()?,
        name: row.take()?,
        role: Role::from_code(&row.take::<String>()?).unwrap_or(Role::Function),
        locale: row.take::<String>()?.parse().unwrap_or_default(),
        zone: row.take()?,
        title: row.take()?,
        ended_at: row.take()?,
    })
}

/// An account by id.
pub fn by_id(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>, DbError> {
    tx.find(&BY_ID, params![id], read)
}

/// Every account: living ones by name, then those that ended.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Account>, DbError> {
    tx.query(&LIST, &[], read)
}

/// The id and password hash of a living account.
pub fn credentials(tx: &mut Tx<'_>, email: &str) -> Result<Option<(AccountId, Option<String>)>, DbError> {
    tx.find(&CREDENTIALS, params![email.trim().to_lowercase()], |row| Ok((row.take()?, row.take()?)))
}

/// Creates an account. The caller authorises.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    new: &NewAccount,
) -> Result<AccountId, Fault> {
    let id: AccountId = tx.mint(clock);
    let email = new.email.trim().to_lowercase();
    if !crate::identity::is_email(&email) {
        return Err(Fault::invalid("email", Reason::NotA("a mail address")));
    }
    let created = tx.execute(
        &CREATE,
        params![
            id,
            email,
            &new.name,
            new.role.code(),
            new.password_hash.as_deref(),
            new.locale.code(),
            &new.zone,
            new.title.as_deref(),
            clock.now()
        ],
    )?;
    if created == 0 {
        return Err(Fault::invalid("email", Reason::Taken));
    }
    let detail = serde_json::json!({ "role": new.role.code() });
    event::append(
        tx,
        clock,
        actor,
        NewEvent::new(EventKind::AccountCreated, "account", id.raw()).detail(detail),
    )?;
    Ok(id)
}

/// Changes name, role and title. Another role ends the account's sessions. The shop keeps at least one administrator, and
/// one who can come in.
/// The caller authorises.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    name: &str,
    role: Role,
    title: Option<&str>,
) -> Result<(), Fault> {
    if role != Role::Administrator {
        keep_an_administrator(tx, id)?;
    }
    let before = by_id(tx, id)?.ok_or(Fault::NotFound)?;
    if tx.execute(&CHANGE, params![id, name, role.code(), title])? == 0 {
        return Err(Fault::NotFound);
    }
    if before.role != role {
        // What somebody may do from now on, they do in sessions that begin from now on.
        crate::session::end_all(tx, id, None)?;
    }
    if before.role == Role::Administrator && role != Role::Administrator {
        crate::policy::keep_a_door(tx)?;
    }
    let detail = serde_json::json!({ "role": role.code() });
    event::append(
        tx,
        clock,
        actor,
        NewEvent::new(EventKind::AccountChanged, "account", id.raw()).detail(detail),
    )?;
    Ok(())
}

fn keep_an_administrator(tx: &mut Tx<'_>, without: AccountId) -> Result<(), Fault> {
    if tx.one(&OTHER_ADMINISTRATORS, params![without], |row| row.take::<i64>())? == 0 {
        return Err(Fault::Conflict(Clash::LastAdministrator));
    }
    Ok(())
}

/// Changes one's own language and time zone.
pub fn prefer(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    locale: Locale,
    zone: &str,
) -> Result<(), DbError> {
    tx.execute(&PREFER, params![id, locale.code(), zone])?;
    let detail = serde_json::json!({ "language": locale.code() });
    event::append(
        tx,
        clock,
        actor,
        NewEvent::new(EventKind::AccountChanged, "account", id.raw()).detail(detail),
    )?;
    Ok(())
}

/// Sets a password and ends every session of the account. The caller authorises.
pub fn set_password(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: AccountId,
    hash: &str,
) -> Result<(), Fault> {
    if tx.execute(&SET_PASSWORD, params![id, hash])? == 0 {
        return Err(Fault::NotFound);
    }
    crate::session::end_all(tx, id, None)?;
    crate::doorway::close_all(tx, id)?;
    crate::known_browser::forget(tx, id)?;
    let detail = serde_json::json!({ "password": true });
    event::append(
        tx,
        clock,
        actor,
        NewEvent::new(EventKind::AccountChanged, "account", id.raw()).detail(detail),
    )?;
    Ok(())
}

/// Ends an account, its sessions and its tokens. The shop keeps at least one administrator, and one who can come in.
pub fn end(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: AccountId) -> Result<(), Fault> {
    keep_an_administrator(tx, id)?;
    let before = by_id(tx, id)?.ok_or(Fault::NotFound)?;
    if tx.execute(&END, params![id, clock.now()])? == 0 {
        return Err(Fault::NotFound);
    }
    if before.role == Role::Administrator {
        crate::policy::keep_a_door(tx)?;
    }
    crate::session::end_all(tx, id, None)?;
    crate::doorway::close_all(tx, id)?;
    crate::known_browser::forget(tx, id)?;
    crate::token::revoke_all(tx, clock, id)?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::AccountEnded, "account", id.raw()))?;
    Ok(())
}

/// The actor that a living account is: its role, what it sees, how it reads.
pub fn actor(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Actor>, DbError> {
    tx.find(&ACTOR, params![id], read_actor)
}

/// Reads the columns of [`ACTOR`].
pub(crate) fn read_actor(row: &mut Row<'_>) -> Result<Actor, DbError> {
    fn ids<T: From<i64> + Ord>(list: Option<String>) -> Vec<T> {
        let list = list.unwrap_or_default();
        let mut ids: Vec<T> = list.split(' ').filter_map(|id| id.parse::<i64>().ok()).map(T::from).collect();
        ids.sort();
        ids
    }
    Ok(Actor {
        kind: ActorKind::Human,
        account: Some(row.take()?),
        name: row.take()?,
        role: Some(Role::from_code(&row.take::<String>()?).unwrap_or(Role::Function)),
        scopes: None,
        locale: row.take::<String>()?.parse().unwrap_or_default(),
        zone: row.take()?,
        mailboxes: ids(row.take()?),
        teams: ids(row.take()?),
    })
}
