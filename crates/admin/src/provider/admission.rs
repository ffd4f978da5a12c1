//! Who somebody of an identity provider is here, by the policy of the provider.

use engine::Tx;
use kernel::{AccountId, Actor, Clash, Clock, Fault, Role};
use primitives::account::{self, NewAccount};
use primitives::provider::{self, Provider};
use primitives::shop;

use super::{Refusal, Vouched};

/// Somebody who may come in.
type Admitted = Result<AccountId, Refusal>;

/// The account of whom a provider vouches for: the one that is linked; the one with the same verified address, where
/// the policy links by it; a new one, where the policy creates them.
pub(crate) fn admit(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<Admitted, Fault> {
    let is = &provider.is;
    let email = vouched.email.as_deref().map(|email| email.trim().to_lowercase());
    let email = email.filter(|email| primitives::identity::is_email(email));
    if !is.domains.is_empty() {
        let domain = email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
        if !domain.is_some_and(|domain| is.domains.iter().any(|allowed| allowed == domain)) {
            return Ok(Err(Refusal::Domain));
        }
        if !vouched.email_verified {
            return Ok(Err(Refusal::Unverified));
        }
    }
    let role = role(provider, vouched);
    let machine = Actor::machine(Vec::new());
    if let Some(account) = provider::account_of(tx, provider.id, &vouched.subject)? {
        provider::used(tx, clock, provider.id, &vouched.subject)?;
        follow(tx, clock, account, role)?;
        return Ok(Ok(account));
    }
    let Some(email) = email else { return Ok(Err(Refusal::NoAccount)) };
    let known = account::credentials(tx, &email)?.map(|(account, _)| account);
    if !(is.links_by_email && known.is_some() || is.creates_accounts && known.is_none()) {
        return Ok(Err(Refusal::NoAccount));
    }
    // Whoever can write any address into their profile there must not become its owner here.
    if !vouched.email_verified {
        return Ok(Err(Refusal::Unverified));
    }
    let account = match known {
        Some(account) => account,
        None => {
            // Somebody who left does not come back by a new account of the same address.
            let new = newcomer(tx, &email, vouched, role.unwrap_or(newcomers_role(provider)))?;
            match tx.savepoint(|tx| account::create(tx, clock, &machine, &new)) {
                Ok(account) => account,
                Err(Fault::Invalid { .. }) => return Ok(Err(Refusal::NoAccount)),
                Err(other) => return Err(other),
            }
        }
    };
    provider::link(tx, clock, &machine, provider.id, &vouched.subject, account)?;
    follow(tx, clock, account, role)?;
    Ok(Ok(account))
}

fn newcomer(tx: &mut Tx<'_>, email: &str, vouched: &Vouched, role: Role) -> Result<NewAccount, Fault> {
    let shop = shop::find(tx)?.ok_or(Fault::NotFound)?;
    let local = email.split('@').next().unwrap_or(email);
    let name = vouched.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(local);
    Ok(NewAccount {
        email: email.to_owned(),
        name: name.chars().filter(|c| !c.is_control()).take(120).collect(),
        role,
        password_hash: None,
        locale: shop.locale,
        zone: shop.zone,
        title: None,
    })
}

/// What somebody new is: whoever administers is appointed here, or by a group that was named here.
fn newcomers_role(provider: &Provider) -> Role {
    Some(provider.is.default_role).filter(|role| *role != Role::Administrator).unwrap_or(Role::Function)
}

/// The role that the provider's groups give, where groups decide; who is in none of them is what somebody new is. A
/// provider that says nothing of groups puts nobody into one: whose rights came by a group does not keep them without.
fn role(provider: &Provider, vouched: &Vouched) -> Option<Role> {
    let is = &provider.is;
    if is.group_claim.is_none() || is.group_roles.is_empty() {
        return None;
    }
    let groups = vouched.groups.as_deref().unwrap_or_else(|| {
        tracing::warn!(provider = %provider.id, "an identity provider says nothing of somebody's groups");
        &[]
    });
    let mapped = is.group_roles.iter().find(|it| groups.contains(&it.group));
    Some(mapped.map_or(newcomers_role(provider), |it| it.role))
}

/// Gives an account the role of its groups, for better or worse. The last administrator stays one, whatever the groups
/// say.
fn follow(tx: &mut Tx<'_>, clock: &dyn Clock, id: AccountId, role: Option<Role>) -> Result<(), Fault> {
    let Some(role) = role else { return Ok(()) };
    let account = account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    if account.role == role {
        return Ok(());
    }
    let machine = Actor::machine(Vec::new());
    let changed = tx.savepoint(|tx| {
        account::change(tx, clock, &machine, id, &account.name, role, account.title.as_deref())
    });
    match changed {
        Err(Fault::Conflict(Clash::LastAdministrator)) => {
            tracing::warn!(account = %id, "the last administrator keeps the role, whatever the groups say");
            Ok(())
        }
        other => other,
    }
}
