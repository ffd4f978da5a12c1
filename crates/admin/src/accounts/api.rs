//! Sessions for programs: whoever keeps the accounts sees and ends them. Secrets are in no answer.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use kernel::{AccountId, Instant, Permission, SessionId};
use primitives::session::{self, SessionInfo};
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem, Request};

use crate::me;

/// A session: a sign-in in one browser.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Its id.
    #[schema(value_type = String, example = "ses_0c8kz3m5t1v7q")]
    id: SessionId,
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
    fn of(info: SessionInfo) -> SessionView {
        let SessionInfo { id, agent, address, way, created_at, seen_at, expires_at } = info;
        SessionView { id, agent, address, way, created_at, seen_at, expires_at }
    }
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
        Ok(SessionList { items: sessions.into_iter().map(SessionView::of).collect() })
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
