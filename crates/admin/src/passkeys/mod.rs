//! Passkeys: making one, signing in by one without a name, and proving by one who one is. The protocol is
//! webauthn-rs's; what it has to remember between the two halves stands in a doorway.

pub(crate) mod page;

use engine::Tx;
use kernel::{AccountId, Actor, Clock, Fault};
use primitives::doorway::{self, Doorway};
use primitives::event::{self, EventKind, NewEvent};
use primitives::{account, passkey, session};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web::{App, Request};
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::ResidentKeyRequirement;

/// Most bytes of what a browser says about a key: an attestation is far below.
const MOST_BYTES: usize = 64 * 1024;

/// The shop as browsers know it when they make and use passkeys.
pub(crate) struct Party(Webauthn);

/// A half of a ceremony for the browser: the doorway's secret and the options.
#[derive(Serialize)]
pub(crate) struct Challenge {
    ceremony: String,
    options: serde_json::Value,
}

impl Party {
    /// The shop under its public address, or as `localhost` on the machine itself. `None` elsewhere: browsers bind
    /// passkeys to a name, and refuse addresses and names without TLS.
    pub(crate) fn of(app: &App, request: &Request) -> Option<Party> {
        let origin = match app.public_url() {
            Some(url) => Url::parse(url).ok()?,
            None => {
                let host = request.host.as_deref()?;
                let name = host.split(':').next().unwrap_or_default();
                let scheme = if request.is_secure { "https" } else { "http" };
                if name != "localhost" {
                    return None;
                }
                Url::parse(&format!("{scheme}://{host}")).ok()?
            }
        };
        let name = origin.domain()?.to_owned();
        if origin.scheme() != "https" && name != "localhost" {
            return None;
        }
        let builder = WebauthnBuilder::new(&name, &origin).ok()?.rp_name("Bottega");
        builder.build().ok().map(Party)
    }
}

