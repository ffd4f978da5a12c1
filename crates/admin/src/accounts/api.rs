//! Sessions for programs: whoever keeps the accounts ends them, and sees of them what that takes: not when and from where
//! a colleague works. Secrets are in no answer.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{AccountId, Actor, Instant, Permission, SessionId};
use primitives::session::{self, SessionInfo};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, Request};

use crate::me;
use crate::texts::Texts;

/// A session: a sign-in in one browser. Of a colleague's one sees what is needed to end it; of one's own everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = String, example = "ses_0c8kz3m5t1v7q")]
    id: SessionId,
    /// Browser and system, in the language of the token's account.
    #[schema(example = "Firefox, Linux")]
    browser: String,
    /// The day on which it began, in the time zone of the token's account.
    #[schema(value_type = String, format = Date, example = "2026-11-21")]
    since: String,
    /// What only its owner sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<OwnSessionView>,
}

/// What only its owner sees of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSessionView {
    /// What the browser called itself.
    agent: Option<String>,
    /// The address from which it was last used.
    address: Option<String>,
    /// How it began: `password`, `passkey`, `provider`, `vouched`, `demo` or `set-up`.
    way: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// When it was last used, to some minutes.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Instant,
    /// When it ends if nobody uses it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

impl SessionView {
    fn of(info: SessionInfo, reader: &Actor, is_own: bool) -> SessionView {
        let SessionInfo { id, agent, address, way, created_at, seen_at, expires_at } = info;
        SessionView {
            id,
            browser: me::agent::describe(&Texts::new(reader.locale), agent.as_deref()),
            since: day(created_at, &reader.zone),
            own: is_own.then_some(OwnSessionView { agent, address, way, created_at, seen_at, expires_at }),
        }
    }
}

/// The day of an instant in a time zone, as ISO 8601 writes it.
fn day(at: Instant, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_microsecond(at.micros()).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(zone).date().to_string()
}

/// The living sessions of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// Newest first.
    items: Vec<SessionView>,
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    /// How many.
    ended: u64,
}

/// The living sessions of an account, newest first.
#[utoipa::path(get, path = "/accounts/{id}/sessions", tag = "admin",
    params(("id" = String, Path, description = "acc_…")),
    responses((status = 200, body = SessionList), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("bearer" = ["accounts:manage"])))]
pub async fn list_sessions(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_read(request, move |tx, actor| {
        actor.authorise(Permission::ManageAccounts)?;
        let account: AccountId = id.parse()?;
        super::living(tx, account)?;
        let sessions = session::of_account(tx, &*clock, account)?;
        let is_own = actor.account == Some(account);
        Ok(SessionList {
            items: sessions.into_iter().map(|info| SessionView::of(info, actor, is_own)).collect(),
        })
    })
    .await
}

/// Ends every session of an account; its live streams end with them.
#[utoipa::path(post, path = "/accounts/{id}/sessions/end", tag = "admin",
    params(("id" = String, Path, description = "acc_…")),
    responses((status = 200, body = Ended), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("bearer" = ["accounts:manage"])))]
pub async fn end_sessions(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, Vec::new(), move |tx, actor| {
        actor.authorise(Permission::ManageAccounts)?;
        let account: AccountId = id.parse()?;
        super::living(tx, account)?;
        Ok((StatusCode::OK, Ended { ended: me::end_sessions(tx, &*clock, actor, account, None)? }))
    })
    .await
}

/// Ends one session of an account; its live streams end with it.
#[utoipa::path(post, path = "/accounts/{id}/sessions/{session}/end", tag = "admin",
    params(("id" = String, Path, description = "acc_…"), ("session" = String, Path, description = "ses_…")),
    responses((status = 200, body = Ended), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)),
    security(("bearer" = ["accounts:manage"])))]
pub async fn end_session(
    State(app): State<App>,
    request: Request,
    Path((id, session)): Path<(String, String)>,
) -> Response<Body> {
    let clock = app.shared_clock();
    app.api_write(request, Vec::new(), move |tx, actor| {
        actor.authorise(Permission::ManageAccounts)?;
        let (account, session): (AccountId, SessionId) = (id.parse()?, session.parse()?);
        super::living(tx, account)?;
        me::end_session(tx, &*clock, actor, account, session)?;
        Ok((StatusCode::OK, Ended { ended: 1 }))
    })
    .await
}
