//! API tokens: they act for an account, within scopes, until they are revoked.

pub(crate) mod page;

use engine::Tx;
use kernel::{AccountId, Actor, Clock, Fault, Permission, Reason, TokenId, fault};
use primitives::{account, token};

/// A token that was just created: the only time that its secret is seen.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its id.
    pub id: TokenId,
    /// What the program sends as `Authorization: Bearer …`.
    pub secret: String,
}

/// Creates a token that acts for an account within scopes, and never beyond what the account itself may.
///
/// # Errors
/// `Forbidden` without [`Permission::ManageTokens`]; `NotFound` when the account does not live; `Invalid` on
/// `name`, or on `scopes` when there are none or one that the account does not have.
pub fn create(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    account: AccountId,
    name: &str,
    scopes: &[Permission],
) -> Result<Issued, Fault> {
    actor.authorise(Permission::ManageTokens)?;
    let name = fault::required("name", name, 80)?;
    if scopes.is_empty() {
        return Err(Fault::invalid("scopes", Reason::Missing));
    }
    let owner = account::actor(tx, account)?.ok_or(Fault::NotFound)?;
    if !scopes.iter().all(|scope| owner.may(*scope)) {
        return Err(Fault::invalid("scopes", Reason::Unknown));
    }
    let secret = format!("{}{}", token::PREFIX, engine::random_secret()?);
    let id = token::create(tx, clock, actor, account, &name, scopes, &secret)?;
    Ok(Issued { id, secret })
}

/// Revokes a token: it stops working at once.
pub fn revoke(tx: &mut Tx<'_>, clock: &dyn Clock, actor: &Actor, id: TokenId) -> Result<(), Fault> {
    actor.authorise(Permission::ManageTokens)?;
    token::revoke(tx, clock, actor, id)
}
