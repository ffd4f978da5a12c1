//! `bottega user` and `bottega token`: what a machine room needs without a browser.

use admin::accounts::{self, New};
use admin::{emergency, tokens};
use anyhow::{Context, anyhow, bail};
use engine::{Engine, Tx};
use kernel::{AccountId, Actor, Fault, Permission, Reason, Role, SystemClock};
use primitives::{account, mailbox, shop};
use serde_json::json;

use crate::cli::{Token, User};
use crate::config::Config;
use crate::output;

fn explain(fault: Fault) -> anyhow::Error {
    match fault {
        Fault::Invalid { field, reason: Reason::Taken } => anyhow!("this {field} is taken already"),
        other => anyhow!(other),
    }
}

/// `bottega user …`.
pub fn user(what: User, config: &Config) -> anyhow::Result<()> {
    let engine = match &what {
        User::Create { .. } => super::open(config, &SystemClock)?,
        _ => super::existing(config, &SystemClock)?,
    };
    match what {
        User::List { json } => {
            let accounts = engine.read_blocking(|tx| Ok(account::list(tx)?))?;
            if json {
                return output::json(&accounts);
            }
            for account in accounts {
                let ended = if account.ended_at.is_some() { " (ended)" } else { "" };
                output::line(&format!(
                    "{:<14} {:<32} {}{ended}",
                    account.role.code(),
                    account.email,
                    account.name
                ))?;
            }
            Ok(())
        }
        User::Create { email, name, role, mailboxes, json } => {
            let role = Role::from_code(&role).with_context(|| {
                format!("{role:?} is no role: keeper, function, conductor or administrator")
            })?;
            let password = admin::password::first().map_err(explain)?;
            let hash = admin::password::hash(&password).map_err(explain)?;
            let created = engine.write_blocking(move |tx| {
                let shop = shop::find(tx)?;
                let mut seen = Vec::with_capacity(mailboxes.len());
                for name in &mailboxes {
                    let found = mailbox::by_name(tx, name)?;
                    seen.push(found.ok_or(Fault::invalid("mailbox", Reason::Unknown))?.id);
                }
                let new = New {
                    email: email.clone(),
                    name: name.clone(),
                    role,
                    title: String::new(),
                    locale: shop.as_ref().map(|shop| shop.locale).unwrap_or_default(),
                    zone: shop.map_or_else(|| "Europe/Rome".to_owned(), |shop| shop.zone),
                    password_hash: Some(hash.clone()),
                    mailboxes: seen,
                };
                accounts::create(tx, &SystemClock, &Actor::machine(Vec::new()), &new)
            });
            let id = created.map_err(explain)?;
            if json {
                return output::json(&json!({ "id": id, "password": password }));
            }
            output::line(&password)?;
            output::say("This password is shown once. It can be changed at /me after signing in.");
            Ok(())
        }
        User::Password { email, allow_passwords, json } => {
            let password = admin::password::first().map_err(explain)?;
            let hash = admin::password::hash(&password).map_err(explain)?;
            let allowed = for_account(&engine, email, move |tx, account| {
                emergency::set_password(tx, &SystemClock, account, &hash, allow_passwords)
            })?;
            if json {
                return output::json(&json!({ "password": password, "password_sign_in": allowed }));
            }
            output::line(&password)?;
            output::say("This password is shown once; sessions of the account have ended.");
            if !allowed {
                output::say("Nobody signs in by password here: say --allow-passwords to turn it on again.");
            }
            Ok(())
        }
        User::PasswordLink { email } => {
            let secret = engine::random_secret()?;
            let kept = secret.clone();
            for_account(&engine, email, move |tx, account| {
                emergency::password_link(tx, &SystemClock, account, &kept)
            })?;
            let shop = config.public_url().unwrap_or_else(|| format!("http://{}", config.listen));
            output::line(&format!("{shop}/password/{secret}"))?;
            output::say("This link counts once, within a day.");
            Ok(())
        }
        User::ResetSecondFactor { email } => {
            for_account(&engine, email, |tx, account| {
                emergency::reset_second_factor(tx, &SystemClock, account)
            })?;
            output::say("The authenticator app, recovery codes and passkeys are gone; sessions have ended.");
            Ok(())
        }
        User::EndSessions { email } => {
            let ended = for_account(&engine, email, |tx, account| {
                emergency::end_sessions(tx, &SystemClock, account)
            })?;
            output::say(&format!("Sessions ended: {ended}."));
            Ok(())
        }
    }
}

/// Does something to the living account of an address.
fn for_account<T: Send + 'static>(
    engine: &Engine,
    email: String,
    act: impl Fn(&mut Tx<'_>, AccountId) -> Result<T, Fault> + Send + 'static,
) -> anyhow::Result<T> {
    let address = email.clone();
    let done = engine.write_blocking(move |tx| {
        let account = emergency::account(tx, &address)?;
        act(tx, account)
    });
    match done {
        Err(Fault::NotFound) => bail!("no living account has the address {email}: see bottega user list"),
        other => other.map_err(explain),
    }
}

/// `bottega token …`.
pub fn token(what: Token, config: &Config) -> anyhow::Result<()> {
    let Token::Create { account: email, name, scopes, json } = what;
    let engine = super::existing(config, &SystemClock)?;
    let mut wanted = Vec::new();
    for scope in &scopes {
        let Some(permission) = Permission::from_code(scope) else {
            let known: Vec<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
            bail!("{scope:?} is no scope; the scopes are {}", known.join(", "));
        };
        wanted.push(permission);
    }
    let found = email.clone();
    let created = engine.write_blocking(move |tx| {
        let (account, _) = account::credentials(tx, &found)?.ok_or(Fault::NotFound)?;
        let owner = account::actor(tx, account)?.ok_or(Fault::NotFound)?;
        let scopes = if wanted.is_empty() {
            Permission::ALL.into_iter().filter(|permission| owner.may(*permission)).collect()
        } else {
            wanted.clone()
        };
        tokens::create(tx, &SystemClock, &Actor::machine(Vec::new()), account, &name, &scopes)
    });
    let issued = match created {
        Err(Fault::NotFound) => bail!("no living account has the address {email}: see bottega user list"),
        other => other.map_err(explain)?,
    };
    if json {
        return output::json(&json!({ "id": issued.id, "token": issued.secret }));
    }
    output::line(&issued.secret)?;
    output::say("This token is shown once.");
    Ok(())
}
