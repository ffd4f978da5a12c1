//! The page of what has not left.

use askama::Template;
use axum::extract::{Query, State};
use kernel::{Fault, Permission};
use primitives::held;
use serde::Deserialize;
use web::{App, Reply, Request, Room, Shell};

use super::{STATES, Waiting};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "outbox/templates/list.html")]
struct OutboxPage {
    t: Texts,
    shell: Shell,
    state: &'static str,
    items: Vec<Waiting>,
    next: Option<String>,
}

impl OutboxPage {
    fn states(&self) -> [&'static str; 5] {
        STATES
    }

    fn name(&self, state: &str) -> &str {
        match state {
            "queued" => self.t.outbox_queued(),
            "attempting" => self.t.outbox_attempting(),
            "held" => self.t.outbox_held(),
            "withdrawn" => self.t.outbox_withdrawn(),
            _ => self.t.outbox_failed(),
        }
    }

    /// Why it has not left: what we say ourselves in the reader's language, what a channel said as it said it.
    fn reason<'a>(&'a self, reason: &'a str) -> &'a str {
        match reason {
            held::RESTORED => self.t.outbox_held_restored(),
            held::ELSEWHERE => self.t.outbox_held_elsewhere(),
            held::WITHDRAWN_RESTORED => self.t.outbox_withdrawn_restored(),
            held::WITHDRAWN => self.t.outbox_withdrawn_by_hand(),
            other => other,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    state: String,
    cursor: Option<String>,
}

/// `GET /settings/outbox?state=failed|queued|attempting|held|withdrawn`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageJobs)?;
        let state = STATES.into_iter().find(|state| *state == asked.state).unwrap_or("failed");
        let cursor = asked.cursor.as_deref().map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
        let page = super::not_left(tx, &staff.actor, state, cursor, kernel::paging::DEFAULT_LIMIT)?;
        Reply::page(&OutboxPage {
            shell: Shell::new(tx, staff, Room::Settings)?,
            state,
            items: page.items,
            next: page.next.map(|cursor| cursor.to_string()),
            t: Texts::new(staff.locale()),
        })
    })
    .await
}
