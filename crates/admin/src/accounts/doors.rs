//! What whoever keeps the accounts does for people at the doors: a link for a password, a lost second factor, a wrong link
//! to an identity provider, sessions.

use askama::Template;
use axum::extract::{Path, State};
use kernel::{AccountId, Fault, Permission, ProviderId};
use primitives::account;
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::texts::Texts;
use crate::{me, password_link, proof};

#[derive(Template)]
#[template(path = "accounts/templates/link.html")]
struct LinkPage {
    t: Texts,
    shell: Shell,
    name: String,
    link: String,
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// The account of a path, for who may change it and proved lately who they are.
fn allowed(staff: &Staff, id: &str) -> Result<Result<AccountId, Reply>, Fault> {
    staff.actor.authorise(Permission::ManageAccounts)?;
    let account: AccountId = id.parse().map_err(|_| Fault::NotFound)?;
    Ok(match proof::needed(staff, &format!("/settings/accounts/{account}")) {
        Some(first) => Err(first),
        None => Ok(account),
    })
}

/// `POST /settings/accounts/{id}/link`: makes a link to choose a password, and shows it once.
pub(crate) async fn link(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let secret = match engine::random_secret() {
        Ok(secret) => secret,
        Err(error) => return web::error::page(&request, None, &error.into()),
    };
    let for_page = app.clone();
    app.change(request, form.csrf, move |tx, staff| {
        let id = match allowed(staff, &id)? {
            Ok(id) => id,
            Err(first) => return Ok(first),
        };
        password_link::make(tx, for_page.clock(), &staff.actor, id, &secret)?;
        let account = account::by_id(tx, id)?.ok_or(Fault::NotFound)?;
        Reply::page(&LinkPage {
            t: Texts::new(staff.locale()),
            shell: Shell::new(tx, staff, Room::Settings)?,
            name: account.name,
            link: format!("{}/password/{secret}", for_page.address(&staff.request)),
        })
    })
    .await
}

/// `POST /settings/accounts/{id}/second-factor/reset`: takes a lost second factor away.
pub(crate) async fn reset_second_factor(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id = match allowed(staff, &id)? {
            Ok(id) => id,
            Err(first) => return Ok(first),
        };
        super::reset_second_factor(tx, &*clock, &staff.actor, id)?;
        Ok(Reply::redirect(&format!("/settings/accounts/{id}?done=reset")))
    })
    .await
}

/// `POST /settings/accounts/{id}/providers/{provider}/unlink`: an identity provider knows somebody no more.
pub(crate) async fn unlink(
    State(app): State<App>,
    request: Request,
    Path((id, provider)): Path<(String, String)>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id = match allowed(staff, &id)? {
            Ok(id) => id,
            Err(first) => return Ok(first),
        };
        let provider: ProviderId = provider.parse().map_err(|_| Fault::NotFound)?;
        super::unlink(tx, &*clock, &staff.actor, id, provider)?;
        Ok(Reply::redirect(&format!("/settings/accounts/{id}?done=unlinked")))
    })
    .await
}

/// `POST /settings/accounts/{id}/sessions/end`: ends every session of somebody.
pub(crate) async fn end_sessions(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Reply {
    let clock = app.shared_clock();
    app.change(request, form.csrf, move |tx, staff| {
        let id = match allowed(staff, &id)? {
            Ok(id) => id,
            Err(first) => return Ok(first),
        };
        super::living(tx, id)?;
        let spared = (staff.actor.account == Some(id)).then_some(staff.session);
        me::end_sessions(tx, &*clock, &staff.actor, id, spared)?;
        Ok(Reply::redirect(&format!("/settings/accounts/{id}?done=sessions")))
    })
    .await
}
