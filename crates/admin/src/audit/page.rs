//! The page of the audit.

use askama::Template;
use axum::extract::{Query, State};
use kernel::{Fault, Instant, Permission};
use primitives::event::{Event, EventKind};
use primitives::{account, mailbox};
use serde::Deserialize;
use web::{App, Reply, Request, Room, Shell};

use super::sentence::{self, Names};
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "audit/templates/page.html")]
struct AuditPage {
    t: Texts,
    shell: Shell,
    kinds: Vec<Kind>,
    chosen: &'static str,
    lines: Vec<Line>,
    next: Option<String>,
}

/// A kind of the chooser.
struct Kind {
    code: &'static str,
    says: String,
}

/// One fact.
struct Line {
    id: String,
    at: Instant,
    kind: String,
    says: String,
    page: Option<String>,
    subject: String,
}

impl Line {
    fn new(t: &Texts, event: &Event, names: &Names) -> Line {
        Line {
            id: event.id.to_string(),
            at: event.occurred_at,
            kind: event.kind.clone(),
            says: sentence::of(t, event, names),
            page: super::subject_page(&event.subject_kind, event.subject_id),
            subject: super::subject_id(&event.subject_kind, event.subject_id),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    kind: String,
    cursor: Option<String>,
}

/// `GET /settings/audit?kind=&cursor=`.
pub(crate) async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let kind = EventKind::from_code(&asked.kind);
        let cursor = asked.cursor.as_deref().map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
        let page = super::read(tx, &staff.actor, kind, cursor, kernel::paging::DEFAULT_LIMIT)?;
        // Who tends the mailboxes knows their names; others know those that they see.
        let mailboxes = if staff.actor.may(Permission::ManageMailboxes) {
            mailbox::list(tx)?
        } else {
            mailbox::visible(tx, &staff.actor)?
        };
        let names = Names {
            accounts: account::list(tx)?.into_iter().map(|account| (account.id, account.name)).collect(),
            mailboxes: mailboxes.into_iter().map(|mailbox| (mailbox.id, mailbox.name)).collect(),
        };
        let mut kinds: Vec<Kind> = EventKind::ALL
            .iter()
            .map(|kind| Kind { code: kind.code(), says: sentence::of_kind(&t, *kind) })
            .collect();
        kinds.sort_by(|a, b| a.says.cmp(&b.says));
        Reply::page(&AuditPage {
            shell: Shell::new(tx, staff, Room::Settings)?,
            kinds,
            chosen: kind.map_or("", EventKind::code),
            lines: page.items.iter().map(|event| Line::new(&t, event, &names)).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
            t,
        })
    })
    .await
}
