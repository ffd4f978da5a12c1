//! The page of mailboxes.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use kernel::{Fault, MailboxId, Permission};
use primitives::mailbox::{self, Mailbox};
use serde::Deserialize;
use web::{App, Form, Reply, Request, Room, Shell, Staff};

use crate::form::{Field, Problems};
use crate::settings::Done;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "mailboxes/templates/list.html")]
struct ListPage {
    t: Texts,
    shell: Shell,
    mailboxes: Vec<(Mailbox, usize)>,
    name: Field,
    address: Field,
    refused: Option<String>,
}

#[derive(Deserialize, Default, Clone)]
pub(crate) struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    seen: Option<String>,
}

fn page(
    tx: &mut engine::Tx<'_>,
    staff: &Staff,
    given: &Given,
    problems: &Problems,
    refused: Option<String>,
    said: Option<&str>,
) -> Result<Reply, Fault> {
    let t = Texts::new(staff.locale());
    let grants = mailbox::grants(tx)?;
    let mailboxes = mailbox::list(tx)?
        .into_iter()
        .map(|mailbox| {
            let seen_by = grants.iter().filter(|(granted, _)| *granted == mailbox.id).count();
            (mailbox, seen_by)
        })
        .collect();
    Reply::page(&ListPage {
        shell: Shell::new(tx, staff, Room::Settings)?.flash(said.map(str::to_owned)),
        mailboxes,
        name: Field::text("name", t.mailboxes_name())
            .value(&*given.name)
            .most(super::MOST_NAME)
            .required()
            .wrong(problems),
        address: Field::email("address", t.mailboxes_address())
            .value(&*given.address)
            .hint(t.set_up_mailbox_address_hint())
            .most(254)
            .wrong(problems),
        refused,
        t,
    })
}

/// `GET /settings/mailboxes`.
pub(crate) async fn list(State(app): State<App>, request: Request, Query(done): Query<Done>) -> Reply {
    app.page(request, move |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        let t = Texts::new(staff.locale());
        let said = match done.code() {
            "created" => Some(t.mailboxes_done_created()),
            "changed" => Some(t.mailboxes_done_changed()),
            _ => None,
        };
        page(tx, staff, &Given::default(), &Problems::default(), None, said)
    })
    .await
}

/// `POST /settings/mailboxes`.
pub(crate) async fn create(State(app): State<App>, request: Request, form: Form<Given>) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        let seen = given.seen.is_some();
        let created = super::create(tx, &*clock, &staff.actor, &given.name, &given.address, seen);
        let mut problems = Problems::default();
        if problems.keep(staff.locale(), created)?.is_some() {
            return Ok(Reply::redirect("/settings/mailboxes?done=created"));
        }
        Ok(page(tx, staff, &given, &problems, None, None)?.status(StatusCode::UNPROCESSABLE_ENTITY))
    })
    .await
}

/// `POST /settings/mailboxes/{id}`.
pub(crate) async fn change(
    State(app): State<App>,
    request: Request,
    Path(id): Path<String>,
    form: Form<Given>,
) -> Reply {
    let (clock, given) = (app.shared_clock(), form.fields);
    app.change(request, form.csrf, move |tx, staff| {
        staff.actor.authorise(Permission::ManageMailboxes)?;
        let id: MailboxId = id.parse().map_err(|_| Fault::NotFound)?;
        match super::change(tx, &*clock, &staff.actor, id, &given.name, &given.address) {
            Ok(()) => Ok(Reply::redirect("/settings/mailboxes?done=changed")),
            Err(fault @ Fault::Invalid { .. }) => {
                let sentence = web::error::sentence(staff.locale(), &fault);
                let page = page(tx, staff, &Given::default(), &Problems::default(), Some(sentence), None)?;
                Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(other) => Err(other),
        }
    })
    .await
}
