//! Identity providers: other houses that vouch for people by OpenID Connect, and who is known there as whom here.

use engine::{DbError, Row, Tx, params};
use kernel::{AccountId, Actor, Clock, Fault, Instant, ProviderId, Reason, Role};
use serde::{Deserialize, Serialize};

use crate::event::{self, EventKind, NewEvent};
use crate::{policy, session};

/// For what the client's secret is sealed.
pub(crate) const PURPOSE: &str = "provider";

/// A provider's group and the role that its members have here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRole {
    /// The group, as the provider names it.
    pub group: String,
    /// The role.
    pub role: Role,
}

/// What an identity provider is and what the company lets it do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProvider {
    /// What the button says.
    pub name: String,
    /// The issuer's address, exactly as it calls itself.
    pub issuer: String,
    /// What this shop is called there.
    pub client_id: String,
    /// The mail domains whose people may come in, lower case; empty for every domain.
    pub domains: Vec<String>,
    /// Whether an account with the same mail address, which the provider has verified, is linked at the first
    /// sign-in.
    pub links_by_email: bool,
    /// Whether who has no account gets one.
    pub creates_accounts: bool,
    /// What somebody new is.
    pub default_role: Role,
    /// The claim that lists the groups, such as `groups`.
    pub group_claim: Option<String>,
    /// The roles of groups, first match first.
    pub group_roles: Vec<GroupRole>,
    /// Whether the provider answers for the second factor.
    pub second_factor: bool,
}

/// An identity provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// What it is and may do.
    pub is: NewProvider,
    /// The client's secret, sealed; `None` for a public client.
    sealed: Option<Vec<u8>>,
}

/// A provider by which an account comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Since when it knows the account.
    pub linked_at: Instant,
}

engine::statements! {
    /// A provider.
    BY_ID = "SELECT id, name, issuer, client_id, client_secret, domains, links_by_email, creates_accounts, default_role,
               group_claim, group_roles, second_factor FROM provider WHERE id = $1";
    /// The providers.
    LIST = "SELECT id, name, issuer, client_id, client_secret, domains, links_by_email, creates_accounts, default_role,
              group_claim, group_roles, second_factor FROM provider ORDER BY name, id";
    /// Creates a provider.
    CREATE = "INSERT INTO provider (id, name, issuer, client_id, client_secret, domains, links_by_email, creates_accounts,
                default_role, group_claim, group_roles, second_factor, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (issuer) DO NOTHING";
    /// Changes a provider.
    CHANGE = "UPDATE provider SET name = $2, client_id = $3, domains = $4, links_by_email = $5, creates_accounts = $6,
                default_role = $7, group_claim = $8, group_roles = $9, second_factor = $10 WHERE id = $1";
    /// Changes the client's secret.
    SECRET = "UPDATE provider SET client_secret = $2 WHERE id = $1";
    /// Forgets the people of a provider.
    FORGET_PEOPLE = "DELETE FROM provider_subject WHERE provider_id = $1";
    /// Takes a provider away.
    END = "DELETE FROM provider WHERE id = $1";
    /// Who somebody of a provider is here.
    ACCOUNT_OF = "SELECT s.account_id FROM provider_subject s JOIN account a ON a.id = s.account_id
                  WHERE s.provider_id = $1 AND s.subject = $2 AND a.ended_at IS NULL";
    /// Writes down who somebody of a provider is here.
    LINK = "INSERT INTO provider_subject (provider_id, subject, account_id, linked_at, used_at) VALUES ($1, $2, $3, $4, $4)
            ON CONFLICT (provider_id, subject) DO UPDATE SET account_id = excluded.account_id, linked_at = excluded.linked_at,
              used_at = excluded.used_at";
    /// Somebody came in.
    USED = "UPDATE provider_subject SET used_at = $3 WHERE provider_id = $1 AND subject = $2";
    /// The providers that know an account.
    OF_ACCOUNT = "SELECT p.id, p.name, MIN(s.linked_at) FROM provider_subject s JOIN provider p ON p.id = s.provider_id
                  WHERE s.account_id = $1 GROUP BY p.id, p.name ORDER BY p.name, p.id";
    /// A provider knows an account no more.
    UNLINK = "DELETE FROM provider_subject WHERE provider_id = $1 AND account_id = $2";
}

