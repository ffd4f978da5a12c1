//! `bottega user` and `bottega token`: what a machine room needs without a browser.

use anyhow::{Context, anyhow, bail};
use kernel::{Actor, Fault, Permission, Reason, Role, SystemClock};
use primitives::account::NewAccount;
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
    let engine = super::open(config, &SystemClock)?;
    match what {
        User::List { json } => {
            let accounts = engine.read_blocking(|tx| Ok(account::list(tx)?))?;
            if json {
                return output::json(&accounts);
            }
            for account in accounts {
                let ended = if account.ended_at.is_some() { " (ended)" } else { "" };
                output::line(&format!("{:<14} {:<32} {}{ended}", account.role.code(), account.email, account.name))?;
            }
            Ok(())
        }
        User::Create { email, name, role, mailboxes, json } => {
            let role = Role::from_code(&role)
                .with_context(|| format!("{role:?} is no role: keeper, function, conductor or administrator"))?;
            let password = engine::random_secret()?.chars().take(20).collect::<String>();
            let hash = admin::password::hash(&password).map_err(explain)?;
            let created = engine.write_blocking(move |tx| {
                let shop = shop::find(tx)?;
                let machine = Actor::machine(Vec::new());
                let new = NewAccount {
                    email: email.clone(),
                    name: name.clone(),
                    role,
                    password_hash: Some(hash.clone()),
                    locale: shop.as_ref().map(|shop| shop.locale).unwrap_or_default(),
                    zone: shop.map_or_else(|| "Europe/Rome".to_owned(), |shop| shop.zone),
                    title: None,
                };
                let id = account::create(tx, &SystemClock, &machine, &new)?;
                for name in &mailboxes {
                    let found = mailbox::by_name(tx, name)?;
                    let found = found.ok_or(Fault::invalid("mailbox", Reason::Unknown))?;
                    mailbox::grant(tx, &SystemClock, &machine, found.id, id, true)?;
                }
                Ok(id)
            });
            let id = created.map_err(explain)?;
            if json {
                return output::json(&json!({ "id": id, "password": password }));
            }
            output::line(&password)?;
            output::say("This password is shown once. It can be changed at /me after signing in.");
            Ok(())
        }
    }
}

/// `bottega token …`.
pub fn token(what: Token, config: &Config) -> anyhow::Result<()> {
    let Token::Create { account: email, name, scopes, json } = what;
    let engine = super::open(config, &SystemClock)?;
    let mut wanted = Vec::new();
    for scope in &scopes {
        let Some(permission) = Permission::from_code(scope) else {
            let known: Vec<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
            bail!("{scope:?} is no scope; the scopes are {}", known.join(", "));
        };
        wanted.push(permission);
    }
    let secret = format!("{}{}", primitives::token::PREFIX, engine::random_secret()?);
    let (for_store, found) = (secret.clone(), email.clone());
    let created = engine.write_blocking(move |tx| {
        let (account, _) = account::credentials(tx, &found)?.ok_or(Fault::NotFound)?;
        let owner = account::actor(tx, account)?.ok_or(Fault::NotFound)?;
        let scopes = if wanted.is_empty() {
            Permission::ALL.into_iter().filter(|permission| owner.may(*permission)).collect()
        } else {
            wanted.clone()
        };
        let machine = Actor::machine(Vec::new());
        primitives::token::create(tx, &SystemClock, &machine, account, &name, &scopes, &for_store)
    });
    let id = match created {
        Err(Fault::NotFound) => bail!("no living account has the address {email}: see bottega user list"),
        other => other.map_err(explain)?,
    };
    if json {
        return output::json(&json!({ "id": id, "token": secret }));
    }
    output::line(&secret)?;
    output::say("This token is shown once.");
    Ok(())
}
