//! The list as an operation of the API.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::Response;
use kernel::{Fault, Reason, paging};
use primitives::conversation::{Summary, View};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{App, Listing, Problem, Request};

/// Which conversations, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `waiting`, `mine`, `open`, `snoozed`, `closed` or `all` (the default).
    view: Option<String>,
    /// Only of this mailbox (`mbx_…`).
    mailbox: Option<String>,
    /// Where the page starts: the `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200 (50 by default).
    limit: Option<u32>,
}

/// A conversation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationLine {
    /// Its id, `cnv_…`.
    pub id: String,
    /// The mailbox's name.
    pub mailbox_name: String,
    /// With whom, `per_…`; null when nobody knows.
    pub person: Option<String>,
    /// Their name.
    pub person_name: Option<String>,
    /// Where they belong.
    pub organisation_name: Option<String>,
    /// What it is about.
    pub subject: String,
    /// The customer's last words, shortened.
    pub preview: String,
    /// `open`, `waiting_for_us`, `waiting_for_customer`, `snoozed` or `closed`.
    pub state: String,
    /// How it began, such as `mail`.
    pub channel: String,
    /// The employee who has it in hand, `acc_…`.
    pub owner: Option<String>,
    /// Their name.
    pub owner_name: Option<String>,
    /// When somebody last said something (RFC 3339).
    pub last_at: String,
    /// Since when the customer waits for us.
    pub waiting_since: Option<String>,
    /// By when something is promised.
    pub due_at: Option<String>,
    /// Until when it is out of sight.
    pub snoozed_until: Option<String>,
    /// Grows with every change.
    pub revision: i64,
}

impl From<Summary> for ConversationLine {
    fn from(row: Summary) -> ConversationLine {
        ConversationLine {
            id: row.id.to_string(),
            mailbox_name: row.mailbox_name,
            person: row.person.map(|id| id.to_string()),
            person_name: row.person_name,
            organisation_name: row.organisation_name,
            subject: row.subject,
            preview: row.preview,
            state: row.state.code().to_owned(),
            channel: row.channel.code().to_owned(),
            owner: row.owner.map(|id| id.to_string()),
            owner_name: row.owner_name,
            last_at: row.last_at.to_string(),
            waiting_since: row.waiting_since.map(|at| at.to_string()),
            due_at: row.due_at.map(|at| at.to_string()),
            snoozed_until: row.snoozed_until.map(|at| at.to_string()),
            revision: row.revision,
        }
    }
}

/// Conversations of a view. `waiting` starts with the longest wait, the others with the latest word.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(Asked),
    responses((status = 200, body = Listing<ConversationLine>), (status = 401, body = Problem), (status = 422, body = Problem)),
    security(("bearer" = ["voices:read"])))]
pub async fn list(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Response<Body> {
    app.api_read(request, move |tx, actor| {
        let view = asked.view.as_deref().unwrap_or(View::All.code());
        let view = View::from_code(view)
            .ok_or(Fault::invalid("view", Reason::NotA("waiting, mine, open, snoozed, closed or all")))?;
        let mailbox = asked.mailbox.as_deref().map(str::parse).transpose()?;
        let from = asked.cursor.as_deref().map(str::parse).transpose()?;
        let page = super::list(tx, actor, view, mailbox, from, paging::limit(asked.limit))?;
        Ok(Listing::of(page, ConversationLine::from))
    })
    .await
}