fn read(row: &mut Row<'_>) -> Result<Provider, DbError> {
    let (id, name, issuer, client_id, sealed) =
        (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
    let domains = row.take::<String>()?.split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let is = NewProvider {
        name,
        issuer,
        client_id,
        domains,
        links_by_email: row.take()?,
        creates_accounts: row.take()?,
        default_role: Role::from_code(&row.take::<String>()?).unwrap_or(Role::Function),
        group_claim: row.take()?,
        group_roles: serde_json::from_str(&row.take::<String>()?).unwrap_or_default(),
        second_factor: row.take()?,
    };
    Ok(Provider { id, is, sealed })
}

/// A provider.
pub fn by_id(tx: &mut Tx<'_>, id: ProviderId) -> Result<Option<Provider>, DbError> {
    tx.find(&BY_ID, params![id], read)
}

/// The providers by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Provider>, DbError> {
    tx.query(&LIST, &[], read)
}

impl Provider {
    /// The client's secret, opened.
    pub fn secret(&self, tx: &Tx<'_>) -> Result<Option<String>, Fault> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        let secret = tx.unseal(PURPOSE, &self.id.to_string(), sealed)?;
        Ok(Some(String::from_utf8(secret).map_err(Fault::store)?))
    }

    /// Whether it has a client's secret.
    pub fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }
}

fn roles(is: &NewProvider) -> Result<String, Fault> {
    serde_json::to_string(&is.group_roles).map_err(Fault::store)
}

/// Creates a provider. The caller authorises.
///
/// # Errors
/// `Invalid` on `issuer` when it is known already.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    is: &NewProvider,
    secret: Option<&str>,
) -> Result<ProviderId, Fault> {
    let id: ProviderId = tx.mint(clock);
    let sealed = secret.map(|secret| tx.seal(PURPOSE, &id.to_string(), secret.as_bytes())).transpose()?;
    let params = params![
        id,
        &is.name,
        &is.issuer,
        &is.client_id,
        sealed,
        is.domains.join(" "),
        is.links_by_email,
        is.creates_accounts,
        is.default_role.code(),
        is.group_claim.as_deref(),
        roles(is)?,
        is.second_factor,
        clock.now()
    ];
    if tx.execute(&CREATE, params)? == 0 {
        return Err(Fault::invalid("issuer", Reason::Taken));
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::ProviderCreated, "provider", id.raw()))?;
    Ok(id)
}

/// Whether a provider's word counts for less from now on, so that what was opened by it must not stay open.
fn narrows(before: &NewProvider, after: &NewProvider) -> bool {
    let fewer = !after.domains.is_empty()
        && (before.domains.is_empty() || !before.domains.iter().all(|it| after.domains.contains(it)));
    fewer || (before.second_factor && !after.second_factor) || before.client_id != after.client_id
}

/// Changes what a provider may do; its issuer stays, and its secret too unless a new one is given. Where its word counts
/// for less from now on, the sessions that rest on it end. The caller authorises.
pub fn change(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ProviderId,
    is: &NewProvider,
    secret: Option<&str>,
) -> Result<(), Fault> {
    let before = by_id(tx, id)?.ok_or(Fault::NotFound)?;
    if narrows(&before.is, is) {
        session::end_of_provider(tx, id)?;
    }
    let params = params![
        id,
        &is.name,
        &is.client_id,
        is.domains.join(" "),
        is.links_by_email,
        is.creates_accounts,
        is.default_role.code(),
        is.group_claim.as_deref(),
        roles(is)?,
        is.second_factor
    ];
    if tx.execute(&CHANGE, params)? == 0 {
        return Err(Fault::NotFound);
    }
    if let Some(secret) = secret {
        let sealed = tx.seal(PURPOSE, &id.to_string(), secret.as_bytes())?;
        tx.execute(&SECRET, params![id, sealed])?;
    }
    event::append(tx, clock, actor, NewEvent::new(EventKind::ProviderChanged, "provider", id.raw()))?;
    Ok(())
}

