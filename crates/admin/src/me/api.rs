//! Who a token is.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use kernel::{AccountId, Fault, Locale, MailboxId};
use primitives::mailbox;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, Request};

/// For whom a token acts, what it may do and what it sees.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The account.
    #[schema(value_type = String, example = "acc_0c8kz3m5t1v7q")]
    account: AccountId,
    /// Its name.
    name: String,
    /// `keeper`, `function`, `conductor` or `administrator`.
    #[schema(value_type = String)]
    role: &'static str,
    /// What the token may do: its scopes, within what the role allows.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<&'static str>,
    /// The mailboxes that exist for it.
    mailboxes: Vec<MailboxView>,
    /// The language of the account.
    #[schema(value_type = String)]
    language: Locale,
    /// The IANA time zone of the account.
    zone: String,
}

/// A mailbox by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailboxView {
    /// Its id.
    #[schema(value_type = String, example = "mbx_0c8kz3m5t1v7q")]
    id: MailboxId,
    /// Its name.
    name: String,
}

/// Who this token is. Any token may ask.
#[utoipa::path(get, path = "/me", tag = "admin",
    responses((status = 200, body = MeView), (status = 401, body = Problem)),
    security(("bearer" = [])))]
pub async fn show(State(app): State<App>, request: Request) -> Response<Body> {
    app.api_read(request, |tx, actor| {
        let mailboxes = mailbox::visible(tx, actor)?;
        Ok(MeView {
            account: actor.account.ok_or(Fault::NotFound)?,
            name: actor.name.clone(),
            role: actor.role.map_or("administrator", kernel::Role::code),
            scopes: kernel::Permission::ALL
                .into_iter()
                .filter(|permission| actor.may(*permission))
                .map(kernel::Permission::code)
                .collect(),
            mailboxes: mailboxes
                .into_iter()
                .map(|mailbox| MailboxView { id: mailbox.id, name: mailbox.name })
                .collect(),
            language: actor.locale,
            zone: actor.zone.clone(),
        })
    })
    .await
}
