//! The ways that remain at the machine itself, when nobody can come in by the door: for the command line, which acts as
//! whoever owns the installation.

use engine::Tx;
use kernel::{AccountId, Actor, Clock, Fault};
use primitives::policy::{self, Policy};
use primitives::{account, second_factor};

use crate::{accounts, me, password_link};

fn owner() -> Actor {
    Actor::machine(Vec::new())
}

/// The living account that signs in with an address.
///
/// # Errors
/// `NotFound` when nobody does.
pub fn account(tx: &mut Tx<'_>, email: &str) -> Result<AccountId, Fault> {
    account::credentials(tx, email)?.map(|(account, _)| account).ok_or(Fault::NotFound)
}

/// Gives an account another password, which ends its sessions; `allow` turns signing in by password on again. Says
/// whether one may sign in by password now.
pub fn set_password(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    hash: &str,
    allow: bool,
) -> Result<bool, Fault> {
    accounts::set_password(tx, clock, &owner(), account, hash)?;
    let found = policy::find(tx)?;
    if allow && !found.password_sign_in {
        policy::save(tx, clock, &owner(), Policy { password_sign_in: true, ..found })?;
    }
    Ok(found.password_sign_in || allow)
}

/// Makes a link's secret count for choosing a password.
pub fn password_link(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    account: AccountId,
    secret: &str,
) -> Result<(), Fault> {
    password_link::make(tx, clock, &owner(), account, secret)
}

/// Takes a lost second factor away; sessions end.
pub fn reset_second_factor(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId) -> Result<(), Fault> {
    second_factor::reset(tx, clock, &owner(), account)
}

/// Ends every session of an account; gives how many there were.
pub fn end_sessions(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId) -> Result<u64, Fault> {
    me::end_sessions(tx, clock, &owner(), account, None)
}