/// Takes a provider away with whom it knew and with the sessions that rest on its word; the accounts stay. The caller
/// authorises.
///
/// # Errors
/// `NotFound`; [`kernel::Clash::LastAdministrator`] when whoever administers came in by it alone.
pub fn end(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: ProviderId) -> Result<(), Fault> {
    session::end_of_provider(tx, id)?;
    tx.execute(&FORGET_PEOPLE, params![id])?;
    if tx.execute(&END, params![id])? == 0 {
        return Err(Fault::NotFound);
    }
    policy::keep_a_door(tx)?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::ProviderEnded, "provider", id.raw()))?;
    Ok(())
}

/// The living account that somebody of a provider is.
pub fn account_of(tx: &mut Tx<'_>, id: ProviderId, subject: &str) -> Result<Option<AccountId>, DbError> {
    tx.find(&ACCOUNT_OF, params![id, subject], |row| row.take())
}

/// Writes down who somebody of a provider is here.
pub fn link(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ProviderId,
    subject: &str,
    account: AccountId,
) -> Result<(), Fault> {
    tx.execute(&LINK, params![id, subject, account, clock.now()])?;
    let detail = serde_json::json!({ "provider": id });
    let event = NewEvent::new(EventKind::ProviderLinked, "account", account.raw()).detail(detail);
    event::append(tx, clock, actor, event)?;
    Ok(())
}

/// Somebody of a provider came in.
pub fn used(tx: &mut Tx<'_>, clock: &dyn Clock, id: ProviderId, subject: &str) -> Result<(), DbError> {
    tx.execute(&USED, params![id, subject, clock.now()])?;
    Ok(())
}

/// The providers that know an account, by name.
pub fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Link>, DbError> {
    tx.query(&OF_ACCOUNT, params![account], |row| {
        Ok(Link { provider: row.take()?, name: row.take()?, linked_at: row.take()? })
    })
}

/// A provider knows an account no more, and the account's sessions that rest on its word end. The caller authorises, and
/// asks [`policy::keep_a_door`] when it is done.
pub fn unlink(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    id: ProviderId,
    account: AccountId,
) -> Result<(), Fault> {
    if tx.execute(&UNLINK, params![id, account])? == 0 {
        return Err(Fault::NotFound);
    }
    session::end_of_link(tx, id, account)?;
    let detail = serde_json::json!({ "provider": id });
    let event = NewEvent::new(EventKind::ProviderUnlinked, "account", account.raw()).detail(detail);
    event::append(tx, clock, actor, event)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(domains: &[&str], second_factor: bool) -> NewProvider {
        NewProvider {
            name: "La casa".into(),
            issuer: "https://login.example".into(),
            client_id: "bottega".into(),
            domains: domains.iter().map(|it| (*it).to_owned()).collect(),
            links_by_email: true,
            creates_accounts: false,
            default_role: Role::Function,
            group_claim: None,
            group_roles: Vec::new(),
            second_factor,
        }
    }

    #[test]
    fn a_word_that_counts_for_less_is_told_from_one_that_counts_for_more() {
        let both = provider(&["a.example", "b.example"], true);
        assert!(narrows(&both, &provider(&["a.example"], true)), "a domain left");
        assert!(
            narrows(&both, &provider(&["a.example", "b.example"], false)),
            "the second step is ours again"
        );
        assert!(narrows(&provider(&[], false), &both), "everybody's domain became two");
        assert!(!narrows(&both, &provider(&["b.example", "c.example", "a.example"], true)));
        assert!(!narrows(&provider(&["a.example"], false), &both));
        assert!(!narrows(&both, &NewProvider { name: "Altro".into(), ..both.clone() }));
    }
}
