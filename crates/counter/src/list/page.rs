//! The list as a page.

use askama::Template;
use axum::extract::{Query, State};
use kernel::{Fault, MailboxId};
use primitives::conversation::View;
use primitives::mailbox;
use serde::Deserialize;
use web::{App, Reply, Request, Room, Shell};

use crate::line::Line;
use crate::texts::Texts;

/// Rows of a page.
const ROWS: u32 = 50;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    view: Option<String>,
    mailbox: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "list/templates/page.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    view: &'static str,
    views: Vec<Choice>,
    mailboxes: Vec<Choice>,
    sentence: &'static str,
    empty: &'static str,
    lines: Vec<Line>,
    first: String,
    next: String,
}

struct Choice {
    value: String,
    href: String,
    label: String,
    chosen: bool,
}

/// `GET /conversations`.
pub async fn show(State(app): State<App>, request: Request, Query(asked): Query<Asked>) -> Reply {
    app.page(request, move |tx, staff| {
        let t = Texts::new(staff.locale());
        let view = match asked.view.as_deref() {
            None | Some("") => View::Waiting,
            Some(code) => View::from_code(code).ok_or(Fault::NotFound)?,
        };
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mailbox: Option<MailboxId> =
            given(&asked.mailbox).map(|id| id.parse()).transpose().map_err(|_| Fault::NotFound)?;
        // A cursor that no page gave starts from the beginning: an old bookmark is no error.
        let from = given(&asked.cursor).and_then(|cursor| cursor.parse().ok());
        let page = super::list(tx, &staff.actor, view, mailbox, from, ROWS)?;
        let mailboxes = mailbox::visible(tx, &staff.actor)?;
        let chosen = mailbox.map(|id| id.to_string()).unwrap_or_default();
        let lines = page
            .items
            .into_iter()
            .map(|row| {
                let line = Line::of(staff, row);
                Line { waits: line.waits && view != View::Waiting, ..line }
            })
            .collect();
        Reply::page(&ListPage {
            view: view.code(),
            views: View::ALL
                .into_iter()
                .map(|other| Choice {
                    value: other.code().to_owned(),
                    href: address(other, &chosen, ""),
                    label: name(&t, other).to_owned(),
                    chosen: other == view,
                })
                .collect(),
            mailboxes: mailboxes
                .into_iter()
                .map(|other| Choice {
                    value: other.id.to_string(),
                    href: address(view, &other.id.to_string(), ""),
                    label: other.name,
                    chosen: Some(other.id) == mailbox,
                })
                .collect(),
            first: if from.is_some() { address(view, &chosen, "") } else { String::new() },
            next: page.next.map(|next| address(view, &chosen, &next.to_string())).unwrap_or_default(),

            sentence: sentence(&t, view),
            empty: empty(&t, view),
            lines,
            shell: Shell::new(tx, staff, Room::Conversations)?,
            t,
        })
    })
    .await
}

/// The address of a page of a view. Every part is made of letters, digits, `_` and `-`.
fn address(view: View, mailbox: &str, cursor: &str) -> String {
    let mut address = format!("/conversations?view={}", view.code());
    for (name, value) in [("mailbox", mailbox), ("cursor", cursor)] {
        if !value.is_empty() {
            address.push_str(&format!("&{name}={value}"));
        }
    }
    address
}

fn name(t: &Texts, view: View) -> &'static str {
    match view {
        View::Waiting => t.list_waiting(),
        View::Mine => t.list_mine(),
        View::Open => t.list_open(),
        View::Snoozed => t.list_snoozed(),
        View::Closed => t.list_closed(),
        View::All => t.list_all(),
    }
}

fn sentence(t: &Texts, view: View) -> &'static str {
    match view {
        View::Waiting => t.list_waiting_sentence(),
        View::Mine => t.list_mine_sentence(),
        View::Open => t.list_open_sentence(),
        View::Snoozed => t.list_snoozed_sentence(),
        View::Closed => t.list_closed_sentence(),
        View::All => t.list_all_sentence(),
    }
}

fn empty(t: &Texts, view: View) -> &'static str {
    match view {
        View::Waiting => t.list_waiting_empty(),
        View::Mine => t.list_mine_empty(),
        View::Open => t.list_open_empty(),
        View::Snoozed => t.list_snoozed_empty(),
        View::Closed => t.list_closed_empty(),
        View::All => t.list_all_empty(),
    }
}