/// The id by which authenticators know an account: it tells nothing about the person.
fn handle(tx: &Tx<'_>, account: AccountId) -> Uuid {
    let digest = session::digest(&tx.derive("passkey user", account.raw()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    (text.len() <= MOST_BYTES).then(|| serde_json::from_str(text).ok()).flatten()
}

fn keys(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Passkey>, Fault> {
    let kept = passkey::of_account(tx, account)?;
    kept.iter().map(|key| serde_json::from_str(&key.credential).map_err(Fault::store)).collect()
}

/// Begins to make a passkey for who is signed in.
pub(crate) fn begin_making(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    actor: &Actor,
    secret: &str,
) -> Result<Challenge, Fault> {
    let id = actor.account.ok_or(Fault::NotFound)?;
    let account = account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
    let known: Vec<CredentialID> = keys(tx, id)?.iter().map(|key| key.cred_id().clone()).collect();
    let (mut options, state) = party
        .0
        .start_passkey_registration(handle(tx, id), &account.email, &account.name, Some(known))
        .map_err(Fault::store)?;
    // A key that its authenticator lists by itself: one signs in with it without writing a name.
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
    doorway::open(tx, clock, Doorway::PasskeyMaking, secret, Some(id), &state)?;
    let options = serde_json::to_value(&options.public_key).map_err(Fault::store)?;
    Ok(Challenge { ceremony: secret.to_owned(), options })
}

/// Keeps the passkey that a browser made; `None` when what it says does not hold.
pub(crate) fn finish_making(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    actor: &Actor,
    ceremony: &str,
    credential: &str,
    name: &str,
) -> Result<Option<()>, Fault> {
    let id = actor.account.ok_or(Fault::NotFound)?;
    let found = doorway::take::<PasskeyRegistration>(tx, clock, Doorway::PasskeyMaking, ceremony)?;
    let (Some((owner, state)), Some(given)) = (found, read::<RegisterPublicKeyCredential>(credential)) else {
        return Ok(None);
    };
    if owner != Some(id) {
        return Ok(None);
    }
    let Ok(key) = party.0.finish_passkey_registration(&given, &state) else { return Ok(None) };
    let json = serde_json::to_string(&key).map_err(Fault::store)?;
    passkey::add(tx, clock, actor, id, name, key.cred_id().as_ref(), &json)?;
    Ok(Some(()))
}

/// Begins to sign in by whatever passkey the browser has for the shop.
pub(crate) fn begin_sign_in(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    secret: &str,
) -> Result<Challenge, Fault> {
    let (options, state) = party.0.start_discoverable_authentication().map_err(Fault::store)?;
    doorway::open(tx, clock, Doorway::PasskeySignIn, secret, None, &state)?;
    let options = serde_json::to_value(&options.public_key).map_err(Fault::store)?;
    Ok(Challenge { ceremony: secret.to_owned(), options })
}

/// Whose passkey a browser has used to sign in; `None` when what it says does not hold.
pub(crate) fn finish_sign_in(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    ceremony: &str,
    credential: &str,
) -> Result<Option<AccountId>, Fault> {
    let found = doorway::take::<DiscoverableAuthentication>(tx, clock, Doorway::PasskeySignIn, ceremony)?;
    let (Some((_, state)), Some(given)) = (found, read::<PublicKeyCredential>(credential)) else {
        return Ok(None);
    };
    let Ok((user, credential_id)) = party.0.identify_discoverable_authentication(&given) else {
        return Ok(None);
    };
    let Some(kept) = passkey::by_credential(tx, credential_id)? else { return Ok(None) };
    if handle(tx, kept.account) != user {
        return Ok(None);
    }
    let key: Passkey = serde_json::from_str(&kept.credential).map_err(Fault::store)?;
    let result = party.0.finish_discoverable_authentication_v2(&given, state, DiscoverableKey::from(&key));
    let Ok(result) = result else {
        refuse(tx, clock, kept.account)?;
        return Ok(None);
    };
    note_use(tx, clock, &kept, key, &result)?;
    Ok(Some(kept.account))
}

/// Asks for one of an account's own passkeys: as the second factor, or to prove again who one is.
pub(crate) fn begin_proof(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    account: AccountId,
    secret: &str,
) -> Result<Challenge, Fault> {
    let known = keys(tx, account)?;
    if known.is_empty() {
        return Err(Fault::NotFound);
    }
    let (options, state) = party.0.start_passkey_authentication(&known).map_err(Fault::store)?;
    doorway::open(tx, clock, Doorway::PasskeyProof, secret, Some(account), &state)?;
    let options = serde_json::to_value(&options.public_key).map_err(Fault::store)?;
    Ok(Challenge { ceremony: secret.to_owned(), options })
}

/// Whether a browser has used one of the account's own passkeys.
pub(crate) fn finish_proof(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    party: &Party,
    account: AccountId,
    ceremony: &str,
    credential: &str,
) -> Result<bool, Fault> {
    let found = doorway::take::<PasskeyAuthentication>(tx, clock, Doorway::PasskeyProof, ceremony)?;
    let (Some((owner, state)), Some(given)) = (found, read::<PublicKeyCredential>(credential)) else {
        return Ok(false);
    };
    let kept = passkey::by_credential(tx, given.get_credential_id())?;
    let Some(kept) = kept.filter(|kept| kept.account == account && owner == Some(account)) else {
        return Ok(false);
    };
    let Ok(result) = party.0.finish_passkey_authentication(&given, &state) else {
        refuse(tx, clock, account)?;
        return Ok(false);
    };
    let key: Passkey = serde_json::from_str(&kept.credential).map_err(Fault::store)?;
    note_use(tx, clock, &kept, key, &result)?;
    Ok(true)
}

fn note_use(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    kept: &passkey::Passkey,
    mut key: Passkey,
    result: &AuthenticationResult,
) -> Result<(), Fault> {
    key.update_credential(result);
    let json = serde_json::to_string(&key).map_err(Fault::store)?;
    passkey::used(tx, clock, kept.id, &json)?;
    Ok(())
}

/// A known passkey did not prove what it should: a copied key whose counter went back, or a damaged answer.
fn refuse(tx: &mut Tx<'_>, clock: &dyn Clock, account: AccountId) -> Result<(), Fault> {
    let by = Some(kernel::ActorKind::Human);
    let event = NewEvent { by, ..NewEvent::new(EventKind::SecondFactorRefused, "account", account.raw()) };
    event::append(tx, clock, &Actor::machine(Vec::new()), event)?;
    Ok(())
}
