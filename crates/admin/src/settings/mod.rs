//! The settings: what one may tend here, and the shop's own name, language and time zone.

pub(crate) mod page;

use engine::Tx;
use kernel::{Actor, Clock, Fault, Locale, Permission, fault};
use primitives::event::{self, EventKind, NewEvent};
use primitives::shop::{self, Shop};
use serde::Deserialize;

/// What a redirect says was done. Pages turn it into a sentence through a fixed match.
#[derive(Debug, Deserialize, Default)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    /// The code.
    pub(crate) fn code(&self) -> &str {
        &self.done
    }
}

/// Changes the shop's name, language and time zone.
pub(crate) fn change_shop(
    tx: &mut Tx<'_>,
    clock: &dyn Clock,
    actor: &Actor,
    name: &str,
    locale: Locale,
    zone: &str,
) -> Result<(), Fault> {
    actor.authorise(Permission::ManageAccounts)?;
    let shop = shop::find(tx)?.ok_or(Fault::NotFound)?;
    let name = fault::required("name", name, 120)?;
    let zone = crate::form::zone(zone)?;
    shop::save(tx, &Shop { name, locale, zone, ..shop })?;
    event::append(tx, clock, actor, NewEvent::new(EventKind::ShopChanged, "shop", 1))?;
    Ok(())
}
