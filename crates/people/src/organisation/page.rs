//! `GET /organisations/{id}`.

use askama::Template;
use axum::extract::{Path, State};
use kernel::{Fault, OrganisationId};
use primitives::organisation::Organisation;
use web::{App, Reply, Request, Room, Shell};

use super::Member;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "organisation/templates/page.html")]
struct OrganisationPage {
    t: Texts,
    shell: Shell,
    organisation: Organisation,
    people: Vec<Member>,
}

/// An organisation and its people.
pub async fn show(State(app): State<App>, request: Request, Path(id): Path<String>) -> Reply {
    app.page(request, move |tx, staff| {
        let id: OrganisationId = id.parse().map_err(|_| Fault::NotFound)?;
        let (organisation, people) = super::show(tx, &staff.actor, id)?;
        let shell = Shell::new(tx, staff, Room::People)?;
        Reply::page(&OrganisationPage { t: Texts::new(staff.locale()), shell, organisation, people })
    })
    .await
}
