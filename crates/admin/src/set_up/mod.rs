//! Set-up in the browser: the company, the first administrator, the first mailbox. Each step is kept as
//! soon as it is sent, so that it can be left half-way and goes on where it stopped.

pub(crate) mod gate;
pub(crate) mod page;

use engine::Tx;
use kernel::{AccountId, Actor, Clash, Clock, Fault, Locale, MailboxId, Permission, Role};
use primitives::account::NewAccount;
use primitives::event::{self, EventKind, NewEvent};
use primitives::shop::{SetupStep, Shop};
use primitives::{account, mailbox, shop};

pub use gate::set_up_code;

/// What is asked about the company.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) locale: Locale,
    pub(crate) zone: String,
}

/// First step: writes the company down. It may be mended until the first administrator exists.
pub(crate) fn name_company(tx: &mut Tx<'_>, company: &Company) -> Result<(), Fault> {
    if shop::find(tx)?.is_some_and(|shop| shop.step != SetupStep::Administrator) {
        return Err(Fault::Conflict(Clash::AlreadySetUp));
    }
    let Company { name, locale, zone } = company.clone();
    shop::save(tx, &Shop { name, locale, zone, step: SetupStep::Administrator, demo: false })?;
    Ok(())
}

/// Second step: the first administrator. There is one such account, whoever sends the form twice.
pub(crate) fn appoint(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    name: &str,
    email: &str,
    password_hash: &str,
    locale: Locale,
) -> Result<AccountId, Fault> {
    let shop = shop::find(tx)?.ok_or(Fault::NotFound)?;
    if shop.step != SetupStep::Administrator {
        return Err(Fault::Conflict(Clash::AlreadySetUp));
    }
    let new = NewAccount {
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Administrator,
        password_hash: Some(password_hash.to_owned()),
        locale,
        zone: shop.zone.clone(),
        title: None,
    };
    let id = account::create(tx, clock, &Actor::machine(vec![]), &new)?;
    shop::save(tx, &Shop { step: SetupStep::Source, ..shop })?;
    Ok(id)
}

/// Last step: the first mailbox, which the administrator sees; the shop is open.
pub(crate) fn open_shop(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    address: Option<&str>,
) -> Result<MailboxId, Fault> {
    actor.authorise(Permission::ManageMailboxes)?;
    let shop = shop::find(tx)?.ok_or(Fault::NotFound)?;
    if shop.step != SetupStep::Source {
        return Err(Fault::Conflict(Clash::AlreadySetUp));
    }
    let id = mailbox::create(tx, clock, actor, name, address, None)?;
    if let Some(account) = actor.account {
        mailbox::grant(tx, clock, actor, id, account, true)?;
    }
    shop::save(tx, &Shop { step: SetupStep::Done, ..shop })?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::ShopSetUp, "shop", 1))?;
    Ok(id)
}
